import type { Judgement } from "../../model/submission.ts";
import { mutant } from "../../model/mutant.ts";
import type { Mutant } from "../../model/mutant.ts";

/** Counts only some of the judged items. */
const counting = (
  which: (one: Judgement, index: number, all: readonly Judgement[]) => boolean,
): Mutant["deform"] => {
  return (conforming) => ({
    ...conforming,
    stats: (context, judgements) => conforming.stats(context, judgements.filter(which)),
  });
};

const isSame = (one: Judgement, other: Judgement): boolean =>
  one.entityId === other.entityId && one.submission.entityType === other.submission.entityType;

export const countsDuplicatesPerEntity = mutant({
  name: "counts-duplicates-per-entity",
  story: "What was prevented is kept in a set of ids.",
  breaks: ["PUSH-012"],
  deform: counting(
    (one, index, all) =>
      one.outcome !== "duplicate" ||
      all.findIndex((other) => other.outcome === "duplicate" && isSame(one, other)) === index,
  ),
});

export const countsEntities = mutant({
  name: "counts-entities",
  story: "The items are folded into one for each entity before they are counted.",
  breaks: ["PUSH-012"],
  deform: counting((one, index, all) => all.findIndex((other) => isSame(one, other)) === index),
});

export const countsDuplicatesOfTheStoredOnly = mutant({
  name: "counts-duplicates-of-the-stored-only",
  story: "Duplicates are counted where the stored row is read, and what repeats its own push is folded away.",
  breaks: ["PUSH-012"],
  deform: counting(
    (one, _index, all) =>
      one.outcome !== "duplicate" || !all.some((other) => other.outcome === "applied" && isSame(one, other)),
  ),
});
