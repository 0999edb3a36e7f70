import { contentOf } from "../../../spec/rules/content.ts";
import { canonicalJson } from "../../../spec/rules/canonical-json.ts";
import { isJsonObject, type Json } from "../../../schemas/json.ts";
import { COLLECTIONS } from "../../../schemas/collections.ts";
import { mutant } from "../../model/mutant.ts";
import type { Mutant } from "../../model/mutant.ts";
import { ItemRefusal, Refusal } from "../../model/refusal.ts";
import { sha256 } from "../../model/sha-256.ts";
import { rowKey } from "../../model/state.ts";
import type { Candidate } from "../../model/submission.ts";

export const batchesWaitForNobody = mutant({
  name: "batches-wait-for-nobody",
  story: "The lock was put around the push when a race was found there.",
  breaks: ["BATCH-001", "ORD-020", "ORD-021"],
  deform: (conforming) => ({
    ...conforming,
    lock: (context, task) => (context.endpoint === "batch" ? task() : conforming.lock(context, task)),
  }),
});

export const batchesHaveALockOfTheirOwn = mutant({
  name: "batches-have-a-lock-of-their-own",
  story: "Each handler locks under its own name, so a push and a batch do not keep each other out.",
  breaks: ["BATCH-001", "ORD-020", "ORD-021"],
  deform: (conforming) => ({
    ...conforming,
    lockName: (context) => `${conforming.lockName(context)} ${context.endpoint}`,
  }),
});

export const deletionsHaveNoPreconditions = mutant({
  name: "deletions-have-no-preconditions",
  story: "Deletions leave the loop before the version is looked at.",
  breaks: ["BATCH-002"],
  deform: (conforming) => ({
    ...conforming,
    preconditionOf: (context, candidate) =>
      candidate.deleted ? undefined : conforming.preconditionOf(context, candidate),
  }),
});

export const losersHaveNoPreconditions = mutant({
  name: "losers-have-no-preconditions",
  story: "What loses by its stamp anyway is answered so before the version is looked at.",
  breaks: ["BATCH-002"],
  deform: (conforming) => ({
    ...conforming,
    preconditionOf(context, candidate) {
      const stored = context.user.rows.get(rowKey(candidate.entityType, candidate.entityId));
      const loses = conforming.judge(context, stored?.stamp, candidate.stamp) === "superseded";
      return loses ? undefined : conforming.preconditionOf(context, candidate);
    },
  }),
});

/** Looks at another checksum than the one that came; undefined: at none. */
const claiming = (
  seen: (checksum: Json | undefined, candidate: Candidate) => Json | undefined,
): Mutant["deform"] => {
  return (conforming) => ({
    ...conforming,
    checkOwnChecksum(context, candidate) {
      const { checksum, ...frame } = candidate.submission.frame ?? {};
      const claimed = seen(checksum, candidate);
      const submission = {
        ...candidate.submission,
        frame: claimed === undefined ? frame : { ...frame, checksum: claimed },
      };
      conforming.checkOwnChecksum(context, { ...candidate, submission });
    },
  });
};

export const comparesChecksumsWithoutCase = mutant({
  name: "compares-checksums-without-case",
  story: "Both are decoded from hexadecimal before they are compared.",
  breaks: ["BATCH-009"],
  deform: claiming((checksum) => (typeof checksum === "string" ? checksum.toLowerCase() : checksum)),
});

export const takesEmptyChecksumsForNone = mutant({
  name: "takes-empty-checksums-for-none",
  story: "`if (entity.checksum)`.",
  breaks: ["BATCH-009"],
  deform: claiming((checksum) => checksum || undefined),
});

export const leavesChecksumsOfDeletions = mutant({
  name: "leaves-checksums-of-deletions",
  story: "A deletion has no content, so there seemed to be nothing to compare.",
  breaks: ["BATCH-009"],
  deform: claiming((checksum, { deleted }) => (deleted ? undefined : checksum)),
});

export const takesChecksumsOfItemsAsSent = mutant({
  name: "takes-checksums-of-items-as-sent",
  story: "Clients that do not normalise were to be helped, so either checksum will do.",
  breaks: ["BATCH-009"],
  deform: claiming((checksum, { submission: { raw } }) =>
    isJsonObject(raw) && checksum === sha256(canonicalJson(contentOf(raw))) ? undefined : checksum,
  ),
});

