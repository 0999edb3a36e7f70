import { ENTITY_TYPES } from "../../../schemas/collections.ts";
import type { JsonObject } from "../../../schemas/json.ts";
import { clientCheck } from "../../client-check.ts";
import { isWrite, itemsOf } from "../../simulator/seen.ts";
import { carriedByASocket, distinctWrites, emptyOutbox, has } from "../../clients/outbox.ts";
import * as faulty from "./flushing.mutants.ts";

export const entriesAtOnce = clientCheck({
  id: "CLI-026/an-entry-goes-out-within-100-ms",
  name: "a logbook entry goes out by itself within 100 ms of the first that waits, also while more are written all the time",
  brokenBy: [faulty.sendsEntriesWithTheRest, faulty.waitsForQuiet, faulty.sendsWhenItPulls],
  // Thirty seconds are more than what a slow machine is granted.
  secondMs: 200,
  async run(context) {
    const { open, simulator, anEntry, waitFor } = context;
    const app = await open();
    const first = await app.create("logbook_entry", anEntry());
    await waitFor(
      `the entry ${first}, sent within 100 ms`,
      async () => {
        if (simulator.writesOf(first).length > 0) return true;
        await app.create("logbook_entry", anEntry());
        return false;
      },
      { seconds: 0.1 },
    );
    await emptyOutbox(context, app);
  },
});

export const othersInTime = clientCheck({
  id: "CLI-026/other-types-go-out-within-30-s",
  name: "new items, edits and deletions of other types go out by themselves within 30 seconds",
  brokenBy: [faulty.sendsOthersWithEntriesAlone, faulty.sendsDeletionsWithEntriesAlone],
  secondMs: 20,
  async run(context) {
    const { open, simulator, other, expect, anItem, aGoal, waitFor } = context;
    const [edited, deleted] = [aGoal(), aGoal()];
    await other.push({ goals: [edited, deleted] });
    const app = await open();
    await has(context, app, "goal", edited["id"], deleted["id"]);
    const others = ENTITY_TYPES.filter((type) => type !== "logbook_entry");
    const ids = [String(edited["id"]), String(deleted["id"])];
    await app.update("goal", ids[0]!, { title: "edited" });
    await app.delete("goal", ids[1]!);
    for (const type of others) ids.push(await app.create(type, anItem(type)));
    const waiting = (): string[] => ids.filter((id) => simulator.writesOf(id).length === 0);
    await waitFor(
      `the edit of the goal ${ids[0]}, the deletion of the goal ${ids[1]}, and a new item of each type but logbook_entry, sent within 30 s`,
      () => waiting().length === 0,
      { seconds: 30 },
    );
    await emptyOutbox(context, app);
    const title = expect.live(await other.pullAll(), ids[0]!).item["title"];
    expect.equal("title that the server has", title, "edited");
  },
});

export const editedAllTheWhile = clientCheck({
  id: "CLI-026/edited-all-the-while",
  name: "an entry and a goal that are edited all the while go out in time: they wait from their first edit on, not from the latest",
  brokenBy: [faulty.waitsForTheEndOfTyping],
  secondMs: 20,
  async run(context) {
    const { open, simulator, other, expect, anEntry, aGoal, unique, waitFor } = context;
    const app = await open();
    const entry = await app.create("logbook_entry", anEntry());
    const goal = await app.create("goal", aGoal());
    let last = "";
    const unsent = (): string[] => [entry, goal].filter((id) => simulator.writesOf(id).length === 0);
    await waitFor(
      `the entry ${entry} and the goal ${goal}, which their user goes on editing, sent within 30 s`,
      async () => {
        if (unsent().length === 0) return true;
        last = unique("typed");
        await app.update("logbook_entry", entry, { notes: last });
        await app.update("goal", goal, { title: last });
        return false;
      },
      { seconds: 30 },
    );
    await emptyOutbox(context, app);
    const pulled = await other.pullAll();
    expect.equal("notes that the server has", expect.live(pulled, entry).item["notes"], last);
    expect.equal("title that the server has", expect.live(pulled, goal).item["title"], last);
  },
});

export const withTheFlush = clientCheck({
  id: "CLI-026/other-types-with-an-entry",
  name: "what waits of other types goes out with the flush of a logbook entry, or by itself within 30 seconds, and nothing is left behind",
  brokenBy: [faulty.leavesOthersBehind],
  secondMs: 20,
  async run(context) {
    const { open, simulator, anEntry, aGoal, aPiece, waitFor } = context;
    const app = await open();
    const ids = [
      await app.create("goal", aGoal()),
      await app.create("repertoire_item", aPiece()),
      await app.create("logbook_entry", anEntry()),
      // These come after the entry that began the flush.
      await app.create("goal", aGoal()),
      await app.create("repertoire_item", aPiece()),
    ];
    await waitFor(
      "goals and repertoire, sent with the entry or within 30 s",
      () => ids.every((id) => simulator.writesOf(id).length > 0),
      { seconds: 30 },
    );
    await emptyOutbox(context, app);
  },
});

const FIFTY = 50;

export const fiftyItems = clientCheck({
  id: "CLI-026/fifty-items-at-most",
  name: "no push or batch has more than 50 items, of all types together, however many wait",
  brokenBy: [faulty.sendsAllAtOnce, faulty.sendsFiftyOfEachType],
  secondMs: 20,
  async run(context) {
    const { open, simulator, other, expect, anEntry, aGoal } = context;
    const app = await open();
    simulator.cutNetwork();
    const ids = [];
    for (let n = 0; n < FIFTY + 10; n += 1) {
      ids.push(await app.create("logbook_entry", anEntry()));
      ids.push(await app.create("goal", aGoal()));
    }
    simulator.restoreNetwork();
    await emptyOutbox(context, app);
    for (const seen of simulator.requests.filter(isWrite)) {
      const { length } = itemsOf(seen);
      expect.ok(`request ${seen.n} has ${FIFTY} items at most`, length <= FIFTY, `${length} items`);
    }
    const pulled = await other.pullAll();
    const missing = ids.filter((id) => !pulled.find(id));
    expect.equal("items that never arrived", missing, []);
  },
});

