import { content, entity, isNewer, type Row } from "../row.ts";
import type { Answer, Device, Item, OutboxFault, Page, Result, World, Write } from "./state.ts";

/** The user writes: stamped (CLI-002), durable and visible at once (CLI-015). */
export function edit(
  world: World,
  at: number,
  of: number,
  deleted: boolean,
  bad: boolean,
  fault?: OutboxFault,
): void {
  const device = world.devices[at]!;
  const id = content(world.$count++);
  const frozen = device.outbox.find((item) => item.key !== null && item.write.of === of)?.write;
  const inFlight = fault === "stamp-ignores-what-is-in-flight" ? undefined : frozen;
  const seen = fault === "stamp-by-the-clock-alone" ? -1 : seenOf(device, of);
  const write: Write = {
    updatedAt: Math.max(world.server.now + device.offset, seen + 1, (inFlight?.updatedAt ?? -1) + 1),
    deleted,
    checksum: deleted ? "" : id,
    $id: id,
    of,
    bad,
    $over: device.$covered[of]!,
    $after: frozen?.$id ?? null,
  };
  device.$own[of] = write;
  world.$open.push(id);
  // CLI-029: a newer edit takes the place of a dead letter; CLI-019: what was never sent coalesces.
  forget(
    world,
    device.dead.filter((dead) => dead.of === of),
  );
  device.dead = device.dead.filter((dead) => dead.of !== of);
  const joins = (item: { key: number | null; write: Write }): boolean =>
    item.write.of === of && (item.key === null || thaws(world, at, item.key, fault));
  const replaced = device.outbox.filter(joins);
  forget(
    world,
    replaced.map((item) => item.write),
  );
  const key = replaced[0]?.key ?? null;
  device.outbox = device.outbox.filter((item) => !joins(item));
  if (
    fault === "delete-cancels-the-create" &&
    deleted &&
    device.outbox.some((item) => item.write.of === of)
  ) {
    // Neither is sent again; the device takes both for settled.
    device.outbox = device.outbox.filter((item) => item.write.of !== of);
    forget(world, [write]);
    return;
  }
  device.outbox.push({ write, key });
}

/** Whether a faulty client lets an edit join what was sent already: at once, or when it stopped waiting. */
function thaws({ requests, answers }: World, at: number, key: number, fault?: OutboxFault): boolean {
  const underway =
    requests.some((one) => one.from === at && one.key === key) ||
    answers.some((one) => one.to === at && one.key === key);
  return fault === "edit-joins-the-frozen-one" || (fault === "any-body-gets-the-first-answer" && !underway);
}

/** The greatest stamp of an entity that the server is known to hold, or may hold of what is gone (CLI-002). */
function seenOf({ seen, absent }: Device, of: number): number {
  return Math.max(seen[of]!, absent[of]!);
}

function forget(world: World, writes: Write[]): void {
  world.$open = world.$open.filter((id) => !writes.some((write) => write.$id === id));
}

/** A row goes into the confirmed layer (CLI-020), whatever lies over it (CLI-024). */
export function apply(device: Device, of: number, row: Row, fault?: OutboxFault, isAck = false): void {
  // CLI-002: rows that lose count too.
  device.seen[of] = Math.max(device.seen[of]!, row.updatedAt);
  if (row.seq <= device.floor && fault !== "late-ack-passes-the-floor") return;
  const held = device.confirmed[of];
  if (fault === "tie-kept-local" && held?.updatedAt === row.updatedAt) return;
  if (!isNewer(row, held) && !(fault === "ack-wins" && isAck)) return;
  device.confirmed[of] = row;
  device.$covered[of] = Math.max(device.$covered[of]!, row.seq);
  if (fault === "remote-change-drops-the-edit" && !isAck)
    device.outbox = device.outbox.filter((item) => item.write.of !== of || item.key !== null);
}

