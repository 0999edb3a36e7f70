import type { Dial } from "../drivers/socket.ts";
import type { Transport } from "../drivers/transport.ts";
import type { ClientBehaviour } from "./behaviour.ts";
import { lead } from "./conduct.ts";
import type { Context, Metrics } from "./context.ts";
import { Lane } from "./lane.ts";
import { Life } from "./life.ts";
import type { Clock } from "./life.ts";
import { pullRound } from "./pull.ts";
import { pushRound } from "./push.ts";
import { socketRound } from "./socket.ts";
import type { Store } from "./store.ts";

export interface ModelClientOptions {
  user: string;
  /** The first token. */
  token: () => string | null;
  transport: Transport;
  dial: Dial;
  /** This user's data on this device. */
  store: Store;
  /** Whether it opens a WebSocket. */
  realtime: boolean;
  /** Whether the user's writes go over it, too. */
  socketMutations?: boolean;
  /** Whether edits of what the server has go by batch, with a precondition. */
  sendsBatches?: boolean;
  clock: Clock;
  /** In [0, 1). */
  random: () => number;
  /** A text that nothing else has. */
  unique: () => string;
  behaviour: ClientBehaviour;
  /** The open clients of this process on this store, which this one joins. */
  tabs?: Context[];
}

/** A client that has not begun yet. */
export function newContext(options: ModelClientOptions): Context {
  const { token: _, tabs = [], socketMutations = false, sendsBatches = false, ...given } = options;
  const metrics: Metrics = {
    totalSyncs: 0,
    successfulSyncs: 0,
    failedSyncs: 0,
    conflicts: 0,
    latencySum: 0,
    latencies: 0,
    lastSyncTime: null,
    connectionsOpened: 0,
    connectionsLost: 0,
    messagesSent: 0,
    messagesReceived: 0,
  };
  const life = new Life(options.clock);
  const context: Context = {
    ...given,
    // Nothing that waits outlives the client, a mutant's steps included.
    clock: { now: () => options.clock.now(), after: (ms, call) => life.after(ms, call) },
    socketMutations,
    sendsBatches,
    scratch: new Map(),
    life,
    token: null,
    refused: tabs[0]?.refused ?? new Set(),
    online: true,
    signedOut: false,
    stopped: null,
    socketStopped: null,
    handshakeFailed: false,
    session: null,
    reached: null,
    metrics,
    crashes: [],
    held: new Set(),
    refusals: new Map(),
    sendings: new Map(),
    lanes: {} as Context["lanes"],
    tabs,
    lead: () => lead(context),
  };
  Object.assign(context.lanes, {
    push: new Lane(context, () => pushRound(context)),
    pull: new Lane(context, () => pullRound(context)),
    socket: new Lane(context, () => socketRound(context)),
  });
  return context;
}
