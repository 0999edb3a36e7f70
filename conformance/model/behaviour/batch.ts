import { isEntityType } from "../../../schemas/collections.ts";
import type { EntityType } from "../../../schemas/collections.ts";
import { isJsonObject } from "../../../schemas/json.ts";
import type { Json, JsonObject } from "../../../schemas/json.ts";
import { formatInstant } from "../../../spec/rules/instant.ts";
import type { Context } from "../context.ts";
import { ItemRefusal } from "../refusal.ts";
import type { Candidate, EntityPlan, Judgement, Submission } from "../submission.ts";

/** What a batch has beyond a push: frames around its items, preconditions, its own answer. */
export interface BatchSteps {
  /** The elements of a batch, in request order; refuses a malformed envelope. */
  batchItems(context: Context, body: Json): Submission[];
  /** Refuses an element that is not an object. */
  checkElement(context: Context, submission: Submission): void;
  /** The item, with the frame's `id` where it has none of its own. */
  withFrameId(context: Context, submission: Submission, entityType: EntityType, item: JsonObject): JsonObject;
  /** Refuses an `id` that names another entity than `data`, and a `version` or `checksum` of a wrong form. */
  checkFrame(context: Context, submission: Submission, entityType: EntityType, entityId: string): void;
  /** Refuses an item whose `checksum` is not that of the item as it came (announced peers). */
  checkOwnChecksum(context: Context, candidate: Candidate): void;
  /** Whether an item's own stamp equals the stored one: judged before its version. */
  repeatsStored(context: Context, candidate: Candidate, plan: EntityPlan): boolean;
  /** The version that a batch item is based on; undefined: no precondition. */
  preconditionOf(context: Context, candidate: Candidate): number | undefined;
  /** Whether an item is based on too old a version. */
  isConflict(context: Context, version: number, plan: EntityPlan): boolean;
  /** The refusals with VERSION_CONFLICT, and what is stored. */
  batchConflicts(context: Context, judgements: readonly Judgement[]): JsonObject[];
  /** The answer's body. `head`: the greatest seq once the batch is stored. */
  batchAnswer(context: Context, judgements: readonly Judgement[], head: number): JsonObject;
}

export const batch: BatchSteps = {
  batchItems(context, body) {
    context.behaviour.checkEnvelope(context, "batch_request", body);
    return (body as { entities: Json[] }).entities.map((element, index): Submission => {
      const pointer = `/entities/${index}`;
      if (!isJsonObject(element))
        return { pointer, itemPointer: pointer, entityType: null, raw: element, element };
      const { type, data = null } = element;
      const entityType = isEntityType(type) ? type : null;
      return { pointer, itemPointer: `${pointer}/data`, entityType, raw: data, element, frame: element };
    });
  },

  checkElement(_context, { element, pointer }) {
    if (!isJsonObject(element)) throw new ItemRefusal("INVALID_ITEM", pointer, "must be an object");
  },

  withFrameId(_context, { frame }, entityType, item) {
    const id = frame?.["id"];
    const names = entityType === "repertoire_item" ? ["scoreId", "score_id", "id"] : ["id"];
    if (id === undefined || id === null || names.some((name) => Object.hasOwn(item, name))) return item;
    return { ...item, [names[0]!]: id };
  },

  checkFrame(context, { frame = {}, pointer }, entityType, entityId) {
    const { id = null, version = null, checksum = null } = frame;
    if (id !== null && context.behaviour.entityId(context, entityType, { id }) !== entityId) {
      throw new ItemRefusal("INVALID_ITEM", `${pointer}/id`, "id and data must name the same entity");
    }
    if (version !== null && !(Number.isInteger(version) && (version as number) >= 0)) {
      throw new ItemRefusal("INVALID_ITEM", `${pointer}/version`, "must be a whole number of 0 or more");
    }
    if (checksum !== null && typeof checksum !== "string" && context.announced) {
      throw new ItemRefusal("INVALID_ITEM", `${pointer}/checksum`, "must be a text");
    }
  },

  checkOwnChecksum({ announced }, { submission, checksum }) {
    const claimed = submission.frame?.["checksum"] ?? null;
    if (!announced || claimed === null || claimed === checksum) return;
    const detail = "is not the checksum of data; compute it again";
    throw new ItemRefusal("CHECKSUM_MISMATCH", `${submission.pointer}/checksum`, detail);
  },

  repeatsStored: (context, candidate, { stored }) =>
    candidate.writtenAt !== null &&
    stored !== undefined &&
    context.behaviour.judge(context, stored.stamp, candidate.stamp) === "duplicate",

  preconditionOf: (_context, { submission }) =>
    (submission.frame?.["version"] ?? undefined) as number | undefined,

  isConflict: (_context, version, { stored }) => stored !== undefined && version < stored.version,

  batchConflicts: (context, judgements) =>
    judgements.flatMap(({ entityId, submission, conflict }) =>
      conflict === undefined
        ? []
        : [
            {
              entityId,
              entityType: submission.entityType,
              localVersion: conflict.localVersion,
              remoteVersion: conflict.stored.version,
              server: context.behaviour.tellItem(context, conflict.stored),
            },
          ],
    ),

  batchAnswer(context, judgements, head) {
    const { behaviour } = context;
    const conflicts = behaviour.batchConflicts(context, judgements);
    return {
      success: behaviour.isSuccess(context, judgements),
      uploaded: judgements.filter(({ outcome }) => outcome === "applied").length,
      downloaded: conflicts.filter(({ server }) => server !== null).length,
      conflicts,
      newSyncToken: behaviour.headToken(context, head),
      results: behaviour.tellResults(context, judgements),
      timestamp: formatInstant(context.server.now()),
    };
  },
};
