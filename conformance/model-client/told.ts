import { isEntityType } from "../../schemas/collections.ts";
import { isJsonObject } from "../../schemas/json.ts";
import type { Json, JsonObject } from "../../schemas/json.ts";
import type { Meta } from "../../schemas/meta.ts";
import { parseInstant } from "../../spec/rules/instant.ts";
import type { Stamp } from "../../spec/rules/stamp.ts";

/** What the server says it stores of one entity: `item` null for a deletion. */
export interface Told {
  meta: Meta;
  item: JsonObject | null;
}

/** By which way something was told. */
export type Way = "pull" | "full-pull" | "catch-up" | "event" | "acknowledgement";

export function isMeta(value: unknown): value is Meta {
  if (!isJsonObject(value)) return false;
  const { entityType, entityId, version, seq, updatedAt, deletedAt, checksum } = value;
  return (
    isEntityType(entityType) &&
    typeof entityId === "string" &&
    Number.isInteger(version) &&
    Number.isInteger(seq) &&
    parseInstant(updatedAt) !== undefined &&
    (deletedAt === null || parseInstant(deletedAt) !== undefined) &&
    typeof checksum === "string"
  );
}

/** The stamp that `meta` tells; the checksum is the server's (CLI-006). */
export function stampOf(meta: Meta): Stamp {
  const deleted = meta.deletedAt !== null;
  return { updatedAt: parseInstant(meta.deletedAt ?? meta.updatedAt)!, deleted, checksum: meta.checksum };
}

/** Items with the meta that runs parallel to them; undefined where it does not. */
export function paired(items: Json | undefined, metas: Json | undefined): Told[] | undefined {
  if (items === undefined) return [];
  if (!Array.isArray(items) || !Array.isArray(metas) || items.length !== metas.length) return undefined;
  const told = items.map((item, index) => ({ item, meta: metas[index] }));
  return told.every((pair): pair is Told => isJsonObject(pair.item) && isMeta(pair.meta)) ? told : undefined;
}

/** Deletions, told by their meta alone. */
export function deletions(metas: Json | undefined): Told[] {
  if (!Array.isArray(metas)) return [];
  return metas.filter(isMeta).map((meta) => ({ meta, item: null }));
}
