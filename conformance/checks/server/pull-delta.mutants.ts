import { mutant } from "../../model/mutant.ts";
import type { Row } from "../../model/state.ts";
import type { Behaviour } from "../../model/behaviour.ts";
import { historyOf, keepingHistory, revisionsOf } from "./pull-history.ts";

const DAY_MS = 86_400_000;

export const deltaTellsEverything = mutant({
  name: "delta-tells-everything",
  story: "The cursor is checked and then not used in the query.",
  breaks: ["PULL-002", "PULL-004"],
  deform: (conforming) => ({
    ...conforming,
    startWalk(context, query) {
      const walk = conforming.startWalk(context, query);
      return walk.mode === "delta" ? { ...walk, after: 0 } : walk;
    },
  }),
});

export const deltaForgetsDeletions = mutant({
  name: "delta-forgets-deletions",
  story: "Deleted rows are filtered out by the view that every query goes through.",
  breaks: ["PULL-002", "DEL-002"],
  deform: (conforming) => ({
    ...conforming,
    tellsDeletion: (context, row, walk) =>
      walk.start !== null && conforming.tellsDeletion(context, row, walk),
  }),
});

export const deltaSaysFull = mutant({
  name: "delta-says-full",
  story: "The mode is a constant of the one query that serves both kinds of pull.",
  breaks: ["PULL-002", "PULL-014"],
  deform: (conforming) => ({
    ...conforming,
    startWalk: (context, query) => ({ ...conforming.startWalk(context, query), mode: "full" }),
  }),
});

export const deltaTellsNewEntitiesOnly = mutant({
  name: "delta-tells-new-entities-only",
  story: "The position in the log is given when a row is inserted, and an update leaves it.",
  breaks: ["PULL-002", "ORD-021"],
  deform: (conforming) => ({
    ...conforming,
    isOfWalk: (context, row, walk) =>
      !(walk.mode === "delta" && row.item !== null && row.version > 1) &&
      conforming.isOfWalk(context, row, walk),
  }),
});

export const deltaLeavesPreferencesOut = mutant({
  name: "delta-leaves-preferences-out",
  story: "The delta joins one query for each table, and preferences are a table of another kind.",
  breaks: ["PULL-002"],
  deform: (conforming) => ({
    ...conforming,
    isOfWalk: (context, row, walk) =>
      !(walk.mode === "delta" && row.entityType === "user_preferences") &&
      conforming.isOfWalk(context, row, walk),
  }),
});

export const deltaForgetsDeletedPieces = mutant({
  name: "delta-forgets-deleted-pieces",
  story: "Deletions are looked up by id, and a piece has a scoreId.",
  breaks: ["PULL-002", "DEL-002"],
  deform: (conforming) => ({
    ...conforming,
    tellsDeletion: (context, row, walk) =>
      row.entityType !== "repertoire_item" && conforming.tellsDeletion(context, row, walk),
  }),
});

export const deltaTellsDeletedEntriesOnly = mutant({
  name: "delta-tells-deleted-entries-and-goals-only",
  story: "The list of deletions was written when there were two types of entities.",
  breaks: ["PULL-002", "DEL-002"],
  deform: (conforming) => ({
    ...conforming,
    tellsDeletion: (context, row, walk) =>
      ["logbook_entry", "goal"].includes(row.entityType) && conforming.tellsDeletion(context, row, walk),
  }),
});

export const deltaTellsEveryRevision = mutant({
  name: "delta-tells-every-revision",
  story: "The delta plays the log back, with all that was overwritten since.",
  breaks: ["PULL-002"],
  deform: (conforming) => ({
    ...conforming,
    ...keepingHistory(conforming),
    rowsAfter: (context, seq) =>
      seq === 0 ? conforming.rowsAfter(context, seq) : historyOf(context).filter((row) => row.seq > seq),
  }),
});

export const returnedEntityStaysDeleted = mutant({
  name: "returned-entity-stays-among-the-deletions",
  story: "Deletions have a table of their own, and a return does not clean it.",
  breaks: ["PULL-002", "DEL-003"],
  deform: (conforming) => ({
    ...conforming,
    ...keepingHistory(conforming),
    pullAnswer(context, walk, page) {
      const body = conforming.pullAnswer(context, walk, page);
      if (walk.mode === "full") return body;
      const returned = page.rows.filter(({ item }) => item !== null);
      const stale = returned.flatMap((row) =>
        revisionsOf(context, row).filter(({ item, seq }) => item === null && seq > walk.after),
      );
      const deleted = [...(body["deleted"] as []), ...stale.map((row) => conforming.tellMeta(context, row))];
      return { ...body, deleted };
    },
  }),
});

export const deltaSkipsWhatCameAndWent = mutant({
  name: "delta-skips-what-came-and-went",
  story: "An entity that the reader cannot know was thought to be none of its business.",
  breaks: ["PULL-002", "DEL-002"],
  deform: (conforming) => ({
    ...conforming,
    ...keepingHistory(conforming),
    isOfWalk: (context, row, walk) =>
      !(walk.mode === "delta" && row.item === null && revisionsOf(context, row)[0]!.seq > walk.after) &&
      conforming.isOfWalk(context, row, walk),
  }),
});

