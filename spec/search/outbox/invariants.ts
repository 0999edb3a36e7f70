import { compareStamps } from "../../rules/stamp.ts";
import { entity, shown, told } from "../row.ts";
import { overlay } from "./device.ts";
import { NAMES } from "./acts.ts";
import type { World } from "./state.ts";

/** What no state may show. */
export function wrong(world: World, unstamped: boolean): string | undefined {
  return (
    world.$alarm ??
    twice(world) ??
    lost(world) ??
    (unstamped ? undefined : (notTheGreatest(world) ?? onDevices(world)))
  );
}

function twice({ $effects }: World): string | undefined {
  const id = $effects.find((one, index) => $effects.indexOf(one) < index);
  return id === undefined ? undefined : `write ${id} took effect twice`;
}

function lost(world: World): string | undefined {
  const id = world.$open.find(
    (one) =>
      !world.devices.some(
        ({ outbox, dead }) =>
          outbox.some(({ write }) => write.$id === one) || dead.some((write) => write.$id === one),
      ) && !world.requests.some(({ writes }) => writes.some((write) => write.$id === one)),
  );
  return id === undefined
    ? undefined
    : `write ${id} is lost: on no device, not on the server, and nobody was told`;
}

function notTheGreatest({ server, $greatest }: World): string | undefined {
  const of = server.rows.findIndex((row, at) => row !== null && compareStamps(row, $greatest[at]!) !== 0);
  return of < 0
    ? undefined
    : `the server holds ${told(of, server.rows[of]!)}, not the greatest stamp that it was sent`;
}

function onDevices(world: World): string | undefined {
  for (const [at, device] of world.devices.entries()) {
    for (const [of, row] of world.server.rows.entries()) {
      const has = device.confirmed[of];
      if (row !== null && row.seq <= (device.cursor ?? 0) && shown(row) !== shown(has))
        return `${NAMES[at]}'s cursor ${device.cursor} claims ${told(of, row)}, but it has ${has ? told(of, has) : `no ${entity(of)}`}`;
      if (has && !has.deleted && has.seq < device.$covered[of]!)
        return `${told(of, has)} is back on ${NAMES[at]}, which had been shown what replaced it`;
      const own = device.$own[of];
      if (!own || overlay(device, of)?.$id === own.$id || (has && !beats(own, has))) continue;
      // A full pull that lacks the entity shows that it was deleted after the own write.
      if (device.$covered[of]! > (has?.seq ?? 0)) continue;
      return `${NAMES[at]} no longer shows its own write ${own.$id} of ${entity(of)}, which nothing newer has replaced`;
    }
  }
  return undefined;
}

/** Whether an own write ranks above a row by time and kind; the rest is not the writer's to say (CLI-007). */
function beats(
  own: { updatedAt: number; deleted: boolean },
  row: { updatedAt: number; deleted: boolean },
): boolean {
  return own.updatedAt !== row.updatedAt ? own.updatedAt > row.updatedAt : own.deleted && !row.deleted;
}
