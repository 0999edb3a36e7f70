import type { ConformanceResult, Verdict } from "../../schemas/conformance-result.ts";

/** A result and the file that it is from. */
export interface NamedResult {
  file: string;
  result: ConformanceResult;
}

/** A check that came to another verdict. */
export interface Change {
  check: string;
  requirement: string;
  before: Verdict;
  after: Verdict;
  /** Why the failure is known, where it is. */
  known?: string;
}

/** What changed from the first result to a later one, by the checks that both looked at. */
export interface Step {
  from: string;
  to: string;
  regressed: Change[];
  mended: Change[];
  /** Judged before, and not any more: could not run, or inconclusive. */
  unjudged: Change[];
  /** How many checks were judged in both. */
  compared: number;
  /** What could not be compared, in sentences. */
  notes: string[];
}

export interface Row {
  id: string;
  level: "MUST" | "SHOULD" | "MAY";
  /** By result; null: it was not looked at, or did not apply. */
  verdicts: (Verdict | null)[];
  /** By result: whether the failure is known. */
  known: boolean[];
  /** Whether those who looked at it, or at one of its checks, came to different verdicts. */
  differs: boolean;
}

export interface Comparison {
  rows: Row[];
  /** From the first to each next. */
  steps: Step[];
}

/** Better is more. What is not here is no statement about the server. */
const RANK: Partial<Record<Verdict, number>> = { failed: 0, warned: 1, passed: 2 };

/** Compares results of one role; at least two. */
export function compareResults(results: readonly NamedResult[]): Comparison {
  const [first, ...others] = results as [NamedResult, ...NamedResult[]];
  const steps = others.map((other) => stepBetween(first, other));
  const changed = new Set(
    steps.flatMap(({ regressed, mended, unjudged }) =>
      [...regressed, ...mended, ...unjudged].map(({ requirement }) => requirement),
    ),
  );
  const levels = new Map(
    results.flatMap(({ result }) => result.requirements.map(({ id, level }) => [id, level])),
  );
  const rows = [...levels].map(([id, level]) => {
    const found = results.map(({ result }) => result.requirements.find((one) => one.id === id));
    const verdicts = found.map((one) => (one && one.verdict !== "not-applicable" ? one.verdict : null));
    const seen = new Set(verdicts.filter((verdict) => verdict !== null));
    const known = found.map((one) => one?.known !== undefined);
    return { id, level, verdicts, known, differs: seen.size > 1 || changed.has(id) };
  });
  return { rows: rows.toSorted((a, b) => (a.id < b.id ? -1 : 1)), steps };
}

/** 0 nothing got worse from the first to the last; 1 something regressed; 3 something is judged no more, or nothing could be compared. */
export function comparisonStatus({ steps }: Comparison): 0 | 1 | 3 {
  const last = steps.at(-1)!;
  if (last.regressed.length > 0) return 1;
  return last.unjudged.length > 0 || last.compared === 0 ? 3 : 0;
}

function stepBetween(first: NamedResult, next: NamedResult): Step {
  const before = new Map(first.result.checks.map((check) => [check.id, check]));
  const step: Step = {
    from: first.file,
    to: next.file,
    regressed: [],
    mended: [],
    unjudged: [],
    compared: 0,
    notes: [],
  };
  let lookedAt = 0;
  for (const after of next.result.checks) {
    const earlier = before.get(after.id);
    if (earlier === undefined) continue;
    lookedAt += 1;
    const [was, is] = [RANK[earlier.verdict], RANK[after.verdict]];
    if (was === undefined) continue;
    const change: Change = {
      check: after.id,
      requirement: after.requirement,
      before: earlier.verdict,
      after: after.verdict,
      ...(after.known === undefined ? {} : { known: after.known }),
    };
    if (is !== undefined) {
      step.compared += 1;
      if (is < was) step.regressed.push(change);
      if (is > was) step.mended.push(change);
    } else if (after.verdict !== "not-applicable") {
      step.unjudged.push(change);
    }
  }
  step.notes = notesOn(first, next, lookedAt, step);
  return step;
}

/** Where two runs differ in what they are about. */
function notesOn(first: NamedResult, next: NamedResult, lookedAt: number, step: Step): string[] {
  const [a, b] = [first.result, next.result];
  const notes: string[] = [];
  const differing = (what: string, one: string, other: string, meaning: string): void => {
    if (one !== other) notes.push(`${what}: ${one} and ${other}; ${meaning}`);
  };
  differing("specification", a.specVersion, b.specVersion, "a requirement's text may have changed");
  differing("suite", a.suiteVersion, b.suiteVersion, "a check may have changed");
  differing("profiles", a.profiles.join(", "), b.profiles.join(", "), "only what both looked at is compared");
  const only = (count: number, file: string): void => {
    if (count > 0) notes.push(`only ${file} has ${count} of the checks: not compared`);
  };
  only(a.checks.length - lookedAt, first.file);
  only(b.checks.length - lookedAt, next.file);
  const open = lookedAt - step.compared - step.unjudged.length;
  if (open > 0)
    notes.push(`${open} checks did not apply, or were not judged, in one of the two: not compared`);
  return notes;
}
