import { ENTITY_TYPES } from "../../../schemas/collections.ts";
import type { JsonObject } from "../../../schemas/json.ts";
import { clientCheck } from "../../client-check.ts";
import type { ClientContext } from "../../client-check.ts";
import type { App } from "../../clients/app.ts";
import { refusal } from "../../simulator/faults.ts";
import { idOf, isWrite, itemsOf } from "../../simulator/seen.ts";
import { asChanges } from "../every-type.ts";
import { openWithAnEntry } from "../../clients/edits.ts";
import {
  carriedInFrames,
  createRefused,
  distinctWrites,
  emptyOutbox,
  faultWrites,
  has,
  hearsAnother,
  holdWrites,
  pendingIds,
  sendsAnother,
} from "../../clients/outbox.ts";
import * as faulty from "./overlay.mutants.ts";

export const olderChangesBeneath = clientCheck({
  id: "CLI-024/older-changes-beneath-an-edit",
  name: "an edit that waits stays visible, and is sent, whatever older edits and deletions other devices are told of meanwhile",
  brokenBy: [
    faulty.remoteChangeDropsTheEdit,
    faulty.remoteChangeHidesTheEdit,
    faulty.remoteDeletionDropsTheEdit,
  ],
  secondMs: 20,
  async run(context) {
    const { open, simulator, other, expect, anEntry, aDeletion, edited, at } = context;
    const entries = [1, 2].map(() => anEntry({ notes: "before", updatedAt: at(-60_000) }));
    const [one, two] = entries.map(({ id }) => String(id)) as [string, string];
    await other.push({ entries });
    const app = await open();
    await has(context, app, "logbook_entry", one, two);

    faultWrites(simulator, { do: "lose-request" });
    await app.update("logbook_entry", one, { notes: "mine" });
    await app.update("logbook_entry", two, { notes: "mine" });
    const fence = anEntry();
    const older = edited(entries[0]!, { notes: "theirs", updatedAt: at(-30_000) });
    await other.push({ entries: [older, aDeletion(two, { deletedAt: at(-30_000) })] });
    await other.push({ entries: [fence] });
    // What others do comes with a pull of its own: nothing can be flushed now.
    await has(context, app, "logbook_entry", fence["id"]);
    for (const [id, what] of [
      [one, "an older edit"],
      [two, "an older deletion"],
    ] as const) {
      const item = await app.get("logbook_entry", id);
      expect.equal(`notes of ${id}, edited, after ${what} by another device`, item?.["notes"], "mine");
    }
    expect.equal("entries that are pending", await pendingIds(app), [one, two].toSorted());

    simulator.heal();
    await emptyOutbox(context, app);
    const pulled = await other.pullAll();
    for (const id of [one, two])
      expect.equal(`notes of ${id} that the server has`, expect.live(pulled, id).item["notes"], "mine");
  },
});

export const droppingReveals = clientCheck({
  id: "CLI-024/dropping-an-edit-reveals-what-is-confirmed",
  name: "an edit that was refused for good stays visible above what others write, and dropping it reveals that",
  brokenBy: [
    faulty.editsInPlace,
    faulty.passesOverEditedEntities,
    faulty.hidesDeadLetters,
    faulty.remoteChangeHidesTheEdit,
  ],
  needs: ["verb:discard"],
  async run(context) {
    const { open, simulator, other, expect, anEntry, edited, at, refuse, accept, waitFor } = context;
    const entries = [1, 2].map(() => anEntry({ notes: "before", updatedAt: at(-60_000) }));
    const [edit, deletion] = entries.map(({ id }) => String(id)) as [string, string];
    await other.push({ entries });
    const app = await open();
    await has(context, app, "logbook_entry", edit, deletion);
    const notes = async (id: string): Promise<unknown> => {
      const item = await app.get("logbook_entry", id);
      return item === undefined ? "not there" : item["notes"];
    };
    for (const id of [edit, deletion]) refuse(id, "INVALID_ITEM");
    const create = await createRefused(context, app, { notes: "mine", code: "INVALID_ITEM" });
    await app.update("logbook_entry", edit, { notes: "mine" });
    await app.delete("logbook_entry", deletion);
    await waitFor("three dead letters", async () => (await app.deadLetters()).length === 3);
    for (const id of [create, edit, deletion]) accept(id);
    await other.push({
      entries: entries.map((entry) => edited(entry, { notes: "theirs", updatedAt: at(-30_000) })),
    });
    await hearsAnother(context, app);
    expect.equal(`notes of ${create}, whose create was refused`, await notes(create), "mine");
    expect.equal(`notes of ${edit}, whose edit was refused, after an older one`, await notes(edit), "mine");
    expect.equal(`notes of ${deletion}, whose deletion was refused`, await notes(deletion), "not there");

    for (const id of [create, edit, deletion]) await app.discard("logbook_entry", id);
    expect.equal(`notes of ${create} after its create was dropped`, await notes(create), "not there");
    expect.equal(`notes of ${edit} after its edit was dropped`, await notes(edit), "theirs");
    expect.equal(`notes of ${deletion} after its deletion was dropped`, await notes(deletion), "theirs");
    expect.equal("dead letters", await app.deadLetters(), []);
    await sendsAnother(context, app);
    const twice = [create, edit, deletion].filter((id) => distinctWrites(simulator, id).length > 1);
    expect.equal("what was sent again although it was dropped", twice, []);
  },
});

