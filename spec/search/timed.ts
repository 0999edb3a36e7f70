import type { Outcome } from "./explore.ts";

/** Runs a search and tells how long it took. */
export function timed(search: () => Outcome): { outcome: Outcome; seconds: number } {
  const start = performance.now();
  const outcome = search();
  return { outcome, seconds: (performance.now() - start) / 1000 };
}

/** What a person reads of a search. */
export function line(name: string, { states, steps, depth, broken }: Outcome, seconds: number): string {
  const end = broken === undefined ? "nothing wrong" : `wrong after ${broken.trace.length} steps`;
  return `${name}: ${states} states, ${steps} steps, depth ${depth}, ${seconds.toFixed(1)} s, ${end}\n`;
}
