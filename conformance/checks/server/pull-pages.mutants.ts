import { isJsonObject } from "../../../schemas/json.ts";
import type { Behaviour } from "../../model/behaviour.ts";
import type { Row } from "../../model/state.ts";
import { mutant } from "../../model/mutant.ts";
import { Refusal } from "../../model/refusal.ts";

export { tokenRunsAheadOfWhatWasTold } from "./pull-delta.mutants.ts";

export const ignoresLimit = mutant({
  name: "ignores-limit",
  story: "The client never sent a limit when the query was written.",
  breaks: ["PULL-009", "PULL-013"],
  deform: (conforming) => ({ ...conforming, pageSize: () => undefined }),
});

export const limitCountsEachCollection = mutant({
  name: "limit-counts-each-collection",
  story: "Each type has a query of its own, each with the LIMIT.",
  breaks: ["PULL-009"],
  deform: (conforming) => ({
    ...conforming,
    takePage: prefix((rows, size) => {
      const counts = new Map<string, number>();
      return rows.findIndex(({ entityType }) => {
        counts.set(entityType, (counts.get(entityType) ?? 0) + 1);
        return counts.get(entityType)! > size;
      });
    }),
  }),
});

export const deletionsAreNotCounted = mutant({
  name: "limit-does-not-count-deletions",
  story: "The limit counts items, and deletions travel in a member of their own.",
  breaks: ["PULL-009"],
  deform: (conforming) => ({
    ...conforming,
    takePage: prefix((rows, size) => {
      let live = 0;
      return rows.findIndex(({ item }) => {
        if (item !== null) live += 1;
        return live > size;
      });
    }),
  }),
});

export const pageHoldsOneMore = mutant({
  name: "page-holds-one-more",
  story: "One row more is read to learn whether there are more, and it is not taken off again.",
  breaks: ["PULL-009"],
  deform: (conforming) => ({
    ...conforming,
    takePage: (context, rows, size) =>
      conforming.takePage(context, rows, size === undefined ? size : size + 1),
  }),
});

export const pageEdgeFallsOut = mutant({
  name: "row-at-the-edge-of-a-page-falls-out",
  story: "The token of a page names the first row of the next one, and the next query begins after it.",
  breaks: ["PULL-009", "PULL-010"],
  deform: (conforming) => ({
    ...conforming,
    cursorAfter(context, walk, page) {
      const cursor = conforming.cursorAfter(context, walk, page);
      return page.hasMore ? { ...cursor, seq: cursor.seq + 1 } : cursor;
    },
  }),
});

export const endsOneRowEarly = mutant({
  name: "walk-ends-one-row-early",
  story: "hasMore compares the count of what is left with limit + 1.",
  breaks: ["PULL-009", "PULL-010"],
  deform: (conforming) => ({
    ...conforming,
    takePage: (_context, rows, size = rows.length) => ({
      rows: rows.slice(0, size),
      hasMore: rows.length > size + 1,
    }),
  }),
});

export const limitHoldsForTheFirstPageOnly = mutant({
  name: "limit-holds-without-since-only",
  story: "Deltas were thought to be small, so a pull with since has no limit.",
  breaks: ["PULL-009"],
  deform: (conforming) => ({
    ...conforming,
    pageSize: (context, query) => (query.since === null ? conforming.pageSize(context, query) : undefined),
  }),
});

export const endsWhenOnlyDeletionsRemain = mutant({
  name: "walk-ends-when-only-deletions-remain",
  story: "hasMore asks whether there are more items.",
  breaks: ["PULL-009", "PULL-010"],
  deform: (conforming) => ({
    ...conforming,
    takePage: (_context, rows, size = rows.length) => ({
      rows: rows.slice(0, size),
      hasMore: rows.slice(size).some(({ item }) => item !== null),
    }),
  }),
});

export const limitStaysThatOfTheFirstPage = mutant({
  name: "limit-stays-that-of-the-first-page",
  story: "The page size is kept with the walk, and the one in the request is not looked at again.",
  breaks: ["PULL-009", "PULL-013"],
  deform: (conforming) => ({
    ...conforming,
    pageSize(context, query) {
      const slot = `page size ${context.user.id} ${conforming.deviceOf(context) ?? ""}`;
      if (query.since === null) context.server.scratch.set(slot, conforming.pageSize(context, query));
      return context.server.scratch.get(slot) as number | undefined;
    },
  }),
});

