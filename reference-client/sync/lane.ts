import { SyncError, unreachable } from "../errors.ts";
import type { Clock } from "../ports/clock.ts";
import type { Random } from "../ports/random.ts";
import { Backoff } from "./backoff.ts";

/** One kind of work, done one run at a time: when it is due, when it is asked for, and after a failure again and again (CLI-032). */
export interface Lane {
  readonly backoff: Backoff;
  /** Asks for a run in so many milliseconds at the latest. What failed before waits for its own time. */
  request(within: number): void;
  /** Something may have changed: does not wait any longer to try again. The attempts stay counted. */
  nudge(): void;
  /** Forgets what is due. */
  rest(): void;
  /** A run that begins now, or when the present one ends. Rejects with why it failed; then it is tried again as ever. */
  run(): Promise<void>;
  /** Resolves when no run is under way. */
  idle(): Promise<void>;
  /** Ends it; resolves when no run is under way. */
  close(): Promise<void>;
}

/** @param failed hears why a run failed, and says whether to try again */
export function createLane(
  work: () => Promise<void>,
  failed: (error: unknown) => boolean,
  { clock, random }: { clock: Clock; random: Random },
): Lane {
  const backoff = new Backoff(random);
  let running: Promise<void> | undefined;
  let timer: { due: number; cancel: () => void } | undefined;
  let retrying = false;
  let notBefore = 0;
  let closed = false;

  const idle = async (): Promise<void> => {
    while (running) await running.catch(() => {});
  };

  const rest = (): void => {
    timer?.cancel();
    timer = undefined;
    retrying = false;
  };

  // Why it failed was heard already.
  const start = (): void => void run().catch(() => {});

  const schedule = (within: number): void => {
    const due = clock.monotonic() + within;
    if (timer && timer.due <= due) return;
    timer?.cancel();
    const cancel = clock.setTimer(within, () => {
      timer = undefined;
      retrying = false;
      start();
    });
    timer = { due, cancel };
  };

  const run = async (): Promise<void> => {
    await idle();
    if (closed) return;
    const wait = notBefore - clock.monotonic();
    if (wait > 0) throw unreachable(`the server asked to wait ${Math.ceil(wait / 1000)} s`);
    rest();
    running = work();
    try {
      await running;
      running = undefined;
    } catch (error) {
      running = undefined;
      const retryAfter = error instanceof SyncError ? error.retryAfter : 0;
      notBefore = clock.monotonic() + retryAfter;
      if (!closed && failed(error)) {
        rest();
        schedule(backoff.next(retryAfter));
        retrying = true;
      }
      throw error;
    }
  };

  return {
    backoff,
    idle,
    rest,
    run,
    request(within) {
      if (!closed && !retrying) schedule(within);
    },
    nudge() {
      if (retrying && !running) start();
    },
    async close() {
      closed = true;
      rest();
      await idle();
    },
  };
}
