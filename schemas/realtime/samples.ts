import type { TSchema } from "@sinclair/typebox";
import type { EntityType } from "../collections.ts";
import { ENTITIES } from "../entities/index.ts";
import type { JsonObject } from "../json.ts";

const CHECKSUM = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
const STAMP = "2026-11-21T10:15:00.000Z";

/** The example of an entity's schema. */
export function sampleItem(type: EntityType): JsonObject {
  return (ENTITIES[type] as TSchema).examples[0] as JsonObject;
}

/** The id of that example. */
export function sampleId(type: EntityType): string {
  const { id, scoreId } = sampleItem(type);
  return String(type === "repertoire_item" ? scoreId : id);
}

/** Meta that fits the example of an entity's schema. */
export function sampleMeta(entityType: EntityType, seq: number, version = 1): JsonObject {
  const meta = { entityType, entityId: sampleId(entityType), version, seq };
  return { ...meta, updatedAt: STAMP, deletedAt: null, checksum: CHECKSUM };
}

/** Meta of the removal of that example. */
export function sampleDeletion(entityType: EntityType, seq: number): JsonObject {
  return { ...sampleMeta(entityType, seq, 2), deletedAt: STAMP, checksum: "" };
}
