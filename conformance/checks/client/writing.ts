import type { JsonObject } from "../../../schemas/json.ts";
import { clientCheck } from "../../client-check.ts";
import {
  distinctWrites,
  emptyOutbox,
  has,
  holdAnswers,
  pendingIds,
  sendsAnother,
} from "../../clients/outbox.ts";
import * as faulty from "./writing.mutants.ts";

export const seenAtOnce = clientCheck({
  id: "CLI-015/seen-at-once-without-a-network",
  name: "what is written without a network is there at once, and waits to be sent",
  brokenBy: [faulty.refusesWritesOffline, faulty.showsWhatTheServerHas],
  async run(context) {
    const { open, simulator, expect, anEntry } = context;
    const app = await open();
    simulator.cutNetwork();
    const id = await app.accepts(
      "a create without a network",
      app.create("logbook_entry", anEntry({ notes: "offline" })),
    );
    expect.equal("notes of the new entry", (await app.get("logbook_entry", id))?.["notes"], "offline");
    await app.accepts("an update without a network", app.update("logbook_entry", id, { notes: "edited" }));
    expect.equal("notes after the edit", (await app.get("logbook_entry", id))?.["notes"], "edited");
    expect.equal("entities that are pending", await pendingIds(app), [id]);

    simulator.restoreNetwork();
    await emptyOutbox(context, app);
    expect.equal("notes that were sent last", simulator.writesOf(id).at(-1)?.sent.item["notes"], "edited");
  },
});

export const editsAndDeletionsAtOnce = clientCheck({
  id: "CLI-015/edits-and-deletions-at-once",
  name: "an edit and a deletion of what the server has show at once, of every type, not when they are acknowledged",
  brokenBy: [
    faulty.showsWhatTheServerHas,
    faulty.showsEditsWhenAcknowledged,
    faulty.showsDeletedItemsUntilAcknowledged,
  ],
  async run(context) {
    const { open, simulator, expect, other, anEntry, aGoal, aPiece } = context;
    const [entries, goals, pieces] = [
      [anEntry(), anEntry()],
      [aGoal(), aGoal()],
      [aPiece(), aPiece()],
    ];
    await other.push({ entries, goals, repertoire: pieces });
    const app = await open();
    await has(context, app, "repertoire_item", ...pieces.map(({ scoreId }) => scoreId));
    simulator.cutNetwork();

    const all = [
      ["logbook_entry", entries.map(({ id }) => id), { notes: "edited" }],
      ["goal", goals.map(({ id }) => id), { title: "edited" }],
      ["repertoire_item", pieces.map(({ scoreId }) => scoreId), { title: "edited" }],
    ] as const;
    for (const [type, [kept, gone], patch] of all) {
      const [member] = Object.keys(patch) as [string];
      await app.accepts(`an edit of a ${type}`, app.update(type, String(kept), patch));
      expect.equal(
        `${member} of the edited ${type}`,
        (await app.get(type, String(kept)))?.[member],
        "edited",
      );
      await app.accepts(`a deletion of a ${type}`, app.delete(type, String(gone)));
      const left = await app.get(type, String(gone));
      expect.ok(`the deleted ${type} ${String(gone)} is not listed`, left === undefined, left);
    }
  },
});

export const survivesAKill = clientCheck({
  id: "CLI-015/survives-a-kill",
  name: "writes whose calls resolved are not lost when the client is killed right after: new items, edits, deletions",
  brokenBy: [faulty.keepsTheOutboxInMemory, faulty.keepsDeletionsInMemory, faulty.storesWritesALittleLater],
  needs: ["kill"],
  async run(context) {
    const { open, simulator, other, expect, aGoal, anEntry } = context;
    const [edited, deleted] = [anEntry(), anEntry()].map((entry) => ({ ...entry, id: String(entry["id"]) }));
    await other.push({ entries: [edited!, deleted!] });
    const app = await open();
    await has(context, app, "logbook_entry", edited!.id, deleted!.id);
    simulator.cutNetwork();
    await app.update("logbook_entry", edited!.id, { notes: "edited" });
    await app.delete("logbook_entry", deleted!.id);
    const ids = [];
    for (let n = 0; n < 5; n += 1) ids.push(await app.create("goal", aGoal()));
    await app.kill();

    const again = await app.reopen({ caughtUp: false });
    const there = (await again.list("goal")).map(({ id }) => id);
    expect.equal("goals after the kill", there.toSorted(), ids.toSorted());
    const notes = (await again.get("logbook_entry", edited!.id))?.["notes"];
    expect.equal("notes of the edited entry after the kill", notes, "edited");
    const left = await again.get("logbook_entry", deleted!.id);
    expect.ok(`the deleted entry ${deleted!.id} is not back after the kill`, left === undefined, left);

    simulator.restoreNetwork();
    await emptyOutbox(context, again);
    const pulled = await other.pullAll();
    for (const id of ids) expect.live(pulled, id, "goal");
    expect.absent(pulled, deleted!.id);
    expect.equal("notes that the server has", expect.live(pulled, edited!.id).item["notes"], "edited");
  },
});

