import type { EntityType } from "../../schemas/collections.ts";
import type { JsonObject } from "../../schemas/json.ts";

/**
 * A normalised live item as its author's: a plan template names the user who wrote it, whatever the item says or lacks. Other items
 * are returned as they are. (NORM-011.)
 *
 * @param user the `sub` of the writer's token
 */
export function withAuthor(entityType: EntityType, item: JsonObject, user: string): JsonObject {
  return entityType === "plan_template" ? { ...item, authorId: user } : item;
}
