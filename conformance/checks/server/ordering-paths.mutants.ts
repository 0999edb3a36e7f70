import type { Context } from "../../model/context.ts";
import type { Behaviour } from "../../model/behaviour.ts";
import { judgingBy } from "../../model/deform.ts";
import { mutant } from "../../model/mutant.ts";
import type { Mutant } from "../../model/mutant.ts";
import { rowKey } from "../../model/state.ts";
import type { Row } from "../../model/state.ts";
import type { Judgement } from "../../model/submission.ts";
import { compareStamps } from "../../../spec/rules/stamp.ts";

/** Orders the writes of batches by another rule. */
function judgingBatchesBy(judge: Behaviour["judge"]): Mutant["deform"] {
  return (conforming) => ({
    ...conforming,
    judge: (context, stored, incoming) =>
      (context.endpoint === "batch" ? judge : conforming.judge)(context, stored, incoming),
  });
}

/** What the store had of an entity when the request came. */
function storedBefore({ user }: Context, { row }: Judgement): Row | undefined {
  return row && user.rows.get(rowKey(row.entityType, row.entityId));
}

export const batchTiesGoToTheLiveItem = mutant({
  name: "batch-ties-go-to-the-live-item",
  story: "The batch has a statement of its own, which compares time and checksum and forgets deletions.",
  breaks: ["BATCH-001", "ORD-004"],
  deform: judgingBatchesBy(
    judgingBy(
      (a, b) => a.updatedAt - b.updatedAt || Number(b.deleted) - Number(a.deleted) || compareStamps(a, b),
    ),
  ),
});

export const batchTiesGoToTheStored = mutant({
  name: "batch-ties-go-to-the-stored",
  story: "The batch has a statement of its own, which takes what is later and nothing else.",
  breaks: ["BATCH-001", "ORD-004", "ORD-005"],
  deform: judgingBatchesBy(judgingBy((a, b) => a.updatedAt - b.updatedAt || -Math.abs(compareStamps(a, b)))),
});

export const batchTiesGoToTheLaterArrival = mutant({
  name: "batch-ties-go-to-the-later-arrival",
  story: "The batch has a statement of its own, which takes what is not earlier.",
  breaks: ["BATCH-001", "ORD-004", "ORD-005"],
  deform: judgingBatchesBy(judgingBy((a, b) => a.updatedAt - b.updatedAt || Math.abs(compareStamps(a, b)))),
});

export const lastOfARequestWinsTiesOfDeletions = mutant({
  name: "last-of-a-request-wins-ties-of-deletions",
  story:
    "The items of an entity are folded into one before the store is asked, and the fold looks at times alone.",
  breaks: ["ORD-004", "PUSH-010", "PUSH-011"],
  deform: (conforming) => ({
    ...conforming,
    decide(context, plan) {
      const folded = judgingBy((a, b) =>
        a.deleted === b.deleted ? compareStamps(a, b) : a.updatedAt - b.updatedAt || 1,
      );
      const behaviour: Behaviour = {
        ...context.behaviour,
        judge: (_context, top, incoming) =>
          (top === plan.stored?.stamp ? conforming.judge : folded)(context, top, incoming),
      };
      const decision = conforming.decide({ ...context, behaviour }, plan);
      const outcomes = plan.candidates.map((candidate, index) =>
        candidate !== decision.winner && candidate.deleted !== decision.winner?.deleted
          ? "superseded"
          : decision.outcomes[index]!,
      );
      return { ...decision, outcomes };
    },
  }),
});

export const showsOnlyWinnersOfBefore = mutant({
  name: "shows-only-winners-of-before",
  story:
    "The winner's item is taken from the row that was read, so a winner of the same request is not shown.",
  breaks: ["ORD-019"],
  deform: (conforming) => ({
    ...conforming,
    resultItem: (context, judgement) =>
      judgement.outcome === "superseded" && judgement.row !== storedBefore(context, judgement)
        ? undefined
        : conforming.resultItem(context, judgement),
  }),
});

export const showsTheWinnerOfBefore = mutant({
  name: "shows-the-winner-of-before",
  story: "Item and meta of the winner are those that were stored when the request came.",
  breaks: ["ORD-018", "ORD-019"],
  deform: (conforming) => ({
    ...conforming,
    result(context, judgement) {
      const before = judgement.outcome === "superseded" ? storedBefore(context, judgement) : undefined;
      return conforming.result(context, before === undefined ? judgement : { ...judgement, row: before });
    },
  }),
});

export const comparesVersionsAsText = mutant({
  name: "compares-versions-as-text",
  story: "The version comes back from the store as a text, and of two texts 10 is less than 9.",
  breaks: ["BATCH-002"],
  deform: (conforming) => ({
    ...conforming,
    isConflict: (_context, version, { stored }) =>
      stored !== undefined && String(version) < String(stored.version),
  }),
});
