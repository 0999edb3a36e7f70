import type { Connection } from "../wire/connection.ts";
import type { Device } from "../wire/device.ts";
import type { Row } from "../wire/pulled.ts";
import type { Meta } from "../wire/shapes.ts";
import { contentOf } from "../../spec/rules/content.ts";
import type { Ready } from "./items.ts";
import type { Frame, Listening, Recorder, Seen } from "./record.ts";

/** A socket that a device has open, and what was noticed of it. */
export interface Line {
  connection: Connection;
  listening: Listening;
  paused: boolean;
  /** Its client has gone silent and opened another. */
  silent: boolean;
}

/** A request that was sent at least once: it goes out again as it was. */
export interface SentRequest {
  items: readonly Ready[];
  channel: "push" | "batch" | "mutation";
  versions: ReadonlyMap<string, number>;
  answered: boolean;
}

/** A device as the play knows it: what it wrote and saw, and where it is. */
export interface Player {
  user: number;
  name: string;
  device: Device;
  /** Of its last complete pull. */
  cursor?: string;
  /** The last seq that a socket has told it everything up to. */
  place?: { lastSeq: number; epoch: string };
  /** Entity to the version that it saw last: for batches. */
  versions: Map<string, number>;
  requests: Map<number, SentRequest>;
  line?: Line;
  lines: Line[];
  /** The socket whose token ends soon, and when: Unix ms. */
  passing?: { line: Line; exp: number };
}

export function seenOf(meta: Meta, item?: Row["item"]): Seen {
  const { entityType, entityId, version, seq, updatedAt, deletedAt, checksum } = meta;
  const deleted = deletedAt !== null;
  return {
    entity: `${entityType}/${entityId}`,
    stamp: { updatedAt: Date.parse(deleted ? deletedAt : updatedAt), deleted, checksum },
    version,
    seq,
    ...(item === undefined ? {} : { item: item === null ? null : contentOf(item) }),
  };
}

/** Writes down what comes on a socket, as soon as anything else happens. */
export function listen(recorder: Recorder, player: Player, connection: Connection): Line {
  const { history } = recorder;
  const listening: Listening = {
    id: history.sockets.length + 1,
    user: player.user,
    device: player.name,
    opened: recorder.moment(),
    frames: [],
  };
  history.sockets.push(listening);
  const line = { connection, listening, paused: false, silent: false };
  let frames = 0;
  let told = 0;
  recorder.watch(() => {
    const all = connection.frames;
    if (frames === all.length) return;
    // `told` holds the rows of all frames in their order, fences of other checks apart.
    const rows = connection.told;
    for (; frames < all.length; frames += 1) {
      const message = all[frames]!;
      const own: Seen[] = [];
      for (; told < rows.length && rows[told]!.message === message; told += 1)
        own.push(seenOf(rows[told]!.meta, rows[told]!.item));
      listening.frames.push(frameOf(recorder, message, own));
      const number = listening.frames.at(-1)!.number;
      if (
        player.place &&
        player.line === line &&
        number !== undefined &&
        line.listening.frames.some(({ asked }) => asked !== undefined)
      )
        player.place.lastSeq = Math.max(player.place.lastSeq, number);
    }
  });
  player.line = line;
  player.lines.push(line);
  return line;
}

function frameOf(recorder: Recorder, message: Connection["frames"][number], rows: Seen[]): Frame {
  const number = message.type === "ERROR" ? undefined : (message.seq ?? message.lastSeq);
  return { at: recorder.now, type: message.type, rows, ...(typeof number === "number" ? { number } : {}) };
}
