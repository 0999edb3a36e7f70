import { clientCheck } from "../../client-check.ts";
import type { ClientContext } from "../../client-check.ts";
import type { App } from "../../clients/app.ts";
import { demandDuration, waitsBetween } from "../../clients/attempts.ts";
import { emptyOutbox, faultWrites, holdAnswers } from "../../clients/outbox.ts";
import { loseRequest } from "../../simulator/faults.ts";
import { isWrite } from "../../simulator/seen.ts";
import * as faulty from "./polling.mutants.ts";

/** An entry that another device writes, until the app shows it. */
async function learns(
  { other, anEntry, waitFor }: ClientContext,
  app: App,
  { when, within }: { when: string; within: number },
): Promise<void> {
  const entry = anEntry();
  await other.push({ entries: [entry] });
  await waitFor(
    `what another device wrote, in the app ${when}`,
    () => app.get("logbook_entry", entry["id"] as string),
    { seconds: within },
  );
}

/** Pulls that are closer than this belong to one poll. */
const A_POLL_S = 2;

/** So slow that half a minute is longer than what a slow machine is given: a pull that comes in time is not the timer's. */
const SLOW = 250;

export const atStart = clientCheck({
  id: "CLI-039/at-start",
  name: "a client without a socket pulls when it is started, the second time too",
  brokenBy: [faulty.pullsNotAtStart, faulty.pullsAtTheFirstStartOnly],
  secondMs: SLOW,
  async run({ open, other, anEntry, waitFor }) {
    const [first, second] = [anEntry(), anEntry()];
    await other.push({ entries: [first] });
    let app = await open({ caughtUp: false });
    const shows = async (what: string, { id }: typeof first): Promise<void> => {
      await waitFor(what, () => app.get("logbook_entry", id as string), { seconds: 1 });
    };
    await shows("what the server has, in the app after its start", first);
    await app.close();
    await other.push({ entries: [second] });
    app = await app.reopen({ caughtUp: false });
    await shows("what was written while the app was closed, after its next start", second);
  },
});

export const afterAFlush = clientCheck({
  id: "CLI-039/after-a-flush",
  name: "a client without a socket pulls after a flush",
  brokenBy: [faulty.pullsNotAfterAFlush],
  secondMs: SLOW,
  async run(context) {
    const { open, simulator, other, anEntry, waitFor } = context;
    const app = await open();
    const theirs = anEntry();
    // Written after whatever was pulled before the push, and before its answer.
    let written = false;
    const until = new Promise<void>((resolve) => {
      const stop = simulator.listen(() => {
        const held = simulator.calls("push", "batch").some(({ fate }) => fate === "held");
        if (!held || written) return;
        written = true;
        stop();
        void other.push({ entries: [theirs] }).then(() => resolve());
      });
    });
    simulator.fault(isWrite, { do: "delay-answer", until });
    await app.create("logbook_entry", anEntry());
    await waitFor(
      "what another device wrote during the flush, in the app after it",
      () => app.get("logbook_entry", theirs["id"] as string),
      { seconds: 1 },
    );
  },
});

export const whenTheNetworkIsBack = clientCheck({
  id: "CLI-039/when-the-network-is-back",
  name: "a client without a socket pulls when the platform says that the network is back",
  brokenBy: [faulty.pullsNotWhenTheNetworkIsBack],
  needs: ["verb:offline", "verb:online"],
  secondMs: SLOW,
  async run(context) {
    const { open, simulator, other, anEntry, waitFor } = context;
    const app = await open();
    simulator.cutNetwork();
    await app.offline();
    const theirs = anEntry();
    await other.push({ entries: [theirs] });
    simulator.restoreNetwork();
    await app.online();
    await waitFor(
      "what another device wrote while the network was away, in the app",
      () => app.get("logbook_entry", theirs["id"] as string),
      { seconds: 1 },
    );
  },
});

export const everyHalfMinute = clientCheck({
  id: "CLI-039/every-30-seconds",
  name: "a client without a socket learns of what others write within 30 seconds, again and again",
  brokenBy: [faulty.neverPolls, faulty.pollsOnce, faulty.pollsEveryHalfHour],
  secondMs: 6,
  lasts: 300,
  async run(context) {
    const app = await context.open();
    for (let round = 1; round <= 5; round += 1)
      await learns(context, app, { when: `of which nothing is asked, time ${round}`, within: 31 });
  },
});

export const whileAPushWaits = clientCheck({
  id: "CLI-039/while-a-push-waits",
  name: "a client without a socket learns of what others write while its own push hangs, and while it is tried again and again",
  brokenBy: [faulty.pullsWhenAllIsPushed, faulty.takesAPushThatFailedForNoNetwork],
  secondMs: 6,
  lasts: 300,
  async run(context) {
    const { open, simulator, anEntry, waitFor } = context;
    const app = await open();
    const answer = holdAnswers(simulator);
    const id = await app.create("logbook_entry", anEntry());
    await waitFor("a push", () => simulator.writesOf(id)[0]);
    for (const time of [1, 2])
      await learns(context, app, { when: `whose push has no answer yet, time ${time}`, within: 31 });
    answer();
    faultWrites(simulator, loseRequest);
    await app.create("logbook_entry", anEntry());
    for (const time of [1, 2])
      await learns(context, app, { when: `whose push is lost each time, time ${time}`, within: 31 });
    simulator.heal();
    await emptyOutbox(context, app);
  },
});

export const halfAMinuteApart = clientCheck({
  id: "CLI-039/half-a-minute-apart",
  name: "from one pull of a client that nobody uses to the next it is half a minute at most",
  brokenBy: [faulty.pollsEveryMinute, faulty.pollsSoonAndThenRarely],
  secondMs: 20,
  lasts: 400,
  async run({ open, simulator, seconds, waitFor }) {
    await open();
    // A poll may be several pulls; on a slow machine some come late, and of a client that polls in time not all of them do.
    const waits = (): number[] =>
      waitsBetween(simulator.calls("pull"))
        .filter((wait) => wait > seconds(A_POLL_S))
        // What follows soon after the start may belong to that.
        .slice(1);
    const inTime = (): boolean => waits().some((wait) => wait < seconds(45));
    const many = (): boolean => waits().length === 0 && simulator.calls("pull").length > 30;
    await waitFor("four pulls after those of the start", () => inTime() || many() || waits().length >= 4, {
      seconds: 380,
    });
    demandDuration(
      "of four pulls in a row one comes within 45 s of the one before",
      inTime() || many(),
      waits().map((wait) => `after ${(wait / seconds(1)).toFixed(0)} s`),
    );
  },
});

export const withoutItsSocket = clientCheck({
  id: "CLI-039/without-its-socket",
  name: "a client that wants a socket and cannot open one pulls every 30 seconds, before the first one and after the last",
  brokenBy: [faulty.neverPolls, faulty.reliesOnItsSocket, faulty.stopsPollingAfterItsFirstSocket],
  needs: ["realtime"],
  secondMs: 6,
  lasts: 300,
  async run(context) {
    const { open, simulator, waitFor } = context;
    simulator.failUpgrades("drop", 10_000);
    const app = await open({ realtime: true, caughtUp: false });
    for (const time of [1, 2])
      await learns(context, app, { when: `that never had a socket, time ${time}`, within: 31 });

    simulator.heal();
    await waitFor("a socket", () => simulator.open.some(({ received }) => received.length > 1));
    simulator.failUpgrades("drop", 10_000);
    simulator.socket!.cut();
    for (const time of [1, 2, 3])
      await learns(context, app, { when: `whose socket is gone, time ${time}`, within: 31 });
  },
});
