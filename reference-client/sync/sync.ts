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
import { Http } from "./http.ts";
import { createLane, type Lane } from "./lane.ts";
import type { Metrics } from "./metrics.ts";
import { forgetCursor, pull } from "./pull.ts";
import { flush } from "./push.ts";
import type { Realtime, RealtimeConnection, Status } from "./realtime.ts";
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
export class Sync {
  readonly #ports: SyncPorts;
  readonly #events: SyncEvents;
  readonly #http: Http;
  readonly #connection: RealtimeConnection | undefined;
  readonly #pulls: Lane;
  readonly #pushes: Lane;
  #bounds: [number, number] | undefined;
  #halted: SyncError | undefined;
  #reached: boolean | undefined;
  #started = false;
  #closed = false;

  constructor(options: SyncOptions, ports: SyncPorts, events: SyncEvents) {
    this.#ports = ports;
    this.#events = events;
    const { replica } = ports;
    this.#http = new Http({
      base: options.url,
      deviceId: replica.state.deviceId,
      ...ports,
      measure: (...bounds) => void (this.#bounds = bounds),
      halt: (error) => this.#halt(error),
    });
    const context: Context = {
      ...ports,
      http: this.#http,
      setClock: ({ state }) => {
        if (this.#bounds !== undefined) state.clockOffset = measured(state, ...this.#bounds);
      },
      connectionId: () => this.#connection?.connectionId,
    };
    this.#pulls = createLane(
      () => this.#tryPull(context),
      (error) => this.#failed("pull", error),
      ports,
    );
    this.#pushes = createLane(
      () => this.#tryPush(context),
      (error) => this.#failed("push", error),
      ports,
    );
    this.#connection = options.realtime?.(context, options.url, options.user, {
      moved: () => this.#moved(),
      message: (message) => events.message(message),
      pull: async (forget) => {
        if (forget) await forgetCursor(context);
        else await this.#pulls.idle();
        if (replica.state.lastSeq === undefined) await this.#pulls.run();
      },
    });
  }

  get status(): Status {
    if (this.#closed || this.#halted !== undefined || !this.#automatic()) return "disconnected";
    if (this.#connection !== undefined && this.#realtime()) return this.#connection.status;
    return this.#reached === undefined ? "connecting" : this.#reached ? "connected" : "reconnecting";
  }

  /** Why nothing is sent until `resume`. */
  get halted(): SyncError | undefined {
    return this.#halted;
  }

  /** Begins, or goes by what the settings and the surroundings are now. */
  start(): void {
    if (this.#closed || this.#halted !== undefined) return;
    if (!this.#automatic()) {
      this.#started = false;
      this.#pulls.rest();
      this.#pushes.rest();
      this.#connection?.stop();
    } else {
      if (!this.#started) {
        this.#pulls.request(0);
        if (this.#ports.replica.mirror.pending.size > 0) this.#pushes.request(0);
      }
      this.#started = true;
      if (this.#realtime()) this.#connection?.start();
      else this.#connection?.stop();
    }
    this.#events.moved();
  }

  /** The network, the machine or the page may be back: a hint (CLI-039). */
  nudge(): void {
    this.start();
    if (!this.#started || !this.#ports.surroundings.online()) return;
    this.#connection?.nudge();
    this.#pulls.nudge();
    this.#pushes.nudge();
    if (!this.#live()) this.#pulls.request(0);
  }

  /** There is something to send. */
  edited(keys: readonly EntityKey[]): void {
    const { pending } = this.#ports.replica.mirror;
    if (!this.#started || pending.size === 0) return;
    const entries = keys.some((key) => key.startsWith("logbook_entry/"));
    this.#pushes.request(pending.size >= MAX_ITEMS ? 0 : entries ? SOON : LATER);
  }

  /** Sends what waits, now. Rejects if that did not succeed. */
  async flush(): Promise<void> {
    await this.#now(this.#pushes);
  }

  /** Reads what is new, now. Rejects if that did not succeed. */
  async pull(): Promise<void> {
    await this.#now(this.#pulls);
  }

  /** After a halt, or when there is a new token. */
  resume(): void {
    this.#halted = undefined;
    this.start();
    this.#pulls.nudge();
    this.#pushes.nudge();
    this.#connection?.nudge();
    this.edited([...this.#ports.replica.mirror.pending]);
  }

  /** Ends everything; resolves when nothing is under way any more (CLI-047). */
  async close(): Promise<void> {
    this.#closed = true;
    this.#connection?.stop();
    this.#http.close();
    await Promise.all([this.#pulls.close(), this.#pushes.close()]);
  }

  async #now(lane: Lane): Promise<void> {
    if (this.#halted !== undefined) throw this.#halted;
    await lane.run();
  }

  async #tryPull(context: Context): Promise<void> {
    await pull(context, () => this.#connection?.restart());
    this.#reach(true);
    this.#pulls.backoff.reset();
    if (this.#started && !this.#live()) this.#pulls.request(POLLING);
  }

  async #tryPush(context: Context): Promise<void> {
    const { pending } = this.#ports.replica.mirror;
    if (pending.size === 0) return;
    await flush(context, (conflict) => {
      this.#pushes.backoff.reset();
      if (conflict) this.#pulls.request(0);
    });
    this.#reach(true);
    if (this.#started && !this.#live()) this.#pulls.request(0);
  }

  /** Whether to try again by itself. */
  #failed(what: string, error: unknown): boolean {
    const { log } = this.#ports;
    log("warn", `a ${what} did not succeed`, { why: error instanceof Error ? error.message : String(error) });
    this.#reach(false);
    if (error instanceof SyncError && error.code !== "UNREACHABLE") {
      if (error.code === "WRONG_USER") this.#halt(error);
      else if (this.#halted === undefined) this.#events.failed(error);
    }
    return this.#started && this.#halted === undefined;
  }

  #halt(error: SyncError): void {
    if (this.#halted !== undefined) return;
    this.#halted = error;
    this.#started = false;
    this.#pulls.rest();
    this.#pushes.rest();
    this.#connection?.stop();
    this.#events.failed(error);
    this.#events.moved();
  }

  #moved(): void {
    if (this.#started) {
      if (this.#live()) this.#pulls.rest();
      else this.#pulls.request(POLLING);
    }
    this.#events.moved();
  }

  #reach(reached: boolean): void {
    const before = this.#reached;
    this.#reached = reached;
    if (before !== reached) this.#events.moved();
  }

  #live(): boolean {
    return this.#connection?.live === true;
  }

  #realtime(): boolean {
    return this.#ports.replica.state.settings.realtime;
  }

  #automatic(): boolean {
    const { autoSync } = this.#ports.replica.state.settings;
    return autoSync === "always" || (autoSync === "wifi-only" && !this.#ports.surroundings.metered());
  }
}
