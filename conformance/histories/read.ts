import { isError } from "../wire/messages.ts";
import { rowsOf } from "../wire/pulled.ts";
import type { Reply } from "../wire/reply.ts";
import type { PullBody } from "../wire/shapes.ts";
import { CheckFailure, CouldNotRun } from "../verdict.ts";
import { listen, seenOf } from "./device.ts";
import type { Line, Player } from "./device.ts";
import type { Operation, Recorder, Seen } from "./record.ts";

/** More pages than any history fills: a walk that does not end is a fault. */
const MOST_PAGES = 500;

/** Walks a pull to its end. Where the server is away or too busy, nothing was read. */
export async function pull(
  recorder: Recorder,
  player: Player,
  how: { full: boolean; limit?: number; final?: boolean },
): Promise<void> {
  const from = how.full ? undefined : player.cursor;
  const operation = recorder.begin({
    user: player.user,
    device: player.name,
    channel: from === undefined ? "full pull" : "delta pull",
    writes: [],
    ...(how.final ? { final: true } : {}),
  });
  const latest = new Map<string, Seen>();
  let since = from;
  for (let pages = 1; pages <= MOST_PAGES; pages += 1) {
    const page = await onePage(recorder, player, operation, {
      ...(since === undefined ? {} : { since }),
      ...limited(how),
    });
    if (!page) return;
    for (const row of rowsOf(page)) {
      const seen = seenOf(row.meta, row.item);
      // A later page tells an entity that changed meanwhile again: its place is the later one.
      latest.delete(seen.entity);
      latest.set(seen.entity, seen);
    }
    since = page.syncToken;
    if (page.hasMore) continue;
    player.cursor = page.syncToken;
    for (const { entity, version } of latest.values()) player.versions.set(entity, version);
    const head = page.lastSeq;
    const read = {
      rows: [...latest.values()],
      pages,
      ...(head === undefined ? {} : { head }),
      ...(from === undefined ? {} : { from }),
    };
    return recorder.end(operation, { outcome: "ok", read });
  }
  throw new CheckFailure("a pull never reaches its end", {
    expected: "hasMore: false",
    actual: `${MOST_PAGES} pages`,
  });
}

function limited({ limit }: { limit?: number }): { limit?: number } {
  return limit === undefined ? {} : { limit };
}

async function onePage(
  recorder: Recorder,
  { device }: Player,
  operation: Operation,
  options: { since?: string; limit?: number },
): Promise<PullBody | undefined> {
  let reply: Reply<PullBody>;
  try {
    reply = await device.tryPull(options);
  } catch (error) {
    if (!(error instanceof CouldNotRun)) throw error;
    recorder.end(operation, { outcome: "fail", why: "no answer came" });
    return undefined;
  }
  if (reply.status === 429 || reply.status >= 500) {
    recorder.end(operation, { outcome: "fail", why: `answered ${reply.status}` });
    return undefined;
  }
  return reply.body;
}

/** Opens a socket for a device; undefined where the server is away, or has no room. */
export async function connect(recorder: Recorder, player: Player, token?: string): Promise<Line | undefined> {
  try {
    const how = token === undefined ? {} : { token };
    return listen(recorder, player, await player.device.connect(how));
  } catch (error) {
    const noRoom = error instanceof CheckFailure && /^(429|503)\b/.test(String(error.actual));
    if (noRoom || error instanceof CouldNotRun) return undefined;
    throw error;
  }
}

/** Catches up on a socket from the device's place, or from the start. */
export async function catchUp(
  recorder: Recorder,
  player: Player,
  line: Line,
  from: "start" | "cursor",
  final?: boolean,
): Promise<void> {
  const { connection, listening } = line;
  const place = from === "cursor" ? player.place : undefined;
  const operation = recorder.begin({
    user: player.user,
    device: player.name,
    channel: "catch-up",
    writes: [],
    socket: listening.id,
    ...(final ? { final } : {}),
  });
  listening.frames.push({ at: recorder.now, type: "SYNC_REQUEST", rows: [], asked: place?.lastSeq ?? 0 });
  try {
    const end = await connection.tryCatchUp(place);
    if ("type" in end && isError(end)) {
      if (end.code === "UNAVAILABLE")
        return recorder.end(operation, { outcome: "fail", why: "answered ERROR UNAVAILABLE" });
      throw new CheckFailure(`the catch-up of ${player.name} was refused`, {
        expected: "a catch-up from a place that the server told",
        actual: end,
      });
    }
    if (!("told" in end)) return;
    const rows = end.told.map(({ meta, item }) => seenOf(meta, item));
    player.place = { lastSeq: end.lastSeq, epoch: end.epoch };
    const read = {
      rows,
      pages: end.chunks.length,
      head: end.lastSeq,
      ...(place ? { from: place.lastSeq } : {}),
    };
    recorder.end(operation, { outcome: "ok", read });
  } catch (error) {
    if (!(error instanceof CheckFailure) || connection.closing === undefined) throw error;
    recorder.end(operation, { outcome: "fail", why: "the socket ended" });
  }
}
