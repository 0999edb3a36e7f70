import type { FoundCheck } from "../discover-checks.ts";
import { deformAll, mutant } from "../model/mutant.ts";
import type { Mutant } from "../model/mutant.ts";
import { byKind, mutantsOfHistories } from "./single-checks.ts";
import { tryCheck } from "./trial.ts";

/** Two faults in one server. */
export type Pair = readonly [Mutant, Mutant];

/** Every two of the mutants that histories are to catch. */
export function pairsOf(checks: readonly FoundCheck[]): Pair[] {
  const all = mutantsOfHistories(checks);
  return all.flatMap((first, n) => all.slice(n + 1).map((second): Pair => [first, second]));
}

/** Whether a check that catches the one or the other alone catches the server that has both. */
export async function isCaught(checks: readonly FoundCheck[], pair: Pair, seed: string): Promise<boolean> {
  const [first, second] = pair;
  const both = mutant({
    name: `${first.name}-and-${second.name}`,
    story: `${first.story} ${second.story}`,
    breaks: [...new Set([...first.breaks, ...second.breaks])],
    deform: (conforming) => deformAll(conforming, pair),
  });
  const own = byKind(checks).histories.filter(({ brokenBy }) => pair.some((one) => brokenBy.includes(one)));
  for (const check of own) if ((await tryCheck(check, both, seed)).held) return true;
  return false;
}
