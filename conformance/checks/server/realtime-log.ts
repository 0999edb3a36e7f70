import type { ServerContext } from "../../check.ts";
import type { Connection } from "../../wire/connection.ts";
import type { Device } from "../../wire/device.ts";
import { isAck, isChunk, summaryOf, toldBy } from "../../wire/messages.ts";
import type { Ack, Message } from "../../wire/messages.ts";
import type { Row } from "../../wire/pulled.ts";
import type { Reply } from "../../wire/reply.ts";
import type { Changes, Meta, PushBody } from "../../wire/shapes.ts";
import { CheckFailure } from "../../verdict.ts";
import { idOf, told } from "../reading.ts";

/** What checks of one user's log know of it: every accepted change, as its writer was told. */
export class Log {
  readonly changes: Meta[] = [];

  /** The greatest seq. */
  get head(): number {
    return this.changes.reduce((head, { seq }) => Math.max(head, seq), 0);
  }

  /** "goal g1 v2", "goal g2 v1 deleted": how each entity ends, those of `but` apart. */
  ends(but: ReadonlySet<string> = new Set()): string[] {
    return told(latest(this.changes.map(rowOf)).filter(({ entityId }) => !but.has(entityId)));
  }

  /** Takes down what an answer says was applied. */
  note(answer: Reply<PushBody> | Ack): void {
    const results = isAck(answer as Message)
      ? ((answer as Ack).results ?? [answer as Ack])
      : (answer as Reply<PushBody>).body.results;
    for (const { outcome, meta } of results) if (outcome === "applied" && meta) this.changes.push(meta);
  }

  /** Pushes over HTTP, in as many pushes as the server's `maxItems` demands. All of it must be applied. */
  async push(
    device: Device,
    changes: Changes,
    { limits, expect }: Pick<ServerContext, "limits" | "expect">,
  ): Promise<void> {
    const most = Math.min(400, limits.maxItems);
    const items = Object.entries(changes).flatMap(([member, list]) =>
      list.map((item) => [member as keyof Changes, item] as const),
    );
    for (let from = 0; from < items.length; from += most) {
      const part: Changes = {};
      for (const [member, item] of items.slice(from, from + most)) (part[member] ??= []).push(item);
      const reply = await device.push(part);
      expect.ok(
        "everything is applied",
        reply.body.results.every(({ outcome, meta }) => outcome === "applied" && meta !== undefined),
        reply.body.results.find(({ outcome }) => outcome !== "applied"),
      );
      this.note(reply);
    }
  }
}

/** Goals that cost little, all of one stamp in the past. */
export function tinyGoals({ unique, at }: Pick<ServerContext, "unique" | "at">, count: number) {
  const updatedAt = at(-120_000);
  return Array.from({ length: count }, () => ({ id: unique("g"), title: "G", updatedAt }));
}

/** What a client holds that took in these frames: the latest telling of each entity, fences apart. */
export function heldAfter(frames: readonly Message[]): Row[] {
  return latest(frames.flatMap(toldBy)).filter(({ entityId }) => !entityId.startsWith("fence-"));
}

/** The cursor of a client that stores every number that it gets. */
export function cursorAfter(frames: readonly Message[], before = 0): number {
  return frames.reduce((cursor, { seq = 0, lastSeq = 0 }) => Math.max(cursor, seq, lastSeq), before);
}

/**
 * RT-022: no number runs ahead of what was told. A change that a later one of its entity has replaced need not be told.
 * @param after the requested baseline: what it excludes counts as told
 * @param own ids of what this connection wrote itself
 */
