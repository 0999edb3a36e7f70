import type { Simulator } from "../simulator/simulator.ts";

/** Something has come or gone at the simulator, or so many milliseconds have passed. */
export function nextChange(simulator: Simulator, longestMs: number): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stop();
      clearTimeout(timer);
      resolve();
    };
    const stop = simulator.listen(done);
    const timer = setTimeout(done, longestMs);
  });
}

/** So many milliseconds have passed. Rejects with the signal's reason when that ends it. */
export function passed(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      "abort",
      () => {
        clearTimeout(timer);
        reject(signal.reason as Error);
      },
      { once: true },
    );
  });
}
