import { compareStamps, type Stamp } from "./stamp.ts";

/** What becomes of a write: it is stored, it is there already, or the stored one wins. */
export type Judgement = "applied" | "duplicate" | "superseded";

/**
 * Judges a write by last write wins: the greatest stamp ever accepted is the stored state.
 *
 * `stored` is undefined for an entity that was never seen. A deletion of such an entity is applied too (DEL-002).
 *
 * Source: spec/ordering.md, ORD-001 and ORD-006.
 */
export function judge(stored: Stamp | undefined, incoming: Stamp): Judgement {
  if (stored === undefined) return "applied";
  const order = compareStamps(incoming, stored);
  if (order === 0) return "duplicate";
  return order > 0 ? "applied" : "superseded";
}
