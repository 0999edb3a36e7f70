import { mutant } from "../../model/mutant.ts";

export const listsOneConflictPerEntity = mutant({
  name: "lists-one-conflict-per-entity",
  story: "Conflicts are collected in a map by the entity's id.",
  breaks: ["PUSH-003"],
  deform: (conforming) => ({
    ...conforming,
    pushConflicts: (context, judgements) => [
      ...new Map(
        conforming.pushConflicts(context, judgements).map((conflict) => [conflict["entityId"], conflict]),
      ).values(),
    ],
  }),
});

export const countsLiveItemsOnly = mutant({
  name: "counts-live-items-only",
  story: "Deletions are sorted out before the items are counted.",
  breaks: ["PUSH-012"],
  deform: (conforming) => ({
    ...conforming,
    stats: (context, judgements) =>
      conforming.stats(
        context,
        judgements.filter(({ candidate }) => candidate?.deleted !== true),
      ),
  }),
});

export const answersTheStartWhereNothingWasApplied = mutant({
  name: "answers-the-start-where-nothing-was-applied",
  story: "The token is made of the greatest seq that was given, which is 0 where none was.",
  breaks: ["PUSH-013", "BATCH-010"],
  deform: (conforming) => ({
    ...conforming,
    pushAnswer: (context, judgements, head) =>
      conforming.pushAnswer(
        context,
        judgements,
        judgements.some(({ outcome }) => outcome === "applied") ? head : 0,
      ),
  }),
});
