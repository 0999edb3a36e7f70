import type { Behaviour } from "../../model/behaviour.ts";
import type { Context } from "../../model/context.ts";
import { mutant } from "../../model/mutant.ts";
import { rowKey } from "../../model/state.ts";
import type { Row } from "../../model/state.ts";
import { remembered } from "./pull-history.ts";

export const walkIsFrozenAtItsStart = mutant({
  name: "full-walk-is-frozen-at-its-start",
  story: "The walk reads what had been written when it began, and a row that moves on falls out of it.",
  breaks: ["PULL-010", "PULL-011"],
  deform: (conforming) => ({
    ...conforming,
    isOfWalk: (context, row, walk) =>
      (walk.start === null || row.seq <= walk.start.head) && conforming.isOfWalk(context, row, walk),
  }),
});

export const walkTellsEachEntityOnce = mutant({
  name: "walk-tells-each-entity-once",
  story: "A set of what was sent keeps an entity from being told twice, though it changed in between.",
  breaks: ["PULL-010", "PULL-011"],
  deform: (conforming) => ({
    ...conforming,
    isOfWalk: (context, row, walk) =>
      !remembered(context, sentTo(conforming, context)).has(rowKey(row.entityType, row.entityId)) &&
      conforming.isOfWalk(context, row, walk),
    pullAnswer(context, walk, page) {
      const sent = remembered<string>(context, sentTo(conforming, context));
      if (page.hasMore) for (const row of page.rows) sent.add(rowKey(row.entityType, row.entityId));
      else sent.clear();
      return conforming.pullAnswer(context, walk, page);
    },
  }),
});

export const fullWalkTellsNoDeletions = mutant({
  name: "full-walk-tells-no-deletions",
  story: "A full pull is read from the live rows alone, on all of its pages.",
  breaks: ["PULL-010"],
  deform: (conforming) => ({
    ...conforming,
    tellsDeletion: (_context, row, { start }) => start === null || row.stamp.updatedAt > start.at,
  }),
});

export const deltaWalkIsFrozenAtItsStart = mutant({
  name: "delta-walk-is-frozen-at-its-start",
  story: "The head is read with the first page, and later pages stop there.",
  breaks: ["PULL-010", "PULL-011"],
  deform: (conforming) => ({
    ...conforming,
    isOfWalk: (context, row, walk) =>
      !(walk.mode === "delta" && row.seq > (frozenHead(conforming, context) ?? row.seq)) &&
      conforming.isOfWalk(context, row, walk),
    pullAnswer(context, walk, page) {
      const frozen = frozenHead(conforming, context);
      const slot = frozenSlot(conforming, context);
      if (walk.mode === "full") return conforming.pullAnswer(context, walk, page);
      if (page.hasMore) context.server.scratch.set(slot, frozen ?? context.user.head);
      const body = conforming.pullAnswer(context, walk, page);
      if (!page.hasMore) context.server.scratch.delete(slot);
      return body;
    },
    cursorAfter(context, walk, page) {
      const cursor = conforming.cursorAfter(context, walk, page);
      const frozen = frozenHead(conforming, context);
      return walk.mode === "delta" && !page.hasMore && frozen !== undefined
        ? { ...cursor, seq: frozen }
        : cursor;
    },
  }),
});

export const pagesByOffset = mutant({
  name: "full-pull-pages-by-offset",
  story: "The pages are cut by LIMIT and OFFSET, and rows that go away move the others up.",
  breaks: ["PULL-010"],
  deform: (conforming) => ({
    ...conforming,
    startWalk(context, query) {
      const walk = conforming.startWalk(context, query);
      // Below zero, so that the reading of the rows can tell an offset from a place in the log.
      return query.since !== null && walk.mode === "full" ? { ...walk, after: -walk.after } : walk;
    },
    rowsAfter: (context, seq) =>
      seq >= 0
        ? conforming.rowsAfter(context, seq)
        : conforming
            .rowsAfter(context, 0)
            .filter(({ item }) => item !== null)
            .slice(-seq),
    cursorAfter(context, walk, page) {
      const cursor = conforming.cursorAfter(context, walk, page);
      return page.hasMore && walk.mode === "full"
        ? { ...cursor, seq: page.rows.length - walk.after }
        : cursor;
    },
    isAhead: (context, cursor) => cursor.full === null && conforming.isAhead(context, cursor),
  }),
});

export const pagesInOrderOfIds = mutant({
  name: "full-pull-pages-in-order-of-ids",
  story: "The pages are cut by id > last id, and what is written before that place is never met.",
  breaks: ["PULL-010", "PULL-011"],
  deform: (conforming) => pagingBy(conforming, ({ entityType, entityId }) => `${entityId} ${entityType}`),
});

