import { ENTITY_TYPES } from "../../../schemas/collections.ts";
import { mutant } from "../../model/mutant.ts";

export const takesSevenTypesForNone = mutant({
  name: "takes-seven-types-for-none",
  story: "Types are kept as bits, and all of them together are what a pull without types has.",
  breaks: ["PULL-015", "PULL-017"],
  deform: (conforming) => ({
    ...conforming,
    tellProgress: (context, walk, page) =>
      conforming.tellProgress(
        context,
        walk.types?.length === ENTITY_TYPES.length ? { ...walk, types: null } : walk,
        page,
      ),
  }),
});

export const typedWalksLoseDeletions = mutant({
  name: "typed-walks-lose-deletions",
  story: "A typed full pull has a query of its own, which reads live rows on all of its pages.",
  breaks: ["PULL-010", "PULL-016"],
  deform: (conforming) => ({
    ...conforming,
    tellsDeletion: (context, row, walk) =>
      (walk.types === null || walk.mode === "delta" || row.stamp.updatedAt > (walk.start?.at ?? 0)) &&
      conforming.tellsDeletion(context, row, walk),
  }),
});

export const typedDeltasHideUnseenDeletions = mutant({
  name: "typed-deltas-hide-deletions-of-the-unseen",
  story: "The type of a deletion is looked up in the row that it deleted, and there was none.",
  breaks: ["PULL-016"],
  deform: (conforming) => ({
    ...conforming,
    tellsDeletion: (context, row, walk) =>
      !(walk.types !== null && row.version === 1) && conforming.tellsDeletion(context, row, walk),
  }),
});

export const trimsTokens = mutant({
  name: "trims-tokens",
  story: "Texts of a request are trimmed when they are read.",
  breaks: ["PULL-018"],
  deform: (conforming) => ({
    ...conforming,
    decodeCursor: (context, token) => conforming.decodeCursor(context, token.trim()),
  }),
});

export const takesEmptyJsonForAnEmptyBody = mutant({
  name: "takes-empty-json-for-an-empty-body",
  story: "`body || {}`, or the same of a language in which an empty list is false too.",
  breaks: ["HTTP-006"],
  deform: (conforming) => ({
    ...conforming,
    readQuery(context, body) {
      const empty = Array.isArray(body) ? body.length === 0 : !body;
      return conforming.readQuery(context, empty ? {} : body);
    },
  }),
});

export const stopsAtAThousand = mutant({
  name: "stops-at-a-thousand",
  story: "The store gives no more than 1000 rows to a query, and says nothing of the others.",
  breaks: ["PULL-001", "PULL-013"],
  deform: (conforming) => ({
    ...conforming,
    takePage: (context, rows, size) => conforming.takePage(context, rows.slice(0, 1_000), size),
  }),
});
