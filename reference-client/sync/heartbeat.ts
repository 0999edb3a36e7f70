import type { Clock } from "../ports/clock.ts";

/** Silence after which a client asks (CLI-040). */
const SILENCE = 30_000;
/** How long it waits for anything at all. */
const PATIENCE = 10_000;
/** A server closes a socket on which the client says nothing, even if the server itself talks all the time (RT-036). */
const TACITURN = 240_000;

/** Notices a connection that is dead without having been closed. */
export class Heartbeat {
  readonly #clock: Clock;
  readonly #ping: () => void;
  readonly #dead: () => void;
  #cancel: () => void = () => {};
  #lastPing: number;

  constructor(clock: Clock, ping: () => void, dead: () => void) {
    this.#clock = clock;
    this.#ping = ping;
    this.#dead = dead;
    this.#lastPing = clock.monotonic();
    this.heard();
  }

  /** Something came. */
  heard(): void {
    if (this.#clock.monotonic() - this.#lastPing > TACITURN) this.#say();
    this.#cancel();
    this.#cancel = this.#clock.setTimer(SILENCE, () => this.ask());
  }

  /** Asks now, without waiting for silence: the machine may have slept. */
  ask(): void {
    this.#cancel();
    this.#say();
    this.#cancel = this.#clock.setTimer(PATIENCE, this.#dead);
  }

  stop(): void {
    this.#cancel();
  }

  #say(): void {
    this.#lastPing = this.#clock.monotonic();
    this.#ping();
  }
}
