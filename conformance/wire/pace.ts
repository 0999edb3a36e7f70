import { setTimeout as delay } from "node:timers/promises";
import type { Limits } from "../../schemas/limits.ts";

/** Shares of what is advertised: requests arrive a little closer together than they were sent. */
const SHARE = 0.9;

interface Bucket {
  /** Requests that may go out at once; below 0: those that wait. */
  level: number;
  at: number;
}

/** Keeps each user's requests within the rate that the server advertises (LIM-006), so that no conforming server refuses one for it. */
export class Pace {
  readonly #burst: number;
  readonly #perMs: number;
  readonly #signal: AbortSignal;
  readonly #buckets = new Map<string, Bucket>();

  constructor({ requestBurst = Infinity, requestsPerSecond = requestBurst }: Limits, signal: AbortSignal) {
    this.#burst = Math.max(1, Math.floor(SHARE * requestBurst));
    this.#perMs = (SHARE * requestsPerSecond) / 1000;
    this.#signal = signal;
  }

  /** Resolves when this user's next request may go out. */
  async turn(user: string): Promise<void> {
    if (this.#burst === Infinity) return;
    const now = performance.now();
    const { level, at } = this.#buckets.get(user) ?? { level: this.#burst, at: now };
    const left = Math.min(this.#burst, level + (now - at) * this.#perMs) - 1;
    this.#buckets.set(user, { level: left, at: now });
    if (left < 0) await delay(-left / this.#perMs, undefined, { signal: this.#signal });
  }
}
