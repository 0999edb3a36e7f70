import { closest, distance } from "fastest-levenshtein";
import type { FoundAny } from "../discover-checks.ts";

/** A mistake of the user's: told without a stack, exit status 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/**
 * The checks that the words of `--only` name: a check's id, a requirement's, or an area (`IDEM`, `idempotency`).
 * @throws UsageError naming the nearest word that exists.
 */
export function selectChecks<Check extends FoundAny>(
  checks: readonly Check[],
  only: readonly string[],
): Check[] {
  if (only.length === 0) return [...checks];
  const named = new Set<Check>();
  for (const word of only) {
    const matching = checks.filter((check) => namesOf(check).some((name) => same(name, word)));
    if (matching.length === 0)
      throw new UsageError(`no check or area "${word}".${didYouMean(word, checks.flatMap(namesOf))}`);
    for (const check of matching) named.add(check);
  }
  return checks.filter((check) => named.has(check));
}

/** Every word by which a check can be named. */
export function namesOf(check: Pick<FoundAny, "id" | "requirement" | "area">): string[] {
  return [check.id, check.requirement, check.requirement.split("-")[0]!, check.area];
}

/** " Did you mean X?" when something near exists, else nothing. */
export function didYouMean(word: string, known: readonly string[]): string {
  if (known.length === 0) return "";
  const upper = new Map(known.map((name) => [name.toUpperCase(), name]));
  const nearest = closest(word.toUpperCase(), [...upper.keys()]);
  return distance(word.toUpperCase(), nearest) <= Math.max(2, word.length / 3)
    ? ` Did you mean ${upper.get(nearest)}?`
    : "";
}

function same(a: string, b: string): boolean {
  return a.toUpperCase() === b.toUpperCase();
}
