import type { EntityKey } from "./records.ts";
import { apply, type Told } from "./apply.ts";
import type { Work } from "./work.ts";

/** One page of a pull, read from the wire. */
export interface PullPage {
  mode: "full" | "delta";
  rows: Told[];
  syncToken: string;
  epoch: string;
  lastSeq: number | undefined;
  through: number | undefined;
  hasMore: boolean;
  /** The server's time when it was read, Unix milliseconds. */
  timestamp: number;
}

/**
 * Applies a page and moves the cursor, in one transaction (CLI-010). The token of an unfinished full pull is no cursor (CLI-011).
 *
 * @param first whether it is the first page of its pull
 * @param absent at the last page of a full pull: the entities with a row that no page had
 * @returns whether the epoch changed
 */
export function applyPage(work: Work, page: PullPage, first: boolean, absent: readonly EntityKey[]): boolean {
  const { state } = work;
  const restored = first && page.mode === "full" && state.epoch !== undefined && state.epoch !== page.epoch;
  if (restored) {
    // CLI-050
    work.dropRows();
    delete state.floor;
    dropCursor(work);
  }
  state.epoch = page.epoch;
  for (const row of page.rows) apply(work, row);
  if (page.through !== undefined) finish(work, page.through, page.timestamp, absent);
  if (page.mode === "full" && page.hasMore) return restored;
  state.syncToken = page.syncToken;
  if (page.lastSeq !== undefined) state.lastSeq = Math.max(state.lastSeq ?? 0, page.lastSeq);
  return restored;
}

/** The next pull is a full one. */
export function dropCursor({ state }: Work): void {
  delete state.syncToken;
  delete state.lastSeq;
}

/** The last page of a full pull: what it lacks is gone (CLI-012), and stays so (CLI-013). Stamps of deletions are kept (CLI-020). */
function finish(work: Work, through: number, at: number, absent: readonly EntityKey[]): void {
  for (const key of absent) {
    const row = work.row(key);
    if (row !== undefined && row.item !== null && row.seq <= through) work.putRow(key, null);
  }
  // The time is the latest pull's, even if that is earlier: the server's clock was set right (CLI-053).
  work.state.floor = { through, at };
}
