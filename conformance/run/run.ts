import { randomBytes } from "node:crypto";
import { RESULT_SCHEMA_VERSION } from "../../schemas/conformance-result.ts";
import type { Requirement } from "../../spec/requirements.ts";
import type { HistoryOptions } from "../check.ts";
import type { FoundCheck } from "../discover-checks.ts";
import { knownReason, unmatched } from "./baseline.ts";
import type { Baseline } from "./baseline.ts";
import { cleanUp } from "./clean-up.ts";
import { coverageOf } from "../histories/performances.ts";
import { doorstep, socketDoorstep } from "./doorstep.ts";
import { inLanes } from "./lanes.ts";
import { checkResult, countVerdicts, requirementResults } from "./result.ts";
import type { CheckResult, RunResult } from "./result.ts";
import { runCheck } from "./run-check.ts";
import type { CheckOutcome } from "./judge.ts";
import type { Subject } from "../subject/subject.ts";
import { SPEC_VERSION, SUITE_VERSION } from "../versions.ts";
import { CouldNotRun } from "../verdict.ts";
import type { Verdict } from "../verdict.ts";

export interface RunOptions {
  /** The server under test. Several are instances of one server, which share the checks among them. */
  subjects: readonly [Subject, ...Subject[]];
  checks: readonly FoundCheck[];
  requirements: readonly Requirement[];
  /** Profiles to be checked, by the operator's word; default: those the server claims. */
  profiles?: readonly string[];
  seed: string;
  concurrency: number;
  /** For all checks together; those not done by then could not run. */
  deadlineMs?: number;
  failFast?: boolean;
  startUpMs?: number;
  /** Aborted with a CouldNotRun: what is not done by then could not run, for that reason. */
  signal?: AbortSignal;
  /** Why no check can run, where that is known already: the server did not come up. */
  refusal?: string;
  /** What is known to fail, and all checks that there are to judge its entries by. */
  baseline?: { known: Baseline; all: readonly FoundCheck[] };
  histories?: HistoryOptions;
  /** The command that runs a check again; `schedule`: that plays the history in this file again. */
  rerun(check: FoundCheck, schedule?: string): string;
  onStart?(plan: { checks: readonly FoundCheck[]; profiles: readonly string[] }): void;
  onCheck?(result: CheckResult, done: number): void;
}

export interface Run {
  result: RunResult;
  /** Why no check ran: the doorstep's words. */
  doorstep?: string;
  /** Users whose data could not be deleted, with the reason. */
  leftBehind: string[];
}

/** Runs the checks, side by side, and says what they came to. */
export async function run(options: RunOptions): Promise<Run> {
  const { subjects, checks } = options;
  const [subject] = subjects;
  const startedAt = new Date();
  const began = performance.now();
  const nonce = randomBytes(4).toString("hex");
  const stop = new AbortController();
  const stopWith = (reason: unknown): void => stop.abort(reason);
  const onAbort = (): void => stopWith(options.signal?.reason);
  if (options.signal?.aborted) onAbort();
  options.signal?.addEventListener("abort", onAbort, { once: true });
  const { deadlineMs } = options;
  const deadline =
    deadlineMs === undefined
      ? undefined
      : setTimeout(
          () => stopWith(new CouldNotRun(`not done when the deadline of ${deadlineMs / 1000} s had passed`)),
          deadlineMs,
        );

  const results = new Map<string, CheckResult>();
  const leftBehind: string[] = [];
  const shared = new Map<string, Promise<unknown>>();
  let refusal = options.refusal;
  const levels = new Map(options.requirements.map((requirement) => [requirement.id, requirement]));
  const keep = (check: FoundCheck, outcome: CheckOutcome): void => {
    const judged = checkResult(outcome, subject.redactor.text(options.rerun(check, outcome.schedule)));
    const known = knownReason(options.baseline?.known, judged);
    const result = known === undefined ? judged : { ...judged, known };
    results.set(check.id, result);
    options.onCheck?.(result, results.size);
    if (options.failFast && result.verdict === "failed" && known === undefined) {
      stopWith(new CouldNotRun(`not run: --fail-fast ended the run after ${check.id} had failed`));
    }
  };
  const profileOf = (check: FoundCheck): string => levels.get(check.requirement)?.profile ?? "http";
  const one = async (check: FoundCheck, instance: Subject): Promise<void> => {
    if (refusal !== undefined) return keep(check, notRun(check, "could-not-run", refusal));
    const requirement = levels.get(check.requirement);
    const profile = profileOf(check);
    if (!profiles.includes(profile)) {
      return keep(check, notRun(check, "not-applicable", `the server does not claim profile ${profile}`));
    }
    if (profile === "realtime" && deafness !== undefined)
      return keep(check, notRun(check, "could-not-run", deafness));
    const level = requirement?.level ?? "MUST";
    const { seed } = options;
    const { histories = {} } = options;
    const given = { seed, nonce, level, profile, signal: stop.signal, histories, shared };
    const outcome = await runCheck(check, instance, given);
    keep(check, outcome);
    if (!instance.disposable && !stop.signal.aborted)
      leftBehind.push(...(await cleanUp(instance, outcome.writers)));
    else if (!instance.disposable && !instance.startedHere)
      leftBehind.push(...[...outcome.writers].map((user) => `${user}: the run was ended`));
  };

  try {
    stop.signal.throwIfAborted();
    if (refusal === undefined)
      for (const instance of subjects) await doorstep(instance, { nonce, signal: stop.signal });
  } catch (error) {
    refusal = subject.redactor.text(error instanceof Error ? error.message : String(error));
  }
  const profiles = options.profiles ?? subject.discovery.profiles;
  const realtime = profiles.includes("realtime") && checks.some((check) => profileOf(check) === "realtime");
  // Why no check of profile realtime can run; those of http can.
  let deafness: string | undefined;
  try {
    if (realtime && refusal === undefined)
      for (const instance of subjects) await socketDoorstep(instance, { nonce, signal: stop.signal });
  } catch (error) {
    deafness = subject.redactor.text(error instanceof Error ? error.message : String(error));
  }
  options.onStart?.({ checks, profiles });
  await inLanes(checks, subjects, options.concurrency, one);
  clearTimeout(deadline);
  options.signal?.removeEventListener("abort", onAbort);

  const ordered = checks.flatMap((check) => results.get(check.id) ?? []);
  const requirements = requirementResults(options.requirements, ordered);
  const coverage = await coverageOf(shared);
  const result: RunResult = {
    schemaVersion: RESULT_SCHEMA_VERSION,
    specVersion: SPEC_VERSION,
    suiteVersion: SUITE_VERSION,
    role: "server",
    subject: subject.description,
    profiles: [...profiles],
    seed: options.seed,
    startedAt: startedAt.toISOString(),
    startUpMs: options.startUpMs ?? 0,
    durationMs: Math.round(performance.now() - began),
    summary: { requirements: countVerdicts(requirements), checks: countVerdicts(ordered) },
    requirements,
    checks: ordered,
    ...(coverage ? { histories: coverage } : {}),
    ...(options.baseline
      ? { baseline: unmatched(options.baseline.known, options.baseline.all, ordered) }
      : {}),
  };
  return { result, leftBehind, ...(refusal === undefined ? {} : { doorstep: refusal }) };
}

function notRun(check: FoundCheck, verdict: Verdict, message: string): CheckOutcome {
  return { check, verdict, durationMs: 0, message, transcript: { entries: [] }, writers: new Set() };
}
