import type { Limits } from "../../../schemas/limits.ts";
import { Mutex } from "../mutex.ts";
import type { Clock } from "../ports.ts";

/** What may wait on one connection, in UTF-16 code units. */
const MOST_UNITS = 64 * 1024 * 1024;

/** Work that goes on while the next frame is looked at. */
export interface Later {
  done: Promise<void>;
}

/**
 * The frames of one connection, one after the other. Beyond the burst they are handled at the rate that is allowed, so that a
 * client which floods is slowed down first; only what piles up beyond a second burst ends it (RT-041, RT-045).
 */
export class Inbox {
  readonly #limits: Limits;
  readonly #clock: Clock;
  readonly #sleep: (ms: number) => Promise<void>;
  readonly #turns = new Mutex();
  #waiting = 0;
  #units = 0;
  #tokens: number | undefined;
  #filledAt = 0;

  constructor(limits: Limits, clock: Clock, sleep: (ms: number) => Promise<void>) {
    this.#limits = limits;
    this.#clock = clock;
    this.#sleep = sleep;
  }

  /** Settles when the frame has been handled. False: too many wait already, and this one is not taken. */
  take(units: number, handle: () => Promise<Later | void>): Promise<void> | false {
    const most = 2 * (this.#limits.messageBurst ?? Infinity);
    if (this.#waiting >= most || this.#units + units > MOST_UNITS) return false;
    this.#waiting += 1;
    this.#units += units;
    return this.#work(units, handle);
  }

  async #work(units: number, handle: () => Promise<Later | void>): Promise<void> {
    try {
      const later = await this.#turns.run(async () => {
        await this.#token();
        return handle();
      });
      await later?.done;
    } finally {
      this.#waiting -= 1;
      this.#units -= units;
    }
  }

  async #token(): Promise<void> {
    const { messageBurst: burst, messagesPerSecond: perSecond } = this.#limits;
    if (burst === undefined || perSecond === undefined) return;
    const now = this.#clock();
    const gained = (Math.max(0, now - this.#filledAt) / 1000) * perSecond;
    this.#tokens = Math.min(burst, (this.#tokens ?? burst) + gained);
    this.#filledAt = now;
    this.#tokens -= 1;
    if (this.#tokens < 0) await this.#sleep((-this.#tokens / perSecond) * 1000);
  }
}
