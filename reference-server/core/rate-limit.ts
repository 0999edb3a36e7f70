import type { Limits } from "../../schemas/limits.ts";
import type { Clock } from "./ports.ts";
import { Problem } from "./problem.ts";

/**
 * A token bucket for one user (LIM-006). Soft state on purpose: it lives in memory, and an evicted object begins with a full
 * bucket. Nothing that was promised to anyone depends on it, and a write per request to remember it would cost more than it saves.
 */
export class RateLimit {
  readonly #clock: Clock;
  #tokens: number | undefined;
  #filledAt = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes one token, or throws RATE_LIMITED with `Retry-After`. */
  take(limits: Limits): void {
    const { requestBurst: burst, requestsPerSecond: perSecond } = limits;
    if (burst === undefined || perSecond === undefined) return;
    const now = this.#clock();
    const gained = (Math.max(0, now - this.#filledAt) / 1000) * perSecond;
    this.#tokens = Math.min(burst, (this.#tokens ?? burst) + gained);
    this.#filledAt = now;
    if (this.#tokens < 1) {
      const seconds = Math.max(1, Math.ceil((1 - this.#tokens) / perSecond));
      throw new Problem(
        "RATE_LIMITED",
        `More than ${burst} requests at once or ${perSecond} a second; wait ${seconds} s.`,
        {
          headers: { "retry-after": String(seconds) },
        },
      );
    }
    this.#tokens -= 1;
  }
}
