import { randomBytes } from "node:crypto";
import { availableParallelism, loadavg } from "node:os";
import type { FoundClient } from "../discover-checks.ts";
import type { ClientSubject } from "../drivers/client/port.ts";
import { AdapterGone } from "../drivers/client/port.ts";
import { CheckFailure, TimingFailure } from "../verdict.ts";
import type { Redactor } from "../wire/redaction.ts";
import { clientDoorstep } from "./client-doorstep.ts";
import type { CheckOutcome } from "./judge.ts";
import { drain } from "./lanes.ts";
import { RunRecord } from "./record.ts";
import type { RecordOptions, Run } from "./record.ts";
import { runClientCheck } from "./run-client-check.ts";
import type { ClientOutcome } from "./run-client-check.ts";

export interface ClientRunOptions extends RecordOptions<FoundClient> {
  /** The client under test; absent: `refusal` says why. */
  subject: ClientSubject | undefined;
  /** What stands for it in reports. */
  description: string;
  redactor: Redactor;
  /** The specification's own durations: a second takes a second. */
  realTime?: boolean;
  /** How many processes run or wait for each core of this machine, on the mean of a minute; for tests. */
  load?: () => number;
}

/** With so many, some stand still for long where nothing here sees it: in a browser, in the client's process. */
const CROWD = 6;

/** How much longer a second of the client's time takes when a failure is to be confirmed; the second of these where the machine was too busy for the first. */
const SLOWER = [4, 16];

/** Runs the checks of a client, side by side, and says what they came to. */
export async function runClient(options: ClientRunOptions): Promise<Run> {
  const { subject, checks, seed, concurrency, redactor, realTime = false, load = loadOfCores } = options;
  const nonce = randomBytes(4).toString("hex");
  const record = new RunRecord(options, (text) => redactor.text(text));
  const { signal } = record;
  let refusal = options.refusal;
  const run = async (...[check, by, given]: Parameters<typeof runClientCheck>): Promise<ClientOutcome> => {
    const outcome = await runClientCheck(check, by, given);
    return { ...outcome, slow: outcome.slow || load() > CROWD };
  };
  const one = async (check: FoundClient): Promise<void> => {
    if (refusal !== undefined || subject === undefined)
      return record.pass(check, "could-not-run", refusal ?? "there is no client");
    const given = { seed, nonce, level: record.levelOf(check), realTime, signal };
    let first = await run(check, subject, given);
    // The process ended under clients of several checks: who is to blame shows when each has one of its own.
    if (first.error instanceof AdapterGone && first.error.shared && !signal.aborted)
      first = await run(check, alone(subject), given);
    const shortened = subject.capabilities.timing === true && !realTime && !signal.aborted;
    if (!shortened || !isDoubtful(check, first)) return record.keep(check, first);
    let outcome: CheckOutcome = first;
    const shortest = Math.max(check.secondMs, subject.shortestSecondMs ?? 0);
    for (const times of SLOWER) {
      const secondMs = Math.min(times * shortest, 1_000);
      const again = await run({ ...check, secondMs }, subject, given);
      if (signal.aborted) break;
      outcome = together(first, again, [shortest, secondMs]);
      if (!again.slow || !isDoubtful(check, again)) break;
    }
    record.keep(check, outcome);
  };

  try {
    signal.throwIfAborted();
    if (refusal === undefined && subject) await clientDoorstep(subject, { signal, realTime });
  } catch (error) {
    refusal = redactor.text(error instanceof Error ? error.message : String(error));
  }
  const profiles = options.profiles ?? [...new Set(checks.flatMap((check) => record.profileOf(check) ?? []))];
  options.onStart?.({ checks, profiles });
  // Those that may take longest come first, so that the end waits for none of them alone.
  await drain(
    checks.toSorted((a, b) => b.timeoutMs - a.timeoutMs),
    concurrency,
    one,
  );
  record.close();
  const result = record.result({ role: "client", subject: options.description, profiles: [...profiles] });
  return { result, leftBehind: [], ...(refusal === undefined ? {} : { doorstep: refusal }) };
}

const loadOfCores = (): number => loadavg()[0]! / availableParallelism();

/**
 * What a client did wrong, it did: a race in it need not come out the same way again. But what came late, and on a machine that stood still
 * or is crowded also what a client did because its time was out, or did not come to do, may be this machine's doing.
 */
function isDoubtful(check: FoundClient, { verdict, error, slow }: ClientOutcome): boolean {
  if (error instanceof TimingFailure) return true;
  if (verdict === "inconclusive") return slow;
  return error instanceof CheckFailure && slow && check.timeless !== true;
}

/**
 * Where the client's own waiting is shortened, so is the time that it leaves to a server, and a machine that is busy may not answer
 * within that. A try in which this machine is known to have done so is not judged: the next one is, and it is told. What came too late
 * though nothing was seen of that must do so with more time, too; else it is told, as something that was not found out.
 */
function together(first: ClientOutcome, second: ClientOutcome, secondMs: [number, number]): CheckOutcome {
  if (second.verdict === "failed" || second.verdict === "warned") return second;
  const [short, long] = secondMs;
  if (second.verdict === "not-applicable" && first.slow) return second;
  if (second.verdict === "passed" && first.slow) {
    const message = `at a second try, where a second of the client's time took ${long} ms; at the first, where it took ${short} ms, this machine stood still or was crowded, and the check came to ${first.verdict}: ${first.message}`;
    return { ...second, message };
  }
  const seen =
    second.verdict === "passed"
      ? `but only where a second of the client's time took ${short} ms, not where it took ${long} ms: this machine was busy, or the client has a race that does not always come out the same way`
      : `that was where a second of the client's time took ${short} ms; where it took ${long} ms the check came to ${second.verdict}: ${second.message}`;
  const message = `${first.message}; ${seen}. Run it again on a machine that does little else, with --concurrency 1 or with --real-time`;
  return { ...first, verdict: "inconclusive", message };
}

function alone(subject: ClientSubject): ClientSubject {
  return { ...subject, launch: () => subject.launch({ alone: true }) };
}
