import { ENTITY_TYPES } from "../../../schemas/collections.ts";
import type { JsonObject } from "../../../schemas/json.ts";
import { clientCheck } from "../../client-check.ts";
import type { ClientContext } from "../../client-check.ts";
import type { App } from "../../clients/app.ts";
import { refusal } from "../../simulator/faults.ts";
import { idOf, itemsOf } from "../../simulator/seen.ts";
import type { Simulator } from "../../simulator/simulator.ts";
import { asChanges } from "../every-type.ts";
import {
  ALWAYS,
  carriedInFrames,
  createRefused,
  distinctWrites,
  emptyOutbox,
  faultWrites,
  has,
  hearsAnother,
  holdAnswers,
  isWrite,
  pendingIds,
  sendsAnother,
} from "../outbox.ts";
import * as faulty from "./overlay.mutants.ts";

const kindsSent = (simulator: Simulator, id: string): string[] =>
  distinctWrites(simulator, id).map(({ sent }) => (sent.deleted ? "deletion" : "item"));

/** The other device sees neither the entry nor anything that could bring it back; it is told that it was deleted. */
async function deletedForAll({ other, expect }: ClientContext, since: string, id: string): Promise<void> {
  expect.deleted(await other.changesSince(since), id);
}

export const deletedWhileUnderWay = clientCheck({
  id: "CLI-021/deleted-while-the-create-is-under-way",
  name: "an entry that is deleted while its create is under way is deleted on the server too: both are sent, in that order",
  brokenBy: [
    faulty.deleteCancelsTheCreate,
    faulty.deleteCancelsTheCreateAndItsRequest,
    faulty.forgetsTheDeletionWithTheAnswer,
  ],
  async run(context) {
    const { open, simulator, other, expect, anEntry, waitFor } = context;
    const app = await open();
    const before = await other.cursor();
    const release = holdAnswers(simulator);
    const id = await app.create("logbook_entry", anEntry());
    await waitFor("the create, sent", () => simulator.writesOf(id).length > 0);
    await app.delete("logbook_entry", id);
    const left = await app.get("logbook_entry", id);
    expect.ok(`the deleted entry ${id} is not listed`, left === undefined, left);
    release();
    await emptyOutbox(context, app);
    await sendsAnother(context, app);
    expect.equal("what was sent of the entry", kindsSent(simulator, id), ["item", "deletion"]);
    await deletedForAll(context, before, id);
    const back = await app.get("logbook_entry", id);
    expect.ok(`the deleted entry ${id} is not listed after all is acknowledged`, back === undefined, back);
  },
});

export const deletedAfterALoss = clientCheck({
  id: "CLI-021/deleted-after-the-create-was-lost",
  name: "an entry whose create was sent without an answer, and deleted then, is deleted on the server too: the create may have arrived",
  brokenBy: [faulty.deleteCancelsTheCreate, faulty.deleteCancelsWhatFailed],
  async run(context) {
    const { open, simulator, other, expect, anEntry, waitFor } = context;
    const app = await open();
    for (const lost of ["lose-answer", "lose-request"] as const) {
      const before = await other.cursor();
      faultWrites(simulator, { do: lost });
      const id = await app.create("logbook_entry", anEntry());
      await waitFor("the create, lost", () => simulator.writesOf(id)[0]?.seen.endedAt !== undefined);
      await app.delete("logbook_entry", id);
      simulator.heal();
      await emptyOutbox(context, app);
      await sendsAnother(context, app);
      expect.equal(`what was sent of ${id} (${lost})`, kindsSent(simulator, id), ["item", "deletion"]);
      await deletedForAll(context, before, id);
    }
  },
});

export const deletedAfterAKill = clientCheck({
  id: "CLI-021/deleted-after-a-kill",
  name: "an entry whose create was under way when the client was killed, and that is deleted after it was started again, is deleted on the server too",
  brokenBy: [faulty.deleteCancelsTheCreate, faulty.deleteCancelsWhatWasFoundAtStart],
  needs: ["kill"],
  async run(context) {
    const { open, simulator, other, anEntry, waitFor } = context;
    const app = await open();
    const before = await other.cursor();
    faultWrites(simulator, { do: "lose-answer" });
    const id = await app.create("logbook_entry", anEntry());
    await waitFor("the create, lost", () => simulator.writesOf(id)[0]?.seen.endedAt !== undefined);
    await app.kill();
    simulator.cutNetwork();
    const again = await app.reopen({ caughtUp: false });
    await again.delete("logbook_entry", id);
    simulator.heal();
    simulator.restoreNetwork();
    await emptyOutbox(context, again);
    await sendsAnother(context, again);
    await deletedForAll(context, before, id);
  },
});

export const oneAfterTheOther = clientCheck({
  id: "CLI-022/one-after-the-other",
  name: "as long as a write is unanswered no later one of its entity goes out: neither an edit nor a deletion",
  brokenBy: [faulty.secondRequestBeforeTheFirstAnswer, faulty.deletesAtOnce],
  async run(context) {
    const { open, simulator, expect, anEntry, waitFor, pass } = context;
    const app = await open();
    for (const later of ["an edit", "a deletion"] as const) {
      const release = holdAnswers(simulator);
      const id = await app.create("logbook_entry", anEntry({ notes: "first" }));
      const first = await waitFor("the entry, sent", () => simulator.writesOf(id)[0]);
      if (later === "an edit") await app.update("logbook_entry", id, { notes: "second" });
      else await app.delete("logbook_entry", id);
      // Long after the time in which it would have to go out if nothing were under way.
      await pass(2);
      const second = distinctWrites(simulator, id)[1];
      expect.ok(
        `${later} of ${id} waits until request ${first.seen.n} is answered`,
        second === undefined,
        second && `request ${second.seen.n}: ${JSON.stringify(second.sent.item)}`,
      );
      release();
      await emptyOutbox(context, app);
      expect.equal(`number of writes of ${id}`, distinctWrites(simulator, id).length, 2);
    }
  },
});

