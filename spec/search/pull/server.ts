import { content, type Row } from "../row.ts";
import type { Page, PullFault, Setting, World } from "./state.ts";

export interface Asked {
  /** Null: a full pull begins. */
  since: { place: number; start: number; epoch: number } | null;
  full: boolean;
  only: number | null;
}

/** Stores an accepted write under the next seq. */
export function store(world: World, of: number, deleted: boolean): Row {
  const { server } = world;
  server.head++;
  const row: Row = {
    updatedAt: (server.rows[of]?.updatedAt ?? 0) + 1,
    deleted,
    checksum: deleted ? "" : content(world.left.writes + world.left.own),
    seq: server.head,
  };
  server.rows[of] = row;
  return row;
}

/** One page, read at once; undefined for 410 `CURSOR_EXPIRED`. */
export function read(world: World, asked: Asked, setting: Setting, fault?: PullFault): Page | undefined {
  const { rows, head, epoch } = world.server;
  const since = asked.since;
  const foreign = since !== null && (since.epoch !== epoch || since.place > head);
  // PULL-019: a token is bound to the epoch.
  if (foreign && !(fault === "token-survives-a-restore" && since.place <= head)) return undefined;
  const start = since === null || !asked.full ? head : since.start;
  const place = since?.place ?? 0;
  const found = rows
    .flatMap((row, of) => (row === null ? [] : [{ of, row }]))
    .filter(({ of }) => asked.only === null || of === asked.only)
    .filter(({ row }) => row.seq > place)
    .filter(({ row }) => fault !== "walk-reads-a-snapshot-but-ends-at-the-head" || row.seq <= start)
    .filter(({ row }) => !row.deleted || isDeletionDue(row, asked.full, start, fault))
    .sort((a, b) => a.row.seq - b.row.seq);
  const page = found.slice(0, setting.limit);
  const hasMore = found.length > setting.limit;
  const last = page.at(-1)?.row.seq ?? head;
  return {
    full: asked.full,
    only: asked.only,
    rows: page,
    place: hasMore && fault !== "page-token-is-the-head" ? last : head,
    start,
    epoch,
    hasMore,
    through: asked.full && !hasMore ? head : null,
    held: rows.map((row) => row?.seq ?? 0),
  };
}

/** A full walk tells the deletions since its first page (PULL-010), a delta pull all. */
function isDeletionDue(row: Row, full: boolean, start: number, fault?: PullFault): boolean {
  if (!full) return fault !== "delta-omits-deletions";
  return row.seq > start && fault !== "walk-forgets-deletions";
}
