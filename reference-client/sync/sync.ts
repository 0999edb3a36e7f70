import type { JsonObject } from "../../schemas/json.ts";
import { SyncError } from "../errors.ts";
import type { Clock } from "../ports/clock.ts";
import type { Random } from "../ports/random.ts";
import type { Surroundings } from "../ports/surroundings.ts";
import type { Fetch } from "../ports/transport.ts";
import type { EntityKey } from "../replica/records.ts";
import type { Replica } from "../replica/replica.ts";
import { measured } from "./clock-offset.ts";
import type { Context, Logger } from "./context.ts";
import { createHttp } from "./http.ts";
import { createLane, type Lane } from "./lane.ts";
import type { Metrics } from "./metrics.ts";
import { forgetCursor, pull } from "./pull.ts";
import { flush } from "./push.ts";
import type { Realtime, Status } from "./realtime.ts";
import type { Tokens } from "./token.ts";
import { MAX_ITEMS } from "../outbox/freeze.ts";

/** Logbook entries wait so long for others to go with them, and no longer than 100 ms (CLI-026). */
const SOON = 50;
/** Other types; 30 seconds at most. */
const LATER = 1_000;
/** Without a live socket (CLI-039). */
const POLLING = 30_000;

export interface SyncOptions {
  user: string;
  /** Without a slash at its end. */
  url: string;
  realtime?: Realtime;
}

export interface SyncPorts {
  replica: Replica;
  tokens: Tokens;
  metrics: Metrics;
  fetch: Fetch;
  clock: Clock;
  random: Random;
  surroundings: Surroundings;
  log: Logger;
}

export interface SyncEvents {
  /** The status may be another. */
  moved(): void;
  message(message: JsonObject): void;
  /** Something failed that the app should know of; it is tried again unless the sync is halted. */
  failed(error: SyncError): void;
}

/** All that goes on with the server. One tab of a user has one (CLI-048). */
export interface Sync {
  readonly status: Status;
  /** Why nothing is sent until `resume`. */
  readonly halted: SyncError | undefined;
  /** When the server is tried again, Unix milliseconds; null while nothing waits for that. */
  readonly nextAttemptAt: number | null;
  /** Begins, or goes by what the settings and the surroundings are now. */
  start(): void;
  /** The network, the machine or the page may be back: a hint (CLI-039). */
  nudge(): void;
  /** There is something to send. */
  edited(keys: readonly EntityKey[]): void;
  /** Sends what waits, now. Rejects if that did not succeed. */
  flush(): Promise<void>;
  /** Reads what is new, now. Rejects if that did not succeed. */
  pull(): Promise<void>;
  /** After a halt, or when there is a new token. */
  resume(): void;
  /** Ends everything; resolves when nothing is under way any more (CLI-047). */
  close(): Promise<void>;
}

export function createSync(options: SyncOptions, ports: SyncPorts, events: SyncEvents): Sync {
  const { replica, tokens, surroundings, log } = ports;
  const { pending } = replica.mirror;
  let bounds: [number, number] | undefined;
  let halted: SyncError | undefined;
  let reached: boolean | undefined;
  /** The code of the failure that was told last, until something succeeds. */
  let told: string | undefined;
  let started = false;
  let closed = false;

  const http = createHttp({
    base: options.url,
    deviceId: replica.state.deviceId,
    ...ports,
    measure: (...measure) => void (bounds = measure),
    halt: (error) => halt(error),
  });
  const context: Context = {
    ...ports,
    http,
    setClock: ({ state }) => {
      if (bounds !== undefined) state.clockOffset = measured(state, ...bounds);
    },
    connectionId: () => connection?.connectionId,
  };
  const laneOf = (what: string, work: () => Promise<void>): Lane =>
    createLane(
      work,
      (error) => failed(what, error),
      () => events.moved(),
      ports,
    );
  const pulls = laneOf("pull", async () => {
    await pull(context, () => connection?.restart());
    reach(true);
    pulls.backoff.reset();
    if (started && !connection?.live) pulls.request(POLLING);
  });
  const pushes = laneOf("push", async () => {
    if (pending.size === 0) return;
    await flush(context, async (conflict) => {
      pushes.backoff.reset();
      if (conflict) await pulls.run();
    });
    reach(true);
    if (started && !connection?.live) pulls.request(0);
  });
  const connection = options.realtime?.(context, options.url, options.user, {
    ...events,
    moved: () => {
      if (started) {
        if (connection?.live) pulls.rest();
        else pulls.request(POLLING);
      }
      events.moved();
    },
    useful: () => pushes.nudge(true),
    pull: async (forget) => {
      if (forget) await forgetCursor(context);
      else await pulls.idle();
      if (replica.state.lastSeq === undefined) await pulls.run();
    },
  });

  const automatic = (): boolean => {
    const { autoSync } = replica.state.settings;
    return autoSync === "always" || (autoSync === "wifi-only" && !surroundings.metered());
  };

  const reach = (now: boolean): void => {
    const before = reached;
    reached = now;
    if (now) told = undefined;
    if (before !== now) events.moved();
  };

  const stop = (): void => {
    started = false;
    pulls.rest();
    pushes.rest();
    connection?.stop();
  };

  const halt = (error: SyncError): void => {
    if (halted !== undefined) return;
    halted = error;
    stop();
    events.failed(error);
    events.moved();
  };

  /** Whether to try again by itself. */
  const failed = (what: string, error: unknown): boolean => {
    log("warn", `a ${what} did not succeed`, { why: String(error) });
    reach(false);
    if (error instanceof SyncError && error.code !== "UNREACHABLE") {
      if (error.code === "WRONG_USER") halt(error);
      else if (halted === undefined && told !== error.code) events.failed(error);
      told = error.code;
    }
    return started && halted === undefined;
  };

  /** Looks what there is to do, now. */
  const wake = (): void => {
    if (!started) return;
    connection?.nudge();
    if (!connection?.live) pulls.request(0);
    pulls.nudge();
    if (pending.size > 0) pushes.request(0);
    pushes.nudge();
  };

  const start = (): void => {
    if (closed || halted !== undefined) return;
    if (!automatic()) stop();
    else {
      const begins = !started;
      started = true;
      if (begins) wake();
      if (replica.state.settings.realtime) connection?.start();
      else connection?.stop();
    }
    events.moved();
  };

  const now = async (lane: Lane): Promise<void> => {
    if (halted !== undefined) throw halted;
    await lane.run();
  };

  const status = (): Status => {
    if (closed || halted !== undefined || !automatic()) return "disconnected";
    const socket = replica.state.settings.realtime && connection?.status;
    return socket || (reached === undefined ? "connecting" : reached ? "connected" : "reconnecting");
  };

  return {
    get status() {
      return status();
    },
    get halted() {
      return halted;
    },
    get nextAttemptAt() {
      return connection?.nextAttemptAt ?? pushes.nextAttemptAt ?? pulls.nextAttemptAt;
    },
    start,
    nudge() {
      start();
      if (surroundings.online()) wake();
    },
    edited(keys) {
      if (!started || pending.size === 0) return;
      const entries = keys.some((key) => key.startsWith("logbook_entry/"));
      pushes.request(pending.size >= MAX_ITEMS ? 0 : entries ? SOON : LATER);
    },
    flush: () => now(pushes),
    pull: () => now(pulls),
    resume() {
      halted = undefined;
      start();
      wake();
    },
    async close() {
      closed = true;
      connection?.stop();
      http.close();
      tokens.close();
      await Promise.all([pulls.close(), pushes.close()]);
    },
  };
}
