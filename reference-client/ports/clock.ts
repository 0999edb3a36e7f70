/** Time, as the client sees it. */
export interface Clock {
  /** The wall clock: Unix milliseconds. It may be wrong, and jump. */
  now(): number;
  /** Calls once after so many milliseconds; returns what cancels it. Later than asked for where the machine slept. */
  setTimer(milliseconds: number, call: () => void): () => void;
}

/** The platform's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  setTimer(milliseconds, call) {
    const timer = setTimeout(call, milliseconds);
    return () => clearTimeout(timer);
  },
};
