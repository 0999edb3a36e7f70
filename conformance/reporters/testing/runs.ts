import type { CheckResult, ConformanceResult, TranscriptEntry } from "../../../schemas/conformance-result.ts";
import type { Requirement } from "../../../spec/requirements.ts";
import { countVerdicts, requirementResults } from "../../run/result.ts";
import type { FinishedRun } from "../reporter.ts";

/** Everything that a format might take for its own: markup, a script's end, Markdown, a workflow command, no XML. */
export const HOSTILE = `</script></style><img src=x onerror="document.title='owned'">]]>--> & | \`\`\`\`
::error title=owned::owned\r\n# owned @someone [a](javascript:owned) https://owned.example www.owned.example \u0000\u001b[31m\ud800\uffff %0A '"`;

const LEVELS = { MUST: "IDEM-001", SHOULD: "IDEM-002" } as const;

/** The requirement of the sample run at a level. */
export function requirementAt(level: keyof typeof LEVELS): Requirement {
  return {
    id: LEVELS[level],
    role: "server",
    level,
    profile: "http",
    text: `A server ${level} keep <keys> & | values.`,
    file: "spec/idempotency.md",
    line: level === "MUST" ? 8 : 10,
  };
}

/** A check of the sample run, passed unless it says otherwise; its id is the slug after its requirement's. */
export function checkOf(
  level: keyof typeof LEVELS,
  slug: string,
  more: Partial<CheckResult> = {},
): CheckResult {
  return {
    id: `${LEVELS[level]}/${slug}`,
    requirement: LEVELS[level],
    name: "a replay changes nothing",
    verdict: "passed",
    durationMs: 12.5,
    message: null,
    expected: null,
    actual: null,
    transcript: [],
    rerun: `npx mirubato-sync test server --only ${LEVELS[level]}/${slug}`,
    ...more,
  };
}

/** Two devices and a socket; the answers cross. */
export function conversation(body = "{}"): TranscriptEntry[] {
  const request = (at: number, device: string): TranscriptEntry => ({
    at,
    direction: "request",
    method: "POST",
    path: "/api/sync/push",
    headers: { "x-device-id": device },
    body,
  });
  const answer = (at: number, sentAt: number): TranscriptEntry => ({
    at,
    direction: "response",
    status: 200,
    headers: { "content-type": body },
    body,
    note: `to POST /api/sync/push sent at ${sentAt} ms`,
  });
  const frame = { connection: "socket 1", headers: {}, direction: "received-frame" } as const;
  return [
    request(1, "phone"),
    request(2, "tablet"),
    answer(3, 2),
    answer(4, 1),
    { ...frame, at: 5, body: '{"type":"PONG"}' },
    { ...frame, at: 6, body: null, note: "closed, code 1000" },
  ];
}

/** A finished run of these checks. */
export function runOf(checks: CheckResult[], more: Partial<ConformanceResult> = {}): FinishedRun {
  const clauses = [requirementAt("MUST"), requirementAt("SHOULD")];
  const requirements = requirementResults(clauses, checks);
  const result: ConformanceResult = {
    schemaVersion: "1.0",
    specVersion: "0.1.0",
    suiteVersion: "0.1.0",
    role: "server",
    subject: "http://127.0.0.1:8787",
    profiles: ["http"],
    seed: "51ad6fcc",
    startedAt: "2026-11-21T10:20:00.000Z",
    startUpMs: 0,
    durationMs: 38_200,
    summary: { requirements: countVerdicts(requirements), checks: countVerdicts(checks) },
    requirements,
    checks,
    ...more,
  };
  return { result, requirements: new Map(clauses.map((clause) => [clause.id, clause])), leftBehind: [] };
}

/** A run in which all that came from outside is hostile. */
export function hostileRun(): FinishedRun {
  const failure = {
    name: HOSTILE,
    message: HOSTILE,
    expected: { text: HOSTILE },
    actual: HOSTILE,
    rerun: HOSTILE,
    transcript: conversation(HOSTILE),
  };
  const checks = [
    checkOf("MUST", HOSTILE, { ...failure, verdict: "failed" }),
    checkOf("MUST", "known", { ...failure, verdict: "failed", known: HOSTILE }),
    checkOf("MUST", "away", { ...failure, verdict: "could-not-run" }),
    checkOf("SHOULD", "advice", { ...failure, verdict: "warned" }),
    checkOf("SHOULD", "skipped", { ...failure, verdict: "not-applicable" }),
  ];
  return runOf(checks, {
    subject: HOSTILE,
    seed: HOSTILE,
    profiles: [HOSTILE],
    baseline: { stale: [{ id: HOSTILE, reason: HOSTILE, detail: HOSTILE }], notJudged: [] },
  });
}

/** One check of each verdict, in the order of what they mean for the run. */
export function mixedRun(): FinishedRun {
  return runOf([
    checkOf("MUST", "failed", { verdict: "failed", message: "two entries", transcript: conversation() }),
    checkOf("MUST", "expected", {
      verdict: "failed",
      message: "three entries",
      known: "until the store is there",
    }),
    checkOf("MUST", "away", { verdict: "could-not-run", message: "no answer" }),
    checkOf("MUST", "away-too", { verdict: "could-not-run", message: "no answer" }),
    checkOf("MUST", "open", { verdict: "inconclusive", message: "never arose" }),
    checkOf("MUST", "passed"),
    checkOf("SHOULD", "warned", { verdict: "warned", message: "slow" }),
    checkOf("SHOULD", "open", { verdict: "inconclusive", message: "never arose" }),
    checkOf("SHOULD", "skipped", { verdict: "not-applicable", message: "needs --origin" }),
  ]);
}
