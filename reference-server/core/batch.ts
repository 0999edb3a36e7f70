import { batch_request } from "../../schemas/generated/validators.js";
import { isEntityType, type EntityType } from "../../schemas/collections.ts";
import type { BatchConflict } from "../../schemas/http/batch.ts";
import { isJsonObject, type Json, type JsonObject } from "../../schemas/json.ts";
import { entityIdOf } from "../../spec/rules/entity-id.ts";
import { formatInstant } from "../../spec/rules/instant.ts";
import { examine, isRefusal, refuse, type Candidate, type Refusal } from "./candidate.ts";
import { requireCount, requireSchema } from "./envelope.ts";
import type { Verdict } from "./judge.ts";
import { itemOf, resultOf } from "./results.ts";
import type { ItemRules, WriteCall } from "./write.ts";

/** `POST /api/sync/batch`: a push whose items may carry a precondition (spec/batch.md). */
export const batch: WriteCall = {
  endpoint: "batch",

  async items(body, rules) {
    requireSchema(batch_request, body);
    const entities = (body as JsonObject)["entities"] as Json[];
    requireCount(entities.length, rules.maxItems);
    const items: (Candidate | Refusal)[] = [];
    for (const [index, entity] of entities.entries()) items.push(await examineEntity(entity, index, rules));
    return items;
  },

  answer(verdicts, newSyncToken, now) {
    const conflicts = verdicts.flatMap(conflictOf);
    return {
      success: verdicts.every((verdict) => verdict.outcome !== "refused"),
      uploaded: verdicts.filter((verdict) => verdict.outcome === "applied").length,
      downloaded: conflicts.filter((conflict) => conflict.server !== null).length,
      conflicts,
      newSyncToken,
      results: verdicts.map(resultOf),
      timestamp: formatInstant(now),
    };
  },
};

async function examineEntity(entity: Json, index: number, rules: ItemRules): Promise<Candidate | Refusal> {
  const pointer = `/entities/${index}`;
  const place = { pointer, itemPointer: `${pointer}/data` };
  if (!isJsonObject(entity)) return refuse(place, "INVALID_ITEM", "must be an object", { at: pointer });
  const { id = null, type, data, version = null, checksum = null } = entity;
  for (const [name, value] of Object.entries({ type, data })) {
    if ((value ?? null) === null) {
      return refuse(place, "INCOMPLETE", `must have the member ${name}`, { at: `${pointer}/${name}` });
    }
  }
  if (!isEntityType(type)) {
    const entityId = typeof id === "string" ? id : null;
    return refuse(place, "UNKNOWN_COLLECTION", "must be a known type of entity", {
      entityId,
      at: `${pointer}/type`,
    });
  }
  if (id !== null && typeof id !== "string") {
    return refuse(place, "INVALID_ITEM", "must be a text", { entityType: type, at: `${pointer}/id` });
  }
  const item = id !== null && isJsonObject(data) ? withId(type, data, id) : data;
  const candidate = await examine(place, type, item, rules);
  if (isRefusal(candidate)) return candidate;

  if (id !== null && entityIdOf(type, identified(type, id)) !== candidate.entityId) {
    return refuse(place, "INVALID_ITEM", "names another entity than /data", {
      ...candidate,
      at: `${pointer}/id`,
    });
  }
  if (version !== null && !(Number.isInteger(version) && (version as number) >= 0)) {
    return refuse(place, "INVALID_ITEM", "must be a whole number, 0 or more", {
      ...candidate,
      at: `${pointer}/version`,
    });
  }
  // Deployed peers compute theirs otherwise (BATCH-009). A null is no checksum.
  if (rules.announced && checksum !== null && checksum !== candidate.checksum) {
    const detail = `must be the checksum of the item, ${candidate.checksum === "" ? "empty for a deletion" : candidate.checksum}`;
    return refuse(place, "CHECKSUM_MISMATCH", detail, { ...candidate, at: `${pointer}/checksum` });
  }
  return version === null ? candidate : { ...candidate, version: version as number };
}

function identified(type: EntityType, id: string): JsonObject {
  return type === "repertoire_item" ? { scoreId: id } : { id };
}

/** The item with the entity's id where it has none of its own. */
function withId(type: EntityType, data: JsonObject, id: string): JsonObject {
  const names = type === "repertoire_item" ? ["scoreId", "score_id", "id"] : ["id"];
  const named = names.some((name) => Object.hasOwn(data, name));
  return named ? data : { ...data, ...identified(type, id) };
}

function conflictOf(verdict: Verdict): BatchConflict[] {
  if (verdict.outcome !== "refused" || verdict.refusal.code !== "VERSION_CONFLICT") return [];
  const { stored, localVersion } = verdict;
  if (stored === undefined || localVersion === undefined) return [];
  return [
    {
      entityId: stored.entityId,
      entityType: stored.entityType,
      localVersion,
      remoteVersion: stored.version,
      server: itemOf(stored),
    },
  ];
}