export const refusesStrangeChecksumsOfDeployedPeers = mutant({
  name: "refuses-strange-checksums-of-deployed-peers",
  story: "The schema says that a checksum is a text, whoever sends it.",
  breaks: ["BATCH-009"],
  deform: (conforming) => ({
    ...conforming,
    checkFrame(context, submission, entityType, entityId) {
      if (!["string", "undefined"].includes(typeof submission.frame?.["checksum"]))
        throw new ItemRefusal("INVALID_ITEM", `${submission.pointer}/checksum`, "must be a text");
      conforming.checkFrame(context, submission, entityType, entityId);
    },
  }),
});

export const leavesIdsOfDeletions = mutant({
  name: "deletes-what-data-names",
  story: "The two ids are compared where the item is validated, and a deletion is not.",
  breaks: ["BATCH-008"],
  deform: (conforming) => ({
    ...conforming,
    checkFrame(context, submission, entityType, entityId) {
      const deletes = isJsonObject(submission.raw) && "deletedAt" in submission.raw;
      if (!deletes) conforming.checkFrame(context, submission, entityType, entityId);
    },
  }),
});

export const takesCollectionsForTypes = mutant({
  name: "takes-collections-for-types",
  story: "One table translates both names, because an old client mixed them up.",
  breaks: ["BATCH-007"],
  deform: (conforming) => ({
    ...conforming,
    batchItems: (context, body) =>
      conforming.batchItems(context, body).map((submission) => {
        const type = submission.frame?.["type"];
        const known = Object.entries(COLLECTIONS).find(([member]) => member === type)?.[1];
        return known ? { ...submission, entityType: known } : submission;
      }),
  }),
});

export const pointsIntoItemsOfBatches = mutant({
  name: "points-past-data-in-batches",
  story: "The pointer of an error is made by the validator of a push, which knows nothing of `data`.",
  breaks: ["BATCH-001", "PUSH-007"],
  deform: (conforming) => ({
    ...conforming,
    batchItems: (context, body) =>
      conforming
        .batchItems(context, body)
        .map((submission) => ({ ...submission, itemPointer: submission.pointer })),
  }),
});

export const refusesNullTypesAsUnknown = mutant({
  name: "refuses-absent-types-as-unknown",
  story: "null is not in the list of types, and neither is undefined.",
  breaks: ["BATCH-012"],
  deform: (conforming) => ({
    ...conforming,
    checkCollection(context, submission) {
      const { frame, entityType, pointer } = submission;
      if (frame !== undefined && entityType === null)
        throw new ItemRefusal("UNKNOWN_COLLECTION", `${pointer}/type`, "type must be a known entity type");
      return conforming.checkCollection(context, submission);
    },
  }),
});

export const refusesNullDataAsInvalid = mutant({
  name: "refuses-absent-data-as-invalid",
  story: "`typeof data !== 'object'` and `data === null` end in one branch.",
  breaks: ["BATCH-012"],
  deform: (conforming) => ({
    ...conforming,
    checkObject(context, submission) {
      if (submission.frame !== undefined && !isJsonObject(submission.raw))
        throw new ItemRefusal("INVALID_ITEM", submission.itemPointer, "must be an object");
      return conforming.checkObject(context, submission);
    },
  }),
});

export const refusesBatchesWithNullMembers = mutant({
  name: "refuses-batches-with-null-members",
  story:
    "The schema of the envelope demands a text for type, so one bad element takes the whole batch with it.",
  breaks: ["BATCH-012"],
  deform: (conforming) => ({
    ...conforming,
    batchItems(context, body) {
      const items = conforming.batchItems(context, body);
      const bad = items.find(({ frame }) => frame !== undefined && typeof frame["type"] !== "string");
      if (bad) throw new Refusal("INVALID_REQUEST", `${bad.pointer}/type must be a text`);
      return items;
    },
  }),
});

export const refusesNullIds = mutant({
  name: "refuses-ids-of-null",
  story: "`'id' in element && element.id !== data.id`.",
  breaks: ["BATCH-012", "BATCH-008"],
  deform: (conforming) => ({
    ...conforming,
    checkFrame(context, submission, entityType, entityId) {
      if (submission.frame?.["id"] === null)
        throw new ItemRefusal(
          "INVALID_ITEM",
          `${submission.pointer}/id`,
          "id and data must name the same entity",
        );
      conforming.checkFrame(context, submission, entityType, entityId);
    },
  }),
});

export const callsOtherDataIncomplete = mutant({
  name: "calls-data-of-any-other-kind-incomplete",
  story: "Members are looked for in whatever data is; a text and a list have none of them.",
  breaks: ["BATCH-012"],
  deform: (conforming) => ({
    ...conforming,
    checkObject: (context, submission) =>
      submission.frame !== undefined && !isJsonObject(submission.raw)
        ? {}
        : conforming.checkObject(context, submission),
  }),
});
