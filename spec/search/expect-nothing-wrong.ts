import { expect, it } from "vitest";
import { line, timed } from "./timed.ts";
import type { Situation } from "./variant.ts";

/** One test for each situation; each prints what it visited. */
export function expectNothingWrong(situations: Situation[]): void {
  it.each(situations)("$name", { timeout: 300_000 }, ({ name, search }) => {
    const { outcome, seconds } = timed(search);
    process.stdout.write(line(name, outcome, seconds));
    expect(outcome.broken).toBeUndefined();
    // A world in which little can happen would prove little.
    expect(outcome.states).toBeGreaterThan(100);
  });
}