export const pagesInOrderOfStamps = mutant({
  name: "full-pull-pages-in-order-of-stamps",
  story:
    "The pages are cut by updatedAt > that of the last row, and a late arrival with an old stamp is never met.",
  breaks: ["PULL-010", "PULL-011"],
  deform: (conforming) =>
    pagingBy(conforming, ({ stamp, entityId }) => `${String(stamp.updatedAt).padStart(16, "0")} ${entityId}`),
});

export const lastTokenIsTheStartOfTheWalk = mutant({
  name: "last-token-of-a-walk-is-the-head-at-its-start",
  story: "The token for after the walk is made when the walk begins.",
  breaks: ["PULL-004"],
  deform: (conforming) => ({
    ...conforming,
    cursorAfter(context, walk, page) {
      const cursor = conforming.cursorAfter(context, walk, page);
      return walk.start && !page.hasMore ? { ...cursor, seq: walk.start.head } : cursor;
    },
  }),
});

export const lastTokenIsAhead = mutant({
  name: "last-token-of-a-walk-is-one-ahead",
  story: "The last page's token is made from the number that will be given next.",
  breaks: ["PULL-002", "PULL-004"],
  deform: (conforming) => ({
    ...conforming,
    cursorAfter(context, walk, page) {
      const cursor = conforming.cursorAfter(context, walk, page);
      return walk.after > 0 && !page.hasMore ? { ...cursor, seq: cursor.seq + 1 } : cursor;
    },
    isAhead: ({ user }, { seq }) => seq > user.head + 1,
  }),
});

export const itemsAreVisibleOneByOne = mutant({
  name: "items-of-a-push-are-visible-one-by-one",
  story: "Each item is a statement of its own, without a transaction around them.",
  breaks: ["PULL-011", "PUSH-009"],
  deform: (conforming) => ({
    ...conforming,
    async commit(context, transaction) {
      for (const row of transaction.rows) {
        await conforming.commit(context, { rows: [row] });
      }
      if (transaction.record) await conforming.commit(context, { rows: [], record: transaction.record });
    },
  }),
});

/** What a reading of one type saw, until the others are read. */
const readBefore = new WeakMap<Context, Row[]>();

export const typesAreReadOneAfterTheOther = mutant({
  name: "types-are-read-one-after-the-other",
  story: "A pull is one query for each type, without a transaction around them.",
  breaks: ["PULL-011"],
  deform: (conforming) => ({
    ...conforming,
    async beforeRead(context) {
      await conforming.beforeRead(context);
      if (context.endpoint !== "pull") return;
      readBefore.set(
        context,
        [...context.user.rows.values()].filter(({ entityType }) => entityType === "logbook_entry"),
      );
      for (let turn = 0; turn < 10; turn += 1) await conforming.beforeRead(context);
    },
    rowsAfter(context, seq) {
      const entries = (readBefore.get(context) ?? []).filter((row) => row.seq > seq);
      const others = conforming
        .rowsAfter(context, seq)
        .filter(({ entityType }) => entityType !== "logbook_entry");
      return [...entries, ...others].sort((a, b) => a.seq - b.seq);
    },
  }),
});

/** A full pull whose unfinished tokens name a row by a key other than seq: `-n` in the cursor stands for the n-th key kept. */
function pagingBy(conforming: Behaviour, keyOf: (row: Row) => string): Behaviour {
  const BEGINNING = -Number.MAX_SAFE_INTEGER;
  const keysOf = ({ server, user }: Context): string[] => {
    const keys = (server.scratch.get(`page keys ${user.id}`) as string[] | undefined) ?? [];
    server.scratch.set(`page keys ${user.id}`, keys);
    return keys;
  };
  return {
    ...conforming,
    startWalk(context, query) {
      const walk = conforming.startWalk(context, query);
      return query.since === null ? { ...walk, after: BEGINNING } : walk;
    },
    rowsAfter(context, seq) {
      if (seq >= 0) return conforming.rowsAfter(context, seq);
      const last = seq === BEGINNING ? "" : keysOf(context)[-seq - 1]!;
      return conforming
        .rowsAfter(context, 0)
        .filter((row) => row.item !== null && keyOf(row) > last)
        .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
    },
    arrange: (context, { rows, hasMore }) =>
      conforming.arrange(context, { rows: rows.toSorted((a, b) => a.seq - b.seq), hasMore }),
    cursorAfter(context, walk, page) {
      const cursor = conforming.cursorAfter(context, walk, page);
      if (!page.hasMore || walk.mode === "delta") return cursor;
      return { ...cursor, seq: -keysOf(context).push(keyOf(page.rows.at(-1)!)) };
    },
  };
}

function sentTo(conforming: Behaviour, context: Context): string {
  return `sent to ${conforming.deviceOf(context) ?? ""}`;
}

function frozenSlot(conforming: Behaviour, context: Context): string {
  return `frozen head ${context.user.id} ${conforming.deviceOf(context) ?? ""}`;
}

function frozenHead(conforming: Behaviour, context: Context): number | undefined {
  return context.server.scratch.get(frozenSlot(conforming, context)) as number | undefined;
}
