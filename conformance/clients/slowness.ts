const TICK_MS = 10;
/**
 * Of the client's own seconds. The shortest time that it leaves a server is 10 s, for a PONG (CLI-040); a machine that stands still for half of
 * that may make a client give up what was well.
 */
const TOO_LONG_S = 5;

/** Whether this machine was ever too busy to let a client wait as it means to. */
export interface Slowness {
  /** An answer that costs no time took so long. */
  note(ms: number): void;
  readonly shown: boolean;
  /** What comes later does not count, such as the time that clients take to close. */
  end(): void;
}

/** @param secondMs how long a second of the client's time lasts */
export function watchSlowness(secondMs: number): Slowness {
  let worst = 0;
  let last = performance.now();
  let over = false;
  const note = (ms: number): void => {
    if (!over) worst = Math.max(worst, ms);
  };
  const tick = (): void => {
    const now = performance.now();
    note(now - last - TICK_MS);
    last = now;
  };
  const ticks = setInterval(tick, TICK_MS);
  return {
    note,
    get shown() {
      tick();
      return worst > TOO_LONG_S * secondMs;
    },
    end() {
      tick();
      over = true;
      clearInterval(ticks);
    },
  };
}
