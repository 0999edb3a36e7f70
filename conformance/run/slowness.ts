const TICK_MS = 10;

/** Whether this machine ever stood still for too long. */
export interface Slowness {
  /** An answer that costs no time took so long. */
  note(ms: number): void;
  readonly shown: boolean;
  /** What comes later does not count, such as the time that clients take to close. */
  end(): void;
}

/** @param tooLongMs for how long this process may come to nothing */
export function watchSlowness(tooLongMs: number): Slowness {
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
      return worst > tooLongMs;
    },
    end() {
      tick();
      over = true;
      clearInterval(ticks);
    },
  };
}
