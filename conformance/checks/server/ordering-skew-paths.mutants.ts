import type { EntityType } from "../../../schemas/collections.ts";
import type { Context } from "../../model/context.ts";
import { mutant } from "../../model/mutant.ts";
import type { Mutant } from "../../model/mutant.ts";
import type { Candidate } from "../../model/submission.ts";

/** Does not look at the clock for some items. */
const overlooking = (which: (context: Context, candidate: Candidate) => boolean): Mutant["deform"] => {
  return (conforming) => ({
    ...conforming,
    resolveStamp(context, candidate, plan) {
      if (candidate.writtenAt === null || !which(context, candidate))
        conforming.resolveStamp(context, candidate, plan);
    },
  });
};

export const batchDeletionsGetReceiptStamps = mutant({
  name: "batch-deletions-ahead-get-receipt-stamps",
  story: "The batch came with the deployed clients, and its deletions are still stamped as theirs were.",
  breaks: ["ORD-014", "BATCH-001"],
  deform: (conforming) => ({
    ...conforming,
    givesReceiptStamp: (context, candidate) =>
      (context.endpoint === "batch" && candidate.deleted) || conforming.givesReceiptStamp(context, candidate),
  }),
});

export const batchDeletionsMayBeAhead = mutant({
  name: "batch-deletions-may-be-ahead",
  story: "The batch has a branch of its own for deletions, in front of the look at the clock.",
  breaks: ["ORD-014", "ORD-016", "BATCH-001"],
  deform: overlooking(({ endpoint }, { deleted }) => endpoint === "batch" && deleted),
});

export const batchesMayBeAhead = mutant({
  name: "batches-may-be-ahead",
  story: "The look at the clock was added to the push, when a phone of the year 2038 wrote by it.",
  breaks: ["ORD-014", "ORD-016", "BATCH-001"],
  deform: overlooking(({ endpoint }) => endpoint === "batch"),
});

const LATE_TYPES: readonly EntityType[] = ["plan_template", "user_preferences"];

export const laterTypesMayBeAhead = mutant({
  name: "later-types-may-be-ahead",
  story: "Templates and preferences came later, with a writer of their own.",
  breaks: ["ORD-014", "ORD-016"],
  deform: overlooking((_context, { entityType }) => LATE_TYPES.includes(entityType)),
});

export const pieceDeletionsMayBeAhead = mutant({
  name: "deletions-of-pieces-may-be-ahead",
  story: "A piece that is put away is a row less of the repertoire, whenever that was.",
  breaks: ["ORD-014", "ORD-016"],
  deform: overlooking((_context, { entityType, deleted }) => deleted && entityType === "repertoire_item"),
});
