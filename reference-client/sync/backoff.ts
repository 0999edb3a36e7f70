import type { Random } from "../ports/random.ts";

const FIRST = 1_000;
const MOST = 30_000;

/** Full jitter (CLI-032): counts attempts, and says how long to wait before the next. */
export class Backoff {
  readonly #random: Random;
  #attempts = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Milliseconds to wait after a failure; a longer `Retry-After` wins (CLI-034). */
  next(retryAfter = 0): number {
    const most = Math.min(MOST, FIRST * 2 ** Math.min(this.#attempts, 10));
    this.#attempts++;
    return Math.max(retryAfter, this.#random.fraction() * most);
  }

  /** After a connection that was of use (CLI-033). */
  reset(): void {
    this.#attempts = 0;
  }
}
