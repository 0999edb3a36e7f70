import { ENTITY_TYPES } from "../../../schemas/collections.ts";
import type { EntityType } from "../../../schemas/collections.ts";
import type { JsonObject } from "../../../schemas/json.ts";
import { clientCheck } from "../../client-check.ts";
import type { ClientContext } from "../../client-check.ts";
import type { App } from "../../clients/app.ts";
import { refusal } from "../../simulator/faults.ts";
import { idOf } from "../../simulator/seen.ts";
import type { SeenSocket } from "../../simulator/socket.ts";
import type { Row } from "../../wire/pulled.ts";
import { asChanges } from "../every-type.ts";
import { ALWAYS, emptyOutbox, has, hearsAnother } from "../../clients/outbox.ts";
import { staleRows } from "../../clients/stale-rows.ts";
import * as faulty from "./applying.mutants.ts";

/** What a client that was opened before knows of entries, each by another way, and an older row of each. */
interface Outdated {
  stale: Row[];
  /** What the user sees now: the notes, or null where the entry is deleted; by its story. */
  now: { story: string; id: string; notes: string | null }[];
}

/** Edits and deletions, by others and the client's own, each on top of a row that is kept. */
async function outdate(context: ClientContext, app: App): Promise<Outdated> {
  const { simulator, other, anEntry, aDeletion, edited, waitFor } = context;
  const [changed, deleted, returned, ownEdit, ownDeletion] = Array.from({ length: 5 }, () =>
    anEntry({ notes: "old" }),
  ) as [JsonObject, JsonObject, JsonObject, JsonObject, JsonObject];
  const id = (entry: JsonObject): string => String(entry["id"]);
  const before = await other.cursor();
  await other.push({ entries: [changed, deleted, returned, ownEdit, ownDeletion] });
  await other.push({ entries: [aDeletion(returned)] });
  const { final: stale } = await other.changesSince(before);
  await hearsAnother(context, app);
  await has(context, app, "logbook_entry", id(changed), id(deleted), id(ownEdit), id(ownDeletion));

  // The pull that follows the client's own writes was read before them.
  const own = [id(ownEdit), id(ownDeletion)];
  simulator.fault("pull", staleRows(stale.filter(({ entityId }) => own.includes(entityId))), ALWAYS);
  await app.update("logbook_entry", id(ownEdit), { notes: "new" });
  await app.delete("logbook_entry", id(ownDeletion));
  await emptyOutbox(context, app);
  await hearsAnother(context, app);
  simulator.heal();
  await other.push({
    entries: [edited(changed, { notes: "new" }), aDeletion(deleted), edited(returned, { notes: "new" })],
  });
  await hearsAnother(context, app);
  await waitFor("the deletion by another device", async () => !(await app.get("logbook_entry", id(deleted))));
  return {
    stale,
    now: [
      { story: "edited by another device", id: id(changed), notes: "new" },
      { story: "deleted by another device", id: id(deleted), notes: null },
      { story: "deleted and written again by another device", id: id(returned), notes: "new" },
      { story: "edited by its user", id: id(ownEdit), notes: "new" },
      { story: "deleted by its user", id: id(ownDeletion), notes: null },
    ],
  };
}

/** The user sees what was known before the stale rows came. */
async function unmoved({ expect }: ClientContext, app: App, { now }: Outdated, came: string): Promise<void> {
  for (const { story, id, notes } of now) {
    const item = await app.get("logbook_entry", id);
    const what = `notes of ${id}, ${story}, after ${came} with an older row of it (null: it is not there)`;
    expect.equal(what, item === undefined ? null : (item["notes"] ?? "no notes"), notes);
  }
}

export const staleRowsOfAPull = clientCheck({
  id: "CLI-020/older-rows-of-a-pull",
  name: "an older row that a pull tells changes nothing: neither an edit nor a deletion is undone, a return neither",
  brokenBy: [
    faulty.latePageWins,
    faulty.forgetsStampsOfDeletions,
    faulty.forgetsStampsOfOwnDeletions,
    faulty.deletionsAlwaysWin,
  ],
  async run(context) {
    const app = await context.open();
    const outdated = await outdate(context, app);
    context.simulator.fault("pull", staleRows(outdated.stale), ALWAYS);
    await hearsAnother(context, app);
    await unmoved(context, app, outdated, "a delta pull");
  },
});

