import type { JsonObject } from "../../../schemas/json.ts";
import type { Behaviour } from "../../model/behaviour.ts";
import { mutant } from "../../model/mutant.ts";
import { rowKey } from "../../model/state.ts";
import type { Row } from "../../model/state.ts";
import { historyOf, keepingHistory, remembered, revisionsOf } from "./pull-history.ts";

const YEAR_MS = 365 * 86_400_000;

export const leavesTemplatesOut = mutant({
  name: "leaves-plan-templates-out-of-full-pulls",
  story: "The full pull has one query for each table, and the youngest table was forgotten.",
  breaks: ["PULL-001", "DATA-001"],
  deform: (conforming) => ({
    ...conforming,
    isOfWalk: (context, row, walk) =>
      !(walk.mode === "full" && row.entityType === "plan_template") &&
      conforming.isOfWalk(context, row, walk),
  }),
});

export const leavesPreferencesOut = mutant({
  name: "leaves-preferences-out-of-untyped-full-pulls",
  story:
    "Preferences are fetched by a call of their own at start, so the ordinary pull spares itself the row.",
  breaks: ["PULL-001"],
  deform: (conforming) => ({
    ...conforming,
    isOfWalk: (context, row, walk) =>
      !(walk.mode === "full" && walk.types === null && row.entityType === "user_preferences") &&
      conforming.isOfWalk(context, row, walk),
  }),
});

export const fullPullSaysDelta = mutant({
  name: "full-pull-says-delta",
  story: "The mode is a constant of the one query that serves both kinds of pull.",
  breaks: ["PULL-001", "PULL-012", "PULL-014"],
  deform: (conforming) => ({
    ...conforming,
    startWalk: (context, query) => ({ ...conforming.startWalk(context, query), mode: "delta" }),
  }),
});

export const fullPullKeepsDeletedItems = mutant({
  name: "full-pull-keeps-deleted-items",
  story: "A deletion sets a column, and the query of the full pull does not look at it.",
  breaks: ["PULL-001", "DEL-006"],
  deform: (conforming) => ({
    ...conforming,
    ...keepingHistory(conforming),
    rowsAfter(context, seq) {
      const rows = conforming.rowsAfter(context, seq);
      if (seq > 0) return rows;
      return rows.map((row) => {
        const alive = row.item ? undefined : revisionsOf(context, row).findLast(({ item }) => item !== null);
        return alive ? { ...row, item: alive.item, stamp: { ...alive.stamp, deleted: false } } : row;
      });
    },
  }),
});

export const fullPullTellsGhostsOfPieces = mutant({
  name: "full-pull-tells-ghosts-of-deleted-pieces",
  story: "A deleted piece keeps its row for the entries that name it, and the full pull reads all rows.",
  breaks: ["PULL-001", "DEL-006"],
  deform: (conforming) => ({
    ...conforming,
    rowsAfter: (context, seq) =>
      conforming.rowsAfter(context, seq).map((row) =>
        seq === 0 && row.item === null && row.entityType === "repertoire_item"
          ? {
              ...row,
              item: { scoreId: row.entityId, title: "", status: "dropped" },
              stamp: { ...row.stamp, deleted: false },
            }
          : row,
      ),
  }),
});

export const onceDeletedStaysOut = mutant({
  name: "once-deleted-stays-out-of-full-pulls",
  story: "The upsert writes the item and never clears the column that says deleted.",
  breaks: ["PULL-001", "DEL-003"],
  deform: (conforming) => ({
    ...conforming,
    applyRow(context, row) {
      conforming.applyRow(context, row);
      if (row.item === null) remembered(context, "once deleted").add(rowKey(row.entityType, row.entityId));
    },
    isOfWalk: (context, row, walk) =>
      !(
        walk.mode === "full" && remembered(context, "once deleted").has(rowKey(row.entityType, row.entityId))
      ) && conforming.isOfWalk(context, row, walk),
  }),
});

