import { mutant } from "../../model/mutant.ts";
import { afterBuilding, judgingBy } from "../../model/deform.ts";
import { ItemRefusal } from "../../model/refusal.ts";
import { rowKey } from "../../model/state.ts";
import type { JsonObject } from "../../../schemas/json.ts";
import { compareStamps } from "../../../spec/rules/stamp.ts";

const MONTH_MS = 30 * 86_400_000;

export const validatesDeletionsAsItems = mutant({
  name: "validates-deletions-as-items",
  story: "Every item goes through its schema, and a deletion is an item with a flag.",
  breaks: ["DEL-001"],
  deform: (conforming) => ({
    ...conforming,
    readStamp(context, submission, item, deleted) {
      if (deleted) {
        const { deletedAt: _at, ...live } = item;
        context.behaviour.checkSchema(context, submission, submission.entityType!, live);
      }
      return conforming.readStamp(context, submission, item, deleted);
    },
  }),
});

export const takesDeletedAtZeroForLive = mutant({
  name: "takes-deleted-at-zero-for-live",
  story: "`if (item.deletedAt)` is false of the number 0.",
  breaks: ["DEL-001"],
  deform: (conforming) => ({
    ...conforming,
    isDeletion: (context, item) => item["deletedAt"] !== 0 && conforming.isDeletion(context, item),
  }),
});

export const forgetsDeletionsOfTheUnseen = mutant({
  name: "forgets-deletions-of-the-unseen",
  story: "DELETE of a row that is not there is a success that does nothing.",
  breaks: ["DEL-002", "ORD-001"],
  deform: (conforming) => ({
    ...conforming,
    applyRow(context, row) {
      const known = context.user.rows.has(rowKey(row.entityType, row.entityId));
      if (row.item !== null || known) conforming.applyRow(context, row);
    },
  }),
});

export const refusesDeletionsOfTheUnseen = mutant({
  name: "refuses-deletions-of-the-unseen",
  story: "What is not there cannot be deleted.",
  breaks: ["DEL-002", "DEL-001"],
  deform: (conforming) => ({
    ...conforming,
    resolveStamp(context, candidate, plan) {
      if (candidate.deleted && plan.stored === undefined) {
        throw new ItemRefusal(
          "INVALID_ITEM",
          candidate.submission.itemPointer,
          "must name an item that exists",
        );
      }
      conforming.resolveStamp(context, candidate, plan);
    },
  }),
});

export const hidesDeletionsOfTheUnseen = mutant({
  name: "hides-deletions-of-the-unseen",
  story: "A deletion is told to others only where they can have had the item.",
  breaks: ["DEL-002", "PULL-002"],
  deform: (conforming) => ({
    ...conforming,
    tellsDeletion: (context, row, walk) => row.version > 1 && conforming.tellsDeletion(context, row, walk),
  }),
});

export const deletedForever = mutant({
  name: "deleted-forever",
  story: "A tombstone wins over everything, so nothing is ever undone.",
  breaks: ["DEL-003", "ORD-001"],
  deform: (conforming) => ({
    ...conforming,
    judge: (context, stored, incoming) =>
      stored?.deleted && !incoming.deleted ? "superseded" : conforming.judge(context, stored, incoming),
  }),
});

export const sweepsTombstonesAway = mutant({
  name: "sweeps-tombstones-away",
  story: "A job removes tombstones that are older than a month.",
  breaks: ["DEL-004", "DEL-005", "ORD-001"],
  deform: (conforming) => ({
    ...conforming,
    findRow(context, entityType, entityId) {
      const row = conforming.findRow(context, entityType, entityId);
      return row?.stamp.deleted && row.stamp.updatedAt < context.now - MONTH_MS ? undefined : row;
    },
  }),
});

export const tombstonesYieldToWritesOfTheirDay = mutant({
  name: "tombstones-yield-to-writes-of-their-day",
  story: "Deletions are dated, not timed: a write of the same day is taken for a return.",
  breaks: ["DEL-004", "ORD-001"],
  deform: (conforming) => ({
    ...conforming,
    judge: judgingBy((incoming, stored) =>
      stored.deleted && !incoming.deleted && stored.updatedAt - incoming.updatedAt < 86_400_000
        ? 1
        : compareStamps(incoming, stored),
    ),
  }),
});

