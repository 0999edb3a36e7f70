import type { EntityType } from "../../schemas/collections.ts";
import type { Json, JsonObject } from "../../schemas/json.ts";
import { normalise } from "./normalise.ts";

/**
 * The id of the entity that an item names, normalised, before or after {@link normalise}. (NORM-007, DATA-016.)
 *
 * @returns undefined where it is absent, not a text, or not 1 to 255 characters (code points) long
 */
export function entityIdOf(entityType: EntityType, item: JsonObject): string | undefined {
  const id = rawEntityId(entityType, normalise(entityType, item));
  if (typeof id !== "string" || id === "") return undefined;
  return Array.from(id).length <= 255 ? id : undefined;
}

/** What stands where the entity id of a normalised item stands, whatever it is; undefined: nothing does. */
export function rawEntityId(entityType: EntityType, normalised: JsonObject): Json | undefined {
  const name = entityType === "repertoire_item" ? "scoreId" : "id";
  return Object.hasOwn(normalised, name) ? normalised[name] : undefined;
}

/** Whether an item, before or after {@link normalise}, is a deletion: a `deletedAt` that is neither null nor empty. (DEL-001, DEL-007.) */
export function isDeletion(item: JsonObject): boolean {
  const name = Object.hasOwn(item, "deletedAt") ? "deletedAt" : "deleted_at";
  const deletedAt = Object.hasOwn(item, name) ? item[name] : undefined;
  return deletedAt !== undefined && deletedAt !== null && deletedAt !== "";
}
