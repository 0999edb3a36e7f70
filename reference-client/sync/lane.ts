import { SyncError, unreachable } from "../errors.ts";
import type { Clock } from "../ports/clock.ts";
import type { Random } from "../ports/random.ts";
import { Backoff } from "./backoff.ts";

/** One kind of work, done one run at a time: when it is due, when it is asked for, and after a failure again and again (CLI-032). */
export class Lane {
  readonly backoff: Backoff;
  readonly #work: () => Promise<void>;
  readonly #failed: (error: unknown) => boolean;
  readonly #clock: Clock;
  #running: Promise<void> | undefined;
  #timer: { due: number; cancel: () => void } | undefined;
  #retrying = false;
  #notBefore = 0;
  #closed = false;

  /** @param failed hears why a run failed, and says whether to try again */
  constructor(
    work: () => Promise<void>,
    failed: (error: unknown) => boolean,
    { clock, random }: { clock: Clock; random: Random },
  ) {
    this.#work = work;
    this.#failed = failed;
    this.#clock = clock;
    this.backoff = new Backoff(random);
  }

  /** Asks for a run in so many milliseconds at the latest. What failed before waits for its own time. */
  request(within: number): void {
    if (!this.#closed && !this.#retrying) this.#schedule(within);
  }

  /** Something may have changed: does not wait any longer to try again. The attempts stay counted. */
  nudge(): void {
    if (this.#retrying && this.#running === undefined) this.#start();
  }

  /** Forgets what is due. */
  rest(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#retrying = false;
  }

  /** A run that begins now, or when the present one ends. Rejects with why it failed; then it is tried again as ever. */
  async run(): Promise<void> {
    await this.idle();
    if (this.#closed) return;
    const wait = this.#notBefore - this.#clock.monotonic();
    if (wait > 0) throw unreachable(`the server asked to wait for another ${Math.ceil(wait / 1000)} s`);
    this.rest();
    this.#running = this.#work();
    try {
      await this.#running;
      this.#running = undefined;
    } catch (error) {
      this.#running = undefined;
      const retryAfter = error instanceof SyncError ? error.retryAfter : 0;
      this.#notBefore = this.#clock.monotonic() + retryAfter;
      if (!this.#closed && this.#failed(error)) this.#retry(retryAfter);
      throw error;
    }
  }

  /** Resolves when no run is under way. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running.catch(() => {});
  }

  /** Resolves when the run under way, if any, has ended. */
  async close(): Promise<void> {
    this.#closed = true;
    this.rest();
    await this.#running?.catch(() => {});
  }

  #retry(retryAfter: number): void {
    this.rest();
    this.#schedule(this.backoff.next(retryAfter));
    this.#retrying = true;
  }

  #start(): void {
    // Why it failed was heard already.
    this.run().catch(() => {});
  }

  #schedule(within: number): void {
    const due = this.#clock.monotonic() + within;
    if (this.#timer !== undefined && this.#timer.due <= due) return;
    this.#timer?.cancel();
    const cancel = this.#clock.setTimer(within, () => {
      this.#timer = undefined;
      this.#retrying = false;
      this.#start();
    });
    this.#timer = { due, cancel };
  }
}
