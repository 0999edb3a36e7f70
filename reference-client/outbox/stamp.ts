import { seenOf } from "../replica/apply.ts";
import type { EntityKey, LocalWrite } from "../replica/records.ts";
import type { Work } from "../replica/work.ts";

/** An instant in the form of DATA-015. */
export function textOf(unixMs: number): string {
  return new Date(unixMs).toISOString();
}

/** The server's time as this client knows it, whole Unix milliseconds. */
export function correctedNow(work: Work, now: number): number {
  return Math.round(now + work.state.clockOffset);
}

/** The stamp of an edit that is made now (CLI-002). */
export function stampOf(work: Work, key: EntityKey, now: number): number {
  const seen = seenOf(work.row(key), work.state.floor);
  const inFlight = work.edits(key).sent?.updatedAt ?? 0;
  return Math.max(correctedNow(work, now), seen + 1, inFlight + 1);
}

/**
 * A write that is certain not to have been applied, stamped again (CLI-003): by what the clock was found to be wrong since it was made, and never
 * above `atMost`, the server's time.
 */
export function restamped(work: Work, key: EntityKey, write: LocalWrite, atMost: number): LocalWrite {
  const offset = work.state.clockOffset;
  const error = Math.round(write.offset - offset);
  const seen = seenOf(work.row(key), work.state.floor);
  const updatedAt = Math.max(seen + 1, Math.min(write.updatedAt - error, atMost));
  const member = write.deleted ? "deletedAt" : "updatedAt";
  return { ...write, updatedAt, offset, item: { ...write.item, [member]: textOf(updatedAt) } };
}
