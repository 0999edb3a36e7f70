import type { Json, JsonObject } from "../../schemas/json.ts";
import type { Limits } from "../../schemas/limits.ts";
import type { HttpRequest } from "../drivers/transport.ts";
import type { Behaviour } from "./behaviour.ts";
import type { Connection } from "./realtime/connection.ts";
import type { Refusal } from "./refusal.ts";
import type { UserState } from "./state.ts";

/** The calls of profile `http`, and the socket of profile `realtime`. */
export type Endpoint = "pull" | "push" | "batch" | "status" | "health" | "discovery" | "socket";

/** Requests a user may still send now. */
export interface Bucket {
  tokens: number;
  /** When `tokens` was true, Unix ms. */
  at: number;
}

/** One model server: its ports, its settings, its store and what it only has in memory. */
export interface Server {
  readonly behaviour: Behaviour;
  readonly limits: Limits;
  /** The exact origins that CORS allows. */
  readonly origins: readonly string[];
  readonly secret: Uint8Array;
  readonly profiles: readonly string[];
  /** Where clients reach it; without it, the request's Host. */
  readonly baseUrl: string | undefined;
  /** Unix ms. */
  readonly now: () => number;
  /** Calls once after so many milliseconds; returns what cancels it. No process stays alive for it. */
  readonly setTimer: (milliseconds: number, call: () => void) => () => void;
  /** In [0, 1). */
  readonly random: () => number;
  /** Lets other requests run, as waiting for a store does: at least until those that came in have got as far. */
  readonly turn: (context: Context) => Promise<void>;

  /** The store: survives a restart. By user id. */
  users: Map<string, UserState>;
  /** For mutants: what their fault has to remember in the store. */
  scratch: Map<string, unknown>;

  /** The live sockets, of all users. */
  connections: Set<Connection>;
  /** All sockets that were ever opened. */
  sockets: number;

  /** All requests since the start, this one included. */
  requests: number;
  /** Requests that came in and have not waited for lock or store yet. */
  arriving: number;
  /** For mutants: memory that a restart clears. */
  volatile: Map<string, unknown>;
  /** By user id. */
  buckets: Map<string, Bucket>;
  /** How many requests are under way, by user and scoped key. */
  inFlight: Map<string, number>;
  /** The end of each queue of `lock`, by its name. */
  locks: Map<string, Promise<unknown>>;
  /** Grows with each restart: a request of an earlier life gets no answer. */
  life: number;
  /** How many of the next transactions the store will not take. */
  writesToFail: number;
  /** The last error that was not a refusal: for finding faults of the model itself. */
  lastCrash: unknown;
}

/** One request, or one message on a socket, on its way through the server. Members are filled in the order of judgement. */
export interface Context {
  readonly server: Server;
  readonly behaviour: Behaviour;
  /** Header names lower case. */
  readonly request: HttpRequest;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Time of receipt by the server's clock, Unix ms. */
  readonly now: number;
  /** The request asks for a WebSocket. */
  readonly upgrade: boolean;
  /** The subprotocols that it offers. */
  readonly protocols: readonly string[];
  /** It counts in `server.arriving`. */
  arriving: boolean;
  /** The server's life that the request belongs to. */
  readonly life: number;
  /** Undefined for an unknown path. */
  endpoint: Endpoint | undefined;
  /** The token's claims; empty before authentication. */
  claims: JsonObject;
  /** The user's state; before authentication that of nobody, which nobody sees. */
  user: UserState;
  /** The peer announced a version; false: a deployed one. */
  announced: boolean;
  /** The body, read within its limit. */
  bytes: Uint8Array;
  /** The body as JSON, or why it is none. Push and batch. */
  parsed: { json: Json } | { refusal: Refusal };
  /** The idempotency key. */
  key: string | undefined;
  /** Of a message: the socket that it came on. */
  readonly connection: Connection | undefined;
  /** Of a message: what it says, once it could be read. */
  message: JsonObject | undefined;
}
