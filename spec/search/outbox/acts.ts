import type { Step } from "../explore.ts";
import { entity, type Row, shown } from "../row.ts";
import { edit, overlay } from "./device.ts";
import { read } from "./server.ts";
import type { Item, OutboxFault, World, Write } from "./state.ts";

export const NAMES = ["phone", "laptop"];

/** What the user does on device `at`. */
export function writing(world: World, at: number, fault?: OutboxFault): Step<World>[] {
  const { devices, left } = world;
  const device = devices[at]!;
  return device.confirmed.flatMap((row, of) => {
    const over = overlay(device, of);
    const visible = over === undefined ? shown(row) !== null : !over.deleted;
    const act = (kind: "writes" | "deletions" | "bad", verb: string): Step<World> => ({
      say: `${NAMES[at]} ${verb} ${entity(of)}`,
      take: (next) => {
        next.left[kind]--;
        edit(next, at, of, kind === "deletions", kind === "bad", fault);
      },
    });
    return [
      ...(left.writes > 0 ? [act("writes", "writes")] : []),
      ...(left.deletions > 0 && visible ? [act("deletions", "deletes")] : []),
      ...(left.bad > 0 ? [act("bad", "writes something that the server will refuse into")] : []),
    ];
  });
}

/** Flushing: one request at a time, frozen with its key (CLI-009, CLI-019, CLI-022). */
export function flushing(world: World, at: number, unstamped: boolean, fault?: OutboxFault): Step<World>[] {
  const { devices, left, requests, answers } = world;
  const { outbox, keys } = devices[at]!;
  const frozen = outbox.filter((item) => item.key !== null);
  const name = NAMES[at];
  if (frozen.length === 0) {
    if (outbox.length === 0 || outbox.some(({ refusedAt }) => refusedAt !== undefined)) return [];
    return [
      {
        say: `${name} pushes ${described(outbox, unstamped)} under key ${name}-${keys + 1}`,
        take: (next) => {
          const device = next.devices[at]!;
          device.keys++;
          for (const item of device.outbox) item.key = device.keys;
          next.requests.push({ from: at, key: device.keys, writes: device.outbox.map(({ write }) => write) });
          if (fault !== "queue-cleared-before-the-ack") return;
          for (const { write } of device.outbox) device.confirmed[write.of] = asStored(write);
          device.outbox = [];
        },
      },
    ];
  }
  const waiting = outbox.filter((item) => item.key === null);
  if (fault === "second-request-before-the-first-answer" && waiting.length > 0) {
    return [
      {
        say: `${name} does not wait, and pushes ${described(waiting, unstamped)} under key ${name}-${keys + 1}`,
        take: (next) => {
          const device = next.devices[at]!;
          device.keys++;
          const items = device.outbox.filter((item) => item.key === null);
          for (const item of items) item.key = device.keys;
          next.requests.push({ from: at, key: device.keys, writes: items.map(({ write }) => write) });
        },
      },
    ];
  }
  const key = frozen[0]!.key!;
  const underway =
    requests.some((one) => one.from === at && one.key === key) ||
    answers.some((one) => one.to === at && one.key === key);
  if (underway && left.copies === 0) return [];
  const again = fault === "key-changed-on-retry" ? keys + 1 : key;
  return [
    {
      say: `${name} has no answer, and pushes ${described(frozen, unstamped)} again under key ${name}-${again}`,
      take: (next) => {
        const device = next.devices[at]!;
        if (underway) next.left.copies--;
        device.keys = Math.max(device.keys, again);
        for (const item of device.outbox) if (item.key !== null) item.key = again;
        const writes = device.outbox.filter((item) => item.key !== null).map(({ write }) => write);
        next.requests.push({ from: at, key: again, writes });
      },
    },
  ];
}

/** What a client without layers has in its place. */
const asStored = ({ updatedAt, deleted, checksum, $over }: Write): Row => ({
  updatedAt,
  deleted,
  checksum,
  seq: $over,
});

function described(items: Item[], unstamped: boolean): string {
  const one = ({ write: { $id, of, deleted, updatedAt } }: Item): string =>
    `${entity(of)} ${deleted ? `deletion ${$id}` : `"${$id}"`} ${unstamped ? "without a stamp" : `stamped ${updatedAt}`}`;
  return items.map(one).join(", ");
}

/** A pull is asked for and read at once; its answer takes its time. */
export function pulling(world: World, at: number, fault?: OutboxFault): Step<World>[] {
  const { cursor } = world.devices[at]!;
  if (cursor === world.server.head || world.pages.some((page) => page.to === at)) return [];
  const from = cursor === null ? "begins a full pull" : `pulls from its cursor ${cursor}`;
  return [{ say: `${NAMES[at]} ${from}`, take: (next) => read(next, at, fault) }];
}
