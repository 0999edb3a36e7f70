import { Type } from "@sinclair/typebox";
import type { EntityType } from "../collections.ts";
import { Meta } from "../meta.ts";

// Asks more of meta than its own schema does. As a condition, so that code generators do not make a type of each use.
const narrowed = (properties: object) => ({
  $ref: Meta.$id,
  if: { type: "object" },
  then: { type: "object", properties },
});

/** Which versions a message tells: the first, later ones, or any. */
export type Versions = "first" | "later" | "any";

const VERSIONS = {
  first: { version: { type: "integer", const: 1 } },
  later: { version: { type: "integer", minimum: 2 } },
  any: {},
};

/** Meta of a live entity of a type. */
export function liveMeta(type: EntityType, versions: Versions = "any") {
  return narrowed({ entityType: { const: type }, deletedAt: { type: "null" }, ...VERSIONS[versions] });
}

/** Meta of a deletion; of a type, if one is given. */
export function deletionMeta(type?: EntityType) {
  return narrowed({
    ...(type === undefined ? {} : { entityType: { const: type } }),
    deletedAt: { type: "string" },
  });
}

/** The member `meta` of a message that tells one live entity. */
export function ofOne(type: EntityType, versions: Versions = "any") {
  return Type.Unsafe<Meta>({ ...liveMeta(type, versions), description: "Meta of what is stored." });
}

/** The member `meta` of a message that tells a deletion. */
export function ofDeletion(type: EntityType) {
  return Type.Unsafe<Meta>({ ...deletionMeta(type), description: "Meta of the deletion." });
}