export const endsAtAPageWithoutTheTypes = mutant({
  name: "typed-walk-ends-at-a-page-without-its-types",
  story: "The types are filtered after the limit, and an empty page is taken for the last.",
  breaks: ["PULL-009", "PULL-016"],
  deform: (conforming) => ({
    ...conforming,
    isOfWalk: () => true,
    pullAnswer(context, walk, page) {
      const rows = page.rows.filter((row) => conforming.isOfWalk(context, row, walk));
      return conforming.pullAnswer(context, walk, { rows, hasMore: page.hasMore && rows.length > 0 });
    },
  }),
});

export const laterPagesForgetTypes = mutant({
  name: "later-pages-forget-types",
  story: "The next page is read by its token alone, and the token says nothing of types to the query.",
  breaks: ["PULL-016"],
  deform: (conforming) => ({
    ...conforming,
    isOfWalk: (context, row, walk) =>
      (walk.mode === "full" && walk.after > 0) || conforming.isOfWalk(context, row, walk),
  }),
});

export const laterPagesSayDelta = mutant({
  name: "later-pages-of-a-full-pull-say-delta",
  story: "Whatever has a since is called a delta.",
  breaks: ["PULL-012", "PULL-014"],
  deform: (conforming) => ({
    ...conforming,
    startWalk(context, query) {
      const walk = conforming.startWalk(context, query);
      return query.since === null ? walk : { ...walk, mode: "delta" };
    },
  }),
});

export const lastPageSaysDelta = mutant({
  name: "last-page-of-a-full-pull-says-delta",
  story: "When the snapshot is through, the server changes to the log for what came meanwhile.",
  breaks: ["PULL-012", "PULL-014"],
  deform: (conforming) => ({
    ...conforming,
    pullAnswer: (context, walk, page) =>
      conforming.pullAnswer(
        context,
        page.hasMore || walk.after === 0 ? walk : { ...walk, mode: "delta" },
        page,
      ),
  }),
});

export const pagesWithDeletionsSayDelta = mutant({
  name: "pages-with-deletions-say-delta",
  story: "The mode is told by whether there is anything in deleted.",
  breaks: ["PULL-012"],
  deform: (conforming) => ({
    ...conforming,
    pullAnswer: (context, walk, page) =>
      conforming.pullAnswer(
        context,
        page.rows.some(({ item }) => item === null) ? { ...walk, mode: "delta" } : walk,
        page,
      ),
  }),
});

export const defaultPageOf100 = mutant({
  name: "no-limit-means-100",
  story: "The framework's pagination has a default page size.",
  breaks: ["PULL-013"],
  deform: (conforming) => ({
    ...conforming,
    pageSize: (context, query) => (query.limit === null ? 100 : conforming.pageSize(context, query)),
  }),
});

export const noLimitLooksLikeAFullPage = mutant({
  name: "answer-without-limit-has-more",
  story: "hasMore is true where a page is as full as it could be, which an answer without limit always is.",
  breaks: ["PULL-013"],
  deform: (conforming) => ({
    ...conforming,
    takePage: (_context, rows, size = rows.length) => ({
      rows: rows.slice(0, size),
      hasMore: rows.length > 0 && rows.length >= size,
    }),
  }),
});

export const anyLimitIsServed = mutant({
  name: "any-limit-is-served",
  story: "maxPageSize is advertised and used nowhere.",
  breaks: ["PULL-013"],
  deform: (conforming) => ({ ...conforming, pageSize: (_context, { limit }) => limit ?? undefined }),
});

export const refusesLimitsAboveTheLargestPage = mutant({
  name: "refuses-limits-above-the-largest-page",
  story: "The schema of the request has maxPageSize as its maximum.",
  breaks: ["PULL-013"],
  deform: (conforming) => ({
    ...conforming,
    readQuery(context, body) {
      const limit = isJsonObject(body) ? body["limit"] : null;
      if (typeof limit === "number" && limit > context.server.limits.maxPageSize) {
        const errors = [{ pointer: "/limit", code: "INVALID_REQUEST", detail: "is too large" }];
        throw new Refusal("INVALID_REQUEST", "limit is too large", { errors });
      }
      return conforming.readQuery(context, body);
    },
  }),
});

export const noLimitMeansLargestPage = mutant({
  name: "no-limit-means-largest-page",
  story: "An absent limit is set to maxPageSize before anything else looks at it.",
  breaks: ["PULL-013"],
  deform: (conforming) => ({
    ...conforming,
    pageSize: ({ server }, { limit }) => Math.min(limit ?? Infinity, server.limits.maxPageSize),
  }),
});

/** A page that ends before the first row that is one too many; `tooMany` finds it, or -1. */
function prefix(tooMany: (rows: readonly Row[], size: number) => number): Behaviour["takePage"] {
  return (_context, rows, size = Infinity) => {
    const end = tooMany(rows, size);
    return { rows: end === -1 ? rows : rows.slice(0, end), hasMore: end !== -1 };
  };
}
