import { mutant, tally } from "../../model/mutant.ts";
import type { Mutant } from "../../model/mutant.ts";
import { afterBuilding, afterTellingMeta } from "../../model/deform.ts";
import { rowKey } from "../../model/state.ts";
import type { Judgement } from "../../model/submission.ts";
import { isJsonObject } from "../../../schemas/json.ts";
import type { JsonObject } from "../../../schemas/json.ts";
import { formatInstant } from "../../../spec/rules/instant.ts";

/** Changes the `meta` of results, but not that of pulls. */
function answeringMeta(change: (meta: JsonObject, judgement: Judgement) => JsonObject): Mutant["deform"] {
  return (conforming) => ({
    ...conforming,
    result(context, judgement) {
      const result = conforming.result(context, judgement);
      return isJsonObject(result["meta"]) ? { ...result, meta: change(result["meta"], judgement) } : result;
    },
  });
}

export const answersTheVersionBefore = mutant({
  name: "answers-the-version-before",
  story: "The answer is built from the row as it was read.",
  breaks: ["ORD-018", "ORD-020"],
  deform: answeringMeta((meta, { outcome }) =>
    outcome === "applied" ? { ...meta, version: Math.max(1, (meta["version"] as number) - 1) } : meta,
  ),
});

export const answersTheHeadAsEverySeq = mutant({
  name: "answers-the-head-as-every-seq",
  story: "All results of a push name the seq of its last row.",
  breaks: ["ORD-018"],
  deform: (conforming) => ({
    ...conforming,
    pushAnswer(context, judgements, head) {
      const answer = conforming.pushAnswer(context, judgements, head);
      const results = (answer["results"] as JsonObject[]).map((result) =>
        result["outcome"] === "applied"
          ? { ...result, meta: { ...(result["meta"] as JsonObject), seq: head } }
          : result,
      );
      return { ...answer, results };
    },
  }),
});

export const answersTheLosersMeta = mutant({
  name: "answers-the-losers-meta",
  story: "A superseded write is answered with the stamp that it came with.",
  breaks: ["ORD-018"],
  deform: answeringMeta((meta, { outcome, candidate }) =>
    outcome === "superseded" && candidate
      ? {
          ...meta,
          updatedAt: formatInstant(candidate.stamp.updatedAt),
          deletedAt: candidate.deleted ? formatInstant(candidate.stamp.updatedAt) : null,
          checksum: candidate.checksum,
        }
      : meta,
  ),
});

export const answersTheSendersItem = mutant({
  name: "answers-the-senders-item",
  story: "A superseded write is answered with what it sent, so the sender believes that it won.",
  breaks: ["ORD-019"],
  deform: (conforming) => ({
    ...conforming,
    resultItem: (context, judgement) =>
      judgement.outcome === "superseded" && judgement.candidate && !judgement.candidate.deleted
        ? judgement.candidate.item
        : conforming.resultItem(context, judgement),
  }),
});

export const answersWithoutNormalisedItems = mutant({
  name: "answers-without-normalised-items",
  story: "An item is only sent back where the server stamped it.",
  breaks: ["ORD-019"],
  deform: (conforming) => ({
    ...conforming,
    differs: (_context, sent, stored) =>
      isJsonObject(sent) && (sent["updatedAt"] ?? sent["updated_at"]) !== stored["updatedAt"],
  }),
});

export const answersWithoutStampedItems = mutant({
  name: "answers-without-stamped-items",
  story: "Contents are compared to find out whether the item must go back, and the stamp is not content.",
  breaks: ["ORD-019"],
  deform: (conforming) => ({
    ...conforming,
    differs: (context, sent, stored) =>
      isJsonObject(sent) &&
      conforming.differs(context, { ...sent, updatedAt: stored["updatedAt"] ?? null }, stored),
  }),
});

export const answersNoItemToDuplicates = mutant({
  name: "answers-no-item-to-duplicates",
  story: "A duplicate is answered early, before the item is compared.",
  breaks: ["ORD-019"],
  deform: (conforming) => ({
    ...conforming,
    resultItem: (context, judgement) =>
      judgement.outcome === "duplicate" ? undefined : conforming.resultItem(context, judgement),
  }),
});

export const answersBatchesWithoutItems = mutant({
  name: "answers-batches-without-items",
  story: "Only conflicts were thought to need an item in the answer to a batch.",
  breaks: ["ORD-019", "BATCH-001"],
  deform: (conforming) => ({
    ...conforming,
    resultItem: (context, judgement) =>
      context.endpoint === "batch" && judgement.outcome === "applied"
        ? undefined
        : conforming.resultItem(context, judgement),
  }),
});

export const countsVersionsPerUser = mutant({
  name: "counts-versions-per-user",
  story: "The version is taken from the user's counter of changes.",
  breaks: ["ORD-020"],
  deform: (conforming) => ({ ...conforming, nextVersion: ({ user }) => user.head + 1 }),
});

export const skipsVersions = mutant({
  name: "skips-versions",
  story: "Both the code and a trigger add one.",
  breaks: ["ORD-020"],
  deform: (conforming) => ({
    ...conforming,
    nextVersion: (_context, { stored }) => (stored === undefined ? 1 : stored.version + 2),
  }),
});

export const refusedWritesTakeAVersion = mutant({
  name: "refused-writes-take-a-version",
  story: "The version is reserved before the item is judged.",
  breaks: ["ORD-020"],
  deform: (conforming) => ({
    ...conforming,
    refuseSkew(context, candidate) {
      const row = context.user.rows.get(rowKey(candidate.entityType, candidate.entityId));
      if (row) row.version += 1;
      return conforming.refuseSkew(context, candidate);
    },
  }),
});

export const numbersEachTypeApart = mutant({
  name: "numbers-each-type-apart",
  story: "Each table has a sequence of its own.",
  breaks: ["ORD-021"],
  deform: afterTellingMeta((meta, { entityType, seq }, { user }) => ({
    ...meta,
    seq: 1 + user.log.filter((entry) => entry.entityType === entityType && entry.seq < seq).length,
  })),
});

export const onePushOneSeq = mutant({
  name: "one-push-one-seq",
  story: "All rows of a transaction get its number.",
  breaks: ["ORD-021"],
  deform: (conforming) => ({ ...conforming, nextSeq: (context) => conforming.nextSeq(context, 0) }),
});

export const editsKeepTheirSeq = mutant({
  name: "edits-keep-their-seq",
  story: "seq is an AUTOINCREMENT key, which an update does not touch.",
  breaks: ["ORD-021", "PULL-002"],
  deform: afterBuilding((row, stored) => (stored ? { ...row, seq: stored.seq } : row)),
});

export const deletionsTakeNoSeq = mutant({
  name: "deletions-take-no-seq",
  story: "Deleting sets a flag on the row and leaves the rest.",
  breaks: ["ORD-021", "PULL-002"],
  deform: afterBuilding((row, stored, winner) =>
    stored && winner.deleted ? { ...row, seq: stored.seq } : row,
  ),
});

export const commitsOutOfOrder = mutant({
  name: "commits-out-of-order",
  story:
    "Numbers come from a sequence, commits come when they are done: 8 is visible while 7 is still being written.",
  breaks: ["ORD-022", "PULL-002"],
  deform: (conforming) => ({
    ...conforming,
    lock: (_context, task) => task(),
    nextSeq: (context) => Math.max(tally(context, "seq"), 1),
    async persist(context, transaction) {
      const others = tally(context, "commits") % 3;
      for (let turn = 0; turn < others * 8; turn += 1) await context.server.turn(context);
      await conforming.persist(context, transaction);
    },
  }),
});
