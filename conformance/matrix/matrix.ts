import type { MutantsResult } from "../../schemas/mutants-result.ts";
import type { FoundAny } from "../discover-checks.ts";
import { didYouMean, namesOf, UsageError } from "../run/select.ts";
import type { AnyMutant, Trial } from "./trial.ts";

/** A check, and the mutants to try it on. */
export interface Row {
  check: FoundAny;
  mutants: readonly AnyMutant[];
}

/** Every row, and what came of it. */
export interface Matrix {
  rows: readonly Row[];
  trials: readonly Trial[];
}

/**
 * The part of the matrix that the words of `--only` name: a check's id, a requirement's, an area, or a mutant's name, which brings
 * every check that is to kill it.
 * @throws UsageError naming the nearest word that exists
 */
export function selectRows(checks: readonly FoundAny[], only: readonly string[]): Row[] {
  const wanted = only.map((word) => word.toUpperCase());
  const is = (name: string): boolean => wanted.includes(name.toUpperCase());
  const known = new Set(checks.flatMap((check) => [...namesOf(check), ...check.brokenBy.map(nameOf)]));
  const upper = new Set([...known].map((name) => name.toUpperCase()));
  const stranger = only.find((word) => !upper.has(word.toUpperCase()));
  if (stranger !== undefined)
    throw new UsageError(`no check, area or mutant "${stranger}".${didYouMean(stranger, [...known])}`);
  return checks
    .map((check) => ({
      check,
      mutants:
        only.length === 0 || namesOf(check).some(is)
          ? check.brokenBy
          : check.brokenBy.filter(({ name }) => is(name)),
    }))
    .filter(({ mutants }) => mutants.length > 0);
}

/** What the matrix came to, as the published contract has it. A check that fails on the model kills nothing. */
export function summarise({ rows, trials }: Matrix): MutantsResult {
  const sound = new Set(
    trials.filter(({ mutant, held }) => mutant === null && held).map(({ check }) => check),
  );
  const killers = Map.groupBy(
    trials.filter(({ mutant, held, check }) => mutant !== null && held && sound.has(check)),
    ({ mutant }) => mutant,
  );
  const byName = new Map(rows.flatMap(({ mutants }) => mutants).map((mutant) => [mutant.name, mutant]));
  const mutants = [...byName.values()]
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, story, breaks }) => ({
      name,
      story,
      breaks: [...breaks],
      killedBy: (killers.get(name) ?? []).map(({ check }) => check).toSorted(),
    }));
  const survivors = mutants.filter(({ killedBy }) => killedBy.length === 0).map(({ name }) => name);
  return { total: mutants.length, killed: mutants.length - survivors.length, survivors, mutants };
}

/** Trials that did not come out as they must: of a check on the model, or on a mutant that it says it is broken by. */
export function unheld({ trials }: Matrix): Trial[] {
  return trials.filter(({ held }) => !held);
}

/**
 * What is wrong with the matrix as it is written, before anything is tried: a name that two mutants have, a mutant whose
 * check is for no requirement that it breaks.
 */
export function misfits(checks: readonly Pick<FoundAny, "id" | "requirement" | "brokenBy">[]): string[] {
  const strangers = checks.flatMap(({ id, requirement, brokenBy }) =>
    brokenBy
      .filter(({ breaks }) => !breaks.includes(requirement))
      .map(({ name }) => `${id} is brokenBy ${name}, which does not say that it breaks ${requirement}`),
  );
  const byName = Map.groupBy(
    new Set(checks.flatMap(({ brokenBy }): readonly AnyMutant[] => brokenBy)),
    nameOf,
  );
  const twins = [...byName].filter(([, mutants]) => mutants.length > 1);
  return [...strangers, ...twins.map(([name]) => `two mutants are called ${name}`)];
}

function nameOf({ name }: AnyMutant): string {
  return name;
}
