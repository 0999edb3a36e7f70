import { clientCheck } from "../../client-check.ts";
import type { ClientContext } from "../../client-check.ts";
import {
  attemptsSince,
  demandDuration,
  waitsBetween,
  waitsLonger,
  watchingStalls,
} from "../../clients/attempts.ts";
import { emptyOutbox } from "../../clients/outbox.ts";
import { refusal } from "../../simulator/faults.ts";
import { isWrite } from "../../simulator/seen.ts";
import type { SeenRequest } from "../../simulator/seen.ts";
import * as faulty from "./busy-servers.mutants.ts";

/** With every attempt counted, a wait of more than 4 s is all but certain by then; counted from 0 each time, it never comes. */
const ATTEMPTS = 24;
const LONG = 4;
/** Pulls and pushes may take turns in one back-off of half a minute. */
const TWO_WAITS = 62;

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
    const { open, simulator, seconds, anEntry, waitFor } = context;
    const app = await open();
    const first = simulator.requests.length;
    const made = (): SeenRequest[] => attemptsSince(simulator, first);
    keepBusy(context);
    await app.create("logbook_entry", anEntry());
    for (let count = 2; count <= ATTEMPTS; count += 1) {
      await waitFor(`attempt ${count} of a client that is told to come again`, () => made().length >= count, {
        seconds: TWO_WAITS,
      });
      if (waitsLonger(context, made(), { than: seconds(LONG), enough: ATTEMPTS - 1, stalls })) return;
    }
    demandDuration(
      `of ${ATTEMPTS} answers of 503 one is followed by a wait of ${LONG} s or more: an answer that asks to come again is of no use, and counts as a failed attempt`,
      false,
      waitsBetween(made()).map((wait) => `${(wait / seconds(1)).toFixed(1)} s`),
    );
  }),
});

/** Timers may be a little early. */
const NEARLY = 0.95;
/** In real time shorter than what an adapter may take to answer: its flush may last until then, and nothing else be asked meanwhile. */
const ASKED_S = 10;

export const nothingEndsIt = clientCheck({
  id: "CLI-034/whoever-asks",
  name: "a Retry-After is waited for although the app asks for a flush, and the network is said to be back",
  brokenBy: [faulty.flushesWhenAsked, faulty.endsItsWaitsWithTheNetwork],
  needs: ["verb:flush", "verb:online", "verb:offline"],
  secondMs: 20,
  async run(context) {
    const { open, simulator, expect, anEntry, seconds, waitFor } = context;
    const app = await open();
    simulator.fault(isWrite, refusal("RATE_LIMITED", { retryAfter: ASKED_S }));
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
      `the push that was told to come again in ${ASKED_S} s comes no earlier, although the app asked for a flush and the network was said to be back`,
      wait >= seconds(ASKED_S) * NEARLY,
      `after ${(wait / seconds(1)).toFixed(1)} s`,
    );
  },
});
