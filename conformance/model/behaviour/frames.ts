import { isJsonObject } from "../../../schemas/json.ts";
import type { Json, JsonObject } from "../../../schemas/json.ts";
import { validate } from "../../../schemas/validators.ts";
import type { Violation } from "../../../schemas/validators.ts";
import { IJsonError } from "../../../spec/rules/i-json.ts";
import type { Context } from "../context.ts";
import type { Connection, Incoming } from "../realtime/connection.ts";
import { CloseSocket, MessageRefusal, Refusal } from "../refusal.ts";

/** Frames of a client, until they are messages. */
export interface FrameSteps {
  /** Whether a frame is exactly the PING that is answered out of turn. */
  isPing(context: Context, incoming: Incoming): boolean;
  /** Closes on binary frames, frames that are too long, and text that is not UTF-8. @throws CloseSocket */
  checkFraming(context: Context, incoming: Incoming): void;
  /** Longest frame, in bytes. */
  messageLimit(context: Context): number;
  /** A frame as message; refuses what is not I-JSON, or no object. */
  readMessage(context: Context, incoming: Incoming): JsonObject;
  /** Settles what the peer speaks by its first message other than PING. @throws CloseSocket on another version */
  negotiateSocket(context: Context, connection: Connection, message: JsonObject): void;
  /** Remembers the device that a message names. */
  noteSender(context: Context, connection: Connection, message: JsonObject): void;
  /** Refuses a message of an unknown type, or against its schema. */
  checkMessage(context: Context, message: JsonObject): void;
  /** The types of message that a client may send. */
  messageTypes(context: Context): readonly string[];
  /** Before a good message is served: true, and it is not (faults of every n-th message, of repeated ones). */
  interceptMessage(context: Context, connection: Connection, message: JsonObject): Promise<boolean>;
  /** How a message breaks its schema; the items in it are not looked at. */
  messageViolations(context: Context, message: JsonObject): Violation[];
}

const PING = new TextEncoder().encode('{"type":"PING"}');

const isSame = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, at) => byte === b[at]);

const TYPES: readonly string[] = [
  "PING",
  "AUTH",
  "SYNC_REQUEST",
  "ENTRY_CREATED",
  "ENTRY_UPDATED",
  "ENTRY_DELETED",
  "PIECE_ADDED",
  "PIECE_UPDATED",
  "PIECE_REMOVED",
  "PIECE_DISSOCIATED",
  "PLAN_CREATED",
  "PLAN_UPDATED",
  "PLAN_OCCURRENCE_COMPLETED",
  "ENTITY_CHANGED",
  "BULK_SYNC",
  "REPERTOIRE_BULK_SYNC",
];

export const frames: FrameSteps = {
  isPing: (_context, { binary, bytes }) => !binary && isSame(bytes, PING),

  checkFraming(context, { binary, bytes }) {
    if (binary) throw new CloseSocket(1003, "frames must be text");
    const most = context.behaviour.messageLimit(context);
    if (bytes.length > most) throw new CloseSocket(1009, `a message must have at most ${most} bytes`);
  },

  messageLimit: ({ server }) => server.limits.maxMessageBytes,

  readMessage(context, { bytes }) {
    const { behaviour } = context;
    let text: string;
    try {
      text = behaviour.decodeText(context, bytes);
    } catch {
      throw new CloseSocket(1007, "a text frame must be UTF-8");
    }
    let json: Json;
    try {
      json = behaviour.parseJson(context, text);
    } catch (error) {
      if (!(error instanceof IJsonError) && !(error instanceof SyntaxError)) throw error;
      throw new Refusal("INVALID_JSON", `the message must be I-JSON: ${error.message}`);
    }
    if (isJsonObject(json)) return json;
    throw new Refusal("INVALID_REQUEST", "the message must be an object");
  },

  negotiateSocket(context, connection, message) {
    if (connection.announced !== undefined || message["type"] === "PING") return;
    if (typeof message["type"] !== "string") return;
    const protocol = message["protocol"] ?? null;
    const supported = context.behaviour.versions(context);
    if (protocol !== null && !supported.includes(protocol as string)) {
      const detail = `protocol must be one of: ${supported.join(", ")}`;
      const refusal = new Refusal("UNSUPPORTED_VERSION", detail, { members: { supported: [...supported] } });
      throw new CloseSocket(4400, "the protocol version is not supported", refusal);
    }
    connection.announced = protocol !== null;
  },

  noteSender(_context, connection, { deviceId }) {
    if (typeof deviceId === "string") connection.deviceId = deviceId;
  },

  checkMessage(context, message) {
    const { behaviour } = context;
    const type = message["type"];
    if (typeof type === "string" && !behaviour.messageTypes(context).includes(type)) {
      throw new MessageRefusal("UNKNOWN_MESSAGE", "the type of the message is not known");
    }
    const [violation] = behaviour.messageViolations(context, message);
    if (violation === undefined) return;
    const pointer = violation.pointer + (violation.missing === undefined ? "" : `/${violation.missing}`);
    throw new Refusal("INVALID_REQUEST", `${pointer || "the message"} ${violation.detail}`);
  },

  async interceptMessage() {
    return false;
  },

  messageTypes: () => TYPES,

  messageViolations: (_context, message) => validate("client_message", message),
};
