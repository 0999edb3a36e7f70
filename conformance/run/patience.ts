import { availableParallelism, loadavg } from "node:os";
import type { ClientCheck } from "../client-check.ts";
import type { ClientSubject } from "../drivers/client/port.ts";
import { AdapterGone } from "../drivers/client/port.ts";
import { CheckFailure, TimingFailure } from "../verdict.ts";
import type { CheckOutcome } from "./judge.ts";
import { runClientCheck } from "./run-client-check.ts";
import type { ClientCheckOptions, ClientOutcome } from "./run-client-check.ts";

/** With so many, some stand still for long where nothing here sees it: in a browser, in the client's process. */
const CROWD = 6;

/** How much longer a second of the client's time takes when a failure is to be confirmed; the second of these where the machine was too busy for the first. */
const SLOWER = [4, 16];

/**
 * Runs one check against a client; and again, with more time, where this machine may be to blame for what it came to.
 * @param load how many processes run or wait for each core of this machine, on the mean of a minute
 */
export async function runPatiently(
  check: ClientCheck,
  subject: ClientSubject,
  options: ClientCheckOptions,
  load: () => number = loadOfCores,
): Promise<CheckOutcome> {
  const { signal, realTime = false } = options;
  const run = async (chosen: ClientCheck, by: ClientSubject, attempt = 1): Promise<ClientOutcome> => {
    const outcome = await runClientCheck(chosen, by, { ...options, attempt });
    return { ...outcome, slow: outcome.slow || load() > CROWD };
  };
  let first = await run(check, subject);
  // The process ended under clients of several checks: who is to blame shows when each has one of its own.
  if (first.error instanceof AdapterGone && first.error.shared && !signal?.aborted)
    first = await run(check, alone(subject));
  const shortened = subject.capabilities.timing === true && !realTime && !signal?.aborted;
  if (!shortened || !isDoubtful(check, first)) return first;
  let outcome: CheckOutcome = first;
  const shortest = Math.max(check.secondMs, subject.shortestSecondMs ?? 0);
  for (const [index, times] of SLOWER.entries()) {
    const secondMs = Math.min(times * shortest, 1_000);
    const again = await run({ ...check, secondMs }, subject, index + 2);
    if (signal?.aborted) break;
    outcome = together(first, again, [shortest, secondMs]);
    if (!again.slow || !isDoubtful(check, again)) break;
  }
  return outcome;
}

const loadOfCores = (): number => loadavg()[0]! / availableParallelism();

/**
 * What a client did wrong, it did: a race in it need not come out the same way again. But what came late, and on a machine that stood still
 * or is crowded also what a client did because its time was out, or did not come to do, may be this machine's doing.
 */
function isDoubtful(check: ClientCheck, { verdict, error, slow }: ClientOutcome): boolean {
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
