import { clientCheck } from "../../client-check.ts";
import type { ClientCheck, ClientContext } from "../../client-check.ts";
import { keepsUp, lastSeen, pullsNothing, stampOf, withoutPulls, writing } from "../../clients/situations.ts";
import { loseRequest } from "../../simulator/faults.ts";
import type { ClientMutant } from "../../model-client/mutant.ts";
import * as faulty from "./stamps.mutants.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Within what a server allows, and more than any measuring is wrong by. */
const AHEAD = 4 * MINUTE;

const iso = (ms: number): string => new Date(ms).toISOString();
const length = (ms: number): string =>
  `${Math.abs(Math.round(ms / MINUTE))} min ${ms < 0 ? "behind" : "ahead"}`;

/** A device whose clock is far from the server's. The first write may teach it; from then on it knows. */
function correctedClock(
  { slug, name, clockMs }: { slug: string; name: string; clockMs: number },
  brokenBy: readonly ClientMutant[],
): ClientCheck {
  return clientCheck({
    id: `CLI-002/${slug}`,
    name,
    secondMs: 20,
    // Behind from the start: what the client saw of a clock set back later would be ahead of it.
    ...(clockMs < 0 ? { server: { clockMs } } : {}),
    brokenBy,
    async run({ open, simulator, expect, anEntry, waitFor }) {
      let app = await open();
      if (clockMs > 0) {
        // It has seen by the old clock that nothing is there; what it creates is later than that in any case.
        await app.close();
        simulator.model.advanceClock(clockMs);
        app = await app.reopen();
      }
      await app.create("logbook_entry", anEntry());
      await waitFor("an empty outbox", async () => (await app.pendingCount()) === 0);
      const id = await app.create("logbook_entry", anEntry());
      const { seen, sent } = await waitFor("the second entry", () => simulator.writesOf(id)[0]);
      const distance = stampOf(sent) - simulator.model.now();
      expect.ok(
        `the stamp of ${id} in request ${seen.n} is near the server's clock, which is ${length(clockMs)} of the device's: stamps are made by the clock corrected by the measured offset`,
        Math.abs(distance) < 10 * MINUTE,
        `${iso(stampOf(sent))}, ${length(distance)} of the server's clock`,
      );
    },
  });
}

export const slowClock = correctedClock(
  { slug: "slow-clock", name: "a device whose clock is an hour slow stamps by the server's", clockMs: HOUR },
  [faulty.stampsByItsOwnClock, faulty.correctsTheWrongWay, faulty.measuresWhenItIsRefused],
);

export const fastClock = correctedClock(
  { slug: "fast-clock", name: "a device whose clock is an hour fast stamps by the server's", clockMs: -HOUR },
  [faulty.stampsByItsOwnClock, faulty.correctsTheWrongWay],
);

/** The first write of an entity that was made now is stamped later than what its user saw. */
async function demandLater(
  { simulator, expect, waitFor }: ClientContext,
  { id, made, than, what }: { id: string; made: number; than: number; what: string },
): Promise<void> {
  const { seen, sent } = await waitFor(`a request with the edit of ${id}`, () =>
    simulator.writesOf(id).find((write) => write.seen.n > made),
  );
  expect.ok(
    `the stamp of ${id} in request ${seen.n} is later than that of ${what}, ${iso(than)}`,
    stampOf(sent) > than,
    iso(stampOf(sent)),
  );
}

export const onTopOfWhatWasSeen = clientCheck({
  id: "CLI-002/on-top-of-what-was-seen",
  name: "an edit and a deletion are stamped later than what their user saw, though that was stamped by a clock that is fast",
  secondMs: 10,
  brokenBy: [faulty.stampsWhatItSawByTheClock, faulty.stampsDeletionsByTheClock, faulty.stampsLikeWhatItSaw],
  async run(context) {
    const { open, simulator, other, expect, anEntry, at, waitFor } = context;
    const app = await open();
    const seen = at(AHEAD);
    const [edited, deleted] = [anEntry({ updatedAt: seen }), anEntry({ updatedAt: seen })];
    await other.push({ entries: [edited, deleted] });
    const ids = [String(edited["id"]), String(deleted["id"])] as const;
    for (const id of ids) await waitFor(`${id} in the list`, () => app.get("logbook_entry", id));

    const made = lastSeen(simulator);
    await app.update("logbook_entry", ids[0], { notes: "on top" });
    await app.delete("logbook_entry", ids[1]);
    for (const id of ids)
      await demandLater(context, { id, made, than: Date.parse(seen), what: "what the user saw" });
    await waitFor("an empty outbox", async () => (await app.pendingCount()) === 0);
    const stored = await other.pullAll();
    expect.equal("notes on the server", expect.live(stored, ids[0]).item["notes"], "on top");
    expect.ok(
      `${ids[1]} is deleted on the server`,
      !stored.final.some(({ meta }) => meta.entityId === ids[1] && meta.deletedAt === null),
    );
  },
});

