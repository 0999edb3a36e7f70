import { isNewer, type Row, shown } from "../row.ts";
import type { DeliveryFault, Frame, World } from "./state.ts";

export function apply(world: World, of: number, row: Row): void {
  if (!isNewer(row, world.device.confirmed[of])) return;
  world.device.confirmed[of] = row;
  world.best[of] = Math.max(world.best[of]!, row.seq);
}

/** A frame arrives. */
export function receive(world: World, frame: Frame, deployed: boolean, fault?: DeliveryFault): void {
  const { device } = world;
  if (frame.kind === "end") device.caughtUp = true;
  if (frame.kind === "ack") settle(world, frame.rows[0]!);
  else if (fault === "cursor-apart-from-rows") device.unkept.push(...frame.rows);
  else for (const { of, row } of frame.rows) apply(world, of, row);
  const place = placeIn(world, frame, deployed, fault);
  if (place !== null) device.cursor = Math.max(device.cursor, place);
}

/** What this frame says that the device has (CLI-010, CLI-038). */
function placeIn(world: World, frame: Frame, deployed: boolean, fault?: DeliveryFault): number | null {
  if (deployed) return frame.lastSeq;
  const meta = frame.rows[0]?.row.seq ?? null;
  if (frame.kind === "ack") return fault === "cursor-by-the-ack" ? meta : null;
  if (frame.kind === "event") {
    if (fault === "cursor-by-meta") return meta;
    return world.device.caughtUp ? frame.lastSeq : null;
  }
  return frame.lastSeq;
}

/** An own write is acknowledged: out of the outbox, into the confirmed layer (CLI-018). */
export function settle(world: World, ack: { of: number; row: Row }): void {
  world.device.outbox = world.device.outbox.filter(({ row }) => row.seq !== ack.row.seq);
  apply(world, ack.of, ack.row);
}

/** What is wrong with a device that believes to have everything up to its cursor. */
export function hole(world: World): number | undefined {
  const { device, server } = world;
  const at = server.rows.findIndex(
    (row, of) =>
      row !== null &&
      row.seq <= device.cursor &&
      shown(row) !== shown(device.confirmed[of]) &&
      // What the outbox holds is sent again, and the answer tells it.
      !device.outbox.some((own) => own.of === of && own.row.seq === row.seq) &&
      !device.unkept.some((kept) => kept.of === of && kept.row.seq === row.seq),
  );
  return at < 0 ? undefined : at;
}