export const resetsVersionsOnDeletion = mutant({
  name: "resets-versions-on-deletion",
  story: "Tombstones are a table of their own, with versions that begin at 1.",
  breaks: ["DEL-005", "ORD-020"],
  deform: afterBuilding((row) => (row.item === null ? { ...row, version: 1 } : row)),
});

export const resetsVersionsOnReturn = mutant({
  name: "resets-versions-on-return",
  story: "An entity that comes back is inserted anew.",
  breaks: ["DEL-005", "ORD-020"],
  deform: afterBuilding((row, stored) =>
    stored?.item === null && row.item !== null ? { ...row, version: 1 } : row,
  ),
});

/** Rows keep the data of what was deleted, under a name that only these mutants know. */
const DATA = "data of what was deleted";
const keepsData = afterBuilding((row, stored, winner) => {
  const data = row.item === null ? { ...stored?.item, ...winner.item } : undefined;
  return data === undefined ? row : ({ ...row, [DATA]: data } as typeof row);
});
const dataOf = (row: object): JsonObject => (row as Record<string, JsonObject>)[DATA] ?? {};

export const returnsDeletedData = mutant({
  name: "returns-deleted-data",
  story: "`deleted` lists the rows with all their columns.",
  breaks: ["DEL-006"],
  deform: (conforming) => ({
    ...keepsData(conforming),
    tellMeta(context, row) {
      const meta = conforming.tellMeta(context, row);
      return row.item === null ? { ...dataOf(row), ...meta } : meta;
    },
  }),
});

export const answersWithDeletedData = mutant({
  name: "answers-with-deleted-data",
  story: "A superseded write is answered with the stored row, whatever its kind.",
  breaks: ["DEL-006", "ORD-019"],
  deform: (conforming) => ({
    ...keepsData(conforming),
    resultItem: (context, judgement) =>
      judgement.outcome === "superseded" && judgement.row?.item === null
        ? { ...dataOf(judgement.row), deletedAt: "" }
        : conforming.resultItem(context, judgement),
  }),
});

export const tellsDeletionsAmongTheItems = mutant({
  name: "tells-deletions-among-the-items",
  story: "Deleted items stay in their collection, marked by a flag that the pull passes on.",
  breaks: ["DEL-006", "PULL-001", "PULL-003"],
  deform: (conforming) => ({
    ...keepsData(conforming),
    arrange(context, page) {
      const told = conforming.arrange(context, page) as Record<string, JsonObject[]>;
      const gone = page.rows.filter((row) => row.item === null && row.entityType === "logbook_entry");
      const metas = told["meta"] as unknown as Record<string, JsonObject[]>;
      return {
        ...told,
        entries: [
          ...told["entries"]!,
          ...gone.map((row) => ({ ...dataOf(row), deletedAt: null, isDeleted: true })),
        ],
        meta: {
          ...metas,
          entries: [
            ...metas["entries"]!,
            ...gone.map((row) => ({
              ...context.behaviour.tellMeta(context, row),
              deletedAt: null,
              checksum: "0".repeat(64),
            })),
          ],
        },
      };
    },
  }),
});

export const anyDeletedAtDeletes = mutant({
  name: "any-deleted-at-deletes",
  story: "An item that has the member is a deletion, whatever is in it.",
  breaks: ["DEL-007"],
  deform: (conforming) => ({
    ...conforming,
    normalise(context, entityType, item) {
      const name = ["deletedAt", "deleted_at"].find((one) => item[one] === null || item[one] === "");
      return conforming.normalise(
        context,
        entityType,
        name === undefined ? item : { ...item, [name]: item["updatedAt"] ?? null },
      );
    },
  }),
});

export const readsEveryTimeOfADeletion = mutant({
  name: "reads-every-time-of-a-deletion",
  story: "Both times are parsed before anybody asks what the item is.",
  breaks: ["DEL-001", "ORD-007"],
  deform: (conforming) => ({
    ...conforming,
    readStamp(context, submission, item, deleted) {
      conforming.readStamp(context, submission, item, false);
      return conforming.readStamp(context, submission, item, deleted);
    },
  }),
});

export const weighsDeletions = mutant({
  name: "weighs-deletions",
  story: "The size of every item is measured as it came.",
  breaks: ["DEL-001"],
  deform: (conforming) => ({
    ...conforming,
    async examine(context, submission) {
      const candidate = await conforming.examine(context, submission);
      context.behaviour.checkItemSize(context, { ...candidate, deleted: false });
      return candidate;
    },
  }),
});
