import { atStart } from "../../model-client/at-start.ts";
import { ClientError } from "../../model-client/client.ts";
import type { Context } from "../../model-client/context.ts";
import { clientMutant } from "../../model-client/mutant.ts";
import { entityKey } from "../../model-client/store.ts";
import type { Change } from "../../model-client/store.ts";

// At once, and durably (CLI-015).

export const refusesWritesOffline = clientMutant({
  name: "refuses-writes-offline",
  story: "A write is a call of the API that is also kept locally; where the call fails, so does the write.",
  breaks: ["CLI-015"],
  deform: (conforming) => ({
    ...conforming,
    async enqueue(context, change) {
      const { store, lanes } = context;
      await conforming.enqueue(context, change);
      const outcome = await lanes.push.runAnew();
      if (outcome.kind === "done") return;
      store.changes.delete(String(change.n));
      store.requests.clear();
      throw new ClientError("OFFLINE", "the server cannot be reached");
    },
  }),
});

export const showsWhatTheServerHas = clientMutant({
  name: "shows-what-the-server-has",
  story: "Screens read the cache of the server's data, and the queue is another table that no screen reads.",
  breaks: ["CLI-015", "CLI-024"],
  deform: (conforming) => ({
    ...conforming,
    visible: (context, type, id) => context.store.rows.get(entityKey(type, id))?.item ?? null,
  }),
});

export const showsDeletedItemsUntilAcknowledged = clientMutant({
  name: "shows-deleted-items-until-acknowledged",
  story: "Creates and edits were made optimistic; a deletion waits for the server, to be on the safe side.",
  breaks: ["CLI-015"],
  deform: (conforming) => ({
    ...conforming,
    visible(context, type, id) {
      const row = context.store.rows.get(entityKey(type, id));
      return conforming.visible(context, type, id) ?? row?.item ?? null;
    },
  }),
});

export const showsEditsWhenAcknowledged = clientMutant({
  name: "shows-edits-when-acknowledged",
  story: "The overlay adds what the server lacks and hides what is deleted; edits it does not know.",
  breaks: ["CLI-015", "CLI-024"],
  deform: (conforming) => ({
    ...conforming,
    visible(context, type, id) {
      const seen = conforming.visible(context, type, id);
      return seen && (context.store.rows.get(entityKey(type, id))?.item ?? seen);
    },
  }),
});

/** Drops writes at the start of a life, and with them what was frozen of them. */
function forget({ store }: Context, which: (change: Change) => boolean): void {
  const numbers = new Set([...store.changes.values()].filter(which).map(({ n }) => n));
  for (const n of numbers) store.changes.delete(String(n));
  for (const [key, { items }] of store.requests)
    if (items.some(({ n }) => numbers.has(n))) store.requests.delete(key);
}

export const keepsTheOutboxInMemory = clientMutant({
  name: "keeps-the-outbox-in-memory",
  story: "The queue is an array of the sync service; only what the server confirmed goes into the database.",
  breaks: ["CLI-015", "CLI-019"],
  deform: (conforming) =>
    atStart(conforming, "keeps-the-outbox-in-memory", (context) => forget(context, () => true)),
});

export const keepsDeletionsInMemory = clientMutant({
  name: "keeps-deletions-in-memory",
  story:
    "The outbox is a flag `dirty` at the items of the database, and a deleted item has no row to carry it.",
  breaks: ["CLI-015"],
  deform: (conforming) =>
    atStart(conforming, "keeps-deletions-in-memory", (context) => forget(context, ({ deleted }) => deleted)),
});

export const storesWritesALittleLater = clientMutant({
  name: "stores-writes-a-little-later",
  story: "State is kept by a debounced save, five seconds after the last change.",
  breaks: ["CLI-015"],
  deform(conforming) {
    const unsaved = ({ store }: Context): Set<number> => {
      const known = store.scratch.get("unsaved") as Set<number> | undefined;
      const numbers = known ?? new Set<number>();
      store.scratch.set("unsaved", numbers);
      return numbers;
    };
    const forgetful = atStart(conforming, "stores-writes-a-little-later", (context) => {
      const numbers = unsaved(context);
      forget(context, ({ n }) => numbers.has(n));
      numbers.clear();
    });
    return {
      ...forgetful,
      enqueue(context, change) {
        unsaved(context).add(change.n);
        context.life.after(5_000, () => unsaved(context).delete(change.n));
        return conforming.enqueue(context, change);
      },
    };
  },
});

