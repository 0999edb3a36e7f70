import type { ReplicaState } from "../replica/records.ts";

/**
 * What the server's clock is ahead, given that it lies between `atLeast` and `atMost`: as before if that may still be so, else the
 * nearest that may, so that it does not tremble with each answer. Milliseconds.
 */
export function measured({ clockOffset }: ReplicaState, atLeast: number, atMost: number): number {
  // A clock that was set during the request makes the bounds meaningless.
  if (atLeast > atMost) return clockOffset;
  return Math.round(Math.min(Math.max(clockOffset, atLeast), atMost));
}
