import { clientCheck } from "../../client-check.ts";
import type { ClientContext } from "../../client-check.ts";
import { html, loseRequest, refusal } from "../../simulator/faults.ts";
import { isWrite } from "../../simulator/seen.ts";
import type { SeenRequest } from "../../simulator/seen.ts";
import type { SeenSocket } from "../../simulator/socket.ts";
import type { Stalls } from "../../clients/attempts.ts";
import {
  attemptsSince,
  demandDuration,
  waitsBetween,
  waitsLonger,
  watchingStalls,
  withEachSocket,
} from "../../clients/attempts.ts";
import * as faulty from "./backoff.mutants.ts";

/** The longest wait between two attempts, in seconds, and a second for the attempt itself. */
const MOST = 31;

/** Attempt `count` (from 1) since request `first`, and those before it. */
async function attempts({ simulator, waitFor }: ClientContext, first: number, count: number) {
  const made = (): SeenRequest[] => attemptsSince(simulator, first);
  await waitFor(`attempt ${count} of a client that reaches nobody`, () => made().length >= count, {
    seconds: MOST,
  });
  return made();
}

export const goesOn = clientCheck({
  id: "CLI-032/goes-on-for-ever",
  name: "without a network it tries again and again, waits 30 seconds at most, and syncs when the network is back",
  brokenBy: [faulty.givesUpAfterFiveAttempts, faulty.waitsLongerAndLonger],
  secondMs: 4,
  lasts: 700,
  async run(context) {
    const { open, simulator, expect, aGoal, waitFor } = context;
    const app = await open();
    simulator.cutNetwork();
    const first = simulator.requests.length;
    const id = await app.create("goal", aGoal());
    for (let count = 1; count <= 18; count += 1) await attempts(context, first, count);

    simulator.restoreNetwork();
    await waitFor("the write's acknowledgement", async () => (await app.pendingCount()) === 0);
    expect.ok(`${id} was sent when the network was back`, simulator.writesOf(id).length > 0);
  },
});

type Made = readonly Pick<SeenRequest, "at" | "endedAt">[];

/**
 * Demands that waits are spread over all of their bound. Each is shorter than half of it as often as not: nobody who obeys is taken for one
 * who does not. `made` gives so many attempts, and those before.
 */
async function demandFullJitter(
  context: ClientContext,
  stalls: Stalls,
  made: (count: number) => Promise<Made>,
): Promise<void> {
  const { seconds } = context;
  for (let count = 7; ; count += 1) {
    const all = await made(count);
    // From the sixth wait on the bound is 30 s.
    const waits = waitsBetween(all).slice(5);
    const short = waits.some((wait) => wait < seconds(15));
    const long = waitsLonger(context, all, { than: seconds(15), enough: 45, stalls });
    if (short && long) return;
    const told = waits.slice(0, 40).map((wait) => `${(wait / seconds(1)).toFixed(1)} s`);
    demandDuration(
      "of 24 waits that may last 30 s one is shorter than 15 s",
      short || waits.length < 24,
      told,
    );
    demandDuration("of 40 waits that may last 30 s one is longer than 15 s", long || waits.length < 40, told);
  }
}

export const fullJitter = clientCheck({
  id: "CLI-032/full-jitter",
  name: "waits are random between nothing and all of their bound, which is 30 seconds from the sixth on",
  brokenBy: [
    faulty.waitsWithoutJitter,
    faulty.waitsHalfAtLeast,
    faulty.triesEverySecond,
    faulty.triesEveryFiveSeconds,
    faulty.triesAgainAtOnce,
  ],
  secondMs: 10,
  lasts: 1_000,
  run: watchingStalls(async (context, stalls) => {
    const { open, simulator, anEntry } = context;
    const app = await open();
    simulator.cutNetwork();
    const first = simulator.requests.length;
    await app.create("logbook_entry", anEntry());
    await demandFullJitter(context, stalls, (count) => attempts(context, first, count));
  }),
});

