import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { FoundCheck } from "../discover-checks.ts";
import type { Mutant } from "../model/mutant.ts";
import { runMatrix } from "./side-by-side.ts";
import type { Trial } from "./trial.ts";

/** Where the last answer is kept: `npm run mutants:histories -- --write`. */
export const LIST = fileURLToPath(new URL("./history-mutants.json", import.meta.url));

/** Faults of servers that histories catch, by what else notices them. */
export interface Noticed {
  /** No check of a single situation finds anything wrong with them, whatever the seed. */
  onlyHistories: string[];
  /** Mutant to the checks of single situations that notice it, too. */
  alsoChecks: Record<string, string[]>;
}

/** Checks that play histories, and those of a single situation. */
export function byKind(checks: readonly FoundCheck[]): { histories: FoundCheck[]; single: FoundCheck[] } {
  return {
    histories: checks.filter(({ plays }) => plays === "histories"),
    single: checks.filter(({ plays }) => plays !== "histories"),
  };
}

/** The mutants that histories are to catch, each once. */
export function mutantsOfHistories(checks: readonly FoundCheck[]): Mutant[] {
  return [...new Set(byKind(checks).histories.flatMap(({ brokenBy }) => brokenBy))];
}

/**
 * Tries every mutant on every check of a single situation, with each of the seeds: what kills it with one of them has noticed it.
 */
export async function noticedBySingleChecks(
  checks: readonly FoundCheck[],
  mutants: readonly Mutant[],
  { seeds, told, signal }: { seeds: readonly string[]; told?: (done: number) => void; signal?: AbortSignal },
): Promise<Noticed> {
  const rows = byKind(checks).single.map((check) => ({ check, mutants }));
  const noticed = new Map(mutants.map(({ name }) => [name, new Set<string>()]));
  let done = 0;
  const keep = ({ check, mutant, held }: Trial): void => {
    told?.((done += 1));
    if (mutant !== null && held) noticed.get(mutant)!.add(check);
  };
  for (const seed of seeds)
    await runMatrix(rows, { seed, told: keep, ...(signal === undefined ? {} : { signal }) });
  const names = [...noticed.keys()].toSorted();
  const alsoChecks = names
    .filter((name) => noticed.get(name)!.size > 0)
    .map((name) => [name, [...noticed.get(name)!].toSorted()] as const);
  return {
    onlyHistories: names.filter((name) => noticed.get(name)!.size === 0),
    alsoChecks: Object.fromEntries(alsoChecks),
  };
}

/** What the list says. */
export function readList(): Noticed {
  return JSON.parse(readFileSync(LIST, "utf8")) as Noticed;
}

/** The list with what was found anew; of the rest what it said of the mutants in `kept`. */
export function renewed(list: Noticed, found: Noticed, kept: readonly string[]): Noticed {
  const alsoChecks = Object.entries(list.alsoChecks).filter(([name]) => kept.includes(name));
  return {
    onlyHistories: [
      ...list.onlyHistories.filter((name) => kept.includes(name)),
      ...found.onlyHistories,
    ].toSorted(),
    alsoChecks: Object.fromEntries(
      [...alsoChecks, ...Object.entries(found.alsoChecks)].toSorted(([a], [b]) => (a < b ? -1 : 1)),
    ),
  };
}
