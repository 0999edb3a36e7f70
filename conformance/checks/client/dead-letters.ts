import { clientCheck } from "../../client-check.ts";
import type { ClientContext } from "../../client-check.ts";
import type { App } from "../../clients/app.ts";
import {
  createRefused,
  distinctWrites,
  emptyOutbox,
  hearsAnother,
  holdWrites,
  pendingIds,
  sendsAnother,
} from "../../clients/outbox.ts";
import * as faulty from "./dead-letters.mutants.ts";

const CODES = ["INCOMPLETE", "INVALID_ITEM", "UNKNOWN_COLLECTION", "ITEM_TOO_LARGE"] as const;

const deadIds = async (app: App): Promise<string[]> =>
  (await app.deadLetters()).map(({ id }) => id).toSorted();

/** Waits for the dead letter of an entity, as long as the client does not try it more often than it may. */
async function buried(context: ClientContext, app: App, id: string, tries: number): Promise<void> {
  const { simulator, waitFor, expect } = context;
  await waitFor(`a dead letter of ${id} after ${tries} refusals`, async () => {
    const sent = distinctWrites(simulator, id).length;
    expect.ok(`${id} is sent ${tries} times at most`, sent <= tries, `${sent} times`);
    const pending = (await pendingIds(app)).includes(id);
    if ((await deadIds(app)).includes(id)) return true;
    expect.ok(`${id}, which was never accepted, is pending, or a dead letter`, pending);
    return false;
  });
}

export const permanentAtOnce = clientCheck({
  id: "CLI-029/permanent-codes",
  name: "an item refused with a permanent code is a dead letter at once: it shows, is not sent again, and is in nobody's way",
  brokenBy: [
    faulty.dropsDeadLetters,
    faulty.triesPermanentOnesThrice,
    faulty.triesPermanentOnesForEver,
    faulty.stopsAtABadItem,
    faulty.refusesTheWholeRequestForOne,
    faulty.keepsTheLatestDeadLetter,
    faulty.hidesRefusedItems,
    faulty.leavesDeadLettersPending,
  ],
  secondMs: 20,
  async run(context) {
    const { open, simulator, other, expect, anEntry, refuse, accept } = context;
    const app = await open();
    simulator.cutNetwork();
    const good = await app.create("logbook_entry", anEntry({ notes: "good" }));
    const bad = new Map<string, string>();
    for (const code of CODES) {
      const id = await app.create("logbook_entry", anEntry({ notes: code }));
      refuse(id, code);
      bad.set(id, code);
    }
    const last = await app.create("logbook_entry", anEntry({ notes: "good, too" }));
    simulator.restoreNetwork();
    for (const id of bad.keys()) await buried(context, app, id, 1);
    await emptyOutbox(context, app);
    expect.equal("entities that are pending", await pendingIds(app), []);
    expect.equal("entities with a dead letter", await deadIds(app), [...bad.keys()].toSorted());
    for (const { id, code } of await app.deadLetters())
      if (code !== undefined) expect.equal(`code of the dead letter of ${id}`, code, bad.get(id));
    for (const [id, notes] of bad)
      expect.equal(
        `notes of ${id}, as the user sees it`,
        (await app.get("logbook_entry", id))?.["notes"],
        notes,
      );

    // Nor later, by itself.
    for (const id of bad.keys()) accept(id);
    await hearsAnother(context, app);
    await sendsAnother(context, app);
    const pulled = await other.pullAll();
    for (const id of [good, last]) expect.live(pulled, id);
    for (const id of bad.keys())
      expect.equal(`how often ${id} was sent`, distinctWrites(simulator, id).length, 1);
    expect.equal("entities with a dead letter at the end", await deadIds(app), [...bad.keys()].toSorted());
  },
});

export const retryable = clientCheck({
  id: "CLI-029/retried-after-a-restart",
  name: "a dead letter is there after a restart, and what is retried goes out under a new key and is acknowledged like any other",
  brokenBy: [
    faulty.losesDeadLettersAtStart,
    faulty.dropsDeadLetters,
    faulty.retriesOnPaper,
    faulty.retriesUnderTheOldKey,
  ],
  needs: ["verb:retry"],
  secondMs: 20,
  async run(context) {
    const { open, simulator, other, expect, anEntry, accept, waitFor } = context;
    let app = await open();
    const id = await createRefused(context, app, { notes: "mine", code: "INVALID_ITEM" });
    await buried(context, app, id, 1);
    await app.close();
    app = await app.reopen();
    expect.equal("entities with a dead letter after a restart", await deadIds(app), [id]);
    expect.equal("notes after a restart", (await app.get("logbook_entry", id))?.["notes"], "mine");

    accept(id);
    const keys = simulator.writesOf(id).map(({ seen }) => seen.key);
    await app.retry("logbook_entry", id);
    // It goes with the next flush at the latest.
    await app.create("logbook_entry", anEntry());
    const again = await waitFor(
      `${id}, sent again after it was retried`,
      () => simulator.writesOf(id)[keys.length],
      {
        seconds: 100,
      },
    );
    const fresh = again.seen.key === undefined || !keys.includes(again.seen.key);
    expect.ok(`request ${again.seen.n}, a retry, has a new key`, fresh, again.seen.key);
    await emptyOutbox(context, app);
    expect.equal("entities with a dead letter", await deadIds(app), []);
    expect.equal("notes that the server has", expect.live(await other.pullAll(), id).item["notes"], "mine");
  },
});

