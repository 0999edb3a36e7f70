import type { Behaviour } from "../../model/behaviour.ts";
import { mutant } from "../../model/mutant.ts";
import type { Mutant } from "../../model/mutant.ts";

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

/** The token of an answer that applied nothing stands at the greatest seq that its results tell. */
const answersTheSeqOfResults = (of: "pushAnswer" | "batchAnswer"): Mutant["deform"] => {
  return (conforming) => ({
    ...conforming,
    [of]: ((context, judgements, head) => {
      const isApplied = judgements.some(({ outcome }) => outcome === "applied");
      const told = judgements.map(({ row, conflict }) => (row ?? conflict?.stored)?.seq ?? 0);
      const at = isApplied || told.length === 0 ? head : Math.max(...told);
      return conforming[of](context, judgements, at);
    }) satisfies Behaviour["pushAnswer"],
  });
};

export const answersTheSeqOfItsResults = mutant({
  name: "answers-the-seq-of-its-results",
  story: "The token is made of the greatest seq among the results, which for a late copy is long past.",
  breaks: ["PUSH-013"],
  deform: answersTheSeqOfResults("pushAnswer"),
});

export const answersTheSeqOfItsResultsInBatches = mutant({
  name: "answers-the-seq-of-its-results-in-batches",
  story: "The batch makes its token of the rows that it tells, those of conflicts among them.",
  breaks: ["BATCH-010", "PUSH-013"],
  deform: answersTheSeqOfResults("batchAnswer"),
});
