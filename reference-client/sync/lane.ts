import { closed, SyncError, unreachable } from "../errors.ts";
import type { Clock } from "../ports/clock.ts";
import type { Random } from "../ports/random.ts";
import { Backoff } from "./backoff.ts";

/** One kind of work, done one run at a time: when it is due, when it is asked for, and after a failure again and again (CLI-032). */
export interface Lane {
  readonly backoff: Backoff;
  /** When what failed is tried again, Unix milliseconds; null while nothing waits for that. */
  readonly nextAttemptAt: number | null;
  /** Asks for a run in so many milliseconds at the latest, or when the server takes one. What failed before waits for its own time. */
  request(within: number): void;
  /**
   * Something may have changed: does not wait any longer to try again. The attempts stay counted.
   *
   * @param once whether it is the server that says so: no more than once a wait, lest one that takes sockets and refuses all else be hammered
   */
  nudge(once?: boolean): void;
  /** Forgets what is due. */
  rest(): void;
  /** A run that begins now, or when the present one ends. Rejects with why it failed; then it is tried again as ever. */
  run(): Promise<void>;
  /** Resolves when no run is under way. */
  idle(): Promise<void>;
  /** Ends it; resolves when no run is under way. */
  close(): Promise<void>;
}

/**
 * @param failed hears why a run failed, and says whether to try again
 * @param moved called when `nextAttemptAt` is another
 */
export function createLane(
  work: () => Promise<void>,
  failed: (error: unknown) => boolean,
  moved: () => void,
  { clock, random }: { clock: Clock; random: Random },
): Lane {
  const backoff = new Backoff(random);
  let running: Promise<void> | undefined;
  let timer: { due: number; cancel: () => void } | undefined;
  /** When the retry is due that the timer is for. */
  let retryAt: number | null = null;
  let nudged = false;
  /** Nudged while a run was under way, which may have begun too early. */
  let again = false;
  let notBefore = 0;
  let ended = false;

  /** Of what the server asked to wait. */
  const left = (): number => notBefore - clock.monotonic();

  const idle = async (): Promise<void> => {
    while (running) await running.catch(() => {});
  };

  const rest = (): void => {
    timer?.cancel();
    timer = undefined;
    retryAt = null;
  };

  // Why it failed was heard already.
  const start = (): void => void run().catch(() => {});

  const schedule = (within: number): void => {
    const now = clock.monotonic();
    const due = Math.max(now + within, notBefore);
    if (timer && timer.due <= due) return;
    timer?.cancel();
    const cancel = clock.setTimer(due - now, () => {
      nudged = false;
      rest();
      // Timers may fire a little early.
      if (left() > 0) schedule(0);
      // What is due while a run is under way is done after it, unless that failed: then it waits with the rest.
      else void idle().then(() => retryAt === null && start());
    });
    timer = { due, cancel };
  };

  const nudge = (once = false): void => {
    if (once && nudged) return;
    if (running) again = true;
    else if (retryAt !== null) {
      nudged = once;
      start();
    }
  };

  const run = async (): Promise<void> => {
    // Looked at in the turn in which it begins: of several who waited one runs, and the others wait for that.
    while (running) await running.catch(() => {});
    if (ended) throw closed();
    if (left() > 0) throw unreachable(`the server asked to wait ${Math.ceil(left() / 1000)} s`);
    rest();
    moved();
    again = false;
    running = work();
    try {
      await running;
      running = undefined;
      nudged = false;
    } catch (error) {
      running = undefined;
      const retryAfter = error instanceof SyncError ? error.retryAfter : 0;
      notBefore = clock.monotonic() + retryAfter;
      if (!ended && failed(error)) {
        rest();
        const pause = backoff.next(retryAfter);
        schedule(pause);
        retryAt = clock.now() + pause;
        moved();
        if (again) nudge(true);
      }
      throw error;
    }
  };

  return {
    backoff,
    get nextAttemptAt() {
      return retryAt;
    },
    idle,
    rest,
    run,
    nudge,
    request(within) {
      if (!ended && retryAt === null) schedule(within);
    },
    async close() {
      ended = true;
      rest();
      await idle();
    },
  };
}
