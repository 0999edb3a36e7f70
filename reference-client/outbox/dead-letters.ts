import type { EntityKey } from "../replica/records.ts";
import type { Work } from "../replica/work.ts";

/** Sends a dead letter once more, with the stamp that it has (CLI-004). Whether there was one. */
export function retry(work: Work, key: EntityKey): boolean {
  const { sent, waiting, dead } = work.edits(key);
  if (dead === undefined) return false;
  const { refusal: _, ...write } = dead;
  work.putEdits(key, { sent, waiting: waiting ?? { ...write, tries: 0 } });
  return true;
}

/** Drops a dead letter, which reveals what is confirmed (CLI-024). Whether there was one. */
export function discard(work: Work, key: EntityKey): boolean {
  const { sent, waiting, dead } = work.edits(key);
  if (dead === undefined) return false;
  work.putEdits(key, { sent, waiting });
  return true;
}
