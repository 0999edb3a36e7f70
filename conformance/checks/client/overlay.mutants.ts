import type { ClientBehaviour } from "../../model-client/behaviour.ts";
import type { Context } from "../../model-client/context.ts";
import { clientMutant } from "../../model-client/mutant.ts";
import { entityKey } from "../../model-client/store.ts";
import type { Change } from "../../model-client/store.ts";
import type { Told, Way } from "../../model-client/told.ts";
import { ofEntity } from "./order.mutants.ts";

// Overlay (CLI-024).

/** A client that does something with the edits of an entity that another device has changed. */
const onRemoteChange = (
  conforming: ClientBehaviour,
  does: (context: Context, told: Told, edits: Change[]) => void,
): ClientBehaviour => ({
  ...conforming,
  afterApplying(context, told, way) {
    conforming.afterApplying(context, told, way);
    if (way === "acknowledgement") return;
    does(context, told, ofEntity(context, told.meta.entityType, told.meta.entityId));
  },
});

function drop({ store }: Context, edits: readonly Change[]): void {
  for (const { n } of edits) {
    store.changes.delete(String(n));
    for (const [key, { items }] of store.requests)
      if (items.some((item) => item.n === n)) store.requests.delete(key);
  }
}

export const remoteChangeDropsTheEdit = clientMutant({
  name: "remote-change-drops-the-edit",
  story: "A pulled item replaces whatever the device has of that entity, the row of the queue included.",
  breaks: ["CLI-024", "CLI-018"],
  deform: (conforming) => onRemoteChange(conforming, (context, _told, edits) => drop(context, edits)),
});

export const remoteDeletionDropsTheEdit = clientMutant({
  name: "remote-deletion-drops-the-edit",
  story:
    "What is deleted elsewhere has nothing left to edit, so its edits are cleaned up, whenever they were made.",
  breaks: ["CLI-024", "CLI-018"],
  deform: (conforming) =>
    onRemoteChange(conforming, (context, told, edits) => {
      if (told.item === null) drop(context, edits);
    }),
});

export const remoteChangeHidesTheEdit = clientMutant({
  name: "remote-change-hides-the-edit",
  story:
    "The edit is written over the item that is shown, and so is what a pull brings: the last one to write is seen.",
  breaks: ["CLI-024"],
  deform: (conforming) => ({
    ...conforming,
    afterApplying(context, told, way) {
      conforming.afterApplying(context, told, way);
      if (way === "acknowledgement") return;
      const { entityType, entityId } = told.meta;
      context.scratch.set(`shown ${entityKey(entityType, entityId)}`, true);
    },
    enqueue(context, change) {
      context.scratch.delete(`shown ${entityKey(change.type, change.id)}`);
      return conforming.enqueue(context, change);
    },
    visible(context, type, id) {
      const key = entityKey(type, id);
      if (!context.scratch.has(`shown ${key}`)) return conforming.visible(context, type, id);
      return context.store.rows.get(key)?.item ?? null;
    },
  }),
});

export const editsInPlace = clientMutant({
  name: "edits-in-place",
  story:
    "The edit is written into the replica, and into the queue beside it: there is nothing beneath it to go back to.",
  breaks: ["CLI-024"],
  deform: (conforming) => ({
    ...conforming,
    enqueue(context, change) {
      const { store } = context;
      const key = entityKey(change.type, change.id);
      const row = store.rows.get(key);
      if (row) {
        const stamp = { updatedAt: change.at, deleted: change.deleted, checksum: "" };
        store.rows.set(key, { ...row, item: change.deleted ? null : change.item, stamp });
      }
      return conforming.enqueue(context, change);
    },
  }),
});

export const passesOverEditedEntities = clientMutant({
  name: "passes-over-edited-entities",
  story:
    "What a pull tells of an entity with an edit is left out, to be fetched again later; the cursor goes on all the same.",
  breaks: ["CLI-024"],
  deform: (conforming) => ({
    ...conforming,
    applyTold(context, told, way) {
      const { entityType, entityId } = told.meta;
      const edited =
        ofEntity(context, entityType, entityId).length > 0 ||
        context.store.dead.has(entityKey(entityType, entityId));
      if (way === "acknowledgement" || !edited) conforming.applyTold(context, told, way);
    },
  }),
});

