import type { Json, JsonObject } from "../../../schemas/json.ts";
import type { Context, Server } from "../context.ts";
import { ring } from "../realtime/alarm.ts";
import type { Connection, Incoming } from "../realtime/connection.ts";
import { CloseSocket, Refusal } from "../refusal.ts";

/** How long a socket lives: tokens, silence, floods, restarts. */
export interface LifetimeSteps {
  /** The client sent something. */
  noteHeard(context: Context, connection: Connection, incoming: Incoming): void;
  /** When silence ends the connection, Unix ms. */
  idleAt(context: Context, connection: Connection): number;
  /** When the token in force ends the connection, Unix ms. */
  expiresAt(context: Context, connection: Connection): number;
  /** The close frame that is due now; undefined: none. */
  dueClose(context: Context, connection: Connection): { code: number; reason: string } | undefined;
  /** AUTH: another token takes the place of the one in force. */
  reauthenticate(context: Context, connection: Connection, message: JsonObject): Promise<void>;
  /** Whether the claims of another token are of the connection's user. */
  isSameSubject(context: Context, connection: Connection, claims: JsonObject): boolean;
  /** Waits before a message is judged, where the client sends faster than it may. */
  slowDown(context: Context, connection: Connection): Promise<void>;
  /** Whether so many messages wait that the connection is closed. */
  isFlooded(context: Context, connection: Connection): boolean;
  /** The process ends: its sockets close. Called by `restart`. */
  endSockets(server: Server): void;
  /** The server leaves memory and comes back: the sockets live on, with what is kept of them. */
  evict(server: Server): void;
}

/** AUTH-019 allows a minute; a clock that differs needs some of it. */
const MOST_GRACE_MS = 59_000;

export const lifetime: LifetimeSteps = {
  noteHeard({ server }, connection) {
    connection.heardAt = server.now();
  },

  idleAt: ({ server }, { heardAt }) => heardAt + server.limits.idleTimeoutMs,

  expiresAt: (context, { claims }) =>
    (claims["exp"] as number) * 1000 + Math.min(MOST_GRACE_MS, context.behaviour.leewayMs(context)),

  dueClose(context, connection) {
    const now = context.server.now();
    if (now >= context.behaviour.expiresAt(context, connection)) {
      return { code: 4401, reason: "the token has expired" };
    }
    if (now < context.behaviour.idleAt(context, connection)) return undefined;
    return { code: 4408, reason: "nothing was sent for too long" };
  },

  async reauthenticate(context, connection, message) {
    const { behaviour } = context;
    let claims: JsonObject;
    try {
      claims = await behaviour.authenticateSocket(context, message["token"] as string);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      throw new Refusal("TOKEN_INVALID", error.message);
    }
    if (!behaviour.isSameSubject(context, connection, claims)) {
      throw new CloseSocket(4403, "the token is of another user");
    }
    connection.claims = claims;
    ring(connection);
    behaviour.send(context, connection, behaviour.welcomeFrame(context, connection));
  },

  isSameSubject: (_context, { userId }, { sub }) => (sub as Json) === userId,

  async slowDown({ server }, connection) {
    const { messageBurst: burst, messagesPerSecond: rate } = server.limits;
    if (burst === undefined || rate === undefined) return;
    const now = server.now();
    const { tokens, at } = connection.allowance ?? { tokens: burst, at: now };
    const left = Math.min(burst, tokens + (Math.max(0, now - at) * rate) / 1000) - 1;
    connection.allowance = { tokens: left, at: now };
    // What is below zero refills while the message waits.
    if (left < 0) await new Promise<void>((resolve) => server.setTimer((-left * 1000) / rate, resolve));
  },

  isFlooded: ({ server }, { backlog }) =>
    server.limits.messageBurst !== undefined && backlog > 4 * server.limits.messageBurst,

  endSockets(server) {
    for (const connection of server.connections) {
      server.behaviour.closeSocket(connection.context, connection, 1012, "the server restarts");
    }
  },

  evict(server) {
    server.volatile.clear();
    server.buckets.clear();
    for (const { memory } of server.connections) memory.clear();
  },
};
