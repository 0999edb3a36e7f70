/** Time, as the client sees it. */
export interface Clock {
  /** The wall clock: Unix milliseconds. It may be wrong, and jump. For stamps. */
  now(): number;
  /** Milliseconds since some moment, never set: for durations. It may stand still while the machine sleeps. */
  monotonic(): number;
  /** Calls once after so many milliseconds; returns what cancels it. Later than asked for where the machine slept. */
  setTimer(milliseconds: number, call: () => void): () => void;
}

/** The platform's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimer(milliseconds, call) {
    const timer = setTimeout(call, milliseconds);
    return () => clearTimeout(timer);
  },
};
