import { compareStamps } from "../../../spec/rules/stamp.ts";
import { atStart } from "../../model-client/at-start.ts";
import { clientMutant } from "../../model-client/mutant.ts";
import { entityKey } from "../../model-client/store.ts";
import type { ClientBehaviour } from "../../model-client/behaviour.ts";
import type { Way } from "../../model-client/told.ts";

/** What comes this way is the truth, whatever its stamp. */
const truth =
  (...ways: Way[]) =>
  (conforming: ClientBehaviour): ClientBehaviour => ({
    ...conforming,
    wins: (context, incoming, confirmed, way) =>
      ways.includes(way) || conforming.wins(context, incoming, confirmed, way),
  });

export const latePageWins = clientMutant({
  name: "late-page-wins",
  story: "A pull is taken for the truth: its items replace what is there, by an upsert.",
  breaks: ["CLI-020"],
  deform: truth("pull"),
});

export const fullPullWins = clientMutant({
  name: "full-pull-wins",
  story: "A full pull starts by emptying the tables: what it brings is all there is.",
  breaks: ["CLI-020"],
  deform: truth("full-pull"),
});

export const lateEventWins = clientMutant({
  name: "late-event-wins",
  story: "Events are live, so the latest to arrive is taken for the latest to have happened.",
  breaks: ["CLI-020"],
  deform: truth("event"),
});

export const lateChunkWins = clientMutant({
  name: "late-chunk-wins",
  story:
    "Stamps are compared in the handler of single events; the one of BULK_SYNC writes its lists as they come.",
  breaks: ["CLI-020"],
  deform: truth("catch-up"),
});

export const forgetsStampsOfDeletions = clientMutant({
  name: "forgets-stamps-of-deletions",
  story: "A deletion deletes the row, and nothing is left to compare with.",
  breaks: ["CLI-020"],
  deform: (conforming) => ({
    ...conforming,
    putRow(context, row) {
      if (row.item !== null) return conforming.putRow(context, row);
      context.store.rows.delete(entityKey(row.type, row.id));
    },
  }),
});

export const forgetsStampsOfOwnDeletions = clientMutant({
  name: "forgets-stamps-of-own-deletions",
  story:
    "Deletions of others leave a tombstone; the user's own is over and done with when it is acknowledged.",
  breaks: ["CLI-020"],
  deform: (conforming) => ({
    ...conforming,
    applyResult(context, told) {
      conforming.applyResult(context, told);
      const { entityType, entityId } = told.meta;
      if (told.item === null) context.store.rows.delete(entityKey(entityType, entityId));
    },
  }),
});

export const keepsStampsOfDeletionsInMemory = clientMutant({
  name: "keeps-stamps-of-deletions-in-memory",
  story: "Tombstones are a map of the running process: the table has no column for them.",
  breaks: ["CLI-020"],
  deform: (conforming) =>
    atStart(conforming, "keeps-stamps-of-deletions-in-memory", ({ store }) => {
      for (const [key, { item }] of store.rows) if (item === null) store.rows.delete(key);
    }),
});

export const deletionsAlwaysWin = clientMutant({
  name: "deletions-always-win",
  story: "What is in `deleted` is removed before anything is compared.",
  breaks: ["CLI-020"],
  deform: (conforming) => ({
    ...conforming,
    wins: (context, incoming, confirmed, way) =>
      incoming.deleted || conforming.wins(context, incoming, confirmed, way),
  }),
});

export const comparesInstantsAlone = clientMutant({
  name: "compares-instants-alone",
  story: "`if (remote.updatedAt > local.updatedAt)`: a tie is decided in favour of what is there.",
  breaks: ["CLI-020"],
  deform: (conforming) => ({
    ...conforming,
    wins: (_context, incoming, { stamp }) => incoming.updatedAt > stamp.updatedAt,
  }),
});

export const latestOfEqualInstantsWins = clientMutant({
  name: "latest-of-equal-instants-wins",
  story: "`if (remote.updatedAt >= local.updatedAt)`: a tie is decided in favour of what comes.",
  breaks: ["CLI-020"],
  deform: (conforming) => ({
    ...conforming,
    wins: (_context, incoming, { stamp }) => incoming.updatedAt >= stamp.updatedAt,
  }),
});

export const ignoresDeletions = clientMutant({
  name: "ignores-deletions",
  story: "The pull's collections are read, and nobody noticed the member `deleted` beside them.",
  breaks: ["CLI-020"],
  deform: (conforming) => ({
    ...conforming,
    applyTold: (context, told, way) => {
      if (told.item !== null || way === "acknowledgement") conforming.applyTold(context, told, way);
    },
  }),
});

export const firstRowStays = clientMutant({
  name: "first-row-stays",
  story: "INSERT OR IGNORE: what a pull tells is new to the device, or it is not looked at.",
  breaks: ["CLI-020"],
  deform: (conforming) => ({
    ...conforming,
    wins: (_context, incoming, { stamp, item }, way) =>
      (way === "acknowledgement" || incoming.deleted || item === null) && compareStamps(incoming, stamp) > 0,
  }),
});

export const deletedForGood = clientMutant({
  name: "deleted-for-good",
  story: "Ids of deleted items are kept in a list of what is never shown again.",
  breaks: ["CLI-020"],
  deform: (conforming) => ({
    ...conforming,
    wins: (context, incoming, confirmed, way) =>
      confirmed.item !== null && conforming.wins(context, incoming, confirmed, way),
  }),
});

export const knowsFiveTypes = clientMutant({
  name: "knows-five-types",
  story: "The switch over collections was written before there were templates and preferences.",
  breaks: ["CLI-020"],
  deform: (conforming) => ({
    ...conforming,
    applyTold(context, told, way) {
      const { entityType } = told.meta;
      if (entityType === "plan_template" || entityType === "user_preferences") return;
      conforming.applyTold(context, told, way);
    },
  }),
});