export const onTopOfAWinner = clientCheck({
  id: "CLI-002/on-top-of-a-winner",
  name: "the edit after one that was superseded is stamped later than the winner, which only the answer told",
  brokenBy: [faulty.learnsFromPullsOnly],
  async run(context) {
    const { open, simulator, other, anEntry, at, waitFor, inconclusive } = context;
    const app = await open();
    const entry = anEntry();
    const id = await app.create("logbook_entry", entry);
    await waitFor("an empty outbox", async () => (await app.pendingCount()) === 0);
    const bringBack = withoutPulls(simulator);
    const winner = at(AHEAD);
    await other.push({ entries: [{ ...entry, id, notes: "the winner", updatedAt: winner }] });
    await app.update("logbook_entry", id, { notes: "too early" });
    await waitFor("an empty outbox", async () => (await app.pendingCount()) === 0);
    if ((await app.get("logbook_entry", id))?.["notes"] !== "the winner")
      inconclusive("the client does not show the winner that its answer told (CLI-005)");
    const made = lastSeen(simulator);
    await app.update("logbook_entry", id, { notes: "on top" });
    bringBack();
    await demandLater(context, { id, made, than: Date.parse(winner), what: "the winner" });
  },
});

export const onTopOfAnEvent = clientCheck({
  id: "CLI-002/on-top-of-an-event",
  name: "an edit is stamped later than what a live event told",
  brokenBy: [faulty.learnsNothingFromEvents],
  needs: ["realtime"],
  async run(context) {
    const { open, simulator, other, anEntry, at, waitFor } = context;
    const app = await open({ realtime: true });
    const seen = at(AHEAD);
    const entry = anEntry({ updatedAt: seen });
    const id = String(entry["id"]);
    await other.push({ entries: [entry] });
    await waitFor(`${id} in the list`, () => app.get("logbook_entry", id));
    // The edit shall go over HTTP, and no pull tell it the stamp before.
    withoutPulls(simulator);
    simulator.failUpgrades("drop", Infinity);
    simulator.socket!.cut();
    const made = lastSeen(simulator);
    await app.update("logbook_entry", id, { notes: "on top" });
    await demandLater(context, { id, made, than: Date.parse(seen), what: "what the event told" });
  },
});

export const onTopOfWhatIsUnderWay = clientCheck({
  id: "CLI-002/on-top-of-what-is-under-way",
  name: "an edit is stamped later than the one of its entity that was sent and has no answer, though the clock was set back in between",
  secondMs: 10,
  brokenBy: [faulty.forgetsWhatIsUnderWay],
  async run(context) {
    const { open, simulator, other, expect, anEntry, waitFor, inconclusive } = context;
    const app = await open();
    // The server's clock is wrong for a while, and with it what the client measures.
    simulator.model.advanceClock(AHEAD);
    if (!(await keepsUp(context, app))) inconclusive("the client does not pull");
    const bringBack = simulator.fault(writing(), loseRequest, Infinity);
    const id = await app.create("logbook_entry", anEntry({ notes: "first" }));
    const first = await waitFor("a request with the entry", () => simulator.writesOf(id)[0]);
    simulator.model.advanceClock(-AHEAD);
    if (!(await keepsUp(context, app))) pullsNothing(context);
    await app.update("logbook_entry", id, { notes: "second" });
    bringBack();
    await waitFor("an empty outbox", async () => (await app.pendingCount()) === 0);
    const second = simulator.writesOf(id).find(({ sent }) => sent.item["notes"] === "second");
    expect.ok(`the second edit of ${id} was sent`, second !== undefined, "the first alone");
    expect.ok(
      `the stamp of the second edit of ${id}, in request ${second!.seen.n}, is later than that of the first, in request ${first.seen.n}, which has no answer: ${iso(stampOf(first.sent))}`,
      stampOf(second!.sent) > stampOf(first.sent),
      iso(stampOf(second!.sent)),
    );
    expect.equal("notes on the server", expect.live(await other.pull(), id).item["notes"], "second");
  },
});

export const onTopOfAbsence = clientCheck({
  id: "CLI-002/on-top-of-absence",
  name: "what a full pull did not bring is stamped later than that pull when it is created: it may have been deleted",
  secondMs: 10,
  brokenBy: [faulty.takesAbsenceForNothing],
  async run(context) {
    const { open, simulator, other, expect, aPiece, waitFor, inconclusive } = context;
    simulator.model.advanceClock(AHEAD);
    const now = simulator.model.now();
    const piece = aPiece({ updatedAt: iso(now - 2_000) });
    const scoreId = String(piece["scoreId"]);
    await other.push({ repertoire: [piece] });
    const deletedAt = now - 1_000;
    await other.push({ repertoire: [{ scoreId, deletedAt: iso(deletedAt) }] });
    const app = await open();
    // The server's clock is set right, and the client learns that.
    simulator.model.advanceClock(-AHEAD);
    if (!(await keepsUp(context, app))) inconclusive("the client does not pull");
    const made = lastSeen(simulator);
    const { updatedAt: _, ...again } = piece;
    await app.create("repertoire_item", again);
    await demandLater(context, {
      id: scoreId,
      made,
      than: deletedAt,
      what: "the deletion that its full pull left out; it was answered after that",
    });
    await waitFor("an empty outbox", async () => (await app.pendingCount()) === 0);
    expect.live(await other.pull(), scoreId);
  },
});