// What changes nothing (CLI-016).

export const queuesEveryEdit = clientMutant({
  name: "queues-every-edit",
  story: "Closing the form saves it, whether or not anything in it was touched.",
  breaks: ["CLI-016"],
  deform: (conforming) => ({ ...conforming, changesNothing: () => false }),
});

export const comparesByReference = clientMutant({
  name: "compares-by-reference",
  story:
    "A shallow comparison, as a user interface does it: a list or object that was read anew counts as another.",
  breaks: ["CLI-016"],
  deform: (conforming) => ({
    ...conforming,
    changesNothing: (_context, before, after) =>
      Object.entries(after ?? {}).every(([name, value]) => value === before?.[name]),
  }),
});

export const comparesTexts = clientMutant({
  name: "compares-texts",
  story: "JSON.stringify of before and after: members in another order count as a change.",
  breaks: ["CLI-016"],
  deform: (conforming) => ({
    ...conforming,
    changesNothing: (_context, before, after) => JSON.stringify(before) === JSON.stringify(after),
  }),
});

export const comparesTheTopAlone = clientMutant({
  name: "compares-the-top-alone",
  story: "Members are compared as texts by a template literal, and every object is `[object Object]`.",
  breaks: ["CLI-016"],
  deform: (conforming) => ({
    ...conforming,
    changesNothing: (_context, before, after) =>
      // oxlint-disable-next-line typescript/no-base-to-string, typescript/restrict-template-expressions
      Object.entries(after ?? {}).every(([name, value]) => `${value}` === `${before?.[name]}`),
  }),
});

export const comparesWithWhatIsConfirmed = clientMutant({
  name: "compares-with-what-is-confirmed",
  story:
    "An edit is compared with the server's last word, so that one back to it counts as none, though another is under way.",
  breaks: ["CLI-016", "CLI-015"],
  deform: (conforming) => ({
    ...conforming,
    changesNothing(context, before, after) {
      const rows = [...context.store.rows.values()];
      const confirmed = rows.find(({ id }) => id === before?.["id"])?.item;
      return conforming.changesNothing(context, confirmed ?? before, after);
    },
  }),
});

// No cap (CLI-017).

export const keepsTheLatestFiveHundred = clientMutant({
  name: "keeps-the-latest-five-hundred",
  story: "The queue is a ring of 500, so that it can't grow for ever.",
  breaks: ["CLI-017", "CLI-015"],
  deform: (conforming) => ({
    ...conforming,
    enqueue(context, change) {
      const { changes } = context.store;
      if (changes.size >= 500) changes.delete([...changes.keys()][0]!);
      return conforming.enqueue(context, change);
    },
  }),
});

export const takesNoMoreThanFiveHundred = clientMutant({
  name: "takes-no-more-than-five-hundred",
  story: "A full queue logs a warning that nobody reads, and the call resolves.",
  breaks: ["CLI-017", "CLI-015"],
  deform: (conforming) => ({
    ...conforming,
    enqueue: (context, change) =>
      context.store.changes.size >= 500 ? undefined : conforming.enqueue(context, change),
  }),
});

export const sendsTheFirstFiveHundred = clientMutant({
  name: "sends-the-first-five-hundred",
  story: "The flush reads the queue with LIMIT 500 and clears the table when it has gone through.",
  breaks: ["CLI-017", "CLI-018"],
  deform: (conforming) => ({
    ...conforming,
    dequeue(context, change) {
      conforming.dequeue(context, change);
      const settled = Number(context.scratch.get("settled") ?? 0) + 1;
      context.scratch.set("settled", settled);
      if (settled === 500) context.store.changes.clear();
    },
  }),
});
