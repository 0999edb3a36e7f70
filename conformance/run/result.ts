import type {
  CheckResult,
  ConformanceResult,
  RequirementResult,
  TranscriptEntry,
  Verdict,
} from "../../schemas/conformance-result.ts";
import { VERDICTS } from "../../schemas/conformance-result.ts";
import type { Requirement } from "../../spec/requirements.ts";
import type { CheckOutcome, Told } from "./judge.ts";
import type { Exchanged, Framed } from "../wire/transcript.ts";
import { exitStatus, worstOf } from "../verdict.ts";

export type { CheckResult, RequirementResult };
export type RunResult = ConformanceResult;

export function checkResult(outcome: CheckOutcome, rerun: string): CheckResult {
  return {
    id: outcome.check.id,
    requirement: outcome.check.requirement,
    name: outcome.check.name,
    verdict: outcome.verdict,
    durationMs: outcome.durationMs,
    message: outcome.message ?? null,
    expected: outcome.expected ?? null,
    actual: outcome.actual ?? null,
    transcript: outcome.verdict === "passed" ? [] : messagesOf(outcome.transcript),
    ...(outcome.history === undefined ? {} : { history: outcome.history }),
    rerun,
  };
}

/** One result for each requirement that a check stands for, in the order of the specification. */
export function requirementResults(
  requirements: readonly Requirement[],
  checks: readonly CheckResult[],
): RequirementResult[] {
  return requirements.flatMap(({ id, level, role, profile }) => {
    const own = checks.filter((check) => check.requirement === id);
    if (own.length === 0) return [];
    const verdict = worstOf(own.map((check) => check.verdict));
    const known = knownReasons(own);
    const checkIds = own.map((check) => check.id);
    return [
      { id, level, role, profile, verdict, checks: checkIds, ...(known === undefined ? {} : { known }) },
    ];
  });
}

/** Why a requirement is known to fail: where all of its checks that failed or warned are. */
function knownReasons(checks: readonly CheckResult[]): string | undefined {
  const failing = checks.filter(({ verdict }) => verdict === "failed" || verdict === "warned");
  const reasons = failing.flatMap(({ known }) => known ?? []);
  return failing.length > 0 && reasons.length === failing.length
    ? [...new Set(reasons)].join("; ")
    : undefined;
}

/**
 * The exit status that a result stands for. Known failures don't count; entries of the list that are stale do.
 * @returns 0, 1 or 3
 */
export function statusOf({ requirements, checks, baseline, summary }: RunResult): 0 | 1 | 3 {
  if (baseline !== undefined && baseline.stale.length > 0) return 1;
  const counting = requirements.flatMap(({ id, level }) => {
    const own = checks.filter((check) => check.requirement === id && check.known === undefined);
    return own.length === 0 ? [] : [{ level, verdict: worstOf(own.map(({ verdict }) => verdict)) }];
  });
  return exitStatus(counting, summary.checks.passed);
}

export function countVerdicts(judged: readonly { verdict: Verdict }[]): Record<Verdict, number> {
  const counts = Object.fromEntries(VERDICTS.map((verdict) => [verdict, 0])) as Record<Verdict, number>;
  for (const { verdict } of judged) counts[verdict] += 1;
  return counts;
}

/** Requests, answers and frames as single messages in the order of time; an answer that came late says what it answers. */
export function messagesOf({ entries }: Told): TranscriptEntry[] {
  const messages = entries.flatMap((entry) => ("request" in entry ? ofExchange(entry) : ofFrame(entry)));
  return messages.toSorted((a, b) => a.at - b.at);
}

function ofFrame({ atMs, connection, direction, text, note }: Framed): TranscriptEntry {
  return {
    at: atMs,
    direction: `${direction}-frame`,
    connection,
    headers: {},
    body: text ?? null,
    ...(note === undefined ? {} : { note }),
  };
}

function ofExchange({ atMs, durationMs, request, response, note }: Exchanged): TranscriptEntry[] {
  const { method, path, headers, body } = request;
  const sent: TranscriptEntry = { at: atMs, direction: "request", method, path, headers, body: body ?? null };
  if (!response) return [{ ...sent, note: note ?? "no answer yet" }];
  return [
    note === undefined ? sent : { ...sent, note },
    {
      at: Math.round((atMs + durationMs) * 10) / 10,
      direction: "response",
      status: response.status,
      headers: response.headers,
      body: response.body ?? null,
      note: `to ${method} ${path} sent at ${atMs} ms`,
    },
  ];
}
