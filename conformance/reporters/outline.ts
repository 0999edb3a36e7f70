import type { CheckResult, ConformanceResult, RequirementResult } from "../../schemas/conformance-result.ts";
import type { Requirement } from "../../spec/requirements.ts";
import type { Level, Verdict } from "../verdict.ts";
import type { FinishedRun } from "./reporter.ts";

/** A requirement that was looked at, with its words and its checks. */
export interface Judged {
  requirement: RequirementResult;
  /** Its place in the specification; none where this suite's specification does not know it. */
  clause?: Requirement;
  checks: CheckResult[];
}

export interface Area {
  /** The file of prose, such as `spec/push.md`, or the prefix of the ids where that is not known. */
  name: string;
  judged: Judged[];
}

/** What a run came to, in the order of the specification. */
export function outline({ result, requirements }: FinishedRun): Area[] {
  const areas = new Map<string, Judged[]>();
  const checksOf = Map.groupBy(result.checks, (check) => check.requirement);
  for (const requirement of result.requirements) {
    const clause = requirements.get(requirement.id);
    const name = clause?.file ?? requirement.id.split("-")[0]!;
    const judged = { requirement, ...(clause ? { clause } : {}), checks: checksOf.get(requirement.id) ?? [] };
    areas.set(name, [...(areas.get(name) ?? []), judged]);
  }
  return [...areas].map(([name, judged]) => ({ name, judged }));
}

/**
 * What a verdict means for the run, as its exit status has it: a `failure` or an `error` (not settled) makes the run
 * fail; `noted`, `known` and `skipped` are told and let it pass.
 */
export type Weight = "failure" | "error" | "noted" | "known" | "skipped" | "passed";

export function weightOf({ verdict, known }: CheckResult, level: Level): Weight {
  if (known !== undefined) return "known";
  if (verdict === "failed") return "failure";
  if (verdict === "could-not-run") return "error";
  if (verdict === "inconclusive") return level === "MUST" ? "error" : "noted";
  if (verdict === "warned") return "noted";
  return verdict === "not-applicable" ? "skipped" : "passed";
}

/** `IDEM-002, MUST, spec/idempotency.md:10` */
export function placeOf({ requirement, clause }: Judged): string {
  const place = clause ? `, ${clause.file}:${clause.line}` : "";
  return `${requirement.id}, ${requirement.level}${place}`;
}

const HEAVIEST_FIRST: readonly Weight[] = ["failure", "error", "noted", "known", "passed", "skipped"];

/** The heaviest of its checks'. */
export function weightOfRequirement({ requirement, checks }: Judged): Weight {
  const own = new Set(checks.map((check) => weightOf(check, requirement.level)));
  return HEAVIEST_FIRST.find((weight) => own.has(weight)) ?? "skipped";
}

const WORST_FIRST: readonly Verdict[] = [
  "failed",
  "could-not-run",
  "inconclusive",
  "warned",
  "passed",
  "not-applicable",
];

/** The verdicts that there were, the worst first. */
export function present(tally: Record<Verdict, number>): Verdict[] {
  return WORST_FIRST.filter((verdict) => tally[verdict] > 0);
}

/** `3 failed, 211 passed` */
export function countsOf(tally: Record<Verdict, number>): string {
  return (
    present(tally)
      .map((verdict) => `${tally[verdict]} ${verdict}`)
      .join(", ") || "none"
  );
}

/** Entries of the list of known failures that no longer fail: they make the run fail until they are removed. */
export function staleEntries(result: ConformanceResult): { id: string; reason: string; detail: string }[] {
  return result.baseline?.stale ?? [];
}
