import { isNewer, type Row, shown } from "../row.ts";
import type { Page, PullFault, World } from "./state.ts";

/** A row from any channel goes into the confirmed layer, or not (CLI-013, CLI-020). */
export function apply(world: World, of: number, row: Row, fault?: PullFault, fromPage = false): void {
  const { device } = world;
  if (row.seq <= device.floor[of]! && fault !== "no-floor") return;
  const held = device.confirmed[of];
  if (!isNewer(row, held) && !(fault === "late-page-wins" && fromPage)) return;
  device.confirmed[of] = row.deleted && fault === "stamps-of-deletions-forgotten" ? null : row;
  world.best[of] = Math.max(world.best[of]!, row.seq);
}

/** A page arrives: its rows, its place and, on the last one of a full pull, what it lacks, in one transaction. */
export function receive(world: World, page: Page, fault?: PullFault): void {
  const { device } = world;
  const got = [...(device.walk?.got ?? []), ...page.rows.map(({ of }) => of)];
  if (page.epoch !== device.epoch) enter(world, page.epoch, fault);
  for (const { of, row } of page.rows) apply(world, of, row, fault, true);
  if (page.through !== null) finish(world, page, got, fault);
  const whole = page.only === null || fault === "one-cursor-for-all-types";
  const usable = !page.full || !page.hasMore || fault === "token-of-unfinished-walk";
  if (whole && usable) device.cursor = page.place;
  device.walk = page.hasMore
    ? { full: page.full, only: page.only, place: page.place, start: page.start, got: page.full ? got : [] }
    : null;
}

/** The last page of a full pull (CLI-012, CLI-013). */
function finish(world: World, page: Page, got: number[], fault?: PullFault): void {
  const { device } = world;
  const through = page.through!;
  for (const of of device.confirmed.keys()) {
    const pulled = page.only === null || page.only === of;
    if (!pulled && fault !== "one-floor-for-all-types") continue;
    device.floor[of] = through;
    if (!pulled) continue;
    world.best[of] = Math.max(world.best[of]!, page.held[of]!);
    const row = device.confirmed[of];
    if (row === null || row === undefined || row.deleted || got.includes(of)) continue;
    if (fault === "absent-items-stay") continue;
    if (row.seq <= through || fault === "removes-all-that-is-absent") device.confirmed[of] = null;
  }
}

/** The server's data were restored: what the device knows of them is of another log (CLI-050). */
function enter(world: World, epoch: number, fault?: PullFault): void {
  const { device } = world;
  device.epoch = epoch;
  world.best = world.best.map(() => 0);
  if (fault !== "floor-survives-a-restore") device.floor = device.floor.map(() => 0);
  if (fault !== "stamps-survive-a-restore") device.confirmed = device.confirmed.map(() => null);
  if (fault !== "acks-survive-a-restore") world.acks = world.acks.filter((ack) => ack.epoch === epoch);
}

/** What is wrong with a device that believes to have everything up to its cursor. */
export function hole(world: World): number | undefined {
  const { device, server } = world;
  if (device.cursor === null || device.epoch !== server.epoch) return undefined;
  const at = server.rows.findIndex(
    (row, of) =>
      row !== null &&
      row.seq <= device.cursor! &&
      shown(row) !== shown(device.confirmed[of]) &&
      !world.acks.some((ack) => ack.of === of && ack.row.seq === row.seq),
  );
  return at < 0 ? undefined : at;
}
