import { createHash } from "node:crypto";
import { isJsonObject } from "../../../schemas/json.ts";
import type { JsonObject } from "../../../schemas/json.ts";
import type { Behaviour } from "../../model/behaviour.ts";
import type { Context } from "../../model/context.ts";
import { mutant } from "../../model/mutant.ts";
import { ItemRefusal, Refusal } from "../../model/refusal.ts";

export const batchDoesNotNormalise = mutant({
  name: "batch-does-not-normalise",
  story: "Normalisation stands in the handler of push, and batch came later.",
  breaks: ["BATCH-001", "NORM-009"],
  deform: (conforming) => ({
    ...conforming,
    normalise: (context, entityType, item) =>
      context.endpoint === "batch" ? item : conforming.normalise(context, entityType, item),
  }),
});

export const batchDoesNotValidate = mutant({
  name: "batch-does-not-validate",
  story: "`data` is declared as any object, since its schema depends on `type`.",
  breaks: ["BATCH-001", "NORM-009"],
  deform: (conforming) => ({
    ...conforming,
    checkSchema(context, submission, entityType, item) {
      if (context.endpoint !== "batch") conforming.checkSchema(context, submission, entityType, item);
    },
  }),
});

const KNOWN = new Set(
  "id scoreId timestamp duration type instrument notes tags title composer status updatedAt deletedAt".split(
    " ",
  ),
);

export const batchDropsUnknownMembers = mutant({
  name: "batch-drops-unknown-members",
  story: "Batch maps `data` to a class with the members of that year.",
  breaks: ["BATCH-001", "DATA-002", "NORM-009"],
  deform: (conforming) => ({
    ...conforming,
    normalise(context, entityType, item) {
      const normalised = conforming.normalise(context, entityType, item);
      if (context.endpoint !== "batch") return normalised;
      return Object.fromEntries(Object.entries(normalised).filter(([name]) => KNOWN.has(name)));
    },
  }),
});

export const fallsBackToADefaultType = mutant({
  name: "falls-back-to-a-default-type",
  story: "A switch over types ends in a default branch that stores goals.",
  breaks: ["BATCH-007"],
  deform: (conforming) => ({
    ...conforming,
    checkCollection: (context, submission) =>
      submission.frame && submission.entityType === null
        ? "goal"
        : conforming.checkCollection(context, submission),
  }),
});

export const rejectsBatchesWithUnknownTypes = mutant({
  name: "rejects-batches-with-unknown-types",
  story: "type is an enumeration in the body's schema, so one item of a newer app stops all.",
  breaks: ["BATCH-007"],
  deform: (conforming) => ({
    ...conforming,
    batchItems(context, body) {
      const items = conforming.batchItems(context, body);
      if (items.some(({ frame, entityType }) => frame && entityType === null)) {
        throw new Refusal("INVALID_REQUEST", "type is not known");
      }
      return items;
    },
  }),
});

export const believesTheOuterId = mutant({
  name: "believes-the-outer-id",
  story: "The id beside data overwrites the one within it, so damaged requests write to the wrong entity.",
  breaks: ["BATCH-008"],
  deform: (conforming) => ({
    ...conforming,
    withFrameId: (context, submission, entityType, item) =>
      entityType === "goal" && submission.frame?.["id"] !== undefined
        ? { ...item, id: submission.frame["id"] }
        : conforming.withFrameId(context, submission, entityType, item),
  }),
});

export const believesTheInnerId = mutant({
  name: "believes-the-inner-id",
  story: "The id beside data is only read where data has none, and never compared.",
  breaks: ["BATCH-008"],
  deform: (conforming) => ({
    ...conforming,
    checkFrame(context, submission, entityType, entityId) {
      const frame = { ...submission.frame, id: null };
      conforming.checkFrame(context, { ...submission, frame }, entityType, entityId);
    },
  }),
});

export const comparesIdsBeforeNormalising = mutant({
  name: "compares-ids-before-normalising",
  story: "The two ids are compared as they came, so a score id in another spelling is refused.",
  breaks: ["BATCH-008", "NORM-006"],
  deform: (conforming) => ({
    ...conforming,
    checkFrame(context, submission, entityType, entityId) {
      conforming.checkFrame(context, submission, entityType, entityId);
      const { frame, raw, pointer } = submission;
      const inner = isJsonObject(raw) ? (raw["scoreId"] ?? raw["id"]) : undefined;
      if (inner === undefined || inner === frame?.["id"]) return;
      throw new ItemRefusal("INVALID_ITEM", `${pointer}/id`, "id and data must name the same entity");
    },
  }),
});

