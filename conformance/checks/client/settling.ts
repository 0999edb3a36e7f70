import type { JsonObject } from "../../../schemas/json.ts";
import { clientCheck } from "../../client-check.ts";
import type { ClientContext } from "../../client-check.ts";
import type { App } from "../../clients/app.ts";
import {
  demandNews,
  keepsUp,
  pullsNothing,
  stampOf,
  withoutPulls,
  writing,
} from "../../clients/situations.ts";
import { loseAnswer, loseRequest } from "../../simulator/faults.ts";
import { idOf } from "../../simulator/seen.ts";
import { settled } from "../../clients/outbox.ts";
import * as faulty from "./settling.mutants.ts";

const iso = (ms: number): string => new Date(ms).toISOString();

export const showsTheWinner = clientCheck({
  id: "CLI-005/shows-the-winner",
  name: "when a write was superseded, the winner that its answer told is there in its place, without a pull",
  brokenBy: [faulty.keepsTheLoser, faulty.leavesItToTheNextPull],
  async run({ open, simulator, other, expect, anEntry, at, waitFor }) {
    const app = await open();
    const [edited, deleted] = [anEntry(), anEntry()];
    const ids = [];
    for (const entry of [edited, deleted]) ids.push(await app.create("logbook_entry", entry));
    const [first, second] = ids as [string, string];
    await waitFor("an empty outbox", settled(app));
    withoutPulls(simulator);
    // Two winners that the client hears of by its answers alone: an edit and a deletion.
    const later = at(60_000);
    await other.push({
      entries: [
        { ...edited, id: first, notes: "the winner", updatedAt: later },
        { id: second, deletedAt: later },
      ],
    });
    await app.update("logbook_entry", first, { notes: "the loser" });
    await app.update("logbook_entry", second, { notes: "another loser" });
    await waitFor("an empty outbox", settled(app));
    expect.equal(
      `notes of ${first}, whose edit was superseded`,
      (await app.get("logbook_entry", first))?.["notes"],
      "the winner",
    );
    expect.equal(
      `the list's entries of ${second}, whose edit was superseded by a deletion`,
      (await app.list("logbook_entry")).filter(({ id }) => id === second),
      [],
    );
  },
});

export const lateAnswer = clientCheck({
  id: "CLI-005/late-answer",
  name: "an answer that comes after newer state, as a repeated request's does, changes nothing that is newer",
  secondMs: 10,
  brokenBy: [faulty.answersWin],
  async run(context) {
    const { open, simulator, other, expect, anEntry, waitFor } = context;
    const app = await open();
    simulator.fault(writing(), loseAnswer);
    const letThrough = simulator.fault(writing(), loseRequest, Infinity);
    const entry = anEntry({ notes: "older" });
    const id = await app.create("logbook_entry", entry);
    const first = await waitFor("a first attempt", () =>
      simulator.writesOf(id).find(({ seen }) => seen.endedAt),
    );
    const updatedAt = iso(stampOf(first.sent) + 1);
    await other.push({ entries: [{ ...first.sent.item, notes: "newer", updatedAt }] });
    if (!(await keepsUp(context, app))) pullsNothing(context);
    letThrough();
    await waitFor("an empty outbox", settled(app));
    await demandNews(context, app);
    expect.equal(
      `notes of ${id}: the answer to its first write came after another device's later edit`,
      (await app.get("logbook_entry", id))?.["notes"],
      "newer",
    );
  },
});

export const noGap = clientCheck({
  id: "CLI-005/no-gap",
  name: "an entry is in the list at every moment from its creation on, also when it leaves the outbox",
  brokenBy: [faulty.storesAnswersLater, faulty.leavesItToTheNextPull],
  async run({ open, simulator, expect, anEntry, waitFor }) {
    const app = await open();
    withoutPulls(simulator);
    const id = await app.create("logbook_entry", anEntry());
    await waitFor("an empty outbox", async () => {
      const done = await settled(app)();
      const there = (await app.get("logbook_entry", id)) !== undefined;
      expect.ok(
        `${id} is in the list ${done ? "when its write is acknowledged" : "while its write waits"}`,
        there,
      );
      return done;
    });
  },
});

export const killedAfterAnAnswer = clientCheck({
  id: "CLI-005/killed-after-an-answer",
  name: "a client that is killed right after entries left its outbox has them, without a network",
  brokenBy: [faulty.storesAnswersLater, faulty.storesAnswersWhenIdle],
  needs: ["kill"],
  async run({ open, simulator, expect, anEntry, waitFor }) {
    let app = await open();
    const ids: string[] = [];
    for (let round = 0; round < 3; round += 1) {
      const bringBack = withoutPulls(simulator);
      for (let n = 0; n < 2; n += 1) ids.push(await app.create("logbook_entry", anEntry()));
      await waitFor("an empty outbox", settled(app));
      await app.kill();
      bringBack();
      simulator.cutNetwork();
      app = await app.reopen({ caughtUp: false });
      const there = (await app.list("logbook_entry")).map((item) => idOf("logbook_entry", item));
      expect.equal(
        "entries after the kill, of those that were acknowledged",
        there.toSorted(),
        ids.toSorted(),
      );
      simulator.restoreNetwork();
    }
  },
});