export const fullPullTellsEveryRevision = mutant({
  name: "full-pull-tells-every-revision",
  story: "The full pull reads the log of writes and not the table of entities.",
  breaks: ["PULL-001"],
  deform: (conforming) => ({
    ...conforming,
    ...keepingHistory(conforming),
    rowsAfter: (context, seq) => (seq > 0 ? conforming.rowsAfter(context, seq) : historyOf(context)),
  }),
});

export const fullPullTellsFirstRevision = mutant({
  name: "full-pull-tells-the-first-revision",
  story: "The snapshot for full pulls is filled by INSERT OR IGNORE.",
  breaks: ["PULL-001"],
  deform: (conforming) => ({
    ...conforming,
    ...keepingHistory(conforming),
    rowsAfter(context, seq) {
      const rows = conforming.rowsAfter(context, seq);
      if (seq > 0) return rows;
      return rows.map((row) =>
        row.item === null ? row : { ...row, item: revisionsOf(context, row)[0]!.item ?? row.item },
      );
    },
  }),
});

export const fullPullGoesBackOneYear = mutant({
  name: "full-pull-goes-back-one-year",
  story: "A new device was thought to need the last year only.",
  breaks: ["PULL-001"],
  deform: (conforming) => ({
    ...conforming,
    isOfWalk: (context, row, walk) =>
      !(walk.mode === "full" && row.stamp.updatedAt < context.now - YEAR_MS) &&
      conforming.isOfWalk(context, row, walk),
  }),
});

export const metaInOrderOfIds = mutant({
  name: "meta-in-order-of-ids",
  story: "Items come from one query and their meta from another, which has an ORDER BY of its own.",
  breaks: ["PULL-003", "PULL-006"],
  deform: (conforming) => ({
    ...conforming,
    arrange: sortingMeta(conforming, (meta) => String(meta["entityId"])),
  }),
});

export const metaInOrderOfStamps = mutant({
  name: "meta-in-order-of-stamps",
  story: "The meta are read through the index over updatedAt, the items through that over seq.",
  breaks: ["PULL-003", "PULL-006"],
  deform: (conforming) => ({
    ...conforming,
    arrange: sortingMeta(conforming, (meta) => String(meta["updatedAt"])),
  }),
});

export const metaOfLiveAndDeletedMixedUp = mutant({
  name: "meta-of-deletions-among-those-of-items",
  story: "The meta are made from all rows of a type before the deleted ones are taken out.",
  breaks: ["PULL-003"],
  deform: (conforming) => ({
    ...conforming,
    arrange(context, page) {
      const body = conforming.arrange(context, page);
      const meta = Object.fromEntries(
        Object.entries(body["meta"] as Record<string, JsonObject[]>).map(([member, metas]) => {
          const all = page.rows
            .filter(({ entityType }) => metas[0]?.["entityType"] === entityType)
            .map((row) => ({ ...conforming.tellMeta(context, row), deletedAt: null }));
          return [member, all.slice(0, metas.length)];
        }),
      );
      return { ...body, meta };
    },
  }),
});

export const itemsInOrderOfIds = mutant({
  name: "items-in-order-of-ids",
  story: "The rows of a page are read by primary key.",
  breaks: ["PULL-006"],
  deform: (conforming) => ({
    ...conforming,
    arrange: (context, { rows, hasMore }) =>
      conforming.arrange(context, { rows: sorted(rows, ({ entityId }) => entityId), hasMore }),
  }),
});

export const itemsInOrderOfStamps = mutant({
  name: "items-in-order-of-stamps",
  story: "The app shows the oldest first, so the server sorts by updatedAt.",
  breaks: ["PULL-006"],
  deform: (conforming) => ({
    ...conforming,
    arrange: (context, { rows, hasMore }) =>
      conforming.arrange(context, {
        rows: rows.toSorted((a, b) => a.stamp.updatedAt - b.stamp.updatedAt),
        hasMore,
      }),
  }),
});

export const newestFirst = mutant({
  name: "newest-first-within-a-page",
  story: "The app shows the newest first, so the server sends them that way round.",
  breaks: ["PULL-006"],
  deform: (conforming) => ({
    ...conforming,
    arrange: (context, { rows, hasMore }) =>
      conforming.arrange(context, { rows: rows.toReversed(), hasMore }),
  }),
});

