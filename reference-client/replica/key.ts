import { isEntityType, type EntityType } from "../../schemas/collections.ts";
import type { EntityKey } from "./records.ts";

/** The key of an entity in storage. The id is normalised. */
export function keyOf(type: EntityType, id: string): EntityKey {
  return `${type}/${id}`;
}

/** The type of a key's entity, and its id. */
export function partsOf(key: EntityKey): { type: EntityType; id: string } {
  const slash = key.indexOf("/");
  const type = key.slice(0, slash);
  if (!isEntityType(type)) throw new TypeError(`${key} names no entity`);
  return { type, id: key.slice(slash + 1) };
}