export const overAFullPull = clientCheck({
  id: "CLI-024/edits-over-a-full-pull",
  name: "new items, edits and deletions that wait lie over a full pull as over any other",
  brokenBy: [faulty.fullPullReplacesAll, faulty.remoteChangeDropsTheEdit],
  secondMs: 20,
  async run(context) {
    const { open, simulator, other, expect, anEntry, waitFor } = context;
    const entries = [1, 2].map(() => anEntry({ notes: "before" }));
    const [edited, deleted] = entries.map(({ id }) => String(id)) as [string, string];
    await other.push({ entries });
    const app = await open();
    await has(context, app, "logbook_entry", edited, deleted);

    faultWrites(simulator, { do: "lose-request" });
    const created = await app.create("logbook_entry", anEntry({ notes: "mine" }));
    await app.update("logbook_entry", edited, { notes: "mine" });
    await app.delete("logbook_entry", deleted);
    simulator.fault(
      ({ call, json }) => call === "pull" && (json as JsonObject)["since"] !== undefined,
      refusal("CURSOR_EXPIRED"),
    );
    const fence = anEntry();
    await other.push({ entries: [fence] });
    await has(context, app, "logbook_entry", fence["id"]);
    await waitFor("the end of a full pull", () =>
      simulator
        .calls("pull")
        .some(
          ({ json, fate, n }) => (json as JsonObject)["since"] === undefined && fate === "answered" && n > 2,
        ),
    );
    const notes = async (id: string): Promise<unknown> => (await app.get("logbook_entry", id))?.["notes"];
    expect.equal(`notes of ${created}, created, after a full pull`, await notes(created), "mine");
    expect.equal(`notes of ${edited}, edited, after a full pull`, await notes(edited), "mine");
    const left = await app.get("logbook_entry", deleted);
    expect.ok(`${deleted}, deleted, is not back after a full pull`, left === undefined, left);

    simulator.heal();
    await emptyOutbox(context, app);
    const pulled = await other.pullAll();
    for (const id of [created, edited])
      expect.equal(`notes of ${id} that the server has`, expect.live(pulled, id).item["notes"], "mine");
    expect.absent(pulled, deleted);
  },
});

/** The client has sent nothing but what its user wrote, and nothing else waits. */
async function nothingComesBack(
  { simulator, expect }: ClientContext,
  app: App,
  theirs: readonly string[],
  after: string,
): Promise<void> {
  const waiting = (await pendingIds(app)).filter((id) => theirs.includes(id));
  expect.equal(`what waits to be sent, although it came from the server, after ${after}`, waiting, []);
  const sent = simulator.requests.filter(isWrite).flatMap((seen) =>
    itemsOf(seen)
      .filter(({ id }) => theirs.includes(id))
      .map(({ type, id }) => `${type} ${id} in request ${seen.n}`),
  );
  const carried = carriedInFrames(simulator, theirs);
  expect.equal(`what was sent back to the server after ${after}`, [...sent, ...carried], []);
}

