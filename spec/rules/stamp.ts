/** What orders a write among all writes of its entity. */
export interface Stamp {
  /** Unix milliseconds; for a deletion its `deletedAt`. */
  updatedAt: number;
  /** Whether the write is a deletion. */
  deleted: boolean;
  /** Lowercase hexadecimal SHA-256 of the normalised content; the empty string for a deletion. */
  checksum: string;
}

/**
 * The total order of stamps: by `updatedAt`, then a deletion above a live item, then by `checksum`, code unit by code unit.
 *
 * Returns -1 if `a` is less, 1 if `a` is greater, 0 if both are the same write.
 *
 * Source: spec/ordering.md, "Stamps" (ORD-002 to ORD-006).
 */
export function compareStamps(a: Stamp, b: Stamp): -1 | 0 | 1 {
  if (a.updatedAt !== b.updatedAt) return a.updatedAt < b.updatedAt ? -1 : 1;
  if (a.deleted !== b.deleted) return b.deleted ? -1 : 1;
  if (a.checksum !== b.checksum) return a.checksum < b.checksum ? -1 : 1;
  return 0;
}
