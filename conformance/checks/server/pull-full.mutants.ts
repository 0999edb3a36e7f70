import { mutant } from "../../model/mutant.ts";
import { rowKey } from "../../model/state.ts";
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

export const onePerIdWhateverTheType = mutant({
  name: "full-pull-tells-one-per-id-whatever-the-type",
  story: "The rows are gathered in a map by id, and the last type wins.",
  breaks: ["PULL-001"],
  deform: (conforming) => ({
    ...conforming,
    rowsAfter(context, seq) {
      const rows = conforming.rowsAfter(context, seq);
      return seq > 0 ? rows : [...new Map(rows.map((row) => [row.entityId, row])).values()];
    },
  }),
});

export const deletionHidesTheIdInAllTypes = mutant({
  name: "deletion-hides-the-id-in-all-types",
  story: "Deletions are joined by id alone.",
  breaks: ["PULL-001", "PULL-002"],
  deform: (conforming) => ({
    ...conforming,
    rowsAfter(context, seq) {
      const gone = [...context.user.rows.values()].filter(({ item }) => item === null);
      const ids = new Set(gone.map(({ entityId }) => entityId));
      return conforming.rowsAfter(context, seq).filter((row) => row.item === null || !ids.has(row.entityId));
    },
  }),
});
