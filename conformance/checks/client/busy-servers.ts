import { clientCheck } from "../../client-check.ts";
import type { ClientContext } from "../../client-check.ts";
import { attemptsSince, waitsBetween, waitsLonger, watchingStalls } from "../../clients/attempts.ts";
import { emptyOutbox } from "../../clients/outbox.ts";
import { refusal } from "../../simulator/faults.ts";
import { isWrite } from "../../simulator/seen.ts";
import type { SeenRequest } from "../../simulator/seen.ts";
import * as faulty from "./busy-servers.mutants.ts";

/** With every attempt counted, a wait of more than 4 s is all but certain by then; counted from 0 each time, it never comes. */
const ATTEMPTS = 24;
const LONG = 4;

/** From now on all that syncs is answered 503, every second answer to a call with a Retry-After that is shorter than most waits. */
function keepBusy({ simulator }: ClientContext): void {
  const second = ({ n, call }: SeenRequest): boolean =>
    simulator.calls(call).filter((seen) => seen.n <= n).length % 2 === 0;
  simulator.fault(second, refusal("UNAVAILABLE", { retryAfter: 1 }), Infinity);
  simulator.fault(() => true, refusal("UNAVAILABLE"), Infinity);
}

export const busy = clientCheck({
  id: "CLI-033/a-busy-server",
  name: "a server that answers everything 503, with Retry-After or without, is asked ever more rarely",
  brokenBy: [faulty.countsAnewWithAProblem],
  lasts: 700,
  run: watchingStalls(async (context, stalls) => {
    const { open, simulator, expect, seconds, anEntry, waitFor } = context;
    const app = await open();
    const first = simulator.requests.length;
    const made = (): SeenRequest[] => attemptsSince(simulator, first);
    keepBusy(context);
    await app.create("logbook_entry", anEntry());
    for (let count = 2; count <= ATTEMPTS; count += 1) {
      await waitFor(`attempt ${count} of a client that is told to come again`, () => made().length >= count, {
        seconds: 31,
      });
      if (waitsLonger(context, made(), { than: seconds(LONG), enough: ATTEMPTS - 1, stalls })) return;
    }
    expect.fail(`after ${ATTEMPTS} answers of 503 the client still comes back within ${LONG} s`, {
      expected:
        "a wait of up to 30 s: an answer that asks to come again is of no use, and counts as a failed attempt",
      actual: waitsBetween(made()).map((wait) => `${(wait / seconds(1)).toFixed(1)} s`),
    });
  }),
});

/** Timers may be a little early. */
const NEARLY = 0.95;

export const nothingEndsIt = clientCheck({
  id: "CLI-034/whoever-asks",
  name: "a Retry-After is waited for although the app asks for a flush, and the network is said to be back",
  brokenBy: [faulty.flushesWhenAsked, faulty.endsItsWaitsWithTheNetwork],
  needs: ["verb:flush", "verb:online", "verb:offline"],
  secondMs: 20,
  async run(context) {
    const { open, simulator, expect, anEntry, seconds, waitFor } = context;
    const app = await open();
    simulator.fault(isWrite, refusal("RATE_LIMITED", { retryAfter: 20 }));
    const id = await app.create("logbook_entry", anEntry());
    await waitFor("an answer 429", () => simulator.writesOf(id)[0]?.seen.endedAt);
    // Whether the call is rejected or waits is the client's own affair.
    const flushed = app.flush().catch(() => {});
    await app.offline();
    await app.online();
    await emptyOutbox(context, app);
    await flushed;
    const [wait = 0] = waitsBetween(simulator.writesOf(id).map(({ seen }) => seen));
    expect.ok(
      `the push that was told to come again in 20 s comes 20 s later, although flush was called`,
      wait >= seconds(20) * NEARLY,
      `${(wait / seconds(1)).toFixed(1)} s`,
    );
  },
});