export const noEcho = clientCheck({
  id: "CLI-025/nothing-is-sent-back",
  name: "what came with pulls is not sent back: not at first, nor when it changes, nor after a restart or a full pull",
  brokenBy: [faulty.sendsBackWhatItPulls, faulty.sendsBackDeletions, faulty.uploadsAllAfterAFullPull],
  async run(context) {
    const { open, simulator, other, anItem, edited, aDeletion } = context;
    const items = ENTITY_TYPES.map((type) => anItem(type));
    const ids = items.map((item, index) => idOf(ENTITY_TYPES[index]!, item));
    await other.push(asChanges(items));
    let app = await open();
    await hearsAnother(context, app);
    await sendsAnother(context, app);
    await nothingComesBack(context, app, ids, "a first pull");

    await other.push(asChanges(items.map((item) => edited(item))));
    await hearsAnother(context, app);
    await sendsAnother(context, app);
    await nothingComesBack(context, app, ids, "a pull of edits");

    await other.push({ entries: [aDeletion(items[0]!)] });
    await hearsAnother(context, app);
    await sendsAnother(context, app);
    await nothingComesBack(context, app, ids, "a pull of a deletion");

    await app.close();
    app = await app.reopen();
    simulator.fault(
      ({ call, json }) => call === "pull" && (json as JsonObject)["since"] !== undefined,
      refusal("CURSOR_EXPIRED"),
    );
    await hearsAnother(context, app);
    await sendsAnother(context, app);
    await nothingComesBack(context, app, ids, "a restart and a full pull");
  },
});

export const noEchoOfEvents = clientCheck({
  id: "CLI-025/nothing-is-sent-back-from-a-socket",
  name: "what came over a socket is not sent back, neither by events nor by catch-up",
  brokenBy: [faulty.sendsBackEvents],
  needs: ["realtime"],
  async run(context) {
    const { open, other, anItem, edited, anEntry, waitFor } = context;
    const items = ENTITY_TYPES.map((type) => anItem(type));
    const ids = items.map((item, index) => idOf(ENTITY_TYPES[index]!, item));
    const app = await open({ realtime: true });
    await waitFor("an open socket", () => context.simulator.open.at(-1));
    for (const changes of [asChanges(items), asChanges(items.map((item) => edited(item)))]) {
      const fence = anEntry();
      await other.push(changes);
      await other.push({ entries: [fence] });
      await has(context, app, "logbook_entry", fence["id"]);
      await sendsAnother(context, app);
      await nothingComesBack(context, app, ids, "events on a socket");
    }
  },
});

export const noEchoOfAnswers = clientCheck({
  id: "CLI-025/nothing-is-sent-back-of-an-answer",
  name: "what the server makes of a write is not sent back as another: neither the winner of a superseded one, nor a normalised item",
  brokenBy: [faulty.sendsBackWinners, faulty.sendsBackNormalisedItems],
  async run(context) {
    const { simulator, other, expect, anEntry, edited, at, waitFor } = context;
    const { app, entry, id } = await openWithAnEntry(context);
    // The other device's later stamp is on the server before the client's write, which it knows nothing of, gets there.
    const arrive = holdWrites(simulator);
    await app.update("logbook_entry", id, { notes: "mine" });
    await waitFor("the edit, sent", () => simulator.writesOf(id).length > 0);
    await other.push({ entries: [edited(entry, { notes: "theirs", updatedAt: at(60_000) })] });
    arrive();
    await emptyOutbox(context, app);
    await waitFor("the winner", async () => (await app.get("logbook_entry", id))?.["notes"] === "theirs");
    await sendsAnother(context, app);
    expect.equal(`number of writes of ${id}, which was superseded`, distinctWrites(simulator, id).length, 1);

    const spelt = await app.create("logbook_entry", anEntry({ type: "Practice", instrument: "Piano" }));
    await emptyOutbox(context, app);
    await sendsAnother(context, app);
    expect.equal(
      `number of writes of ${spelt}, which was normalised`,
      distinctWrites(simulator, spelt).length,
      1,
    );
  },
});