export function demandNoHole(
  frames: readonly Message[],
  log: Log,
  { after = 0, own = new Set() }: { after?: number; own?: ReadonlySet<string> } = {},
): void {
  const due = latest(log.changes.map(rowOf))
    .filter(({ entityId, meta }) => meta.seq > after && !own.has(entityId))
    .toSorted((a, b) => a.meta.seq - b.meta.seq);
  const heard = new Map<string, number>();
  let next = 0;
  for (const frame of frames) {
    for (const row of toldBy(frame)) {
      heard.set(keyOf(row), Math.max(row.meta.seq, heard.get(keyOf(row)) ?? 0));
    }
    const number = cursorAfter([frame]);
    for (; next < due.length && due[next]!.meta.seq <= number; next += 1) {
      const row = due[next]!;
      if ((heard.get(keyOf(row)) ?? 0) >= row.meta.seq) continue;
      throw new CheckFailure("a number ran ahead of what was told", {
        expected: `${row.entityType} ${row.entityId} seq ${row.meta.seq} to be told before ${number}`,
        actual: summaryOf(frame),
      });
    }
  }
}

/** RT-021: what was told live, chunks apart, came in ascending seq; a repetition of the last is none the worse. */
export function demandAscending(frames: readonly Message[]): void {
  let last = 0;
  for (const frame of frames) {
    if (isChunk(frame)) continue;
    for (const { seq } of toldBy(frame)
      .map(({ meta }) => meta)
      .toSorted((a, b) => a.seq - b.seq)) {
      if (seq < last) {
        throw new CheckFailure("events came out of order", {
          expected: `seq ${last} or greater`,
          actual: summaryOf(frame),
        });
      }
      last = seq;
    }
  }
}

/** RT-029: from the first chunk to the end of a catch-up no event goes out; deletions of the catch-up have no number. */
export function demandEventsWaited(frames: readonly Message[]): void {
  const began = frames.findIndex(isChunk);
  const early = frames
    .slice(began === -1 ? frames.length : began)
    .find(
      (frame) =>
        !isChunk(frame) && toldBy(frame).some(({ item }) => item !== null || frame.seq !== undefined),
    );
  if (!early) return;
  throw new CheckFailure("an event went out during a catch-up", {
    expected: "events wait for its SYNC_RESPONSE",
    actual: summaryOf(early),
  });
}

/** The ids of items, for what a connection wrote itself. */
export function idSet(items: readonly Parameters<typeof idOf>[0][]): Set<string> {
  return new Set(items.map(idOf));
}

function rowOf(meta: Meta): Row {
  return { entityType: meta.entityType, entityId: meta.entityId, meta, item: meta.deletedAt ? null : {} };
}

function keyOf({ entityType, entityId }: Pick<Row, "entityType" | "entityId">): string {
  return `${entityType}/${entityId}`;
}

/** The row of the greatest seq of each entity. */
function latest(rows: readonly Row[]): Row[] {
  const byKey = new Map<string, Row>();
  for (const row of rows) {
    if ((byKey.get(keyOf(row))?.meta.seq ?? 0) <= row.meta.seq) byKey.set(keyOf(row), row);
  }
  return [...byKey.values()];
}

/**
 * Starts a connection's first catch-up and stops reading at its first chunk: a server that waits for its reader now stands in the
 * middle of the walk. The function that it returns reads on, and resolves to all frames of the catch-up.
 */
export async function stopMidway(phone: Connection): Promise<() => Promise<readonly Message[]>> {
  const before = phone.frames.length;
  phone.send({ type: "SYNC_REQUEST" });
  await phone.until("the first chunk of the catch-up", isChunk);
  phone.pause();
  return () => readOn(phone, before);
}

/** Reads on to the end of a connection's first catch-up; resolves to the frames since there were `before`. */
export async function readOn(phone: Connection, before: number): Promise<readonly Message[]> {
  phone.resume();
  for (;;) {
    const { frames } = phone;
    const end = frames.findIndex((frame) => frame.type === "SYNC_RESPONSE" && !isAck(frame));
    if (end !== -1) return frames.slice(before, end + 1);
    const count = frames.length;
    await phone.until("the next message, up to the end of the catch-up", () => phone.frames.length > count);
  }
}
