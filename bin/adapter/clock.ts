import type { Clock } from "../../reference-client/index.ts";

/** The client's own waiting in the adapter's time: a second of it lasts `secondMs`. The wall clock keeps real time, for stamps. */
export function scaledClock(secondMs: number): Clock {
  const factor = secondMs / 1000;
  return {
    now: () => Date.now(),
    monotonic: () => performance.now() / factor,
    setTimer(milliseconds, call) {
      const timer = setTimeout(call, milliseconds * factor);
      return () => clearTimeout(timer);
    },
  };
}