export const staleRowsOfAFullPull = clientCheck({
  id: "CLI-020/older-rows-of-a-full-pull",
  name: "an older row that a full pull tells changes nothing",
  brokenBy: [faulty.fullPullWins, faulty.forgetsStampsOfDeletions],
  async run(context) {
    const { open, simulator, waitFor } = context;
    const app = await open();
    const outdated = await outdate(context, app);
    // One that a full pull finds in a state which is older than what the client has seen of it by its cursor.
    simulator.fault(
      ({ call, json }) => call === "pull" && (json as JsonObject)["since"] !== undefined,
      refusal("CURSOR_EXPIRED"),
    );
    simulator.fault("pull", staleRows(outdated.stale), ALWAYS);
    await hearsAnother(context, app);
    await waitFor("a full pull after CURSOR_EXPIRED", () =>
      simulator.calls("pull").some((seen) => seen.fate === "tampered" && seen.answer !== undefined),
    );
    await hearsAnother(context, app);
    await unmoved(context, app, outdated, "a full pull");
  },
});

export const staleRowsAfterARestart = clientCheck({
  id: "CLI-020/deletions-are-remembered-over-a-restart",
  name: "a client that was closed and opened again still knows when what was deleted was deleted",
  brokenBy: [faulty.forgetsStampsOfDeletions, faulty.keepsStampsOfDeletionsInMemory],
  async run(context) {
    const app = await context.open();
    const outdated = await outdate(context, app);
    await app.close();
    const again = await app.reopen();
    context.simulator.fault("pull", staleRows(outdated.stale), ALWAYS);
    await hearsAnother(context, again);
    await unmoved(context, again, outdated, "a restart and a pull");
  },
});

/** The event with which a socket told of an entity first. */
function eventOf({ received }: SeenSocket, id: string): JsonObject | undefined {
  return received.find(({ type, meta }) => {
    const { entityId } = (meta ?? {}) as JsonObject;
    return type !== "SYNC_RESPONSE" && entityId === id;
  });
}

export const staleEvents = clientCheck({
  id: "CLI-020/older-events",
  name: "an event that comes late, or twice, changes nothing when something newer is known",
  brokenBy: [faulty.lateEventWins, faulty.forgetsStampsOfDeletions],
  needs: ["realtime"],
  async run(context) {
    const { open, simulator, other, anEntry, aDeletion, edited, expect, waitFor } = context;
    const app = await open({ realtime: true });
    const socket = await waitFor("an open socket", () => simulator.open.at(-1));
    const [changed, deleted, fence] = [anEntry({ notes: "old" }), anEntry({ notes: "old" }), anEntry()];
    const [one, two] = [String(changed["id"]), String(deleted["id"])];
    await other.push({ entries: [changed, deleted] });
    await has(context, app, "logbook_entry", one, two);
    const old = [one, two].map((id) => eventOf(socket, id));
    await other.push({ entries: [edited(changed, { notes: "new" }), aDeletion(deleted)] });
    await waitFor("the newer state", async () => {
      if (await app.get("logbook_entry", two)) return false;
      return (await app.get("logbook_entry", one))?.["notes"] === "new";
    });

    for (const event of old) if (event) socket.inject(event);
    await other.push({ entries: [fence] });
    await has(context, app, "logbook_entry", fence["id"]);
    const notes = (await app.get("logbook_entry", one))?.["notes"];
    expect.equal(`notes of ${one} after an older event of it came again`, notes, "new");
    const back = await app.get("logbook_entry", two);
    expect.ok(`${two} stays deleted after an older event of it came again`, back === undefined, back);
  },
});

export const staleChunks = clientCheck({
  id: "CLI-020/older-rows-of-a-catch-up",
  name: "an older row in a chunk of a catch-up changes nothing",
  brokenBy: [faulty.lateChunkWins],
  needs: ["realtime"],
  async run(context) {
    const { open, simulator, other, anEntry, edited, expect, waitFor } = context;
    const app = await open({ realtime: true });
    const socket = await waitFor("an open socket", () => simulator.open.at(-1));
    const [changed, fence] = [anEntry({ notes: "old" }), anEntry()];
    const id = String(changed["id"]);
    const before = await other.cursor();
    await other.push({ entries: [changed] });
    const stale = expect.live(await other.changesSince(before), id);
    await other.push({ entries: [edited(changed, { notes: "new" })] });
    await waitFor("the newer state", async () => (await app.get("logbook_entry", id))?.["notes"] === "new");

    // The next catch-up tells of the fence, and with it once more of what was.
    const prepared = new Set([socket]);
    const stop = simulator.listen(() => {
      for (const next of simulator.sockets) {
        if (prepared.has(next)) continue;
        prepared.add(next);
        next.passage = (frame) => {
          const meta = frame["meta"] as { entries?: unknown[] } | undefined;
          if (frame["type"] !== "BULK_SYNC" || !meta?.entries) return [frame];
          const entries = [stale.item, ...(frame["entries"] as JsonObject[])];
          return [
            { ...frame, entries, meta: { ...meta, entries: [stale.meta, ...meta.entries] } as JsonObject },
          ];
        };
      }
    });
    simulator.cutNetwork();
    await other.push({ entries: [fence] });
    simulator.restoreNetwork();
    await has(context, app, "logbook_entry", fence["id"]);
    stop();
    const notes = (await app.get("logbook_entry", id))?.["notes"];
    expect.equal(`notes of ${id} after a catch-up with an older row of it`, notes, "new");
  },
});

