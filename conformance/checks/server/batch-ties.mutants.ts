import type { Context } from "../../model/context.ts";
import { mutant } from "../../model/mutant.ts";
import type { Mutant } from "../../model/mutant.ts";
import type { Row } from "../../model/state.ts";
import type { Candidate } from "../../model/submission.ts";

/** An item that passes its precondition wins over what is stored, where `too` says so. */
const fittingVersionsWin = (
  too: (candidate: Candidate, stored: Row, version: number) => boolean,
): Mutant["deform"] => {
  return (conforming) => ({
    ...conforming,
    decide(context, plan) {
      const { stored, candidates } = plan;
      const wins = (candidate: Candidate, { behaviour }: Context): boolean => {
        const version = behaviour.preconditionOf(context, candidate);
        return stored !== undefined && version !== undefined && too(candidate, stored, version);
      };
      const winner = candidates.find((candidate) => wins(candidate, context));
      if (winner === undefined) return conforming.decide(context, plan);
      const outcomes = candidates.map((one) =>
        one === winner ? ("applied" as const) : ("superseded" as const),
      );
      return { winner, outcomes };
    },
  });
};

export const fittingVersionsWinTies = mutant({
  name: "fitting-versions-win-ties",
  story:
    "Whoever names the stored version has seen what is there, so only an older time was thought to lose.",
  breaks: ["BATCH-005", "ORD-005", "ORD-004"],
  deform: fittingVersionsWin(({ stamp }, stored) => stamp.updatedAt === stored.stamp.updatedAt),
});

export const fittingVersionsWinTiesOfLiveItems = mutant({
  name: "fitting-versions-win-ties-of-live-items",
  story: "`UPDATE … WHERE version = ? AND updated_at <= ?`, while deletions go another way.",
  breaks: ["BATCH-005", "ORD-005"],
  deform: fittingVersionsWin(
    ({ stamp }, stored, version) =>
      stamp.updatedAt === stored.stamp.updatedAt &&
      !stamp.deleted &&
      !stored.stamp.deleted &&
      version === stored.version,
  ),
});

export const fittingVersionsWinTiesOfDeletions = mutant({
  name: "fitting-versions-win-over-deletions-of-their-instant",
  story: "A writer that names the version of a deletion was thought to bring the item back on purpose.",
  breaks: ["BATCH-005", "ORD-004"],
  deform: fittingVersionsWin(
    ({ stamp }, stored) =>
      stamp.updatedAt === stored.stamp.updatedAt && stored.stamp.deleted && !stamp.deleted,
  ),
});

export const greaterVersionsWinTies = mutant({
  name: "greater-versions-win-ties",
  story: "The version decides between equal times before the checksum is asked.",
  breaks: ["BATCH-005", "ORD-005"],
  deform: fittingVersionsWin(
    ({ stamp }, stored, version) => stamp.updatedAt === stored.stamp.updatedAt && version > stored.version,
  ),
});

export const fittingVersionsMustBeLater = mutant({
  name: "fitting-versions-must-be-later",
  story: "Beside a precondition the times are compared strictly, and the checksum is not asked.",
  breaks: ["BATCH-005", "ORD-005", "ORD-004"],
  deform: (conforming) => ({
    ...conforming,
    decide(context, plan) {
      const { stored, candidates } = plan;
      const loses = candidates.some(
        (one) =>
          context.behaviour.preconditionOf(context, one) !== undefined &&
          one.stamp.updatedAt === stored?.stamp.updatedAt,
      );
      if (!loses) return conforming.decide(context, plan);
      return { winner: undefined, outcomes: candidates.map(() => "superseded" as const) };
    },
  }),
});
