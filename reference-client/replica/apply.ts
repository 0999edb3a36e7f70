import type { JsonObject } from "../../schemas/json.ts";
import { compareStamps, type Stamp } from "../../spec/rules/stamp.ts";
import type { EntityKey, Floor, Row } from "./records.ts";
import type { Work } from "./work.ts";

/** A state of an entity as the server told it, on whatever path. */
export interface Told {
  key: EntityKey;
  /** null: a deletion. */
  item: JsonObject | null;
  updatedAt: number;
  checksum: string;
  version: number;
  seq: number;
}

/** Puts what the server told into the confirmed layer, if it is newer than what is there (CLI-020), whatever lies over it (CLI-024). */
export function apply(work: Work, told: Told): void {
  const held = work.row(told.key);
  const { floor } = work.state;
  // Rows that lose count, too (CLI-002, CLI-023).
  const seen = Math.max(held?.seen ?? 0, told.updatedAt);
  const version = Math.max(held?.version ?? 0, told.version);
  // CLI-013. A deletion of what is not here leaves its stamp and nothing else (CLI-002).
  const below = floor && told.seq <= floor.through && (held ?? told.item);
  if (!below && (held === undefined || compareStamps(stampOf(told), stampOf(held)) > 0)) {
    const { item, updatedAt, checksum, seq } = told;
    work.putRow(told.key, { item, updatedAt, checksum, version, seq, seen });
  } else if (held !== undefined && (seen > held.seen || version > held.version)) {
    work.putRow(told.key, { ...held, seen, version });
  }
}

/**
 * The greatest stamp of an entity that the server is known to have held, Unix milliseconds; 0 if none. An entity that a full pull did not have counts as
 * seen when that pull was read: it may have been deleted until then (CLI-002).
 */
export function seenOf(row: Row | undefined, floor: Floor | undefined): number {
  if (row === undefined) return floor?.at ?? 0;
  const absent = floor !== undefined && row.item === null && row.seq <= floor.through;
  return absent ? Math.max(row.seen, floor.at) : row.seen;
}

function stampOf({ updatedAt, item, checksum }: Pick<Row, "updatedAt" | "item" | "checksum">): Stamp {
  return { updatedAt, deleted: item === null, checksum };
}
