import type { JsonObject } from "../../../schemas/json.ts";
import { formatInstant } from "../../../spec/rules/instant.ts";
import type { Context } from "../context.ts";
import { forget, transmit } from "../realtime/connection.ts";
import type { Connection } from "../realtime/connection.ts";
import { CloseSocket, ConnectionLost, ItemRefusal, MessageRefusal, Refusal } from "../refusal.ts";

/** What goes out on a socket, and the end of it. */
export interface SendingSteps {
  /** Sends a frame: the one way out for all of them. */
  send(context: Context, connection: Connection, frame: JsonObject): void;
  /** A frame as text. */
  frameText(context: Context, frame: JsonObject): string;
  /** Frames that may wait for a slow reader. */
  queueLimit(context: Context): number;
  /** Whether a reader is too slow for one frame more: it is closed, the others are not kept waiting. */
  isOverflowing(context: Context, connection: Connection): boolean;
  /** Closes a socket from the server's side. */
  closeSocket(context: Context, connection: Connection, code: number, reason: string): void;
  /** Answers PING. */
  pong(context: Context, connection: Connection): void;
  /** What a client is told where its frame could not be served. */
  answerError(context: Context, connection: Connection, error: unknown): void;
  /** ERROR for a refusal. `context.message`, where it could be read, is the refused one. */
  errorFrame(context: Context, refusal: Refusal | ItemRefusal | MessageRefusal): JsonObject;
  /** The `clientChangeId` of a message, as a member of what answers it; empty where it has none. */
  tellChangeId(context: Context): JsonObject;
}

export const sending: SendingSteps = {
  send(context, connection, frame) {
    const { behaviour } = context;
    if (!connection.open) return;
    if (behaviour.isOverflowing(context, connection)) {
      return behaviour.closeSocket(context, connection, 1013, "reads too slowly; reconnect and catch up");
    }
    transmit(connection, behaviour.frameText(context, frame));
  },

  frameText: ({ server }, frame) => JSON.stringify({ ...frame, timestamp: formatInstant(server.now()) }),

  queueLimit: () => 8_192,

  isOverflowing: (context, { unsent }) => unsent >= context.behaviour.queueLimit(context),

  closeSocket(_context, connection, code, reason) {
    if (forget(connection)) connection.wire.close(code, reason);
  },

  pong(context, connection) {
    context.behaviour.send(context, connection, { type: "PONG" });
  },

  answerError(context, connection, error) {
    const { behaviour } = context;
    if (error instanceof ConnectionLost) return;
    if (error instanceof CloseSocket) {
      if (error.refusal) behaviour.send(context, connection, behaviour.errorFrame(context, error.refusal));
      return behaviour.closeSocket(context, connection, error.code, error.message);
    }
    const known = error instanceof Refusal || error instanceof ItemRefusal || error instanceof MessageRefusal;
    const refusal = known ? error : behaviour.afterCrash(context, error);
    behaviour.send(context, connection, behaviour.errorFrame(context, refusal));
  },

  errorFrame: (context, refusal) => ({
    type: "ERROR",
    code: refusal.code,
    error: refusal.message,
    ...context.behaviour.tellChangeId(context),
    ...(refusal instanceof Refusal ? refusal.extras.members : refusal.members),
  }),

  tellChangeId({ message }): JsonObject {
    const id = message?.["clientChangeId"];
    return typeof id === "string" ? { clientChangeId: id } : {};
  },
};
