import { mutant } from "../../model/mutant.ts";
import { afterExamining, afterNormalising, beforeNormalising, without } from "../../model/deform.ts";
import { isJsonObject } from "../../../schemas/json.ts";
import { canonicalJson } from "../../../spec/rules/canonical-json.ts";
import { isDeletion } from "../../../spec/rules/entity-id.ts";
import { sha256Hex } from "../../../spec/rules/sha-256.ts";

export const prefersIdToScoreId = mutant({
  name: "prefers-id-to-score-id",
  story: "Every type's id is `id`; scoreId is looked at where there is none.",
  breaks: ["NORM-007"],
  deform: beforeNormalising((item, entityType) =>
    entityType === "repertoire_item" && Object.hasOwn(item, "id") && !isDeletion(item)
      ? without(item, "scoreId", "score_id")
      : item,
  ),
});

export const keepsTheIdThatBecameTheScoreId = mutant({
  name: "keeps-the-id-that-became-the-score-id",
  story: "The id is copied to scoreId and stays, so the checksum is another one.",
  breaks: ["NORM-007"],
  deform: afterNormalising((item, sent, entityType) =>
    entityType === "repertoire_item" && Object.hasOwn(sent, "id") && !Object.hasOwn(item, "id")
      ? { ...item, id: item["scoreId"]! }
      : item,
  ),
});

export const wantsAScoreId = mutant({
  name: "wants-a-score-id",
  story: "A repertoire item's id is its scoreId, and an `id` is none.",
  breaks: ["NORM-007"],
  deform: beforeNormalising((item, entityType) =>
    entityType === "repertoire_item" && !Object.hasOwn(item, "scoreId") && !Object.hasOwn(item, "score_id")
      ? without(item, "id", "title")
      : item,
  ),
});

export const dropsTheIdBesideAScoreId = mutant({
  name: "drops-the-id-beside-a-score-id",
  story: "Two ids are one too many.",
  breaks: ["NORM-007", "DATA-002"],
  deform: afterNormalising((item, _sent, entityType) =>
    entityType === "repertoire_item" ? without(item, "id") : item,
  ),
});

export const findsPiecesByTheirPlainId = mutant({
  name: "finds-pieces-by-their-plain-id",
  story: "A deletion that names an `id` is looked up by that member of the stored items too.",
  breaks: ["NORM-007"],
  deform: beforeNormalising((item, entityType, { user }) => {
    if (entityType !== "repertoire_item" || !isDeletion(item)) return item;
    const row = [...user.rows.values()].find((one) => one.item !== null && one.item["id"] === item["id"]);
    return row ? { ...item, id: row.entityId } : item;
  }),
});

export const normalisesOnReadOnly = mutant({
  name: "normalises-on-read-only",
  story: "The item is stored and hashed as it came, and normalised on its way out.",
  breaks: ["NORM-008", "DATA-006"],
  deform: afterExamining(async (candidate) => {
    const { raw } = candidate.submission;
    if (candidate.deleted || !isJsonObject(raw)) return candidate;
    const checksum = await sha256Hex(canonicalJson(without(raw, "updatedAt", "updated_at", "deletedAt")));
    return { ...candidate, checksum, stamp: { ...candidate.stamp, checksum } };
  }),
});

export const normalisesAgainAndAgain = mutant({
  name: "normalises-again-and-again",
  story: "A mark of the conversion is added with every write, so that no item is ever as it was.",
  breaks: ["NORM-008", "DATA-005"],
  deform: afterNormalising((item) => ({
    ...item,
    revision: (typeof item["revision"] === "number" ? item["revision"] : 0) + 1,
  })),
});

export const doesNotNormaliseBatches = mutant({
  name: "does-not-normalise-batches",
  story: "The batch endpoint stores `data` as it is.",
  breaks: ["NORM-009", "BATCH-001"],
  deform: afterNormalising((item, sent, entityType, { endpoint }) =>
    endpoint === "batch" && entityType === "logbook_entry"
      ? { ...without(sent, "updated_at", "version"), updatedAt: item["updatedAt"] ?? null }
      : item,
  ),
});

export const doesNotValidateBatches = mutant({
  name: "does-not-validate-batches",
  story: "The schemas are built into the push handler.",
  breaks: ["NORM-009", "BATCH-001"],
  deform: (conforming) => ({
    ...conforming,
    checkSchema(context, submission, entityType, item) {
      if (context.endpoint === "push") conforming.checkSchema(context, submission, entityType, item);
    },
  }),
});

export const believesClaimedAuthors = mutant({
  name: "believes-claimed-authors",
  story: "authorId is a member like any other.",
  breaks: ["NORM-011"],
  deform: (conforming) => ({ ...conforming, withAuthor: (_context, _type, item) => item }),
});

export const fillsAbsentAuthorsOnly = mutant({
  name: "fills-absent-authors-only",
  story: "The user is the default of authorId, and not its value.",
  breaks: ["NORM-011"],
  deform: (conforming) => ({
    ...conforming,
    withAuthor: (context, entityType, item) =>
      Object.hasOwn(item, "authorId") ? item : conforming.withAuthor(context, entityType, item),
  }),
});

export const believesAuthorsOfBatches = mutant({
  name: "believes-authors-of-batches",
  story: "The author is set in the push handler.",
  breaks: ["NORM-011", "NORM-009", "BATCH-001"],
  deform: (conforming) => ({
    ...conforming,
    withAuthor: (context, entityType, item) =>
      context.endpoint === "batch" ? item : conforming.withAuthor(context, entityType, item),
  }),
});

export const namesAuthorsOfPlansToo = mutant({
  name: "names-authors-of-plans-too",
  story: "Plans and templates share a table, and its author column is filled.",
  breaks: ["NORM-011", "DATA-005"],
  deform: (conforming) => ({
    ...conforming,
    withAuthor: (context, entityType, item) =>
      conforming.withAuthor(context, entityType === "practice_plan" ? "plan_template" : entityType, item),
  }),
});
