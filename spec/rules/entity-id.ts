import type { EntityType } from "../../schemas/collections.ts";
import type { Json, JsonObject } from "../../schemas/json.ts";
import { normaliseScoreId } from "./score-id.ts";
import { derivedScoreId } from "./derived-score-id.ts";

/**
 * The entity id of an item of a type, normalised, from the item as it was sent or after normalisation.
 *
 * It is `id`; for a repertoire item `scoreId`, else `score_id`, else `id`, else what title and composer make. Undefined if it is absent,
 * not a string, or not 1 to 255 code points long after normalisation.
 *
 * Source: spec/data.md, DATA-016, NORM-004, NORM-006, NORM-007.
 */
export function entityIdOf(entityType: EntityType, item: JsonObject): string | undefined {
  const sent = entityType === "repertoire_item" ? repertoireId(item) : own(item, "id");
  if (typeof sent !== "string") return undefined;
  const id = entityType === "repertoire_item" ? normaliseScoreId(sent) : sent;
  return hasIdLength(id) ? id : undefined;
}

/**
 * Whether an item, before or after normalisation, is a deletion: `deletedAt`, or `deleted_at` where that is absent or null, is
 * neither null nor the empty text. Whether it is an instant is for validation to judge.
 *
 * Source: spec/data.md, "Deletions" (DEL-001, DEL-007), NORM-002, ORD-011.
 */
export function isDeletion(item: JsonObject): boolean {
  const deletedAt = own(item, "deletedAt") ?? own(item, "deleted_at") ?? null;
  return deletedAt !== null && deletedAt !== "";
}

function repertoireId(item: JsonObject): Json | undefined {
  for (const name of ["scoreId", "score_id", "id"]) {
    if (Object.hasOwn(item, name)) return item[name];
  }
  return derivedScoreId(item["title"], item["composer"]);
}

function own(item: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(item, name) ? item[name] : undefined;
}

function hasIdLength(id: string): boolean {
  if (id.length === 0 || id.length > 510) return false;
  return id.length <= 255 || [...id].length <= 255;
}
