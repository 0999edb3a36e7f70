import { memberOf } from "../../../schemas/collections.ts";
import type { Json, JsonObject } from "../../../schemas/json.ts";
import type { Context } from "../context.ts";
import { drained } from "../realtime/connection.ts";
import type { Connection } from "../realtime/connection.ts";
import { MessageRefusal, Refusal } from "../refusal.ts";
import type { Row } from "../state.ts";

/** Where a catch-up begins. */
export interface Baseline {
  /** What the client has: everything up to this seq. */
  after: number;
  /** Only what was received then or later, Unix ms; null: all. */
  receivedSince: number | null;
}

/** What is told in one go. */
export interface Chunk {
  /** Seq ascending. */
  rows: Row[];
  /** Everything up to this seq is told once the chunk is. */
  through: number;
}

/** SYNC_REQUEST: the walk over the log, chunk by chunk. */
export interface CatchUpSteps {
  /** Refuses a second catch-up beside the first. */
  checkCatchUp(context: Context, connection: Connection): void;
  /** Where a catch-up begins; refuses another epoch, and a place ahead of the head. */
  baselineOf(context: Context, connection: Connection, message: JsonObject): Baseline;
  /** Whether `epoch` is another than the present one. */
  isOtherEpoch(context: Context, epoch: Json): boolean;
  /** The instant that `lastSyncTime` means, Unix ms. */
  receivedSince(context: Context, lastSyncTime: Json): number;
  /** The connection has a watermark now, and its events wait. */
  beginCatchUp(context: Context, connection: Connection, baseline: Baseline): void;
  /** Waiting between chunks: for the store, and for a reader that is slow. */
  beforeChunk(context: Context, connection: Connection): Promise<void>;
  /** Most entities in a chunk. */
  chunkSize(context: Context): number;
  /** Most bytes of the items in a message of several (RT-052). */
  chunkBytes(context: Context): number;
  /** Those of the first rows that may stand in one message by their size: one at least. */
  fitting(context: Context, rows: readonly Row[]): Row[];
  /** Whether a row is part of a catch-up. */
  isInCatchUp(context: Context, row: Row, baseline: Baseline): boolean;
  /** The next rows after a place in the log; none: the head is reached. */
  takeChunk(context: Context, baseline: Baseline, position: number): Chunk;
  /** A chunk's frames: deletions, then bulk messages. */
  chunkFrames(context: Context, connection: Connection, chunk: Chunk): JsonObject[];
  /** The frame that tells a deletion. */
  deletionFrame(context: Context, row: Row): JsonObject;
  /** The bulk message of live rows, `lastSeq` apart: all repertoire items, or none. */
  bulkFrame(context: Context, rows: readonly Row[]): JsonObject;
  /** `lastSeq` of a bulk message. `unsent`: the rows of its chunk that come after it. */
  chunkLastSeq(context: Context, chunk: Chunk, unsent: readonly Row[]): number;
  /** The head is reached: events go out again. `told`: how many changes the catch-up told. */
  endCatchUp(context: Context, connection: Connection, told: number): void;
  /** The SYNC_RESPONSE that ends a catch-up. */
  endFrame(context: Context, connection: Connection, told: number): JsonObject;
}

const SEVEN_DAYS = 7 * 86_400_000;