export const equalInstants = clientCheck({
  id: "CLI-020/equal-instants",
  name: "of rows with equal instants the greater checksum wins, and a deletion against both, whichever comes first",
  brokenBy: [faulty.comparesInstantsAlone, faulty.latestOfEqualInstantsWins],
  async run(context) {
    const { open, simulator, other, tokens, anEntry, aDeletion, expect } = context;
    const app = await open();
    const base = anEntry({ notes: "a" });
    const id = String(base["id"]);
    const both = [base, { ...base, notes: "b" }];
    // The server says which of them is greater: it is told both as another user's.
    const user = `${other.user}-beside`;
    const stranger = other.with({ user, token: await tokens.valid(user) });
    for (const entry of both) await stranger.push({ entries: [entry] });
    const { notes } = expect.live(await stranger.pull(), id).item;
    const [lesser, greater] = notes === "b" ? both : both.toReversed();
    const before = await other.cursor();
    await other.push({ entries: [lesser!] });
    const { final: stale } = await other.changesSince(before);
    await hearsAnother(context, app);
    expect.equal(
      "notes with the lesser checksum",
      (await app.get("logbook_entry", id))?.["notes"],
      lesser!["notes"],
    );

    await other.push({ entries: [greater!] });
    await hearsAnother(context, app);
    const what = `notes of ${id} after a row of the same instant with a greater checksum`;
    expect.equal(what, (await app.get("logbook_entry", id))?.["notes"], greater!["notes"]);

    simulator.fault("pull", staleRows(stale), ALWAYS);
    await hearsAnother(context, app);
    const again = `notes of ${id} after a row of the same instant with a lesser checksum`;
    expect.equal(again, (await app.get("logbook_entry", id))?.["notes"], greater!["notes"]);

    simulator.heal();
    await other.push({ entries: [aDeletion(base, { deletedAt: base["updatedAt"] })] });
    await hearsAnother(context, app);
    const left = await app.get("logbook_entry", id);
    expect.ok(`${id} is gone after a deletion of the same instant`, left === undefined, left);
  },
});

/** A member of each type that holds any text. */
const WORDS: Record<EntityType, string> = {
  logbook_entry: "notes",
  repertoire_item: "title",
  goal: "title",
  practice_plan: "title",
  plan_occurrence: "notes",
  plan_template: "title",
  user_preferences: "primaryInstrument",
};

export const whatOthersDoArrives = clientCheck({
  id: "CLI-020/what-others-do-arrives",
  name: "newer rows replace what is confirmed, of every type: edits, deletions, and what comes back after one",
  brokenBy: [faulty.ignoresDeletions, faulty.firstRowStays, faulty.deletedForGood, faulty.knowsFiveTypes],
  async run(context) {
    const { open, other, anItem, aDeletion, edited, expect } = context;
    const app = await open();
    const words = (index: number, value: string): JsonObject => ({ [WORDS[ENTITY_TYPES[index]!]]: value });
    const items = ENTITY_TYPES.map((type, index) => anItem(type, words(index, "first")));
    const ids = items.map((item, index) => idOf(ENTITY_TYPES[index]!, item));
    const seen = async (): Promise<unknown[]> =>
      Promise.all(
        ENTITY_TYPES.map(async (type, index) => {
          const item = await app.get(type, ids[index]!);
          return `${type}: ${item === undefined ? "not there" : String(item[WORDS[type]])}`;
        }),
      );
    const all = (value: string): string[] => ENTITY_TYPES.map((type) => `${type}: ${value}`);
    await other.push(asChanges(items));
    await hearsAnother(context, app);
    expect.equal("what is seen of new items", await seen(), all("first"));
    await other.push(asChanges(items.map((item, index) => edited(item, words(index, "second")))));
    await hearsAnother(context, app);
    expect.equal("what is seen of edited items", await seen(), all("second"));
    await other.push(asChanges(items.map((item) => aDeletion(item))));
    await hearsAnother(context, app);
    expect.equal("what is seen of deleted items", await seen(), all("not there"));
    await other.push(asChanges(items.map((item, index) => edited(item, words(index, "third")))));
    await hearsAnother(context, app);
    expect.equal("what is seen of items that came back", await seen(), all("third"));
  },
});
