import { randomBytes } from "node:crypto";
import type { FoundClient } from "../discover-checks.ts";
import type { ClientSubject } from "../drivers/client/port.ts";
import type { Redactor } from "../wire/redaction.ts";
import { clientDoorstep } from "./client-doorstep.ts";
import { drain } from "./lanes.ts";
import { runPatiently } from "./patience.ts";
import { RunRecord } from "./record.ts";
import type { RecordOptions, Run } from "./record.ts";

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

/** Runs the checks of a client, side by side, and says what they came to. */
export async function runClient(options: ClientRunOptions): Promise<Run> {
  const { subject, checks, seed, concurrency, redactor, realTime = false, load } = options;
  const nonce = randomBytes(4).toString("hex");
  const record = new RunRecord(options, (text) => redactor.text(text));
  const { signal } = record;
  let refusal = options.refusal;
  const one = async (check: FoundClient): Promise<void> => {
    if (refusal !== undefined || subject === undefined)
      return record.pass(check, "could-not-run", refusal ?? "there is no client");
    const given = { seed, nonce, level: record.levelOf(check), realTime, signal };
    record.keep(check, await runPatiently(check, subject, given, load));
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
