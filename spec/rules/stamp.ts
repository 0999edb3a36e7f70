/** What orders the writes of one entity. (Spec: ordering, "Stamps".) */
export interface Stamp {
  /** When the writer made the change, in Unix ms; of a deletion its `deletedAt`. */
  updatedAt: number;
  /** Whether the write is a deletion. */
  deleted: boolean;
  /** Lowercase hexadecimal SHA-256 of the content; empty for a deletion. */
  checksum: string;
}

/**
 * Compares two stamps of one entity: by `updatedAt`, then a deletion above a live item, then `checksum` by code unit.
 * A total order: 0 means the same write.
 */
export function compareStamps(a: Stamp, b: Stamp): -1 | 0 | 1 {
  return (
    order(a.updatedAt, b.updatedAt) ||
    order(Number(a.deleted), Number(b.deleted)) ||
    order(a.checksum, b.checksum)
  );
}

function order<T extends number | string>(a: T, b: T): -1 | 0 | 1 {
  return a < b ? -1 : a > b ? 1 : 0;
}
