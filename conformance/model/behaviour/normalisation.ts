import type { EntityType } from "../../../schemas/collections.ts";
import type { Json, JsonObject } from "../../../schemas/json.ts";
import { withAuthor } from "../../../spec/rules/author.ts";
import { canonicalJson } from "../../../spec/rules/canonical-json.ts";
import { contentOf } from "../../../spec/rules/content.ts";
import { entityIdOf, isDeletion } from "../../../spec/rules/entity-id.ts";
import { normalise } from "../../../spec/rules/normalise.ts";
import type { Context } from "../context.ts";
import { sha256 } from "../sha-256.ts";

/** One form for what writers spell differently. `context.endpoint` tells push from batch. */
export interface NormalisationSteps {
  /** The item's normal form: what is judged, stored, hashed and returned. */
  normalise(context: Context, entityType: EntityType, item: JsonObject): JsonObject;
  /** A live item with what the server says of its author (NORM-011). */
  withAuthor(context: Context, entityType: EntityType, item: JsonObject): JsonObject;
  /** The id of the entity that an item names, before or after `normalise`; undefined: none that is good. */
  entityId(context: Context, entityType: EntityType, item: JsonObject): string | undefined;
  /** Whether an item is a deletion. */
  isDeletion(context: Context, item: JsonObject): boolean;
  /** A normalised item without what is not content. */
  contentOf(context: Context, item: JsonObject): JsonObject;
  /** The canonical text of a content. */
  canonicalText(context: Context, content: Json): string;
  /** The checksum of a normalised item; "" of a deletion. */
  checksum(context: Context, item: JsonObject, deleted: boolean): Promise<string>;
}

export const normalisation: NormalisationSteps = {
  normalise: (_context, entityType, item) => normalise(entityType, item),

  withAuthor: ({ user }, entityType, item) => withAuthor(entityType, item, user.id),

  entityId: (_context, entityType, item) => entityIdOf(entityType, item),

  isDeletion: (_context, item) => isDeletion(item),

  contentOf: (_context, item) => contentOf(item),

  canonicalText: (_context, content) => canonicalJson(content),

  async checksum(context, item, deleted) {
    const { behaviour } = context;
    if (deleted) return "";
    const text = behaviour.canonicalText(context, behaviour.contentOf(context, item));
    return sha256(text);
  },
};
