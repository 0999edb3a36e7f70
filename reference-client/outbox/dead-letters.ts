import type { EntityKey } from "../replica/records.ts";
import type { Work } from "../replica/work.ts";

/**
 * Decides about a dead letter: it is sent once more, with the stamp that it has, whatever was learnt of the clock since (CLI-004), or dropped,
 * which reveals what is confirmed (CLI-024). Whether there was one.
 */
export function decide(work: Work, key: EntityKey, again: boolean): boolean {
  const { sent, waiting, dead } = work.edits(key);
  if (dead === undefined) return false;
  const { refusal: _, ...write } = dead;
  work.putEdits(key, {
    sent,
    waiting: waiting ?? (again ? { ...write, tries: 0, offset: work.state.clockOffset } : undefined),
  });
  return true;
}