export const deletionsInOrderOfIds = mutant({
  name: "deletions-in-order-of-ids",
  story: "Deletions are collected type by type from a map and sorted to make answers comparable.",
  breaks: ["PULL-006"],
  deform: (conforming) => ({
    ...conforming,
    arrange(context, page) {
      const body = conforming.arrange(context, page);
      const deleted = (body["deleted"] as JsonObject[]).toSorted((a, b) =>
        String(a["entityId"]) < String(b["entityId"]) ? -1 : 1,
      );
      return { ...body, deleted };
    },
  }),
});

export const fullPullForgetsFutureDeletions = mutant({
  name: "full-pull-forgets-future-deletions",
  story: "A full pull was thought to need no deletions but those made during its walk.",
  breaks: ["PULL-007"],
  deform: (conforming) => ({
    ...conforming,
    tellsDeletion: (_context, { seq }, { start }) => start === null || seq > start.head,
  }),
});

export const futureDeletionsOnlyOfKnownEntities = mutant({
  name: "future-deletions-only-of-known-entities",
  story: "Deletions are read from the table of entities, where one that was never seen alive has no row.",
  breaks: ["PULL-007", "DEL-002"],
  deform: (conforming) => ({
    ...conforming,
    tellsDeletion: (context, row, walk) =>
      conforming.tellsDeletion(context, row, walk) && (walk.start === null || row.version > 1),
  }),
});

export const futureDeletionsOnTheFirstPageOnly = mutant({
  name: "future-deletions-on-the-first-page-only",
  story: "They are fetched where a full pull begins, and its limit cuts them off.",
  breaks: ["PULL-007"],
  deform: (conforming) => ({
    ...conforming,
    tellsDeletion: (context, row, walk) =>
      conforming.tellsDeletion(context, row, walk) &&
      (walk.start === null || row.seq > walk.start.head || walk.after === 0),
  }),
});

export const epochPerAnswer = mutant({
  name: "epoch-per-answer",
  story: "The epoch is a random id that the answer's constructor makes.",
  breaks: ["PULL-008"],
  deform: (conforming) => ({
    ...conforming,
    tellEpoch: (context) => `${conforming.tellEpoch(context)}-${context.server.requests}`,
  }),
});

export const epochPerDevice = mutant({
  name: "epoch-per-device",
  story: "The epoch is stored with the device's session.",
  breaks: ["PULL-008"],
  deform: (conforming) => ({
    ...conforming,
    tellEpoch: (context) => `${conforming.tellEpoch(context)}-${context.behaviour.deviceOf(context) ?? ""}`,
  }),
});

export const epochMovesWithWrites = mutant({
  name: "epoch-moves-with-writes",
  story: "The epoch was taken for a hash of the data.",
  breaks: ["PULL-008"],
  deform: (conforming) => ({
    ...conforming,
    tellEpoch: (context) => `${conforming.tellEpoch(context)}-${context.user.head}`,
  }),
});

export const epochPerProcess = mutant({
  name: "epoch-per-process",
  story: "The epoch is made at start and kept in memory.",
  breaks: ["PULL-008"],
  deform: (conforming) => ({
    ...conforming,
    tellEpoch: (context) => `${conforming.tellEpoch(context)}-${context.server.life}`,
  }),
});

export const tokensDieWithTheProcess = mutant({
  name: "tokens-die-with-the-process",
  story: "The key that signs tokens is drawn at start.",
  breaks: ["PULL-004", "PULL-008"],
  deform: (conforming) => ({
    ...conforming,
    cursorMac: (context, payload) => conforming.cursorMac(context, `${context.server.life} ${payload}`),
  }),
});

function sorted(rows: readonly Row[], keyOf: (row: Row) => string): Row[] {
  return rows.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

function sortingMeta(conforming: Behaviour, keyOf: (meta: JsonObject) => string): Behaviour["arrange"] {
  return (context, page) => {
    const body = conforming.arrange(context, page);
    const meta = Object.fromEntries(
      Object.entries(body["meta"] as Record<string, JsonObject[]>).map(([member, metas]) => [
        member,
        metas.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)),
      ]),
    );
    return { ...body, meta };
  };
}
