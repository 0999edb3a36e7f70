import type { Clock } from "../ports/clock.ts";

/** Time that goes on when it is told to. */
export class FakeClock implements Clock {
  #elapsed = 0;
  /** What the wall clock shows beyond the time that has passed. */
  wall = 1_800_000_000_000;
  /** How much too early timers fire, as a platform's may that counts in whole milliseconds. */
  early = 0;
  #timers: { at: number; call: () => void }[] = [];

  now(): number {
    return this.wall + this.#elapsed;
  }

  monotonic(): number {
    return this.#elapsed;
  }

  setTimer(milliseconds: number, call: () => void): () => void {
    const timer = {
      at: this.#elapsed + (milliseconds > this.early ? milliseconds - this.early : milliseconds),
      call,
    };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((one) => one !== timer);
    };
  }

  /** How many timers run. */
  get timers(): number {
    return this.#timers.length;
  }

  /** Lets time pass, and what is due happen, with what that leads to. */
  async pass(milliseconds: number): Promise<void> {
    const until = this.#elapsed + milliseconds;
    for (;;) {
      await turns();
      const next = this.#timers.filter(({ at }) => at <= until).toSorted((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#timers = this.#timers.filter((one) => one !== next);
      this.#elapsed = Math.max(this.#elapsed, next.at);
      next.call();
    }
    this.#elapsed = until;
    await turns();
  }
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}
