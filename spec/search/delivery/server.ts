import { content, type Row } from "../row.ts";
import type { Connection, DeliveryFault, Frame, Stored, World } from "./state.ts";

const CHUNK = 2;

/** A row as it travels. */
export const bare = ({ updatedAt, deleted, checksum, seq }: Row): Row => ({
  updatedAt,
  deleted,
  checksum,
  seq,
});

/** A write by `from` (a connection, or null: by HTTP from elsewhere) is numbered, stored and passed on. */
export function accept(
  world: World,
  of: number,
  deleted: boolean,
  from: number | null,
  fault?: DeliveryFault,
): Stored {
  const { server, left } = world;
  server.head++;
  const row: Stored = {
    updatedAt: server.head,
    deleted,
    checksum: deleted ? "" : content(left.writes + left.own),
    seq: server.head,
    from,
  };
  if (fault === "numbered-before-stored" || fault === "told-before-stored") server.staged.push({ of, row });
  else server.rows[of] = row;
  if (fault !== "numbered-before-stored") announce(world, of, row, fault);
  return row;
}

/** Sends what goes out at the moment of the write; the rest follows the log. */
export function announce(world: World, of: number, row: Stored, fault?: DeliveryFault): void {
  const { connection } = world;
  if (connection === null || row.from === connection.id) return;
  const event = (lastSeq: number | null): Frame => ({
    kind: "event",
    rows: [{ of, row: bare(row) }],
    lastSeq,
  });
  if (connection.phase === "quiet") {
    // RT-023
    connection.frames.push(event(fault === "events-before-catch-up-carry-seq" ? row.seq : null));
  } else if (fault === "told-before-stored" && connection.phase === "live") {
    connection.frames.push(event(row.seq));
    connection.place = row.seq;
  } else if (fault === "events-amid-catch-up" && connection.phase === "walk") {
    connection.frames.push(event(row.seq));
  } else if (pushes(fault)) {
    if (connection.phase === "live") connection.waiting.push({ of, row });
  }
}

/** Whether the server sends what it is told of, instead of reading the log from its watermark. */
export const pushes = (fault?: DeliveryFault): boolean =>
  fault === "catch-up-before-subscribing" ||
  fault === "events-out-of-order" ||
  fault === "deaf-after-restart";

/** What the log holds after the watermark, in order. */
export function behind(world: World, place: number): { of: number; row: Stored }[] {
  return world.server.rows
    .flatMap((row, of) => (row === null || row.seq <= place ? [] : [{ of, row }]))
    .sort((a, b) => a.row.seq - b.row.seq);
}

/** The next chunk of a catch-up, deletions before it (RT-027, RT-028). */
export function sendChunk(world: World, connection: Connection, fault?: DeliveryFault): void {
  const part = behind(world, connection.place).slice(0, CHUNK);
  const rows = part.map(({ of, row }) => ({ of, row: bare(row) }));
  const deletions: Frame[] = rows
    .filter(({ row }) => row.deleted)
    .map((one) => ({ kind: "deletion", rows: [one], lastSeq: null }));
  connection.place = part.at(-1)!.row.seq;
  const chunk: Frame = {
    kind: "chunk",
    rows: rows.filter(({ row }) => !row.deleted),
    lastSeq: fault === "chunk-carries-the-head" ? world.server.head : connection.place,
  };
  if (fault === "deletions-left-out") connection.frames.push(chunk);
  else if (fault === "deletions-after-their-chunk") connection.frames.push(chunk, ...deletions);
  else connection.frames.push(...deletions, chunk);
}

/** The end of a catch-up: nothing lies after the watermark (RT-029). */
export function endCatchUp(world: World, connection: Connection): void {
  connection.place = world.server.head;
  connection.phase = "live";
  connection.frames.push({ kind: "end", rows: [], lastSeq: connection.place });
}

/** The next live event, from the log; the connection's own changes count as told (RT-022). */
export function sendEvent(world: World, connection: Connection): void {
  for (const { of, row } of behind(world, connection.place)) {
    connection.place = row.seq;
    if (row.from === connection.id) continue;
    connection.frames.push({ kind: "event", rows: [{ of, row: bare(row) }], lastSeq: row.seq });
    return;
  }
}

/** The watermark that an acknowledgement may carry (RT-024): own changes that nothing else precedes are told. */
export function watermark(world: World, connection: Connection): number | null {
  if (connection.phase === "quiet") return null;
  if (connection.phase === "walk") return connection.place;
  for (const { row } of behind(world, connection.place)) {
    if (row.from !== connection.id) break;
    connection.place = row.seq;
  }
  return connection.place;
}