export const catchUp: CatchUpSteps = {
  checkCatchUp(_context, { catchingUp }) {
    if (!catchingUp) return;
    throw new MessageRefusal("CATCH_UP_RUNNING", "a catch-up runs on this socket; wait for its end");
  },

  baselineOf(context, _connection, message) {
    const { behaviour, user } = context;
    const { lastSeq = null, epoch = null, lastSyncTime = null } = message;
    if (epoch !== null && behaviour.isOtherEpoch(context, epoch)) {
      throw new Refusal("CURSOR_EXPIRED", "epoch is not the present one; make a full pull");
    }
    if (lastSeq !== null && (lastSeq as number) <= user.head) {
      return { after: lastSeq as number, receivedSince: null };
    }
    if (lastSeq !== null && context.announced) {
      throw new Refusal("CURSOR_EXPIRED", "lastSeq is ahead of the server; make a full pull");
    }
    if (lastSyncTime === null) return { after: 0, receivedSince: null };
    return { after: 0, receivedSince: behaviour.receivedSince(context, lastSyncTime) };
  },

  isOtherEpoch: ({ user }, epoch) => epoch !== user.epoch,

  receivedSince(context, lastSyncTime) {
    const instant = context.behaviour.parseInstant(context, lastSyncTime);
    return instant === undefined || instant > context.now ? context.now - SEVEN_DAYS : instant;
  },

  beginCatchUp(_context, connection, { after }) {
    connection.catchingUp = true;
    connection.watermark = after;
  },

  async beforeChunk(context, connection) {
    await drained(connection);
    await context.server.turn(context);
  },

  chunkSize: () => 250,

  // Beside the items a frame has meta, at most 250 times about 1,500 bytes.
  chunkBytes: () => 1_048_576,

  fitting(context, rows) {
    let left = context.behaviour.chunkBytes(context);
    const end = rows.findIndex(({ item }, index) => {
      left -= item === null ? 0 : new TextEncoder().encode(JSON.stringify(item)).length;
      return left < 0 && index > 0;
    });
    return rows.slice(0, end === -1 ? undefined : end);
  },

  isInCatchUp: (_context, { writtenAt }, { receivedSince }) =>
    receivedSince === null || writtenAt >= receivedSince,

  takeChunk(context, baseline, position) {
    const { behaviour } = context;
    const candidates = behaviour
      .rowsAfter(context, position)
      .filter((row) => behaviour.isInCatchUp(context, row, baseline))
      .slice(0, behaviour.chunkSize(context));
    const rows = behaviour.fitting(context, candidates);
    return { rows, through: rows.at(-1)?.seq ?? position };
  },

  chunkFrames(context, _connection, chunk) {
    const { behaviour } = context;
    const live = chunk.rows.filter((row) => behaviour.tellItem(context, row) !== null);
    const pieces = live.filter(({ entityType }) => entityType === "repertoire_item");
    const others = live.filter(({ entityType }) => entityType !== "repertoire_item");
    const bulks = [
      { rows: others, unsent: pieces },
      { rows: pieces, unsent: [] },
    ].filter(({ rows }) => rows.length > 0);
    return [
      ...chunk.rows.filter((row) => !live.includes(row)).map((row) => behaviour.deletionFrame(context, row)),
      ...bulks.map(({ rows, unsent }) => ({
        ...behaviour.bulkFrame(context, rows),
        lastSeq: behaviour.chunkLastSeq(context, chunk, unsent),
      })),
    ];
  },

  deletionFrame: (context, row) => context.behaviour.eventFrame(context, [row]),

  bulkFrame(context, rows) {
    const { behaviour } = context;
    const isPieces = rows[0]?.entityType === "repertoire_item";
    const lists: Record<string, Json[]> = isPieces ? {} : { entries: [] };
    const meta: Record<string, Json[]> = isPieces ? {} : { entries: [] };
    for (const row of rows) {
      const member = isPieces ? "pieces" : memberOf(row.entityType);
      (lists[member] ??= []).push(behaviour.tellItem(context, row));
      (meta[member] ??= []).push(behaviour.tellMeta(context, row));
    }
    return { type: isPieces ? "REPERTOIRE_BULK_SYNC" : "BULK_SYNC", ...lists, meta };
  },

  chunkLastSeq: (_context, { through }, unsent) => {
    const first = unsent[0];
    return first === undefined ? through : first.seq - 1;
  },

  endCatchUp(context, connection, told) {
    connection.catchingUp = false;
    connection.watermark = context.user.head;
    context.behaviour.send(context, connection, context.behaviour.endFrame(context, connection, told));
  },

  endFrame: (context, { watermark }, told) => ({
    type: "SYNC_RESPONSE",
    message: told === 0 ? "No new data to sync" : "Sync complete",
    lastSeq: watermark,
    epoch: context.behaviour.tellEpoch(context),
  }),
};
