import type { JsonObject } from "../../schemas/json.ts";
import type { Context } from "./context.ts";

/** Where a client is with its server (CLI-043). */
export type Status = "connected" | "connecting" | "reconnecting" | "disconnected";

export interface RealtimeEvents {
  /** The status may be another. */
  moved(): void;
  message(message: JsonObject): void;
  /** The server can be reached again: the first frame of a socket beyond `WELCOME`. */
  useful(): void;
  /** Pulls what is new, or all there is if `forget`: the socket's cursor is missing, or good no more. */
  pull(forget: boolean): Promise<void>;
}

/** A connection on which the server tells what happens. */
export interface RealtimeConnection {
  /** Whether it hears everything from now on (CLI-037). */
  readonly live: boolean;
  /** Names it to the server while it is live. */
  readonly connectionId: string | undefined;
  /** Undefined: there is none to be, as when the server has ended it for good. HTTP goes on (CLI-043). */
  readonly status: Status | undefined;
  /** When it reconnects, Unix milliseconds; null while nothing waits for that. */
  readonly nextAttemptAt: number | null;
  /** Connects, and stays so. Idempotent. */
  start(): void;
  /** Idempotent. */
  stop(): void;
  /** Begins anew: what is under way is of no use any more. */
  restart(): void;
  /** Something may have changed: looks whether it lives, or does not wait any longer to reconnect. */
  nudge(): void;
}

/** Makes the connection of a client to a server, given by its HTTP address; undefined: this user has none. */
export type Realtime = (
  context: Context,
  server: string,
  user: string,
  events: RealtimeEvents,
) => RealtimeConnection | undefined;
