import { missingNeed } from "./capabilities.ts";
import type { HistoryOptions, ServerCheck } from "../check.ts";
import { createStage } from "./context.ts";
import type { Stage } from "./context.ts";
import { positiveControl, socketControl } from "./positive-control.ts";
import { rejectable } from "../wire/rejectable.ts";
import type { Redactor } from "../wire/redaction.ts";
import type { Subject } from "../subject/subject.ts";
import type { Recorded } from "../wire/transcript.ts";
import { CheckFailure, CouldNotRun, HarnessError, verdictOf } from "../verdict.ts";
import type { Level, Verdict } from "../verdict.ts";

/** What went over the wire, secrets removed when it is read. */
export interface Told {
  readonly entries: readonly Recorded[];
}

/** What became of one check. */
export interface CheckOutcome {
  check: ServerCheck;
  verdict: Verdict;
  durationMs: number;
  /** What went wrong, in a sentence; absent when it passed. */
  message?: string;
  expected?: unknown;
  actual?: unknown;
  transcript: Told;
  /** The file that the history that shows it was saved to. */
  schedule?: string;
  history?: NonNullable<CheckFailure["evidence"]>["history"];
  /** The error itself, for the self-test. */
  error?: unknown;
  /** Users that may have left data on the server. */
  writers: ReadonlySet<string>;
}

export interface CheckOptions {
  seed: string;
  nonce: string;
  /** Level of the check's requirement: decides between failed and warned. */
  level: Level;
  /** Profile of the check's requirement; default http. */
  profile?: string;
  /** Ends the run. */
  signal?: AbortSignal;
  histories?: HistoryOptions;
  /** What the checks of one run share. */
  shared?: Map<string, Promise<unknown>>;
}

/** Runs one check against a subject: needs, positive control, the check itself. Never throws. */
export async function runCheck(
  check: ServerCheck,
  subject: Subject,
  options: CheckOptions,
): Promise<CheckOutcome> {
  const began = performance.now();
  const end = new AbortController();
  const timeoutMs = check.timeoutMs + (check.plays ? (options.histories?.durationMs ?? 0) : 0);
  const timer = setTimeout(
    () => end.abort(new CouldNotRun(`the check did not end within ${timeoutMs / 1000} s`)),
    timeoutMs,
  );
  const stopWithRun = (): void => end.abort(options.signal?.reason);
  options.signal?.addEventListener("abort", stopWithRun, { once: true });
  let stage: Stage | undefined;
  let error: unknown;
  const lacking = missingNeed(check.needs, subject);
  if (lacking === undefined) {
    try {
      options.signal?.throwIfAborted();
      stage = await createStage(check, subject, { ...options, signal: end.signal });
      await untilAborted(playOut(check, stage, options.profile), end.signal);
    } catch (thrown) {
      error = thrown;
    }
  }
  await stage?.sockets.endAll();
  clearTimeout(timer);
  options.signal?.removeEventListener("abort", stopWithRun);
  const evidence = error instanceof CheckFailure ? error.evidence : undefined;
  const outcome = {
    check,
    durationMs: Math.round((performance.now() - began) * 10) / 10,
    transcript: evidence?.transcript ?? stage?.transcript ?? { entries: [] },
    ...(evidence?.schedule === undefined ? {} : { schedule: evidence.schedule }),
    ...(evidence?.history === undefined ? {} : { history: evidence.history }),
    writers: stage?.writers ?? new Set<string>(),
  };
  if (lacking !== undefined) return { ...outcome, verdict: "not-applicable", message: lacking };
  if (error === undefined) return { ...outcome, verdict: "passed" };
  const redact = (value: unknown): unknown => redacted(value, stage?.redactor ?? subject.redactor);
  return {
    ...outcome,
    verdict: verdictOf(error, options.level),
    message: redact(messageOf(error)) as string,
    ...(error instanceof CheckFailure
      ? { expected: redact(error.expected), actual: redact(error.actual) }
      : {}),
    error,
  };
}

async function playOut(check: ServerCheck, stage: Stage, profile: string | undefined): Promise<void> {
  const { context, sockets } = stage;
  await check.run(context);
  sockets.demandWellFormed();
  // Else "nothing was refused", "nothing changed" and their like would hold on a server that does nothing.
  if (!stage.served()) await positiveControl(context.device);
  // A check on sockets that has heard nothing on any has seen only what a dead endpoint shows, too.
  if (profile === "realtime" && !sockets.heard) await socketControl(context.device);
}

/** A check that waits for something that never comes still ends. */
async function untilAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  const { promise: aborted, reject } = rejectable();
  const onAbort = (): void => reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

function messageOf(error: unknown): string {
  if (error instanceof HarnessError) return `the suite is at fault: ${error.message}`;
  if (!(error instanceof Error)) return `the suite is at fault: ${String(error)} was thrown`;
  const ours = ["CheckFailure", "Inconclusive", "NotApplicable", "CouldNotRun"].includes(error.name);
  return ours ? error.message : `the suite is at fault: ${error.stack ?? error.message}`;
}

/** Values in a failure are JSON from the wire: a token or secret may stand in them. */
function redacted(value: unknown, redactor: Redactor): unknown {
  if (typeof value === "string") return redactor.text(value);
  if (Array.isArray(value)) return value.map((one) => redacted(one, redactor));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [redactor.text(name), redacted(one, redactor)]),
  );
}
