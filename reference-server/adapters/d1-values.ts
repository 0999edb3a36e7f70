import type { EntityType } from "../../schemas/collections.ts";
import type { Identity, IdempotencyRecord, Row } from "../core/ports.ts";

export interface IdentityColumns {
  epoch: string;
  cursor_key: string;
  head: number;
  last_write: number | null;
}

export interface RowColumns {
  entity_type: EntityType;
  entity_id: string;
  seq: number;
  version: number;
  updated_at: number;
  deleted: number;
  checksum: string;
  item: string | null;
  claim_updated_at: number | null;
  claim_deleted: number | null;
  claim_checksum: string | null;
}

export type RecordColumns = Pick<IdempotencyRecord, "fingerprint" | "status" | "body">;

/** D1 takes values of at most 2 MB; a UTF-16 code unit is at most three bytes of UTF-8. */
const MOST_UNITS = 600_000;

export function identityOf(columns: IdentityColumns): Identity {
  return {
    epoch: columns.epoch,
    cursorKey: columns.cursor_key,
    head: columns.head,
    lastWrite: columns.last_write,
  };
}

export function rowOf(columns: RowColumns): Row {
  return {
    entityType: columns.entity_type,
    entityId: idFromColumn(columns.entity_id),
    seq: columns.seq,
    version: columns.version,
    updatedAt: columns.updated_at,
    deleted: columns.deleted === 1,
    checksum: columns.checksum,
    item: columns.item,
    claim:
      columns.claim_checksum === null
        ? null
        : {
            updatedAt: columns.claim_updated_at,
            deleted: columns.claim_deleted === 1,
            checksum: columns.claim_checksum,
          },
  };
}

/** A row as the JSON list that WRITE_ROWS takes apart. */
export function rowAsJson({ claim, ...row }: Row): string {
  return JSON.stringify([
    row.entityType,
    idAsColumn(row.entityId),
    row.seq,
    row.version,
    row.updatedAt,
    row.deleted ? 1 : 0,
    row.checksum,
    row.item,
    claim?.updatedAt ?? null,
    claim === null ? null : claim.deleted ? 1 : 0,
    claim?.checksum ?? null,
  ]);
}

/** SQLite's JSON functions end a text at U+0000, so ids go without: two ids must never become one. */
export function idAsColumn(id: string): string {
  return id.replaceAll("\\", "\\\\").replaceAll("\0", "\\0");
}

export function idFromColumn(column: string): string {
  return column.replaceAll(/\\[\\0]/g, (escaped) => (escaped === "\\0" ? "\0" : "\\"));
}

/** Texts of JSON values as texts of JSON lists, each of a size that D1 takes as one parameter. */
export function asLists(values: readonly string[]): string[] {
  const lists: string[][] = [];
  let units = Infinity;
  for (const value of values) {
    if (units + value.length > MOST_UNITS) {
      lists.push([]);
      units = 0;
    }
    lists.at(-1)!.push(value);
    units += value.length;
  }
  return lists.map((list) => `[${list.join(",")}]`);
}

/** A text in parts that D1 takes as values; at least one. Never cuts a character in two. */
export function asParts(text: string): string[] {
  const parts: string[] = [];
  let start = 0;
  while (text.length - start > MOST_UNITS) {
    let end = start + MOST_UNITS;
    const unit = text.charCodeAt(end - 1);
    if (unit >= 0xd800 && unit <= 0xdbff) end -= 1;
    parts.push(text.slice(start, end));
    start = end;
  }
  parts.push(text.slice(start));
  return parts;
}