export const unknownCodes = clientCheck({
  id: "CLI-029/unknown-codes",
  name: "an item refused with an unknown code is a dead letter after three tries, not before and not later, and others go out meanwhile",
  brokenBy: [
    faulty.buriesUnknownCodesAtOnce,
    faulty.givesUpAfterTwo,
    faulty.givesUpAfterFive,
    faulty.dropsDeadLetters,
  ],
  secondMs: 20,
  async run(context) {
    const { open, simulator, other, expect, anEntry } = context;
    const app = await open();
    const id = await createRefused(context, app, { notes: "never", code: "SOMETHING_NEW" });
    const third = await createRefused(context, app, { notes: "at last", code: "SOMETHING_NEW", times: 2 });
    const others: string[] = [];
    for (let n = 0; n < 3; n += 1) others.push(await app.create("logbook_entry", anEntry()));
    await buried(context, app, id, 3);
    await emptyOutbox(context, app);
    expect.equal(`how often ${id} was sent`, distinctWrites(simulator, id).length, 3);
    expect.equal("entities with a dead letter", await deadIds(app), [id]);
    expect.equal(`notes of ${id}`, (await app.get("logbook_entry", id))?.["notes"], "never");
    const pulled = await other.pullAll();
    for (const one of [third, ...others]) expect.live(pulled, one);
    await sendsAnother(context, app);
    expect.equal(`how often ${id} was sent in the end`, distinctWrites(simulator, id).length, 3);
  },
});

export const notInTheWay = clientCheck({
  id: "CLI-029/never-in-the-way",
  name: "while an item is refused time and again, what is written after it is sent and acknowledged",
  brokenBy: [faulty.waitsForTheBadOne],
  secondMs: 20,
  async run(context) {
    const { open, simulator, expect, anEntry, waitFor } = context;
    const app = await open();
    // A code that is never for good, so that it is tried as long as this takes.
    const id = await createRefused(context, app, { notes: "never", code: "CLOCK_SKEW" });
    await waitFor("two refusals", () => distinctWrites(simulator, id).length >= 2);
    for (let n = 1; n <= 2; n += 1) {
      const next = await app.create("logbook_entry", anEntry());
      await waitFor(
        `${next}, written while ${id} is refused, sent and acknowledged`,
        async () => {
          const waiting = await pendingIds(app);
          return simulator.writesOf(next).length > 0 && !waiting.includes(next);
        },
        { seconds: 20 },
      );
    }
    expect.equal("dead letters", await deadIds(app), []);
  },
});

export const newerEdits = clientCheck({
  id: "CLI-029/a-newer-edit-takes-its-place",
  name: "an edit of an entity with a dead letter takes its place and is sent, a deletion too",
  brokenBy: [faulty.keepsTheDeadLetterBeside, faulty.editsTheDeadLetter],
  async run(context) {
    const { open, simulator, other, expect, accept } = context;
    const app = await open();
    const refused = async (): Promise<string> => {
      const id = await createRefused(context, app, { notes: "refused", code: "INVALID_ITEM" });
      await buried(context, app, id, 1);
      accept(id);
      return id;
    };
    const [edited, deleted] = [await refused(), await refused()];
    await app.update("logbook_entry", edited, { notes: "mended" });
    await app.delete("logbook_entry", deleted);
    expect.equal("notes", (await app.get("logbook_entry", edited))?.["notes"], "mended");
    await sendsAnother(context, app);
    await emptyOutbox(context, app);
    expect.equal("entities with a dead letter after newer edits", await deadIds(app), []);
    const pulled = await other.pullAll();
    expect.equal("notes that the server has", expect.live(pulled, edited).item["notes"], "mended");
    expect.absent(pulled, deleted);
    const sent = distinctWrites(simulator, edited).map((write) => write.sent.item["notes"]);
    expect.equal("notes that were sent", sent, ["refused", "mended"]);
  },
});

export const editedWhileRefused = clientCheck({
  id: "CLI-029/edited-while-it-is-refused",
  name: "an edit made while the write before it is being refused for good is sent, and there is no dead letter",
  brokenBy: [faulty.buriesTheSuccessorToo, faulty.keepsTheDeadLetterBeside],
  async run(context) {
    const { open, simulator, other, expect, anEntry, refuse, waitFor } = context;
    const app = await open();
    const letThrough = holdWrites(simulator);
    const id = await app.create("logbook_entry", anEntry({ notes: "refused" }));
    await waitFor("the entry, sent", () => simulator.writesOf(id).length > 0);
    refuse(id, "INVALID_ITEM", 1);
    await app.update("logbook_entry", id, { notes: "mended" });
    letThrough();
    await emptyOutbox(context, app);
    await sendsAnother(context, app);
    expect.equal("entities with a dead letter", await deadIds(app), []);
    expect.equal("notes that the server has", expect.live(await other.pullAll(), id).item["notes"], "mended");
  },
});
