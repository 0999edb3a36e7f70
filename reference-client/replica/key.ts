import type { EntityType } from "../../schemas/collections.ts";
import type { EntityKey } from "./records.ts";

/** The key of an entity in storage. The id is normalised. */
export function keyOf(type: EntityType, id: string): EntityKey {
  return `${type}/${id}`;
}

/** The type of a key's entity, and its id. */
export function partsOf(key: EntityKey): { type: EntityType; id: string } {
  const slash = key.indexOf("/");
  return { type: key.slice(0, slash) as EntityType, id: key.slice(slash + 1) };
}

/** The member that an entity's id stands in. */
export function idMemberOf(type: EntityType): "id" | "scoreId" {
  return type === "repertoire_item" ? "scoreId" : "id";
}