export const fullJitterOfSockets = clientCheck({
  id: "CLI-032/full-jitter-of-sockets",
  name: "waits between sockets that are of no use are random between nothing and all of their bound",
  brokenBy: [faulty.waitsWithoutJitter, faulty.triesEverySecond, faulty.triesEveryFiveSeconds],
  needs: ["realtime"],
  secondMs: 10,
  lasts: 1_000,
  run: watchingStalls(async (context, stalls) => {
    const { open } = context;
    await open({ realtime: true });
    const drops = gateway(context);
    await demandFullJitter(context, stalls, async (count) => {
      for (;;) {
        const made = await drops();
        if (made.length > count) return made;
      }
    });
  }),
});

export const reconnects = clientCheck({
  id: "CLI-032/reconnects-for-ever",
  name: "a socket that breaks again and again is opened again and again",
  brokenBy: [faulty.givesUpReconnecting, faulty.reconnectsOnce],
  needs: ["realtime"],
  secondMs: 10,
  lasts: 500,
  async run({ open, simulator, waitFor }) {
    await open({ realtime: true });
    for (let count = 1; count <= 10; count += 1) {
      const known = simulator.sockets.length;
      simulator.socket!.cut();
      await waitFor(
        `a socket after ${count} that broke`,
        () => simulator.sockets.slice(known).some(({ received }) => received.length > 0),
        { seconds: MOST },
      );
    }
  },
});

/**
 * From now on a gateway takes every socket, greets it, and drops it; nothing else is of use either. What is returned waits for the next
 * socket that was dropped, and gives all of them.
 */
function gateway({ simulator, waitFor }: ClientContext): () => Promise<SeenSocket[]> {
  // A handshake that a slow machine lets fail is followed by status, and by no other without its answer (CLI-036).
  simulator.fault(({ call }) => call !== "status", loseRequest, Infinity);
  const first = simulator.sockets.length;
  const sockets = (): SeenSocket[] => simulator.sockets.slice(first);
  withEachSocket(simulator, (socket) => {
    socket.passage = (frame) => (frame["type"] === "WELCOME" ? [frame] : []);
  });
  simulator.socket!.cut();
  return async () => {
    const next = await waitFor(
      `attempt ${sockets().length + 1} to open a socket`,
      () => sockets().find(({ state, received }) => state === "open" && received.length > 0),
      { seconds: MOST },
    );
    next.cut();
    return sockets();
  };
}

/** With every attempt counted, a wait of more than 4 s is all but certain by then; counted from 0 each time, it never comes. */
const ATTEMPTS = 24;
const LONG = 4;

export const acceptsAndDrops = clientCheck({
  id: "CLI-033/accepts-and-drops",
  name: "a gateway that takes sockets, greets and drops them is asked ever more rarely",
  brokenBy: [faulty.countsAnewOnceItIsOpen, faulty.countsAnewWithEachTry],
  needs: ["realtime"],
  lasts: 700,
  run: watchingStalls(async (context, stalls) => {
    const { open, seconds } = context;
    await open({ realtime: true });
    const drops = gateway(context);
    let dropped: SeenSocket[] = [];
    for (let count = 1; count <= ATTEMPTS; count += 1) {
      dropped = await drops();
      if (waitsLonger(context, dropped, { than: seconds(LONG), enough: ATTEMPTS - 1, stalls })) return;
    }
    demandDuration(
      `of ${ATTEMPTS} sockets that were dropped one is followed by a wait of ${LONG} s or more: WELCOME alone is no use, and no reason to count from 0 again`,
      false,
      waitsBetween(dropped).map((wait) => `${(wait / seconds(1)).toFixed(1)} s`),
    );
  }),
});

export const pagesOfAGateway = clientCheck({
  id: "CLI-033/pages-of-a-gateway",
  name: "a gateway that answers everything with a page is asked ever more rarely",
  brokenBy: [faulty.countsAnewWithAnyAnswer, faulty.countsAnewWithEachTry],
  lasts: 700,
  run: watchingStalls(async (context, stalls) => {
    const { open, simulator, seconds, anEntry } = context;
    const app = await open();
    const first = simulator.requests.length;
    simulator.fault(() => true, html, Infinity);
    await app.create("logbook_entry", anEntry());
    for (let count = 2; count <= ATTEMPTS; count += 1) {
      const made = await attempts(context, first, count);
      if (waitsLonger(context, made, { than: seconds(LONG), enough: ATTEMPTS - 1, stalls })) return;
    }
    demandDuration(
      `of ${ATTEMPTS} pages for answers one is followed by a wait of ${LONG} s or more: a page is no valid answer, and no reason to count from 0 again`,
      false,
      waitsBetween(attemptsSince(simulator, first)).map((wait) => `${(wait / seconds(1)).toFixed(1)} s`),
    );
  }),
});