/** An answer settles each item that it names (CLI-005, CLI-008, CLI-018). */
export function settle(world: World, answer: Answer, fault?: OutboxFault): void {
  const device = world.devices[answer.to]!;
  if (fault === "cursor-by-the-push") device.cursor = Math.max(device.cursor ?? 0, answer.head);
  const settlesByEntity = fault === "edit-joins-the-frozen-one" || fault === "any-body-gets-the-first-answer";
  const skewed = answer.results.some(({ code }) => code === "CLOCK_SKEW");
  for (const result of answer.results) {
    const { of, $id: id } = result.write;
    if (result.row !== null) apply(device, of, result.row, fault, true);
    const item = device.outbox.find(
      ({ key, write }) => key === answer.key && (write.$id === id || (settlesByEntity && write.of === of)),
    );
    if (item === undefined) continue;
    if (result.code === "CLOCK_SKEW" || (skewed && fault === "restamps-the-whole-request")) {
      item.key = null;
      if (result.serverTime < device.pulledAt && fault !== "absence-outlives-the-clock")
        pullAnew(world, answer.to, item, result.serverTime);
      else restamp(world, device, item.write, result);
      coalesce(world, device, item.write);
      continue;
    }
    device.outbox = device.outbox.filter((other) => other !== item);
    if (result.code === "INVALID_ITEM") bury(world, device, item.write, fault);
  }
}

/** CLI-053: what counts as seen because a full pull lacked it counts by a clock that was wrong. One that was read before is no help. */
function pullAnew(world: World, at: number, item: Item, serverTime: number): void {
  world.devices[at]!.cursor = null;
  item.refusedAt = serverTime;
  world.pages = world.pages.filter(({ to }) => to !== at);
}

/** CLI-003. A client knows its error from the refusal's `serverTime`. */
function restamp(
  world: World,
  device: Device,
  write: Write,
  { serverTime, code }: Pick<Result, "serverTime" | "code">,
): void {
  const before = write.updatedAt;
  write.updatedAt = Math.max(seenOf(device, write.of) + 1, Math.min(before - device.offset, serverTime));
  // One above a stored row is taken, whatever the clock (ORD-014).
  if (code === "CLOCK_SKEW" && write.updatedAt >= before && write.updatedAt > device.seen[write.of]! + 1)
    world.$alarm = `write ${write.$id} of ${entity(write.of)}, refused for its stamp ${before}, gets stamp ${write.updatedAt}, and waits until time catches up`;
  const own = device.$own[write.of];
  if (own?.$id === write.$id) own.updatedAt = write.updatedAt;
}

/** A refused edit joins its successor, which carries the whole entity (CLI-019). */
function coalesce(world: World, device: Device, write: Write): void {
  const at = device.outbox.findIndex((item) => item.write.$id === write.$id);
  const later = device.outbox.find((item, index) => index > at && item.write.of === write.of);
  if (later === undefined) return;
  device.outbox = device.outbox.filter((item) => item.write.$id !== write.$id);
  forget(world, [write]);
}

function bury(world: World, device: Device, write: Write, fault?: OutboxFault): void {
  if (device.outbox.some((item) => item.write.of === write.of)) forget(world, [write]);
  else if (fault !== "dead-letter-dropped") device.dead.push(write);
}

/** A pull arrives (CLI-012, CLI-013). */
export function receive(world: World, page: Page, fault?: OutboxFault): void {
  const device = world.devices[page.to]!;
  for (const { of, row } of page.rows) apply(device, of, row, fault);
  device.cursor = Math.max(device.cursor ?? 0, page.through);
  if (!page.full) return;
  device.floor = page.through;
  device.pulledAt = page.timestamp;
  for (const of of device.confirmed.keys()) {
    device.absent[of] = -1;
    if (page.rows.some((one) => one.of === of)) continue;
    device.$covered[of] = Math.max(device.$covered[of]!, page.$held[of]!);
    if (fault !== "absence-is-not-seen") device.absent[of] = page.timestamp;
    const row = device.confirmed[of];
    if (row && !row.deleted && row.seq <= page.through) device.confirmed[of] = null;
  }
  for (const item of device.outbox) {
    if (item.refusedAt === undefined) continue;
    restamp(world, device, item.write, { serverTime: item.refusedAt, code: "CLOCK_SKEW" });
    delete item.refusedAt;
  }
}

/** What lies over the confirmed layer: an edit under way, else a dead letter. */
export function overlay(device: Device, of: number): Write | undefined {
  return (
    device.outbox.findLast((item) => item.write.of === of)?.write ??
    device.dead.findLast((dead) => dead.of === of)
  );
}
