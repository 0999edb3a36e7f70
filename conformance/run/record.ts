import { RESULT_SCHEMA_VERSION } from "../../schemas/conformance-result.ts";
import type { Requirement } from "../../spec/requirements.ts";
import type { FoundAny } from "../discover-checks.ts";
import { CouldNotRun } from "../verdict.ts";
import type { Level, Verdict } from "../verdict.ts";
import { specVersion, SUITE_VERSION } from "../versions.ts";
import { knownReason, unmatched } from "./baseline.ts";
import type { Baseline } from "./baseline.ts";
import type { CheckOutcome } from "./judge.ts";
import { checkResult, countVerdicts, requirementResults } from "./result.ts";
import type { CheckResult, RunResult } from "./result.ts";

/** What a run of checks is told, whoever is under test. */
export interface RecordOptions<Check extends FoundAny> {
  checks: readonly Check[];
  requirements: readonly Requirement[];
  /** Profiles to be checked, by the operator's word; default: those the subject claims. */
  profiles?: readonly string[];
  seed: string;
  concurrency: number;
  /** For all checks together; those not done by then could not run. */
  deadlineMs?: number;
  failFast?: boolean;
  startUpMs?: number;
  /** Aborted with a CouldNotRun: what is not done by then could not run, for that reason. */
  signal?: AbortSignal;
  /** Why no check can run, where that is known already: the subject did not come up. */
  refusal?: string;
  /** What is known to fail, and all checks that there are to judge its entries by. */
  baseline?: { known: Baseline; all: readonly FoundAny[] };
  /** The command that runs a check again; `schedule`: that plays the history in this file again. */
  rerun(check: Check, schedule?: string): string;
  onStart?(plan: { checks: readonly Check[]; profiles: readonly string[] }): void;
  onCheck?(result: CheckResult, done: number): void;
}

export interface Run {
  result: RunResult;
  /** Why no check ran: the doorstep's words. */
  doorstep?: string;
  /** Users whose data could not be deleted, with the reason. */
  leftBehind: string[];
}

/** What becomes of the checks of one run, and when it ends. */
export class RunRecord<Check extends FoundAny> {
  readonly #options: RecordOptions<Check>;
  /** Removes secrets from a text. */
  readonly #redacted: (text: string) => string;
  readonly #words = new Map<string, string>();
  readonly #stop = new AbortController();
  readonly #results = new Map<string, CheckResult>();
  readonly #requirements: ReadonlyMap<string, Requirement>;
  readonly #startedAt = new Date();
  readonly #began = performance.now();
  readonly #deadline: NodeJS.Timeout | undefined;
  readonly #onAbort = (): void => this.#stop.abort(this.#options.signal?.reason);

  constructor(options: RecordOptions<Check>, redacted: (text: string) => string) {
    this.#options = options;
    this.#redacted = redacted;
    this.#requirements = new Map(options.requirements.map((requirement) => [requirement.id, requirement]));
    const { signal, deadlineMs } = options;
    if (signal?.aborted) this.#onAbort();
    signal?.addEventListener("abort", this.#onAbort, { once: true });
    if (deadlineMs === undefined) return;
    const why = new CouldNotRun(`not done when the deadline of ${deadlineMs / 1000} s had passed`);
    this.#deadline = setTimeout(() => this.#stop.abort(why), deadlineMs);
  }

  /** Aborted when the run is to end. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  levelOf(check: Check): Level {
    return this.#requirements.get(check.requirement)?.level ?? "MUST";
  }

  /** The profile of a check's requirement, if that is known. */
  profileOf(check: Check): string | undefined {
    return this.#requirements.get(check.requirement)?.profile;
  }

  /** What a check came to. */
  keep(check: Check, outcome: CheckOutcome): void {
    const { baseline, onCheck, failFast } = this.#options;
    const judged = checkResult(outcome, this.#rerun(check, outcome.schedule));
    const known = knownReason(baseline?.known, judged);
    const result = known === undefined ? judged : { ...judged, known };
    this.#results.set(check.id, result);
    onCheck?.(result, this.#results.size);
    if (failFast && result.verdict === "failed" && known === undefined)
      this.#stop.abort(new CouldNotRun(`not run: --fail-fast ended the run after ${check.id} had failed`));
  }

  /** All are the operator's own words around an id; to look for secrets in them once is enough. */
  #rerun(check: Check, schedule: string | undefined): string {
    const words = this.#options.rerun(check, schedule).split(check.id);
    return words.map((part) => this.#known(part)).join(check.id);
  }

  #known(words: string): string {
    const known = this.#words.get(words) ?? this.#redacted(words);
    this.#words.set(words, known);
    return known;
  }

  /** A check that was not run, and why. */
  pass(check: Check, verdict: Verdict, message: string): void {
    this.keep(check, {
      check,
      verdict,
      durationMs: 0,
      message,
      transcript: { entries: [] },
      writers: new Set(),
    });
  }

  /** All checks have been kept. */
  close(): void {
    clearTimeout(this.#deadline);
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
  }

  result(of: Pick<RunResult, "role" | "subject" | "profiles" | "histories">): RunResult {
    const { checks, seed, startUpMs = 0, baseline } = this.#options;
    const ordered = checks.flatMap((check) => this.#results.get(check.id) ?? []);
    const requirements = requirementResults(this.#options.requirements, ordered);
    return {
      schemaVersion: RESULT_SCHEMA_VERSION,
      specVersion: specVersion(),
      suiteVersion: SUITE_VERSION,
      role: of.role,
      subject: of.subject,
      profiles: of.profiles,
      seed,
      startedAt: this.#startedAt.toISOString(),
      startUpMs,
      durationMs: Math.round(performance.now() - this.#began),
      summary: { requirements: countVerdicts(requirements), checks: countVerdicts(ordered) },
      requirements,
      checks: ordered,
      ...(of.histories ? { histories: of.histories } : {}),
      ...(baseline ? { baseline: unmatched(baseline.known, baseline.all, ordered) } : {}),
    };
  }
}
