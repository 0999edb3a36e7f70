import { compareStamps, type Stamp } from "../rules/stamp.ts";

/** A stored write: its stamp, and the place that the server gave it in the user's log. */
export interface Row extends Stamp {
  seq: number;
}

/** What the app sees of it: the content, of which the checksum stands for all, or nothing. */
export function shown(row: Row | null | undefined): string | null {
  return row === null || row === undefined || row.deleted ? null : row.checksum;
}

/** Whether `incoming` is to be applied over `held` (CLI-020). */
export function isNewer(incoming: Stamp, held: Stamp | null | undefined): boolean {
  return held === null || held === undefined || compareStamps(incoming, held) > 0;
}

/** `e1` for entity 0. */
export const entity = (index: number): string => `e${index + 1}`;

/** A row as a trace tells it. */
export function told(index: number, row: Row): string {
  return `${entity(index)} ${row.deleted ? "deleted" : `"${row.checksum}"`} (seq ${row.seq})`;
}

/** A content that no other write of a search has, in the order of writing: a, b, c … */
export const content = (count: number): string => String.fromCharCode(97 + count);