export const cursorIsAStamp = mutant({
  name: "cursor-is-a-stamp",
  story: "The cursor is the greatest updatedAt that was told, compared with the writers' stamps.",
  breaks: ["PULL-002"],
  deform: (conforming) => ({
    ...conforming,
    ...keepingHistory(conforming),
    rowsAfter: rowsByTime(conforming, ({ stamp }) => stamp.updatedAt, "after"),
  }),
});

export const deltaGoesBackOneDay = mutant({
  name: "delta-goes-back-one-day",
  story: "To keep deltas small, the query looks at what was stamped since yesterday.",
  breaks: ["PULL-002"],
  deform: (conforming) => ({
    ...conforming,
    isOfWalk: (context, row, walk) =>
      !(walk.mode === "delta" && row.stamp.updatedAt < context.now - DAY_MS) &&
      conforming.isOfWalk(context, row, walk),
  }),
});

/** As CURRENT_TIMESTAMP of SQLite has it. */
const secondOf = ({ writtenAt }: Row): number => Math.floor(writtenAt / 1000);

export const cursorIsATimeSkippingItsMillisecond = mutant({
  name: "cursor-is-a-time-and-skips-its-own-tick",
  story:
    "The cursor is the time of receipt, and what is written within the same tick of the clock is not after it.",
  breaks: ["PULL-002", "PULL-004"],
  deform: (conforming) => ({
    ...conforming,
    ...keepingHistory(conforming),
    rowsAfter: rowsByTime(conforming, secondOf, "after"),
  }),
});

export const cursorIsATimeRepeatingItsMillisecond = mutant({
  name: "cursor-is-a-time-and-repeats-its-own-tick",
  story: "The cursor is the time of receipt, and to lose nothing its own tick of the clock is told again.",
  breaks: ["PULL-002", "PULL-004"],
  deform: (conforming) => ({
    ...conforming,
    ...keepingHistory(conforming),
    rowsAfter: rowsByTime(conforming, secondOf, "from"),
  }),
});

export const duplicatesMoveTheLog = mutant({
  name: "duplicates-move-the-log",
  story: "The upsert takes a new seq whether it changes anything or not.",
  breaks: ["PULL-002", "ORD-006", "ORD-020"],
  deform: (conforming) => ({
    ...conforming,
    decide(context, plan) {
      const decision = conforming.decide(context, plan);
      const repeated = plan.candidates[decision.outcomes.indexOf("duplicate")];
      return decision.winner || !repeated ? decision : { ...decision, winner: repeated };
    },
  }),
});

export const supersededWritesMoveTheLog = mutant({
  name: "superseded-writes-move-the-log",
  story: "The row keeps the greater stamp by a CASE in the update, but its seq is always new.",
  breaks: ["PULL-002", "ORD-020"],
  deform: (conforming) => ({
    ...conforming,
    decide(context, plan) {
      const decision = conforming.decide(context, plan);
      const loser = plan.candidates[decision.outcomes.indexOf("superseded")];
      return decision.winner || !loser ? decision : { ...decision, winner: loser };
    },
    buildRow(context, plan, winner, seq) {
      const { stored } = plan;
      const lost = stored && conforming.judge(context, stored.stamp, winner.stamp) === "superseded";
      return lost ? { ...stored, seq } : conforming.buildRow(context, plan, winner, seq);
    },
  }),
});

export const sparesTheWriterItsOwnChanges = mutant({
  name: "spares-the-writer-its-own-changes",
  story: "The rule for live events, no echo to the sender, was applied to pulls by X-Device-ID.",
  breaks: ["PULL-002", "PULL-005"],
  deform: (conforming) => ({
    ...conforming,
    applyRow(context, row) {
      conforming.applyRow(context, row);
      context.server.scratch.set(`writer ${context.user.id} ${row.seq}`, conforming.deviceOf(context));
    },
    isOfWalk: (context, row, walk) => {
      const writer = context.server.scratch.get(`writer ${context.user.id} ${row.seq}`);
      const own = writer !== undefined && writer === conforming.deviceOf(context);
      return !(walk.mode === "delta" && own) && conforming.isOfWalk(context, row, walk);
    },
  }),
});

export const deltaIgnoresTypes = mutant({
  name: "delta-ignores-types",
  story: "The filter by type was added to the query of the full pull alone.",
  breaks: ["PULL-016"],
  deform: (conforming) => ({
    ...conforming,
    isOfWalk: (context, row, walk) => walk.mode === "delta" || conforming.isOfWalk(context, row, walk),
  }),
});

export const tokenRunsAheadOfWhatWasTold = mutant({
  name: "token-of-a-page-is-the-head",
  story: "Every answer carries the token of the head, also one that stopped before it.",
  breaks: ["PULL-009", "PULL-010", "PULL-002"],
  deform: (conforming) => ({
    ...conforming,
    cursorAfter: (context, walk, page) => ({
      ...conforming.cursorAfter(context, walk, page),
      seq: context.user.head,
    }),
  }),
});

/** The rows whose time lies after (or at) that of everything that had been told at `seq`. */
function rowsByTime(
  conforming: Behaviour,
  timeOf: (row: Row) => number,
  edge: "after" | "from",
): Behaviour["rowsAfter"] {
  return (context, seq) => {
    if (seq === 0) return conforming.rowsAfter(context, 0);
    const last = Math.max(...historyOf(context).flatMap((row) => (row.seq <= seq ? [timeOf(row)] : [])));
    return conforming
      .rowsAfter(context, 0)
      .filter((row) => timeOf(row) > last || (edge === "from" && timeOf(row) === last));
  };
}
