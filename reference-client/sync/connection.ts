import { SyncError } from "../errors.ts";
import { platformSocket } from "../adapters/platform-socket.ts";
import type { OpenSocket } from "../ports/transport.ts";
import { Backoff } from "./backoff.ts";
import { afterClose } from "./close-codes.ts";
import type { Context } from "./context.ts";
import type { Realtime, RealtimeConnection, RealtimeEvents, Status } from "./realtime.ts";
import { Session } from "./session.ts";

export interface RealtimeOptions {
  /** The endpoint, such as `wss://sync.mirubato.com/sync/ws`; by default `/sync/ws` at the server. */
  url?: string;
  /** The share of users who get a socket, 0 to 1, the same ones on each device; the others sync by HTTP. */
  rollout?: number;
  openSocket?: OpenSocket;
}

/**
 * Listens on a socket, and reconnects when it ends. Leave it out, and the client syncs by HTTP alone and is a good deal smaller.
 * Throws `INVALID_OPTION` for a wrong address.
 */
export function realtime({ url, rollout = 1, openSocket = platformSocket }: RealtimeOptions = {}): Realtime {
  if (url !== undefined && !/^wss?:\/\/[^/]/.test(url))
    throw new SyncError("INVALID_OPTION", "The url of realtime must be a ws or wss address.");
  return (context, server, user, events) => {
    if (shareOf(user) >= rollout) return undefined;
    const endpoint = url ?? `${server.replace(/^http/, "ws")}/sync/ws`;
    const address = `${endpoint}${endpoint.includes("?") ? "&" : "?"}userId=${encodeURIComponent(user)}`;
    return new Connection(context, address, openSocket, events);
  };
}

/** Keeps one socket open, however often it is told to (CLI-047), and a new one when it ends. */
class Connection implements RealtimeConnection {
  readonly #context: Context;
  readonly #url: string;
  readonly #openSocket: OpenSocket;
  readonly #events: RealtimeEvents;
  readonly #backoff: Backoff;
  #session: Session | undefined;
  #wanted = false;
  #opening = false;
  #everLive = false;
  #waiting: { until: number; cancel: () => void; patient: boolean } | undefined;

  /** @param url of the endpoint, the user in its query */
  constructor(context: Context, url: string, openSocket: OpenSocket, events: RealtimeEvents) {
    this.#context = context;
    this.#url = url;
    this.#openSocket = openSocket;
    this.#events = events;
    this.#backoff = new Backoff(context.random);
  }

  /** Whether it hears everything from now on (CLI-037). */
  get live(): boolean {
    return this.#session?.live === true;
  }

  get connectionId(): string | undefined {
    return this.live ? this.#session?.connectionId : undefined;
  }

  get status(): Status | undefined {
    if (!this.#wanted) return undefined;
    if (this.live) return "connected";
    return this.#everLive ? "reconnecting" : "connecting";
  }

  get nextAttemptAt(): number | null {
    return this.#waiting?.until ?? null;
  }

  /** Connects, and stays so. Idempotent. */
  start(): void {
    if (this.#wanted) return;
    this.#wanted = true;
    void this.#open();
  }

  /** Idempotent. */
  stop(): void {
    this.#wanted = false;
    this.#everLive = false;
    this.#stopWaiting();
    this.#session?.end(1000);
  }

  /** Begins anew: what is under way on the old socket is of no use any more. */
  restart(): void {
    this.#session?.end(1012);
  }

  /** Something may have changed: looks whether the socket lives, or does not wait any longer, unless the server asked for it. */
  nudge(): void {
    this.#session?.ask();
    if (this.#waiting === undefined || this.#waiting.patient) return;
    this.#stopWaiting();
    void this.#open();
  }

  async #open(): Promise<void> {
    if (!this.#wanted || this.#session !== undefined || this.#opening) return;
    this.#opening = true;
    this.#events.moved();
    const token = await this.#token();
    this.#opening = false;
    if (!this.#wanted) return;
    if (token === undefined) {
      this.#reconnect(0);
      return;
    }
    this.#session = new Session(this.#context, this.#url, token, this.#openSocket, {
      message: (message) => this.#events.message(message),
      pull: (forget) => this.#events.pull(forget),
      useful: () => {
        this.#backoff.reset();
        this.#events.useful();
      },
      live: () => {
        this.#everLive = true;
        this.#events.moved();
      },
      ended: (code, opened) => this.#ended(code, opened),
    });
  }

  async #token(): Promise<string | undefined> {
    try {
      return await this.#context.tokens.get();
    } catch (error) {
      this.#context.log("warn", "no token for the socket", { why: String(error) });
      return undefined;
    }
  }

  #ended(code: number, opened: boolean): void {
    const { metrics, tokens, log } = this.#context;
    const token = this.#session?.token;
    this.#session = undefined;
    if (opened) metrics.counts.connectionsLost++;
    if (!this.#wanted) {
      this.#events.moved();
      return;
    }
    log("info", opened ? "the socket was closed" : "the socket did not open", { code });
    if (!opened) {
      void this.#ask();
      return;
    }
    const next = afterClose(code);
    if (next.kind === "stop") {
      log("error", next.why, { code });
      this.#wanted = false;
      this.#events.moved();
      return;
    }
    if (next.kind === "token" && token !== undefined) tokens.refused(token);
    this.#reconnect(next.kind === "reconnect" ? next.wait : 0);
  }

  /** Why an upgrade was refused does not show in a browser; status does, and takes a bad token out of use (CLI-036). */
  async #ask(): Promise<void> {
    try {
      await this.#context.http.call("status");
      this.#reconnect(0);
    } catch (error) {
      this.#reconnect(error instanceof SyncError ? error.retryAfter : 0);
    }
  }

  #reconnect(wait: number): void {
    if (this.#wanted && this.#session === undefined && this.#waiting === undefined) {
      const { clock } = this.#context;
      const pause = this.#backoff.next(wait);
      const cancel = clock.setTimer(pause, () => {
        this.#waiting = undefined;
        void this.#open();
      });
      this.#waiting = { until: clock.now() + pause, cancel, patient: wait > 0 };
    }
    this.#events.moved();
  }

  #stopWaiting(): void {
    this.#waiting?.cancel();
    this.#waiting = undefined;
  }
}

/** Where a user stands between 0 and 1, the same on every device. */
function shareOf(user: string): number {
  let hash = 2166136261;
  for (const character of user) hash = Math.imul(hash ^ character.codePointAt(0)!, 16777619);
  // Mixed once more: users are often numbered.
  hash = Math.imul(hash ^ (hash >>> 15), 2246822519);
  return ((hash ^ (hash >>> 13)) >>> 0) / 4294967296;
}