export const countsFromZeroAgain = clientCheck({
  id: "CLI-033/counts-from-zero-again",
  name: "after a request that was answered the next failure costs a second again, not half a minute",
  brokenBy: [faulty.neverCountsAnew],
  lasts: 900,
  async run({ open, simulator, seconds, anEntry, waitFor }) {
    const app = await open();
    const [short, long]: [number[], number[]] = [[], []];
    for (let failures = 1; failures <= 26 && short.length < 12 && long.length < 9; failures += 1) {
      const restore = simulator.fault(isWrite, loseRequest);
      const id = await app.create("logbook_entry", anEntry());
      await waitFor("an empty outbox", async () => (await app.pendingCount()) === 0);
      restore();
      const [wait] = waitsBetween(simulator.writesOf(id).map(({ seen }) => seen));
      // From the seventh on a client that counts them all may wait for half a minute: seldom less than 8 s.
      if (wait !== undefined && failures > 6) (wait < seconds(8) ? short : long).push(wait);
    }
    // A slow machine adds to some of them.
    demandDuration(
      "of twenty failures with a success between each two, most are followed by a wait of 2 s at most",
      short.length >= 12,
      [...short, ...long].map((wait) => `${(wait / seconds(1)).toFixed(1)} s`),
    );
  },
});

/** Timers may be a little early. */
const NEARLY = 0.95;

export const retryAfterOfAPush = clientCheck({
  id: "CLI-034/of-a-push",
  name: "a push that was told to come again later does not come earlier, whatever is written meanwhile",
  brokenBy: [
    faulty.ignoresRetryAfter,
    faulty.takesRetryAfterForMilliseconds,
    faulty.heedsRetryAfterOf429Alone,
    faulty.endsTheWaitForANewWrite,
  ],
  secondMs: 20,
  async run({ open, simulator, expect, anEntry, seconds, waitFor }) {
    const app = await open();
    const refusals = [
      ["RATE_LIMITED", 10],
      ["UNAVAILABLE", 15],
      ["IDEMPOTENCY_IN_FLIGHT", 12],
    ] as const;
    for (const [code, retryAfter] of refusals) {
      simulator.fault(isWrite, refusal(code, { retryAfter }));
      const id = await app.create("logbook_entry", anEntry());
      await waitFor(`an answer ${code}`, () => simulator.writesOf(id)[0]?.seen.endedAt);
      await app.create("logbook_entry", anEntry());
      await waitFor("an empty outbox", async () => (await app.pendingCount()) === 0);
      const [wait = 0] = waitsBetween(simulator.writesOf(id).map(({ seen }) => seen));
      expect.ok(
        `a push that was answered ${code} with Retry-After: ${retryAfter} comes again after ${retryAfter} s at the earliest`,
        wait >= seconds(retryAfter) * NEARLY,
        `after ${(wait / seconds(1)).toFixed(1)} s`,
      );
    }
  },
});

export const retryAfterOfAPull = clientCheck({
  id: "CLI-034/of-a-pull",
  name: "a pull that was told to come again in 50 seconds does not come earlier, as it would every 30 seconds",
  brokenBy: [faulty.ignoresRetryAfter, faulty.takesRetryAfterForMilliseconds, faulty.waitsHalfAMinuteAtMost],
  secondMs: 20,
  async run({ open, simulator, expect, seconds, waitFor }) {
    simulator.fault("pull", refusal("UNAVAILABLE", { retryAfter: 50 }));
    await open({ caughtUp: false });
    await waitFor("another pull", () => simulator.calls("pull")[1], { seconds: 120 });
    const [wait = 0] = waitsBetween(simulator.calls("pull"));
    expect.ok(
      "a pull that was answered 503 with Retry-After: 50 comes again after 50 s at the earliest",
      wait >= seconds(50) * NEARLY,
      `after ${(wait / seconds(1)).toFixed(1)} s`,
    );
  },
});