export const inTheirOrder = clientCheck({
  id: "CLI-022/in-the-order-in-which-they-were-made",
  name: "edits of one entry made while requests are lost reach the server in the order in which they were made",
  brokenBy: [faulty.sendsTheLatestFirst, faulty.putsFailedRequestsLast],
  async run(context) {
    const { open, simulator, other, expect, anEntry, waitFor } = context;
    const app = await open();
    const id = await app.create("logbook_entry", anEntry({ notes: "0" }));
    for (let n = 1; n <= 3; n += 1) {
      const attempts = simulator.writesOf(id).length;
      faultWrites(simulator, { do: n % 2 ? "lose-request" : "lose-answer" });
      await app.update("logbook_entry", id, { notes: `${n}` });
      await waitFor(
        "an attempt, lost",
        () => simulator.writesOf(id).at(attempts)?.seen.endedAt !== undefined,
      );
      await app.update("logbook_entry", id, { notes: `${n} again` });
      await app.update("logbook_entry", id, { notes: `${n} once more` });
      simulator.heal();
      await emptyOutbox(context, app);
    }
    const sent = simulator.writesOf(id).map((write) => ({
      request: write.seen.n,
      key: write.seen.key,
      at: Date.parse(String(write.sent.item["updatedAt"])),
    }));
    for (const [index, write] of sent.entries()) {
      const later = sent.slice(0, index).find((earlier) => earlier.at > write.at);
      expect.ok(
        `request ${write.request} carries nothing of ${id} that was made before what request ${later?.request} carried`,
        later === undefined,
        sent,
      );
    }
    const notes = expect.live(await other.pull(), id).item["notes"];
    expect.equal("notes that the server has", notes, "3 once more");
  },
});

export const versionsOfWhatLost = clientCheck({
  id: "CLI-023/version-of-a-row-that-lost",
  name: "where a client says which version an edit is made on, it is that of the latest row that it saw, also of one that lost against its own edit",
  brokenBy: [faulty.learnsVersionsOfWinners, faulty.learnsVersionsOfItsOwnWrites, faulty.learnsVersionsOnce],
  async run(context) {
    const { open, simulator, other, expect, anEntry, edited, at, refuse, accept, waitFor } = context;
    const entry = anEntry({ notes: "A", updatedAt: at(-60_000) });
    const id = String(entry["id"]);
    await other.push({ entries: [entry] });
    const app = await open();
    await has(context, app, "logbook_entry", id);
    // The client has an edit that is no longer on its way, and lies above what others write with earlier stamps.
    refuse(id, "INVALID_ITEM");
    await app.update("logbook_entry", id, { notes: "B" });
    await waitFor("a dead letter", async () => (await app.deadLetters()).some((letter) => letter.id === id));
    accept(id);
    for (let n = 1; n <= 3; n += 1)
      await other.push({ entries: [edited(entry, { notes: `${n}`, updatedAt: at(-60_000 + n * 1_000) })] });
    await hearsAnother(context, app);
    const stored = expect.live(await other.pull(), id).meta.version;

    const writes = distinctWrites(simulator, id).length;
    await app.update("logbook_entry", id, { notes: "C" });
    const { seen } = await waitFor("the next edit, sent", () => distinctWrites(simulator, id)[writes]);
    const { entities = [] } = seen.json as { entities?: JsonObject[] };
    // A push says no version, and there is nothing to learn it for.
    const claimed = entities.find(
      (one) => one["id"] === id || idOf("logbook_entry", one["data"] as JsonObject) === id,
    );
    const { version = stored } = (claimed ?? {}) as { version?: number };
    expect.equal(
      `version that request ${seen.n} is based on, after a pull that told ${stored}`,
      version,
      stored,
    );
    await emptyOutbox(context, app);
    expect.equal("notes that the server has", expect.live(await other.pull(), id).item["notes"], "C");
  },
});

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
    const { open, simulator, other, expect, anEntry, edited, at, waitFor } = context;
    const entry = anEntry({ notes: "before", updatedAt: at(-60_000) });
    const id = String(entry["id"]);
    await other.push({ entries: [entry] });
    const app = await open();
    await has(context, app, "logbook_entry", id);
    // The other device's later stamp is on the server before the client's write, which it knows nothing of, gets there.
    const arrives = Promise.withResolvers<void>();
    simulator.fault(isWrite, { do: "delay-request", until: arrives.promise }, ALWAYS);
    await app.update("logbook_entry", id, { notes: "mine" });
    await waitFor("the edit, sent", () => simulator.writesOf(id).length > 0);
    await other.push({ entries: [edited(entry, { notes: "theirs", updatedAt: at(60_000) })] });
    simulator.heal();
    arrives.resolve();
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
