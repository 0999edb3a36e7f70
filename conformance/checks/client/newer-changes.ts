import { clientCheck } from "../../client-check.ts";
import type { ClientContext } from "../../client-check.ts";
import type { App } from "../../clients/app.ts";
import { openWithADeadLetter } from "../../clients/edits.ts";
import { distinctWrites, emptyOutbox, faultWrites, has, pendingIds } from "../../clients/outbox.ts";
import { loseRequest } from "../../simulator/faults.ts";
import * as faulty from "./newer-changes.mutants.ts";

/** What the user sees of entries: their notes, by id. */
async function notesOf(app: App, ids: readonly string[]): Promise<unknown[]> {
  const items = await app.list("logbook_entry");
  return ids.map((id) => {
    const item = items.find((one) => one["id"] === id);
    return `${id}: ${item === undefined ? "not there" : String(item["notes"])}`;
  });
}

/** Something that another device writes later than all else, and the client has it. */
async function hearsOn(context: ClientContext, app: App): Promise<void> {
  const fence = context.anEntry();
  await context.other.push({ entries: [fence] });
  await has(context, app, "logbook_entry", fence["id"]);
}

export const newerChangeShows = clientCheck({
  id: "CLI-051/over-an-edit-that-waits",
  name: "a newer edit or deletion by another device shows at once over an edit that waits; that one stays in the outbox, and is sent",
  brokenBy: [faulty.editsAlwaysOnTop, faulty.givesUpWhatHasLost, faulty.sendsNothingThatHasLost],
  secondMs: 20,
  async run(context) {
    const { open, simulator, other, expect, anEntry, aDeletion, edited, at } = context;
    const entries = [1, 2].map(() => anEntry({ notes: "before", updatedAt: at(-60_000) }));
    const ids = entries.map(({ id }) => String(id));
    const [one, two] = ids as [string, string];
    await other.push({ entries });
    const app = await open();
    await has(context, app, "logbook_entry", one, two);

    faultWrites(simulator, loseRequest);
    for (const id of ids) await app.update("logbook_entry", id, { notes: "mine" });
    const mine = ids.map((id) => `${id}: mine`);
    expect.equal("what the user sees of their edits", await notesOf(app, ids), mine);
    const theirs = edited(entries[0]!, { notes: "theirs", updatedAt: at(60_000) });
    await other.push({ entries: [theirs, aDeletion(two, { deletedAt: at(60_000) })] });
    await hearsOn(context, app);
    const won = [`${one}: theirs`, `${two}: not there`];
    expect.equal("what the user sees once newer changes are here", await notesOf(app, ids), won);
    expect.equal("what is pending beneath newer changes", await pendingIds(app), ids.toSorted());

    simulator.heal();
    await emptyOutbox(context, app);
    for (const id of ids) {
      const answered = distinctWrites(simulator, id).some(() =>
        simulator.writesOf(id).some(({ seen }) => seen.fate === "answered"),
      );
      expect.ok(`the edit of ${id}, hidden by a newer one, gets to the server`, answered);
    }
    await hearsOn(context, app);
    expect.equal("what the user sees in the end", await notesOf(app, ids), won);
    expect.equal("dead letters", await app.deadLetters(), []);
  },
});

export const newerChangeOverADeadLetter = clientCheck({
  id: "CLI-051/over-a-dead-letter",
  name: "a newer edit by another device shows over a dead letter, which is listed all the same",
  brokenBy: [faulty.deadLettersAlwaysOnTop, faulty.editsAlwaysOnTop, faulty.forgetsDeadLettersThatLost],
  secondMs: 20,
  async run(context) {
    const { other, expect, edited, at } = context;
    const { app, entry, id } = await openWithADeadLetter(context);
    expect.equal("what the user sees of a dead letter", await notesOf(app, [id]), [`${id}: mine`]);

    await other.push({ entries: [edited(entry, { notes: "theirs", updatedAt: at(60_000) })] });
    await hearsOn(context, app);
    expect.equal("what the user sees over an older dead letter", await notesOf(app, [id]), [`${id}: theirs`]);
    const listed = (await app.deadLetters()).map((letter) => letter.id);
    expect.equal("dead letters", listed, [id]);
  },
});
