import type { Dial, Socket } from "../drivers/socket.ts";
import type { Transport } from "../drivers/transport.ts";
import type { ClientBehaviour } from "./behaviour.ts";
import type { Lane } from "./lane.ts";
import type { Clock, Life } from "./life.ts";
import type { Store } from "./store.ts";

/** A WebSocket that is open. */
export interface Session {
  socket: Socket;
  /** From `WELCOME`. */
  connectionId: string | null;
  /** `asked`: a catch-up was asked for. `live`: it has ended, and events move the cursor. */
  phase: "open" | "asked" | "live";
  /** Mutations that it carried, by `clientChangeId`: the change's number, and whether HTTP carries it by now (CLI-027). */
  carried: Map<string, { n: number; overdue: boolean }>;
  /** The token that it was opened with, or that replaced it. */
  token: string;
  /** Stops the timer of the heartbeat that runs. */
  stopHeartbeat: () => void;
}

/** CLI-044. */
export interface Metrics {
  totalSyncs: number;
  successfulSyncs: number;
  failedSyncs: number;
  conflicts: number;
  /** Sum of all answers' latencies, ms. */
  latencySum: number;
  latencies: number;
  lastSyncTime: number | null;
  connectionsOpened: number;
  connectionsLost: number;
  messagesSent: number;
  messagesReceived: number;
}

/** What every step of a client is given: the client itself, one for each that is open. */
export interface Context {
  readonly user: string;
  /** What survives a kill. */
  readonly store: Store;
  /** What a mutant has to remember, lost with a kill. What it has to keep goes into `store.scratch`. */
  readonly scratch: Map<string, unknown>;
  readonly behaviour: ClientBehaviour;
  readonly clock: Clock;
  readonly life: Life;
  /** In [0, 1). */
  readonly random: () => number;
  /** A text that nothing else has, in this life or another. */
  readonly unique: () => string;
  readonly transport: Transport;
  readonly dial: Dial;
  /** Whether it was opened for WebSockets. */
  readonly realtime: boolean;
  readonly socketMutations: boolean;
  /** Whether edits of what the server has go by batch, with a precondition. */
  readonly sendsBatches: boolean;
  /** Null: there is none that is good. */
  token: string | null;
  /** Tokens that the server refused. */
  readonly refused: Set<string>;
  online: boolean;
  signedOut: boolean;
  /** Why it has stopped by itself: the server will not have it so. */
  stopped: string | null;
  /** Why it opens no sockets any more; HTTP goes on. */
  socketStopped: string | null;
  /** Whether the last handshake did not open (CLI-036). */
  handshakeFailed: boolean;
  session: Session | null;
  /** How the last HTTP call went. */
  reached: boolean | null;
  readonly metrics: Metrics;
  /** What should never have been thrown. */
  readonly crashes: unknown[];
  /** Changes that wait on purpose before they are tried again, by number. */
  readonly held: Set<number>;
  /** How often in a row a change was refused, by number. */
  readonly refusals: Map<number, number>;
  /** How often a request went out, by key. */
  readonly sendings: Map<string, number>;
  readonly lanes: { push: Lane; pull: Lane; socket: Lane };
  /** All clients on this store in this process, this one included. The first leads (CLI-048). */
  readonly tabs: Context[];
  /** Begins to sync: at open, and as the one that leads from now on. */
  lead(): void;
}

/** The client that holds the connection and sends. */
export function leaderOf(context: Context): Context {
  return context.tabs.find((tab) => context.behaviour.leads(tab)) ?? context;
}
