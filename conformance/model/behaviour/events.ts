import type { JsonObject } from "../../../schemas/json.ts";
import type { Context } from "../context.ts";
import type { Connection } from "../realtime/connection.ts";
import type { Row } from "../state.ts";

/** Who is told of what was written, in which frames, and how far each connection has been told. */
export interface EventSteps {
  /** Tells the user's live sockets of the rows of one transaction, seq ascending. Called by `afterCommit`. */
  fanOut(context: Context, rows: readonly Row[]): void;
  /** The sockets that a write concerns: all live ones of its user, the writer's own too. */
  audience(context: Context): Connection[];
  /** Tells one connection of the rows of one transaction. */
  tell(context: Context, connection: Connection, rows: readonly Row[]): void;
  /** Whether events wait, since the catch-up that runs will tell them (RT-029). */
  holds(context: Context, connection: Connection, rows: readonly Row[]): boolean;
  /** Whether the write came from this connection, or spares it by X-Connection-ID. */
  isOwn(context: Context, connection: Connection): boolean;
  /** The rows that go into one message each (RT-019). */
  groupRows(context: Context, rows: readonly Row[]): Row[][];
  /** Whether a row may stand in one message with those before it. */
  joins(context: Context, group: readonly Row[], row: Row): boolean;
  /** Sends one message of one or more rows. */
  sendEvent(context: Context, connection: Connection, rows: readonly Row[]): void;
  /** The message, without envelope `seq`. */
  eventFrame(context: Context, rows: readonly Row[]): JsonObject;
  /** The type of message that tells of a row. */
  eventType(context: Context, row: Row): string;
  /** The members that tell of a row, `meta` apart. */
  eventBody(context: Context, row: Row): JsonObject;
  /** Envelope `seq` of an event; undefined: none. */
  eventSeq(context: Context, connection: Connection, rows: readonly Row[]): number | undefined;
  /** The connection has been told everything up to a seq. */
  advance(context: Context, connection: Connection, seq: number): void;
}

export const events: EventSteps = {
  fanOut(context, rows) {
    for (const connection of context.behaviour.audience(context)) {
      context.behaviour.tell(context, connection, rows);
    }
  },

  audience: ({ server, user }) => [...server.connections].filter(({ userId }) => userId === user.id),

  tell(context, connection, rows) {
    const { behaviour } = context;
    const last = rows.at(-1);
    if (last === undefined || behaviour.holds(context, connection, rows)) return;
    if (!behaviour.isOwn(context, connection)) {
      for (const group of behaviour.groupRows(context, rows)) {
        behaviour.sendEvent(context, connection, group);
      }
    }
    behaviour.advance(context, connection, last.seq);
  },

  holds: (_context, { catchingUp }) => catchingUp,

  isOwn: (context, connection) =>
    context.connection === undefined
      ? context.behaviour.fetchHeader(context, "x-connection-id") === connection.id
      : context.connection === connection,

  groupRows(context, rows) {
    const groups: Row[][] = [];
    for (const row of rows) {
      const group = groups.at(-1);
      if (group && context.behaviour.joins(context, group, row)) group.push(row);
      else groups.push([row]);
    }
    return groups;
  },

  joins(context, group, row) {
    const first = group[0]!;
    return (
      first.entityType === "practice_plan" &&
      first.item !== null &&
      row.entityType === "plan_occurrence" &&
      row.item?.["planId"] === first.entityId &&
      row.seq === group.at(-1)!.seq + 1 &&
      context.behaviour.fitting(context, [...group, row]).length > group.length
    );
  },

  sendEvent(context, connection, rows) {
    const { behaviour } = context;
    const seq = behaviour.eventSeq(context, connection, rows);
    const frame = behaviour.eventFrame(context, rows);
    behaviour.send(context, connection, seq === undefined ? frame : { ...frame, seq });
  },

  eventFrame(context, rows) {
    const { behaviour } = context;
    const [first, ...occurrences] = rows as [Row, ...Row[]];
    const meta = behaviour.tellMeta(context, first);
    const frame = { type: behaviour.eventType(context, first), ...behaviour.eventBody(context, first) };
    if (occurrences.length === 0) return { ...frame, meta };
    return {
      ...frame,
      occurrences: occurrences.map((row) => behaviour.tellItem(context, row)),
      meta: { plan: meta, occurrences: occurrences.map((row) => behaviour.tellMeta(context, row)) },
    };
  },

  eventType(context, row) {
    const live = context.behaviour.tellItem(context, row) !== null;
    switch (row.entityType) {
      case "logbook_entry":
        return live ? (row.version === 1 ? "ENTRY_CREATED" : "ENTRY_UPDATED") : "ENTRY_DELETED";
      case "repertoire_item":
        return live ? (row.version === 1 ? "PIECE_ADDED" : "PIECE_UPDATED") : "PIECE_REMOVED";
      case "practice_plan":
        return live ? (row.version === 1 ? "PLAN_CREATED" : "PLAN_UPDATED") : "ENTITY_CHANGED";
      case "plan_occurrence":
        return live && row.item?.["status"] === "completed" ? "PLAN_OCCURRENCE_COMPLETED" : "ENTITY_CHANGED";
      default:
        return "ENTITY_CHANGED";
    }
  },

  eventBody(context, row): JsonObject {
    const item = context.behaviour.tellItem(context, row);
    switch (context.behaviour.eventType(context, row)) {
      case "ENTRY_CREATED":
      case "ENTRY_UPDATED":
        return { entry: item };
      case "ENTRY_DELETED":
        return { entryId: row.entityId };
      case "PIECE_ADDED":
      case "PIECE_UPDATED":
        return { piece: item };
      case "PIECE_REMOVED":
        return { scoreId: row.entityId };
      case "PLAN_CREATED":
      case "PLAN_UPDATED":
        return { plan: item };
      case "PLAN_OCCURRENCE_COMPLETED":
        return { occurrence: item };
      default:
        return { entityType: row.entityType, item };
    }
  },

  eventSeq: (_context, { watermark }, rows) => (watermark === null ? undefined : rows.at(-1)!.seq),

  advance(_context, connection, seq) {
    if (connection.watermark !== null) connection.watermark = Math.max(connection.watermark, seq);
  },
};
