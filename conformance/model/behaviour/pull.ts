import type { EntityType } from "../../../schemas/collections.ts";
import type { Json } from "../../../schemas/json.ts";
import type { Context } from "../context.ts";
import { rowKey } from "../state.ts";
import type { Row } from "../state.ts";
import type { Cursor } from "./cursor.ts";

/** What a pull asks for. */
export interface PullQuery {
  since: string | null;
  limit: number | null;
  /** As `canonicalTypes` gives them; null: all. */
  types: EntityType[] | null;
}

/** One page's way through the log. */
export interface Walk {
  mode: "full" | "delta";
  /** What was told before: everything up to this seq. */
  after: number;
  types: EntityType[] | null;
  /** Of a full pull: the head and the server's time (Unix ms) when it began. */
  start: { head: number; at: number } | null;
  /** When this page is read, Unix ms. */
  readAt: number;
}

/** What is on one page. */
export interface Page {
  rows: Row[];
  hasMore: boolean;
}

/** Reading the log: full and delta pulls, pages. */
export interface PullSteps {
  /** A pull's parameters; refuses wrong ones. */
  readQuery(context: Context, body: Json): PullQuery;
  /** Where a page begins; refuses a cursor that is not good. */
  startWalk(context: Context, query: PullQuery): Walk;
  /** The rows that changed after a seq, each once, in its latest state, seq ascending. */
  rowsAfter(context: Context, seq: number): Row[];
  /** Whether a row is of the types that are pulled. */
  isOfWalk(context: Context, row: Row, walk: Walk): boolean;
  /** Whether a deletion is told: in a delta always, in a full pull only later ones than its start. */
  tellsDeletion(context: Context, row: Row, walk: Walk): boolean;
  /** Most rows on a page; undefined: all. */
  pageSize(context: Context, query: PullQuery): number | undefined;
  /** The first page of what a walk still has to tell. */
  takePage(context: Context, rows: Row[], size: number | undefined): Page;
  /** The cursor after a page. */
  cursorAfter(context: Context, walk: Walk, page: Page): Cursor;
}

export const pull: PullSteps = {
  readQuery(context, body) {
    context.behaviour.checkEnvelope(context, "pull_request", body);
    const { since = null, limit = null, types = null } = body as Partial<PullQuery>;
    return { since, limit, types: context.behaviour.canonicalTypes(context, types) };
  },

  startWalk(context, { since, types }) {
    const { behaviour, user } = context;
    const readAt = context.server.now();
    if (since === null)
      return { mode: "full", after: 0, types, start: { head: user.head, at: readAt }, readAt };
    const cursor = behaviour.decodeCursor(context, since);
    if (cursor === undefined) throw behaviour.refuseCursor(context);
    behaviour.checkCursor(context, cursor, types);
    return {
      mode: cursor.full === null ? "delta" : "full",
      after: cursor.seq,
      types,
      start: cursor.full,
      readAt,
    };
  },

  rowsAfter({ user }, seq) {
    let [low, high] = [0, user.log.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (user.log[middle]!.seq > seq) high = middle;
      else low = middle + 1;
    }
    return user.log.slice(low).flatMap((entry) => {
      const row = user.rows.get(rowKey(entry.entityType, entry.entityId));
      return row !== undefined && row.seq === entry.seq ? [row] : [];
    });
  },

  isOfWalk: (_context, { entityType }, { types }) => types === null || types.includes(entityType),

  tellsDeletion: (_context, { seq, stamp }, { start }) =>
    start === null || seq > start.head || stamp.updatedAt > start.at,

  pageSize: ({ server }, { limit }) =>
    limit === null ? undefined : Math.min(limit, server.limits.maxPageSize),

  takePage: (_context, rows, size = rows.length) => ({
    rows: rows.slice(0, size),
    hasMore: rows.length > size,
  }),

  cursorAfter(context, { types, start, after }, { rows, hasMore }) {
    const { user } = context;
    const seq = hasMore ? (rows.at(-1)?.seq ?? after) : context.behaviour.tellHead(context);
    return { user: user.id, epoch: user.epoch, seq, types, full: hasMore ? start : null };
  },
};
