import type { Limits } from "../../../schemas/limits.ts";
import type { Clock, Row } from "../ports.ts";
import { eventOf } from "./events.ts";
import { Inbox } from "./inbox.ts";
import { Outflow } from "./outflow.ts";
import type { ConnectionState, Socket, Sockets } from "./ports.ts";

/** A token's leeway is granted once; a socket ends within a minute after `exp` whatever the leeway (AUTH-019). */
const MOST_LEEWAY_MS = 30_000;

/** One live socket, and what it has been told. */
export class Connection {
  readonly inbox: Inbox;
  /** What has to be told as soon as a running catch-up has ended (RT-029). */
  readonly held: string[] = [];
  readonly #socket: Socket;
  readonly #outflow: Outflow;
  readonly #limits: Limits;
  #state: ConnectionState;
  #dismissed = false;
  #gone = false;

  constructor(socket: Socket, state: ConnectionState, limits: Limits, clock: Clock, sleep: Sockets["sleep"]) {
    this.#socket = socket;
    this.#state = state;
    this.#limits = limits;
    this.inbox = new Inbox(limits, clock, sleep);
    this.#outflow = new Outflow(clock);
  }

  get state(): Readonly<ConnectionState> {
    return this.#state;
  }

  /** Whether this server has closed it: then nothing more that came in on it is looked at. */
  get dismissed(): boolean {
    return this.#dismissed;
  }

  /** Whether nobody is there any more to be told anything. */
  get closed(): boolean {
    return this.#dismissed || this.#gone;
  }

  /** Whether a catch-up may send its next chunk. */
  get hasRoom(): boolean {
    return this.#outflow.hasRoom;
  }

  /** The number that a client may take for its cursor now (RT-024). */
  get watermark(): number | undefined {
    return this.#state.numbered && this.#state.catchUp === null ? this.#state.position : undefined;
  }

  update(change: Partial<ConnectionState>): void {
    this.#state = { ...this.#state, ...change };
    this.#socket.save(this.#state);
  }

  send(text: string): void {
    if (this.closed) return;
    this.#outflow.add(text.length);
    if (this.#outflow.isOver) this.close(1012, "too far behind; catch up");
    else this.#socket.send(text);
  }

  close(code: number, reason: string): void {
    if (this.closed) return;
    this.#dismissed = true;
    this.#socket.close(code, reason);
  }

  /** The client closed, or is gone. */
  gone(): void {
    this.#gone = true;
  }

  /**
   * Tells what of these rows was not told yet (RT-021, RT-022). After it everything up to `head` counts as told, so where rows are left
   * out, they are the connection's own.
   */
  follow(rows: readonly Row[], head: number, now: number): void {
    const { position, numbered } = this.#state;
    for (const row of rows) if (row.seq > position) this.send(eventOf(row, now, numbered));
    if (head > position) this.update({ position: head });
  }

  /** When it has to be closed unless something happens, with what (AUTH-019, RT-036). */
  deadline(): { at: number; code: number; reason: string } {
    const { expiresAt, heardAt } = this.#state;
    const expiry = expiresAt + Math.min(this.#limits.tokenLeewayMs, MOST_LEEWAY_MS);
    const idle = Math.max(heardAt, this.#socket.lastPing() ?? heardAt) + this.#limits.idleTimeoutMs;
    return expiry <= idle
      ? { at: expiry, code: 4401, reason: "the token expired" }
      : { at: idle, code: 4408, reason: "nothing was heard" };
  }
}
