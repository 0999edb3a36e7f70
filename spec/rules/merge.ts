import { compareStamps, type Stamp } from "./stamp.ts";

/**
 * Last write wins: what becomes of a write that meets what is stored.
 *
 * @param stored the stored stamp; undefined where the entity was never written
 * @returns `applied` if the write is greater, `duplicate` if it is the same write, `superseded` if it is smaller
 */
export function judge(stored: Stamp | undefined, incoming: Stamp): "applied" | "duplicate" | "superseded" {
  if (stored === undefined) return "applied";
  const order = compareStamps(incoming, stored);
  return order > 0 ? "applied" : order === 0 ? "duplicate" : "superseded";
}
