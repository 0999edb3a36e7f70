import type { EntityType } from "../../../schemas/collections.ts";
import { mutant } from "../../model/mutant.ts";

export { deltaIgnoresTypes } from "./pull-delta.mutants.ts";

export const ignoresTypes = mutant({
  name: "ignores-types",
  story: "types was planned, documented and not built.",
  breaks: ["PULL-016"],
  deform: (conforming) => ({ ...conforming, isOfWalk: () => true }),
});

export const typedPullsKnowThreeTypes = mutant({
  name: "typed-pulls-know-three-types",
  story: "The switch over types was written before there were plans, and its default is nothing.",
  breaks: ["PULL-016"],
  deform: (conforming) => ({
    ...conforming,
    isOfWalk: (context, row, walk) =>
      conforming.isOfWalk(context, row, walk) &&
      (walk.types === null || ["logbook_entry", "goal", "repertoire_item"].includes(row.entityType)),
  }),
});

export const typesMatchByTheirFirstWord = mutant({
  name: "types-match-by-their-first-word",
  story: "The filter is a LIKE on a shortened type, and plan_occurrence meets plan_template.",
  breaks: ["PULL-016"],
  deform: (conforming) => ({
    ...conforming,
    isOfWalk: (_context, { entityType }, { types }) =>
      types === null || types.some((type) => type.split("_")[0] === entityType.split("_")[0]),
  }),
});

export const takesTheFirstTypeOnly = mutant({
  name: "takes-the-first-type-only",
  story: "The filter is bound as one parameter.",
  breaks: ["PULL-016"],
  deform: (conforming) => ({
    ...conforming,
    isOfWalk: (_context, { entityType }, { types }) => types === null || types[0] === entityType,
  }),
});

export const takesTheLastTypeOnly = mutant({
  name: "takes-the-last-type-only",
  story: "Each type in the loop sets the condition anew in place of adding to it.",
  breaks: ["PULL-016"],
  deform: (conforming) => ({
    ...conforming,
    isOfWalk: (_context, { entityType }, { types }) => types === null || types.at(-1) === entityType,
  }),
});

export const typedDeltaTellsAllDeletions = mutant({
  name: "typed-delta-tells-all-deletions",
  story: "Deletions are read by a query of their own, which was not given the types.",
  breaks: ["PULL-016"],
  deform: (conforming) => ({
    ...conforming,
    isOfWalk: (context, row, walk) =>
      (walk.mode === "delta" && row.item === null) || conforming.isOfWalk(context, row, walk),
  }),
});

export const typedDeltaTellsNoDeletions = mutant({
  name: "typed-delta-tells-no-deletions",
  story: "The table of deletions has no column for the type, so typed pulls leave it out.",
  breaks: ["PULL-016"],
  deform: (conforming) => ({
    ...conforming,
    tellsDeletion: (context, row, walk) =>
      walk.types === null && conforming.tellsDeletion(context, row, walk),
  }),
});

export const ignoresTypesOfACursor = mutant({
  name: "ignores-the-types-of-a-cursor",
  story: "The token holds a position and nothing else.",
  breaks: ["PULL-017"],
  deform: (conforming) => ({ ...conforming, isOfTypes: () => true }),
});

export const acceptsNarrowerTypes = mutant({
  name: "accepts-narrower-types",
  story: "A cursor for more was thought to be good for less, and it may be, but its successor is not.",
  breaks: ["PULL-017"],
  deform: (conforming) => ({
    ...conforming,
    isOfTypes: (context, cursor, types) =>
      conforming.isOfTypes(context, cursor, types) ||
      (types !== null && types.every((type) => cursor.types === null || cursor.types.includes(type))),
  }),
});

export const acceptsTypedCursorsWithoutTypes = mutant({
  name: "accepts-typed-cursors-without-types",
  story: "The comparison is skipped where the request has no types.",
  breaks: ["PULL-017"],
  deform: (conforming) => ({
    ...conforming,
    isOfTypes: (context, cursor, types) => types === null || conforming.isOfTypes(context, cursor, types),
  }),
});

export const acceptsUntypedCursorsWithTypes = mutant({
  name: "accepts-untyped-cursors-with-types",
  story: "The comparison is skipped where the token has no types.",
  breaks: ["PULL-017"],
  deform: (conforming) => ({
    ...conforming,
    isOfTypes: (context, cursor, types) =>
      cursor.types === null || conforming.isOfTypes(context, cursor, types),
  }),
});

export const mismatchIsCalledExpired = mutant({
  name: "mismatch-of-types-is-called-expired",
  story: "One refusal serves for everything that is wrong with a cursor.",
  breaks: ["PULL-017"],
  deform: (conforming) => ({
    ...conforming,
    checkCursor(context, cursor, types) {
      if (!conforming.isOfTypes(context, cursor, types)) throw conforming.refuseCursor(context);
      conforming.checkCursor(context, cursor, types);
    },
  }),
});

export const comparesTypesInOrder = mutant({
  name: "compares-types-in-order",
  story: "The token holds the list as it came, and lists are compared as texts.",
  breaks: ["PULL-017"],
  deform: (conforming) => ({
    ...conforming,
    canonicalTypes: (_context, types) => (types === null ? null : [...new Set<EntityType>(types)]),
  }),
});

export const countsRepeatedTypes = mutant({
  name: "counts-repeated-types",
  story: "The list is sorted before it is compared, and repetitions stay.",
  breaks: ["PULL-017"],
  deform: (conforming) => ({
    ...conforming,
    canonicalTypes: (_context, types) => (types === null ? null : types.toSorted()),
  }),
});

export const pageTokensFitAnyTypes = mutant({
  name: "page-tokens-fit-any-types",
  story: "Only cursors of finished pulls are compared, the tokens between pages come from another function.",
  breaks: ["PULL-017"],
  deform: (conforming) => ({
    ...conforming,
    isOfTypes: (context, cursor, types) =>
      cursor.full !== null || conforming.isOfTypes(context, cursor, types),
  }),
});

export const pushTokensFitAnyTypes = mutant({
  name: "tokens-of-writes-fit-any-types",
  story: "A push knows of no types, so its token says nothing of them and is good for all.",
  breaks: ["PULL-017", "STAT-003"],
  deform: (conforming) => ({
    ...conforming,
    headToken(context, seq) {
      const { id: user, epoch } = context.user;
      return context.behaviour.encodeCursor(context, { user, epoch, seq, types: [], full: null });
    },
    isOfTypes: (context, cursor, types) =>
      cursor.types?.length === 0 || conforming.isOfTypes(context, cursor, types),
  }),
});