const mismatch = (pointer: string): ItemRefusal =>
  new ItemRefusal("CHECKSUM_MISMATCH", `${pointer}/checksum`, "is not the checksum of data");

export const ignoresChecksums = mutant({
  name: "ignores-checksums",
  story: "checksum is accepted for compatibility and never computed.",
  breaks: ["BATCH-009"],
  deform: (conforming) => ({ ...conforming, checkOwnChecksum() {} }),
});

export const comparesChecksumsWithTheStoredItem = mutant({
  name: "compares-checksums-with-the-stored-item",
  story: "The checksum is taken for that of the item that the writer had seen, a second precondition.",
  breaks: ["BATCH-009"],
  deform: (conforming) => ({
    ...conforming,
    checkOwnChecksum(context, candidate) {
      const { submission, entityType, entityId } = candidate;
      const stored = conforming.findRow(context, entityType, entityId);
      if (!stored) return conforming.checkOwnChecksum(context, candidate);
      const claimed = submission.frame?.["checksum"] ?? null;
      if (context.announced && claimed !== null && claimed !== stored.stamp.checksum) {
        throw mismatch(submission.pointer);
      }
    },
  }),
});

export const hashesBeforeNormalising = mutant({
  name: "hashes-before-normalising",
  story: "The checksum is verified on the raw item, before its type is put into lower case.",
  breaks: ["BATCH-009"],
  deform: (conforming) => ({
    ...conforming,
    checkOwnChecksum(context: Context, { submission }) {
      const claimed = submission.frame?.["checksum"] ?? null;
      if (!context.announced || claimed === null || !isJsonObject(submission.raw)) return;
      const text = conforming.canonicalText(context, conforming.contentOf(context, submission.raw));
      if (createHash("sha256").update(text).digest("hex") !== claimed) throw mismatch(submission.pointer);
    },
  }),
});

/** A batch answer with some members replaced. */
const answering =
  (change: (context: Context, results: JsonObject[]) => JsonObject) =>
  (conforming: Behaviour): Behaviour => ({
    ...conforming,
    batchAnswer(context, judgements, head) {
      const answer = conforming.batchAnswer(context, judgements, head);
      return { ...answer, ...change(context, answer["results"] as JsonObject[]) };
    },
  });

export const countsEverythingAsUploaded = mutant({
  name: "counts-everything-as-uploaded",
  story: "uploaded is the number of entities in the request.",
  breaks: ["BATCH-010"],
  deform: answering((_context, results) => ({ uploaded: results.length })),
});

export const neverDownloads = mutant({
  name: "never-downloads",
  story: "downloaded is a constant from the time when batch only went one way.",
  breaks: ["BATCH-010"],
  deform: answering(() => ({ downloaded: 0 })),
});

export const batchAnswersTokenFromBefore = mutant({
  name: "batch-answers-token-from-before",
  story: "The head is read before the batch is written.",
  breaks: ["BATCH-010"],
  deform: (conforming) =>
    answering((context) => ({ newSyncToken: conforming.headToken(context, context.user.head) }))(conforming),
});

export const toleratesMissingEntities = mutant({
  name: "tolerates-missing-entities",
  story: "`body.entities ?? []`, and whatever is no list counts as empty.",
  breaks: ["BATCH-011", "HTTP-006"],
  deform: (conforming) => ({
    ...conforming,
    batchItems: (context, body) =>
      isJsonObject(body) && Array.isArray(body["entities"]) ? conforming.batchItems(context, body) : [],
  }),
});

export const crashesOnNullEntities = mutant({
  name: "crashes-on-null-entities",
  story: "`entity.type` of null throws, and the whole batch is answered 500.",
  breaks: ["BATCH-011", "HTTP-007"],
  deform: (conforming) => ({
    ...conforming,
    checkElement(context, submission) {
      if (submission.element === null) throw new TypeError("cannot read a member of null");
      conforming.checkElement(context, submission);
    },
  }),
});
