import type { Clock } from "../ports.ts";

const DRAIN_UNITS_PER_MS = 1024;
/** From here on a catch-up waits. */
const PACED_UNITS = 8 * 1024 * 1024;
/** From here on the connection is given up. */
const MOST_UNITS = 32 * 1024 * 1024;

/**
 * How much may be on its way to a client that does not read. The platform buffers what is sent and does not tell how much of it has
 * left, so this counts instead: everything sent, less 1 MiB a second. A catch-up is paced by it; a connection that is far behind is
 * closed, and catches up when it comes back. So a client that stopped reading costs bounded memory and nobody waits for it (RT-039).
 */
export class Outflow {
  readonly #clock: Clock;
  #units = 0;
  #at = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(units: number): void {
    this.#units = this.#level() + units;
    this.#at = this.#clock();
  }

  get hasRoom(): boolean {
    return this.#level() < PACED_UNITS;
  }

  get isOver(): boolean {
    return this.#level() > MOST_UNITS;
  }

  #level(): number {
    return Math.max(0, this.#units - Math.max(0, this.#clock() - this.#at) * DRAIN_UNITS_PER_MS);
  }
}