/** The item that a frame carries, and the stamp that it has there. */
function stampOf(frame: JsonObject, id: string): unknown {
  const items = Object.values(frame).flatMap((value) => (Array.isArray(value) ? value : [value]));
  const item = items.find((one) => (one as JsonObject | null)?.["id"] === id) as JsonObject | undefined;
  return item?.["updatedAt"] ?? frame["timestamp"];
}

export const byHttpInTheEnd = clientCheck({
  id: "CLI-027/by-http-when-no-acknowledgement-comes",
  name: "what a socket carried and nobody acknowledged is sent by HTTP within 5 seconds, as the same change with the same stamp",
  brokenBy: [
    faulty.waitsForTheSocket,
    faulty.fallsBackAfterHalfAMinute,
    faulty.restampsForHttp,
    faulty.sendsACopyByHttp,
  ],
  needs: ["realtime", "socketMutations"],
  secondMs: 200,
  async run(context) {
    const { open, simulator, other, expect, waitFor } = context;
    const app = await open({ realtime: true });
    const { id, notes, socket, frame, release } = await carriedByASocket(context, app);
    const byHttp = await waitFor(
      `the change ${id}, which the socket carried, by HTTP within 5 s`,
      () => {
        const items = simulator.requests.filter(isWrite).flatMap(itemsOf);
        const copy = items.find(({ item }) => item["notes"] === notes);
        if (copy) expect.equal("id of the same entry, sent by HTTP", copy.id, id);
        return simulator.writesOf(id)[0];
      },
      { seconds: 5 },
    );
    const stamp = stampOf(frame.message!, id);
    expect.equal(
      `stamp in request ${byHttp.seen.n} of what the socket carried`,
      Date.parse(String(byHttp.sent.item["updatedAt"])),
      Date.parse(String(stamp)),
    );
    expect.equal("notes that are sent by HTTP", byHttp.sent.item["notes"], notes);

    release();
    await emptyOutbox(context, app);
    socket.release();
    await has(context, app, "logbook_entry", id);
    const { version } = expect.live(await other.pullAll(), id).meta;
    expect.equal(`version of ${id} on the server: both ways brought one write`, version, 1);
    expect.equal("dead letters", await app.deadLetters(), []);
  },
});

export const editedMeanwhile = clientCheck({
  id: "CLI-027/edited-before-http-carries-it",
  name: "an edit made before HTTP carries what a socket did goes out after it, as a change of its own",
  brokenBy: [faulty.sendsTheEditInItsPlace, faulty.restampsForHttp],
  needs: ["realtime", "socketMutations"],
  async run(context) {
    const { open, simulator, other, expect, waitFor } = context;
    const app = await open({ realtime: true });
    const { id, notes, socket, frame, release } = await carriedByASocket(context, app);
    await app.update("logbook_entry", id, { notes: "edited" });
    const first = await waitFor(`${id} by HTTP`, () => simulator.writesOf(id)[0]);
    const stamp = Date.parse(String(stampOf(frame.message!, id)));
    const what = `what request ${first.seen.n} carries first by HTTP of ${id}`;
    const { notes: words, updatedAt } = first.sent.item;
    expect.equal(what, { notes: words, at: Date.parse(String(updatedAt)) }, { notes, at: stamp });
    release();
    socket.release();
    await emptyOutbox(context, app);
    expect.equal("notes that the server has", expect.live(await other.pullAll(), id).item["notes"], "edited");
    const stamps = distinctWrites(simulator, id).map(({ sent }) =>
      Date.parse(String(sent.item["updatedAt"])),
    );
    expect.ok("an entity's stamps ascend in the order of its writes", isAscending(stamps), stamps);
  },
});

const isAscending = (values: readonly number[]): boolean =>
  values.every((value, index) => index === 0 || values[index - 1]! <= value);

export const cutWhileItCarries = clientCheck({
  id: "CLI-027/the-socket-breaks",
  name: "what a socket carried when it broke is pending still, and sent again with the same stamp",
  brokenBy: [faulty.forgetsWhatTheSocketCarried, faulty.restampsForHttp],
  needs: ["realtime", "socketMutations"],
  async run(context) {
    const { open, simulator, other, expect, waitFor } = context;
    const app = await open({ realtime: true });
    const { id, socket, frame, release } = await carriedByASocket(context, app);
    socket.cut();
    const again = await waitFor(`${id}, sent again`, async () => {
      const pending = (await app.pending()).some((one) => one.id === id);
      const [write] = simulator.writesOf(id);
      if (write) return { via: `request ${write.seen.n}`, stamp: write.sent.item["updatedAt"] };
      const repeated = simulator.frames.find(
        ({ n, from, text }) => n > frame.n && from === "client" && text.includes(id),
      );
      if (repeated) return { via: "another socket", stamp: stampOf(repeated.message!, id) };
      // Nobody has told it anything, so it can't be done.
      if (simulator.writesOf(id).length === 0) expect.ok(`${id} is pending after its socket broke`, pending);
      return false;
    });
    expect.equal(
      `stamp of ${id} as ${again.via} carries it again`,
      Date.parse(String(again.stamp)),
      Date.parse(String(stampOf(frame.message!, id))),
    );
    release();
    await emptyOutbox(context, app);
    expect.equal("version on the server", expect.live(await other.pullAll(), id).meta.version, 1);
  },
});