export const takesTheStoredItem = clientCheck({
  id: "CLI-005/takes-the-stored-item",
  name: "where the server stores a write in another form, the client has that form with the answer",
  brokenBy: [faulty.ignoresWhatWasNormalised, faulty.keepsTheLoser],
  async run({ open, simulator, expect, anEntry, waitFor }) {
    const app = await open();
    withoutPulls(simulator);
    const id = await app.create("logbook_entry", anEntry({ instrument: "Piano" }));
    await waitFor("an empty outbox", settled(app));
    expect.equal(
      `instrument of ${id}, as it is stored`,
      (await app.get("logbook_entry", id))?.["instrument"],
      "piano",
    );
  },
});

/** Another device writes at the very time of a write, with whatever content the server takes for the greater. */
async function outbid({ other, unique }: ClientContext, item: JsonObject): Promise<void> {
  for (let tries = 0; tries < 40; tries += 1) {
    const { body } = await other.push({ goals: [{ ...item, title: unique("rival") }] });
    if (body.results[0]?.outcome === "applied") return;
  }
}

async function demandServersTitles({ other, expect }: ClientContext, app: App, ids: string[]): Promise<void> {
  const shown = new Map((await app.list("goal")).map((item) => [idOf("goal", item), item["title"]]));
  const stored = await other.pullAll();
  for (const id of ids)
    expect.equal(
      `title of ${id}, of which two writes have the same time: the one with the greater checksum, by the meta of each, stays`,
      shown.get(id) ?? "not in the list",
      expect.live(stored, id).item["title"],
    );
}

export const checksumsOfTheServer = clientCheck({
  id: "CLI-006/checksums-of-the-server",
  name: "of two writes of one moment the client keeps the one that the server keeps, whichever it hears of first",
  secondMs: 10,
  brokenBy: [faulty.computesChecksumsItself, faulty.keepsWhatItHasOnATie, faulty.takesWhatComesLaterOnATie],
  async run(context) {
    const { open, simulator, aGoal, waitFor, inconclusive } = context;
    const app = await open();
    simulator.fault(writing(), loseAnswer);
    const letThrough = simulator.fault(writing(), loseRequest, Infinity);
    const ids: string[] = [];
    for (let n = 0; n < 16; n += 1) ids.push(await app.create("goal", aGoal()));
    const { seen } = await waitFor("a push that arrives", () =>
      ids.flatMap((id) => simulator.writesOf(id)).find((one) => one.seen.answer),
    );
    const arrived = ids.flatMap((id) => simulator.writesOf(id).filter((one) => one.seen === seen));
    for (const { sent } of arrived) await outbid(context, sent.item);
    if (!(await keepsUp(context, app, { type: "goal" }))) pullsNothing(context);
    // First the greater one by a pull, then the lesser one by the answer to the push.
    letThrough();
    await waitFor("an empty outbox", settled(app));
    const names = arrived.map(({ sent }) => sent.id);
    await demandServersTitles(context, app, names);
    // And then a still greater one.
    for (const { sent } of arrived) await outbid(context, sent.item);
    if (!(await keepsUp(context, app, { type: "goal" }))) inconclusive("the client does not pull");
    await demandServersTitles(context, app, names);
  },
});

export const belowItsEqual = clientCheck({
  id: "CLI-007/below-its-equal",
  name: "a write that waits is shown below another device's of the same moment, but a deletion above an edit",
  secondMs: 10,
  brokenBy: [
    faulty.localWinsTies,
    faulty.guessesItsChecksum,
    faulty.showsItsOwnWhateverComes,
    faulty.comparesTimesAlone,
  ],
  async run(context) {
    const { open, simulator, other, expect, aGoal, waitFor } = context;
    const app = await open();
    const removed = await app.create("goal", aGoal());
    await waitFor("an empty outbox", settled(app));
    const letThrough = simulator.fault(writing(), loseRequest, Infinity);
    await app.delete("goal", removed);
    const gone = await app.create("goal", aGoal());
    const ids: string[] = [];
    for (let n = 0; n < 8; n += 1) ids.push(await app.create("goal", aGoal()));
    const attempt = await waitFor("a first attempt", () =>
      simulator.calls("push", "batch").find((seen) => seen.fate === "lost"),
    );
    const sentOf = (id: string) => simulator.writesOf(id).find(({ seen }) => seen.n >= attempt.n)?.sent;
    const rivals = new Map<string, string>();
    for (const id of ids) {
      const sent = sentOf(id);
      if (sent === undefined) continue;
      rivals.set(id, `rival of ${id}`);
      await other.push({ goals: [{ ...sent.item, title: rivals.get(id)! }] });
    }
    const [goneSent, removedSent] = [sentOf(gone), sentOf(removed)];
    if (goneSent) await other.push({ goals: [{ id: gone, deletedAt: iso(stampOf(goneSent)) }] });
    if (removedSent)
      await other.push({ goals: [aGoal({ id: removed, updatedAt: iso(stampOf(removedSent)) })] });
    if (!(await keepsUp(context, app, { type: "goal" }))) pullsNothing(context);
    const shown = new Map((await app.list("goal")).map((item) => [idOf("goal", item), item["title"]]));
    for (const [id, title] of rivals)
      expect.equal(
        `title of ${id}, which waits, and which another device has written at the same moment`,
        shown.get(id) ?? "not in the list",
        title,
      );
    if (goneSent)
      expect.ok(
        `${gone}, which waits, and which another device deleted at the same moment, is not shown`,
        !shown.has(gone),
      );
    if (removedSent)
      expect.ok(
        `${removed}, whose deletion waits, is not shown for another device's edit of the same moment`,
        !shown.has(removed),
      );
    letThrough();
    await waitFor("an empty outbox", settled(app));
    await demandServersTitles(context, app, [...rivals.keys()]);
  },
});
