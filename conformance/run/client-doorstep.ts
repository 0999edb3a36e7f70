import { Trial } from "../drivers/client/trial.ts";
import type { ClientSubject } from "../drivers/client/port.ts";
import { CouldNotRun } from "../verdict.ts";
import { rejectable } from "../wire/rejectable.ts";

/** In seconds of the client's time. */
const FIRST_REQUEST_S = 60;

/**
 * Whether there is a client to be judged at all: it opens, shows what was written, and sends something to the server. Else every check
 * would wait in vain.
 *
 * @throws CouldNotRun saying what is amiss, or the reason of `signal`
 */
export async function clientDoorstep(
  subject: ClientSubject,
  { signal, realTime }: { signal: AbortSignal; realTime: boolean },
): Promise<void> {
  const trial = new Trial(subject, { realTime });
  const { promise: aborted, reject } = rejectable();
  const onAbort = (): void => reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    await Promise.race([demandLife(trial), aborted]);
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    const words = error instanceof Error ? error.message : String(error);
    throw new CouldNotRun(`${words}. To look closer: the same command with --check-adapter`, {
      cause: error,
    });
  } finally {
    signal.removeEventListener("abort", onAbort);
    await trial.end();
  }
}

async function demandLife(trial: Trial): Promise<void> {
  const notes = `written in a trial, ${trial.token().slice(-8)}`;
  const client = await trial.open();
  const id = await client.create(notes);
  // At once, or not before the server has told it: that is for a check to judge.
  const isListed = async (): Promise<boolean> => (await client.get(id))?.["notes"] === notes;
  if (!(await trial.eventually(isListed, FIRST_REQUEST_S)))
    throw new CouldNotRun("the adapter never lists the entry that it has created");
  const { requests } = trial.simulator;
  if (!(await trial.eventually(() => requests.length > 0, FIRST_REQUEST_S)))
    throw new CouldNotRun(
      "the client sent nothing to the server, though it was opened and an entry was created",
    );
}
