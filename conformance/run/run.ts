import { randomBytes } from "node:crypto";
import type { HistoryOptions } from "../check.ts";
import type { FoundCheck } from "../discover-checks.ts";
import { coverageOf } from "../histories/performances.ts";
import type { Subject } from "../subject/subject.ts";
import { cleanUp } from "./clean-up.ts";
import { doorstep, socketDoorstep } from "./doorstep.ts";
import { inLanes } from "./lanes.ts";
import { RunRecord } from "./record.ts";
import type { RecordOptions, Run } from "./record.ts";
import { runCheck } from "./run-check.ts";

export interface RunOptions extends RecordOptions<FoundCheck> {
  /** The server under test. Several are instances of one server, which share the checks among them. */
  subjects: readonly [Subject, ...Subject[]];
  histories?: HistoryOptions;
}

/** Runs the checks of a server, side by side, and says what they came to. */
export async function run(options: RunOptions): Promise<Run> {
  const { subjects, checks, seed, histories = {} } = options;
  const [subject] = subjects;
  const nonce = randomBytes(4).toString("hex");
  const record = new RunRecord(options, (text) => subject.redactor.text(text));
  const { signal } = record;
  const leftBehind: string[] = [];
  const shared = new Map<string, Promise<unknown>>();
  let refusal = options.refusal;
  const profileOf = (check: FoundCheck): string => record.profileOf(check) ?? "http";
  const one = async (check: FoundCheck, instance: Subject): Promise<void> => {
    if (refusal !== undefined) return record.pass(check, "could-not-run", refusal);
    const profile = profileOf(check);
    if (!profiles.includes(profile))
      return record.pass(check, "not-applicable", `the server does not claim profile ${profile}`);
    if (profile === "realtime" && deafness !== undefined)
      return record.pass(check, "could-not-run", deafness);
    const level = record.levelOf(check);
    const given = { seed, nonce, level, profile, signal, histories, shared };
    const outcome = await runCheck(check, instance, given);
    record.keep(check, outcome);
    if (!instance.disposable && !signal.aborted)
      leftBehind.push(...(await cleanUp(instance, outcome.writers)));
    else if (!instance.disposable && !instance.startedHere)
      leftBehind.push(...[...outcome.writers].map((user) => `${user}: the run was ended`));
  };

  try {
    signal.throwIfAborted();
    if (refusal === undefined) for (const instance of subjects) await doorstep(instance, { nonce, signal });
  } catch (error) {
    refusal = subject.redactor.text(error instanceof Error ? error.message : String(error));
  }
  const profiles = options.profiles ?? subject.discovery.profiles;
  const realtime = profiles.includes("realtime") && checks.some((check) => profileOf(check) === "realtime");
  // Why no check of profile realtime can run; those of http can.
  let deafness: string | undefined;
  try {
    if (realtime && refusal === undefined)
      for (const instance of subjects) await socketDoorstep(instance, { nonce, signal });
  } catch (error) {
    deafness = subject.redactor.text(error instanceof Error ? error.message : String(error));
  }
  options.onStart?.({ checks, profiles });
  await inLanes(checks, subjects, options.concurrency, one);
  record.close();

  const coverage = await coverageOf(shared);
  const result = record.result({
    role: "server",
    subject: subject.description,
    profiles: [...profiles],
    ...(coverage ? { histories: coverage } : {}),
  });
  return { result, leftBehind, ...(refusal === undefined ? {} : { doorstep: refusal }) };
}
