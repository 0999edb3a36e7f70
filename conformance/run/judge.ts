import type { AnyCheck } from "../check.ts";
import { CheckFailure, CouldNotRun, HarnessError, verdictOf } from "../verdict.ts";
import type { Level, Verdict } from "../verdict.ts";
import type { Redactor } from "../wire/redaction.ts";
import { rejectable } from "../wire/rejectable.ts";
import type { Recorded } from "../wire/transcript.ts";

/** What went over the wire, secrets removed when it is read. */
export interface Told {
  readonly entries: readonly Recorded[];
}

/** What became of one check. */
export interface CheckOutcome {
  check: AnyCheck;
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

/** A stage that a check plays on. */
export interface Played {
  /** The check, and what is demanded of it beside. */
  play(): Promise<void>;
  /** Ends what is open. */
  end(): Promise<void>;
  transcript: Told;
  redactor: Redactor;
  writers: ReadonlySet<string>;
}

export interface JudgeOptions {
  timeoutMs: number;
  /** Level of the check's requirement: decides between failed and warned. */
  level: Level;
  /** Ends the run. */
  signal?: AbortSignal | undefined;
  /** Why the check does not apply. */
  lacking: string | undefined;
  /** For what went wrong before there was a stage. */
  redactor: Redactor;
}

/** Plays one check within its time, and says what it came to. Never throws. */
export async function judge(
  check: AnyCheck,
  { timeoutMs, level, signal, lacking, redactor }: JudgeOptions,
  stage: (signal: AbortSignal) => Promise<Played>,
): Promise<CheckOutcome> {
  const began = performance.now();
  const end = new AbortController();
  const timer = setTimeout(
    () => end.abort(new CouldNotRun(`the check did not end within ${timeoutMs / 1000} s`)),
    timeoutMs,
  );
  const stopWithRun = (): void => end.abort(signal?.reason);
  signal?.addEventListener("abort", stopWithRun, { once: true });
  let played: Played | undefined;
  let error: unknown;
  if (lacking === undefined) {
    try {
      signal?.throwIfAborted();
      played = await stage(end.signal);
      await untilAborted(played.play(), end.signal);
    } catch (thrown) {
      error = thrown;
    }
  }
  await played?.end();
  clearTimeout(timer);
  signal?.removeEventListener("abort", stopWithRun);
  const evidence = error instanceof CheckFailure ? error.evidence : undefined;
  const outcome = {
    check,
    durationMs: Math.round((performance.now() - began) * 10) / 10,
    transcript: evidence?.transcript ?? played?.transcript ?? { entries: [] },
    ...(evidence?.schedule === undefined ? {} : { schedule: evidence.schedule }),
    ...(evidence?.history === undefined ? {} : { history: evidence.history }),
    writers: played?.writers ?? new Set<string>(),
  };
  if (lacking !== undefined) return { ...outcome, verdict: "not-applicable", message: lacking };
  if (error === undefined) return { ...outcome, verdict: "passed" };
  const redact = (value: unknown): unknown => redacted(value, played?.redactor ?? redactor);
  return {
    ...outcome,
    verdict: verdictOf(error, level),
    message: redact(messageOf(error)) as string,
    ...(error instanceof CheckFailure
      ? { expected: redact(error.expected), actual: redact(error.actual) }
      : {}),
    error,
  };
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

/** What is told without a stack; the last is a call that the check did not expect the client to reject. */
const OURS = new Set(["CheckFailure", "Inconclusive", "NotApplicable", "CouldNotRun", "AdapterRefusal"]);

function messageOf(error: unknown): string {
  if (error instanceof HarnessError) return `the suite is at fault: ${error.message}`;
  if (!(error instanceof Error)) return `the suite is at fault: ${String(error)} was thrown`;
  const ours = OURS.has(error.name);
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
