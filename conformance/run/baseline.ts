import { existsSync, readFileSync } from "node:fs";
import type { CheckResult, ConformanceResult } from "../../schemas/conformance-result.ts";
import { validate } from "../../schemas/validators.ts";
import { didYouMean, UsageError } from "./select.ts";

/** Known failures of one implementation: reasons by the id of a check, or of a requirement for all of its checks. */
export interface Baseline {
  /** As it was named, for messages. */
  file: string;
  reasons: ReadonlyMap<string, string>;
  /** Its own `$schema` member, which stays when it is written anew. */
  schema?: string;
}

/** A check as far as a list of known failures is concerned. */
type Listed = Pick<CheckResult, "id" | "requirement">;
type Judged = Pick<CheckResult, "id" | "requirement" | "verdict">;

/** @throws UsageError naming the file, the entry and what is wrong with it */
export function readBaseline(path: string, file: string, option: string): Baseline {
  if (!existsSync(path)) throw new UsageError(`${option}: there is no file ${file}`);
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = code === undefined ? `is not JSON: ${message}` : `can't be read (${code})`;
    throw new UsageError(`${option}: ${file} ${reason}`);
  }
  const [violation] = validate("conformance_baseline", value);
  if (violation) {
    const id = /^\/failures\/(.+)$/.exec(violation.pointer)?.[1]?.replaceAll("~1", "/").replaceAll("~0", "~");
    throw new UsageError(
      id === undefined
        ? `${option}: ${file}: ${violation.pointer.slice(1) || "the whole"} ${violation.detail}; it must be {"failures": {"<id>": "<reason>"}}`
        : `${option}: ${file}: the reason of ${id} must be a text that says why it fails`,
    );
  }
  const { failures, $schema } = value as { failures: Record<string, string>; $schema?: string };
  return {
    file,
    reasons: new Map(Object.entries(failures)),
    ...($schema === undefined ? {} : { schema: $schema }),
  };
}

/**
 * Before the run: an entry that nothing can ever match is a mistake.
 * @param checks all that the suite has, selected or not
 * @throws UsageError naming the nearest id that exists
 */
export function demandKnownIds({ file, reasons }: Baseline, checks: readonly Listed[]): void {
  const known = new Set(checks.flatMap(({ id, requirement }) => [id, requirement]));
  for (const id of reasons.keys()) {
    if (known.has(id)) continue;
    const near = didYouMean(id, [...known]);
    throw new UsageError(`${file}: no check, and no requirement that has checks, is called "${id}".${near}`);
  }
}

/** Why a check is known to fail: by its own entry, else by its requirement's. */
export function knownReason(
  baseline: Pick<Baseline, "reasons"> | undefined,
  check: Judged,
): string | undefined {
  if (!fails(check)) return undefined;
  return baseline?.reasons.get(check.id) ?? baseline?.reasons.get(check.requirement);
}

/**
 * What became of the entries that matched no failure.
 * An entry is stale only when everything that it covers ran and passed: what was not run may be what fails.
 * @param all every check that the suite has
 * @param results what ran, or was looked at
 */
export function unmatched(
  { reasons }: Pick<Baseline, "reasons">,
  all: readonly Listed[],
  results: readonly Judged[],
): NonNullable<ConformanceResult["baseline"]> {
  const stale: NonNullable<ConformanceResult["baseline"]>["stale"] = [];
  const notJudged: typeof stale = [];
  const verdicts = new Map(results.map((result) => [result.id, result]));
  for (const [id, reason] of reasons) {
    const covered = all
      .filter((check) => covers(id, check))
      .map((check) => ({ check, result: verdicts.get(check.id) }));
    if (covered.some(({ result }) => result && fails(result))) continue;
    const open = covered.find(({ result }) => result?.verdict !== "passed");
    if (open === undefined) stale.push({ id, reason, detail: passedNote(covered.length) });
    else notJudged.push({ id, reason, detail: openNote(id, open.check.id, open.result) });
  }
  return { stale, notJudged };
}

/**
 * The list after a run, ids in order: what failed, by check, with the reasons that there were already; entries of
 * which the run can say nothing; not those that are stale.
 */
export function renewed(
  earlier: Pick<Baseline, "reasons" | "schema">,
  all: readonly Listed[],
  results: readonly CheckResult[],
): { text: string; added: number; kept: number; removed: string[] } {
  const removed = unmatched(earlier, all, results).stale.map(({ id }) => id);
  const kept = [...earlier.reasons].filter(([id]) => !removed.includes(id));
  const added = results
    .filter((result) => fails(result) && knownReason(earlier, result) === undefined)
    .map(({ id, message }) => [id, `not yet explained: ${message ?? "it failed"}`] as const);
  const failures = Object.fromEntries([...kept, ...added].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  const file = { ...(earlier.schema === undefined ? {} : { $schema: earlier.schema }), failures };
  return { text: `${JSON.stringify(file, null, 2)}\n`, added: added.length, kept: kept.length, removed };
}

function covers(id: string, check: Listed): boolean {
  return id === check.id || id === check.requirement;
}

/** Only these can be known failures: what could not run, or was inconclusive, is no statement about the server. */
function fails({ verdict }: Pick<CheckResult, "verdict">): boolean {
  return verdict === "failed" || verdict === "warned";
}

function passedNote(count: number): string {
  return count === 1 ? "it passes" : `all of its ${count} checks pass`;
}

function openNote(id: string, check: string, result: Judged | undefined): string {
  const what = id === check ? "it" : check;
  return result === undefined ? `${what} was not selected` : `${what} came to ${result.verdict}`;
}