export const hidesDeadLetters = clientMutant({
  name: "hides-dead-letters",
  story:
    "Lists overlay what is pending; what was refused is in another table, and its words are gone from the screen.",
  breaks: ["CLI-024", "CLI-029"],
  deform: (conforming) => ({
    ...conforming,
    visible(context, type, id) {
      if (ofEntity(context, type, id).length > 0) return conforming.visible(context, type, id);
      return context.store.rows.get(entityKey(type, id))?.item ?? null;
    },
  }),
});

export const fullPullReplacesAll = clientMutant({
  name: "full-pull-replaces-all",
  story:
    "A full pull starts the local data over, and what it does not bring is not there: what waits to be sent neither.",
  breaks: ["CLI-024", "CLI-014"],
  deform: (conforming) => ({
    ...conforming,
    removeAbsent(context, walk, page) {
      conforming.removeAbsent(context, walk, page);
      const absent = [...context.store.changes.values()].filter(
        ({ type, id }) => !walk.entities.has(entityKey(type, id)),
      );
      drop(context, absent);
    },
  }),
});

// Echoes (CLI-025).

/** Queues what was told as if the user had written it. */
function queue(context: Context, { item, meta }: Told): void {
  const { behaviour, store, lanes } = context;
  store.transaction(() => {
    const change = behaviour.makeChange(context, meta.entityType, meta.entityId, item);
    void behaviour.enqueue(context, change);
  });
  lanes.push.due(0);
}

/** A client that sends on what comes this way. */
const sendsBack =
  (which: (told: Told, way: Way) => boolean) =>
  (conforming: ClientBehaviour): ClientBehaviour => ({
    ...conforming,
    afterApplying(context, told, way) {
      conforming.afterApplying(context, told, way);
      if (which(told, way)) queue(context, told);
    },
  });

export const sendsBackWhatItPulls = clientMutant({
  name: "sends-back-what-it-pulls",
  story: "Pulled items are saved with the function that the screens use, and that one queues what it saves.",
  breaks: ["CLI-025"],
  deform: sendsBack(({ item }, way) => item !== null && (way === "pull" || way === "full-pull")),
});

export const sendsBackDeletions = clientMutant({
  name: "sends-back-deletions",
  story: "A trigger of the database notes each deleted row for the next push, whoever deleted it.",
  breaks: ["CLI-025"],
  deform: sendsBack(({ item }, way) => item === null && way === "pull"),
});

export const sendsBackEvents = clientMutant({
  name: "sends-back-events",
  story:
    "The store's change listener cannot tell the socket's handler from the user, and pushes what changed.",
  breaks: ["CLI-025"],
  deform: sendsBack((_told, way) => way === "event"),
});

export const uploadsAllAfterAFullPull = clientMutant({
  name: "uploads-all-after-a-full-pull",
  story: "An initial sync merges both sides: all that is local is uploaded, in case the server lacks it.",
  breaks: ["CLI-025"],
  deform: (conforming) => ({
    ...conforming,
    applyPage(context, walk, page) {
      const had = [...context.store.rows.values()].filter(({ item }) => item !== null);
      const applied = conforming.applyPage(context, walk, page);
      if (walk.full && page.last)
        for (const { type, id, item } of had)
          queue(context, { item, meta: { entityType: type, entityId: id } as Told["meta"] });
      return applied;
    },
  }),
});

export const sendsBackWinners = clientMutant({
  name: "sends-back-winners",
  story: "The winner that an answer brings is saved like an edit of the user's, with a stamp of now.",
  breaks: ["CLI-025"],
  deform: (conforming) => ({
    ...conforming,
    settleOne(context, change, result, tally) {
      conforming.settleOne(context, change, result, tally);
      const told = conforming.toldByResult(context, change, result);
      if (result["outcome"] === "superseded" && told) queue(context, told);
    },
  }),
});

export const sendsBackNormalisedItems = clientMutant({
  name: "sends-back-normalised-items",
  story: "An answer's item differs from what is stored locally, so it is an update, and updates are queued.",
  breaks: ["CLI-025"],
  deform: (conforming) => ({
    ...conforming,
    settleOne(context, change, result, tally) {
      conforming.settleOne(context, change, result, tally);
      const told = conforming.toldByResult(context, change, result);
      const differs = result["outcome"] === "applied" && result["item"] !== undefined;
      if (differs && told) queue(context, told);
    },
  }),
});
