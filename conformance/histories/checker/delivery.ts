import { compareStamps } from "../../../spec/rules/stamp.ts";
import type { Frame, Listening, Seen } from "../record.ts";
import { stampKey } from "../record.ts";
import type { Facts, Logged } from "./facts.ts";
import { firstAtLeast } from "./facts.ts";
import { lines, source, state, told, toldFrame } from "./words.ts";
import type { Violation } from "./words.ts";

/**
 * What a socket is told has no gap: events ascend, and no number runs ahead of what was told (RT-021, RT-022); at the end of a
 * catch-up everything accepted before it was asked for is told (RT-026).
 */
export function gapFreeDelivery(facts: Facts): Violation[] {
  return facts.history.sockets.flatMap((socket) => [...deliveries(facts, socket)].slice(0, 1)).slice(0, 1);
}

function* deliveries(facts: Facts, socket: Listening): Generator<Violation> {
  const log = facts.logs[socket.user]!;
  const own = ownOf(facts, socket);
  const latest = new Map<string, Seen>();
  let mark: number | undefined;
  let live: Frame | undefined;
  for (const frame of socket.frames) {
    if (frame.asked !== undefined) {
      mark = Math.max(mark ?? 0, frame.asked);
      live = undefined;
      continue;
    }
    for (const row of frame.rows) {
      const before = latest.get(row.entity);
      if (!before || row.seq >= before.seq) latest.set(row.entity, row);
    }
    if (mark === undefined || frame.number === undefined) continue;
    if (isEvent(frame)) {
      if (live && frame.number < live.number!) {
        yield {
          property: "gap-free-delivery",
          message: `events went out of order on socket ${socket.id} of ${socket.device}: seq ${frame.number} came after ${live.number}`,
          operations: lines(toldFrame(socket, live), toldFrame(socket, frame)),
        };
      }
      live = frame;
    }
    const from = firstAtLeast(log, mark + 1, ({ seq }) => seq);
    for (let at = from; at < log.length && log[at]!.seq <= frame.number; at += 1) {
      const one = log[at]!;
      if (
        own.has(keyOf(one)) ||
        (latest.get(one.entity)?.seq ?? -1) >= one.seq ||
        isReplaced(facts, one, socket, frame)
      )
        continue;
      yield {
        property: "gap-free-delivery",
        message: `socket ${socket.id} of ${socket.device} was given the number ${frame.number}, so it counts as told everything up to there, yet it was not told ${state(one)}`,
        operations: lines(source(one.known), toldFrame(socket, frame)),
      };
    }
    mark = Math.max(mark, frame.number);
  }
  yield* catchUps(facts, socket);
}

/** By the end of a catch-up, its number covers what anybody had been told before it was asked for. */
function* catchUps({ history, logs }: Facts, socket: Listening): Generator<Violation> {
  const asked = history.operations.filter(
    (one) => one.socket === socket.id && one.channel === "catch-up" && one.read,
  );
  for (const operation of asked) {
    const known = logs[socket.user]!.findLast((one) => one.known.at < operation.began);
    if (!known || known.seq <= operation.read!.head!) continue;
    yield {
      property: "gap-free-delivery",
      message: `${state(known)} was told before the catch-up of ${socket.device} began, yet it ended at seq ${operation.read!.head}`,
      operations: lines(source(known.known), told(operation)),
    };
  }
}

/** At rest, what a socket was told has made its device's replica what a pull reads. */
export function replicasAgree(facts: Facts): Violation[] {
  const found: Violation[] = [];
  for (const socket of facts.history.sockets) {
    if (socket.deaf !== undefined) {
      found.push({
        property: "replicas-agree",
        message: `socket ${socket.id} of ${socket.device} stayed open, yet it was not told of the last write: ${socket.deaf}`,
        operations: socket.frames.slice(-3).map((frame) => toldFrame(socket, frame)),
      });
    }
    if (socket.toTheEnd) found.push(...sharesUpset(facts, socket));
  }
  return found.slice(0, 1);
}

function* sharesUpset(facts: Facts, socket: Listening): Generator<Violation> {
  const baseline = socket.frames.find(({ asked }) => asked !== undefined)?.asked;
  const end = facts.history.operations.find(
    (one) => one.final && one.user === socket.user && one.channel === "full pull",
  );
  if (baseline === undefined || !end?.read) return;
  const own = ownOf(facts, socket);
  const latest = new Map<string, Seen>();
  // A client applies what it is told by its stamp, so an older telling that comes later changes nothing.
  for (const row of socket.frames.flatMap(({ rows }) => rows)) {
    const before = latest.get(row.entity);
    if (!before || compareStamps(row.stamp, before.stamp) >= 0) latest.set(row.entity, row);
  }
  for (const row of end.read.rows) {
    if (row.seq <= baseline || own.has(keyOf(row))) continue;
    const heard = latest.get(row.entity);
    if (heard && compareStamps(heard.stamp, row.stamp) === 0) continue;
    yield {
      property: "replicas-agree",
      message: `with nothing under way, ${state(row)} is stored, yet socket ${socket.id} of ${socket.device}, open to the end, was ${heard ? `last told ${state(heard)}` : "never told of it"}`,
      operations: lines(
        told(end),
        ...(facts.change(socket.user, row.entity, row.stamp)?.carriers.map(told) ?? []),
      ),
    };
  }
  const stored = new Set(end.read.rows.map(({ entity }) => entity));
  for (const heard of latest.values()) {
    if (heard.stamp.deleted || stored.has(heard.entity)) continue;
    const deletion = facts.acceptedOf(socket.user, heard.entity).findLast(({ stamp }) => stamp.deleted);
    if (deletion && own.has(keyOf(deletion))) continue;
    yield {
      property: "replicas-agree",
      message: `with nothing under way, ${heard.entity} is deleted, yet socket ${socket.id} of ${socket.device}, open to the end, was last told ${state(heard)}`,
      operations: lines(told(end), ...(deletion ? [source(deletion.known)] : [])),
    };
  }
}

/** What this socket itself wrote: nobody tells it. A write that came by another way too may have been told or not. */
function ownOf({ history }: Facts, socket: Listening): Set<string> {
  const own = new Set<string>();
  for (const { socket: id, channel, writes } of history.operations) {
    if (id !== socket.id || channel !== "mutation") continue;
    for (const written of writes) own.add(keyOf(written));
  }
  return own;
}

/** A later change of the entity may have replaced it by then. */
function isReplaced(facts: Facts, one: Logged, socket: Listening, frame: Frame): boolean {
  const accepted = facts.acceptedOf(socket.user, one.entity);
  const next = accepted[firstAtLeast(accepted, one.seq + 1, ({ seq }) => seq)];
  return next !== undefined && (next.change === undefined || next.change.possibleFrom < frame.at);
}

function keyOf({ entity, stamp }: Pick<Seen, "entity" | "stamp">): string {
  return `${entity} ${stampKey(stamp)}`;
}

function isEvent({ type }: Frame): boolean {
  return type !== "SYNC_RESPONSE" && type !== "BULK_SYNC" && type !== "REPERTOIRE_BULK_SYNC";
}
