import type { Verdict } from "../schemas/conformance-result.ts";
import type { Recorded } from "./wire/transcript.ts";

export type { Verdict };
export type Level = "MUST" | "SHOULD" | "MAY";

/** From the best to the worst: a requirement has the worst of its checks' verdicts. */
const SEVERITY: readonly Verdict[] = ["passed", "inconclusive", "warned", "could-not-run", "failed"];

/** How a random history showed it: by how many of its steps, and whether it showed again. */
interface FoundByHistory {
  steps: number;
  of: number;
  reproduced: boolean;
}

/** The server did something else than the requirement says: the only error that turns into `failed` or `warned`. */
export class CheckFailure extends Error {
  override readonly name = "CheckFailure";
  readonly expected: unknown;
  readonly actual: unknown;
  /** What it was seen by, where that is not the check's own transcript; `schedule`: the file that a history was saved to. */
  evidence?: {
    transcript: { readonly entries: readonly Recorded[] };
    schedule?: string;
    history?: FoundByHistory;
  };
  constructor(message: string, details: { expected?: unknown; actual?: unknown } = {}) {
    super(message);
    this.expected = details.expected;
    this.actual = details.actual;
  }
}

/** It is about how long something took, or did not take: a machine that is busy may bring that about, too. */
export class TimingFailure extends CheckFailure {}

/** The situation that the check needs never arose on the wire. */
export class Inconclusive extends Error {
  override readonly name = "Inconclusive";
}

/** Something the operator did not declare (a profile, a control verb, a token that cannot be forged) is needed. */
export class NotApplicable extends Error {
  override readonly name = "NotApplicable";
}

/** Transport or set-up went wrong: nothing can be said about the requirement. */
export class CouldNotRun extends Error {
  override readonly name = "CouldNotRun";
}

/** The suite itself is at fault: it sent, or asserted, something that makes no sense. */
export class HarnessError extends Error {
  override readonly name = "HarnessError";
}

/** The verdict that an error thrown by a check stands for. */
export function verdictOf(error: unknown, level: Level): Verdict {
  if (error instanceof CheckFailure) return level === "MUST" ? "failed" : "warned";
  if (error instanceof Inconclusive) return "inconclusive";
  if (error instanceof NotApplicable) return "not-applicable";
  return "could-not-run";
}

/** The verdict of a requirement: the worst of its checks'. A check that did not apply never hides one that did. */
export function worstOf(verdicts: readonly Verdict[]): Verdict {
  const ran = verdicts.filter((verdict) => verdict !== "not-applicable");
  if (ran.length === 0) return verdicts.length === 0 ? "could-not-run" : "not-applicable";
  return ran.reduce((worst, next) => (SEVERITY.indexOf(next) > SEVERITY.indexOf(worst) ? next : worst));
}

/** 0 no failure and at least one check passed; 1 a MUST failed; 3 something could not run, or a MUST is inconclusive. */
export function exitStatus(
  requirements: readonly { level: Level; verdict: Verdict }[],
  passedChecks: number,
): 0 | 1 | 3 {
  if (requirements.some(({ verdict }) => verdict === "failed")) return 1;
  const unsettled = requirements.some(
    ({ level, verdict }) => verdict === "could-not-run" || (verdict === "inconclusive" && level === "MUST"),
  );
  return unsettled || passedChecks === 0 ? 3 : 0;
}