export const nothingChanged = clientCheck({
  id: "CLI-016/nothing-changed",
  name: "an edit that changes nothing queues nothing: equal values, equal lists and objects, no members at all",
  brokenBy: [faulty.queuesEveryEdit, faulty.comparesByReference, faulty.comparesTexts],
  async run(context) {
    const { open, simulator, other, expect, aPlan } = context;
    const schedule = { kind: "recurring", rule: "FREQ=WEEKLY;BYDAY=MO", durationMinutes: 30 };
    const plan = aPlan({ title: "Scales", schedule, tags: ["a", "b"] });
    const id = String(plan["id"]);
    await other.push({ practicePlans: [plan] });
    const app = await open();
    await has(context, app, "practice_plan", id);

    const same = { durationMinutes: 30, kind: "recurring", rule: "FREQ=WEEKLY;BYDAY=MO" };
    const patches: JsonObject[] = [
      { title: "Scales" },
      {},
      { tags: ["a", "b"] },
      { schedule },
      { schedule: same },
    ];
    for (const patch of patches) {
      // To reject an edit that is none is the client's own affair.
      await app.rejects(app.update("practice_plan", id, patch));
      expect.equal(`pending after the edit ${JSON.stringify(patch)}`, await pendingIds(app), []);
    }
    await sendsAnother(context, app);
    expect.equal("writes of the plan that was not changed", simulator.writesOf(id).length, 0);
  },
});

export const nothingChangedOfAPendingOne = clientCheck({
  id: "CLI-016/measured-by-what-the-user-sees",
  name: "whether an edit changes anything is measured by what the user sees: an edit repeated is none, one back to what is confirmed is one",
  brokenBy: [faulty.queuesEveryEdit, faulty.comparesWithWhatIsConfirmed, faulty.comparesTheTopAlone],
  async run(context) {
    const { open, simulator, other, expect, anEntry, waitFor } = context;
    const pieces = (title: string): JsonObject => ({ pieces: [{ id: "piece", title, composer: "Bach" }] });
    const entry = anEntry({ notes: "A", ...pieces("Prelude") });
    const id = String(entry["id"]);
    await other.push({ entries: [entry] });
    const app = await open();
    await has(context, app, "logbook_entry", id);

    const release = holdAnswers(simulator);
    await app.update("logbook_entry", id, { notes: "B" });
    await waitFor("the edit, sent", () => simulator.writesOf(id).length > 0);
    await app.update("logbook_entry", id, { notes: "B" });
    await app.update("logbook_entry", id, { notes: "A" });
    expect.equal("notes after the edit back", (await app.get("logbook_entry", id))?.["notes"], "A");
    release();
    await emptyOutbox(context, app);
    const sent = distinctWrites(simulator, id).map((write) => write.sent.item["notes"]);
    expect.equal("notes in the order in which they were sent", sent, ["B", "A"]);

    const repeated = holdAnswers(simulator);
    await app.update("logbook_entry", id, pieces("Fugue"));
    expect.equal("pending after a change deep within the item", await pendingIds(app), [id]);
    await waitFor("a change deep within the item, sent", () => distinctWrites(simulator, id)[2]);
    await app.update("logbook_entry", id, pieces("Fugue"));
    repeated();
    await emptyOutbox(context, app);
    await sendsAnother(context, app);
    expect.equal("writes of the entry", distinctWrites(simulator, id).length, 3);
  },
});

/** More than the caps that queues tend to have. */
const MANY = 520;

export const noCap = clientCheck({
  id: "CLI-017/no-cap",
  name: `${MANY} writes without a network all wait, all show, and all arrive`,
  brokenBy: [
    faulty.keepsTheLatestFiveHundred,
    faulty.takesNoMoreThanFiveHundred,
    faulty.sendsTheFirstFiveHundred,
  ],
  secondMs: 20,
  lasts: 600,
  async run(context) {
    const { open, simulator, other, expect, anEntry } = context;
    const app = await open();
    simulator.cutNetwork();
    const ids = [];
    for (let n = 0; n < MANY; n += 1)
      ids.push(await app.accepts(`write ${n + 1}`, app.create("logbook_entry", anEntry({ notes: `${n}` }))));
    expect.equal("number of pending writes", (await pendingIds(app)).length, MANY);
    expect.equal("number of entries that are listed", (await app.list("logbook_entry")).length, MANY);

    simulator.restoreNetwork();
    await emptyOutbox(context, app);
    const arrived = new Set((await other.pullAll()).live("logbook_entry").map(({ id }) => id));
    const lost = ids.filter((id) => !arrived.has(id));
    expect.equal("entries that never arrived", lost, []);
  },
});
