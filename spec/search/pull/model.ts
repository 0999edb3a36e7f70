import { entity, shown, told } from "../row.ts";
import type { Model, Step } from "../explore.ts";
import { apply, hole, receive } from "./device.ts";
import { type Asked, read, store } from "./server.ts";
import type { PullFault, Setting, World } from "./state.ts";

/** One device that pulls, in pages, while others and itself write and events and acknowledgements are in flight. */
export function pullModel(name: string, setting: Setting, fault?: PullFault): Model<World> {
  return {
    name,
    initial: () => initial(setting),
    steps: (world) => [
      ...writing(world),
      ...pulling(world, setting, fault),
      ...arriving(world, fault),
      ...failing(world, setting),
    ],
    wrong: (world) => wrong(world),
    wrongAtRest: ({ device, server }) =>
      device.cursor === server.head ? undefined : "nothing happens any more, and the phone is behind",
    settle: (world) => {
      world.acks.sort((a, b) => a.row.seq - b.row.seq || a.epoch - b.epoch);
    },
  };
}

function initial({ entities, stored, fresh, left }: Setting): World {
  const none = Array.from({ length: entities }, () => null);
  const zero = none.map(() => 0);
  const world: World = {
    server: { rows: [...none], head: 0, epoch: 0 },
    device: { confirmed: [...none], cursor: fresh ? null : stored, epoch: 0, floor: [...zero], walk: null },
    page: null,
    socket: null,
    live: false,
    acks: [],
    left: { ...left },
    best: [...zero],
    alarm: null,
  };
  for (let of = 0; of < stored; of++) {
    const row = { ...store(world, of, false), checksum: String.fromCharCode(65 + of) };
    world.server.rows[of] = row;
    world.device.confirmed[of] = row;
    world.best[of] = row.seq;
  }
  return world;
}

function writing(world: World): Step<World>[] {
  return world.server.rows.flatMap((_, of) =>
    [false, true].flatMap((deleted) => {
      if (deleted && shown(world.server.rows[of]) === null) return [];
      const verb = `${deleted ? "deletes" : "writes"} ${entity(of)}`;
      const seq = world.server.head + 1;
      const other: Step<World> = {
        say: `laptop ${verb}: seq ${seq}`,
        take: (next) => {
          next.left.writes--;
          const row = store(next, of, deleted);
          next.socket?.push({ seq: next.live ? row.seq : null, of, row });
        },
      };
      const own: Step<World> = {
        say: `phone's push ${verb}: seq ${seq}, the answer is under way`,
        take: (next) => {
          next.left.own--;
          next.acks.push({ of, row: store(next, of, deleted), epoch: next.server.epoch });
        },
      };
      return [...(world.left.writes > 0 ? [other] : []), ...(world.left.own > 0 ? [own] : [])];
    }),
  );
}

function pulling(world: World, setting: Setting, fault?: PullFault): Step<World>[] {
  if (world.page !== null) return [];
  const { device, server } = world;
  const { walk, cursor, epoch } = device;
  const ask = (say: string, asked: Asked, spend?: (next: World) => void): Step<World> => ({
    say,
    take: (next) => {
      spend?.(next);
      const page = read(next, asked, setting, fault);
      if (page !== undefined) next.page = page;
      else {
        // CLI-014
        next.device.cursor = null;
        next.device.walk = null;
      }
    },
  });
  if (walk !== null) {
    const since = { place: walk.place, start: walk.start, epoch };
    return [ask(`phone asks for the page after ${walk.place}`, { since, full: walk.full, only: walk.only })];
  }
  const typed = server.rows.flatMap((_, only) =>
    world.left.typed > 0
      ? [
          ask(
            `phone begins a full pull of the type of ${entity(only)} alone`,
            { since: null, full: true, only },
            (next) => {
              next.left.typed--;
            },
          ),
        ]
      : [],
  );
  if (cursor === null)
    return [ask("phone begins a full pull", { since: null, full: true, only: null }), ...typed];
  if (cursor === server.head && epoch === server.epoch) return typed;
  const since = { place: cursor, start: cursor, epoch };
  return [ask(`phone pulls from its cursor ${cursor}`, { since, full: false, only: null }), ...typed];
}

function arriving(world: World, fault?: PullFault): Step<World>[] {
  const { page, socket, acks } = world;
  const steps: Step<World>[] = acks.map((ack, index) => ({
    say: `phone gets the answer to its push: ${told(ack.of, ack.row)}`,
    take: (next) => {
      next.acks.splice(index, 1);
      apply(next, ack.of, ack.row, fault);
    },
  }));
  if (page !== null) {
    const rows = page.rows.map(({ of, row }) => told(of, row)).join(", ") || "nothing";
    const end = page.hasMore
      ? "more to come"
      : page.through === null
        ? "the end"
        : `the end, through ${page.through}`;
    steps.push({
      say: `phone gets a page: ${rows}; cursor ${page.place}, ${end}`,
      take: (next) => {
        next.page = null;
        receive(next, page, fault);
      },
    });
  }
  const event = socket?.[0];
  if (event !== undefined) {
    steps.push({
      say: `phone gets the event ${told(event.of, event.row)}`,
      take: (next) => {
        next.socket!.shift();
        apply(next, event.of, event.row, fault);
        if (event.seq !== null) next.device.cursor = Math.max(next.device.cursor ?? 0, event.seq);
      },
    });
  }
  return steps;
}

function failing(world: World, setting: Setting): Step<World>[] {
  const { device, server, left } = world;
  const steps: Step<World>[] = [];
  if (world.socket === null) {
    // Catch-up itself is searched in delivery/; here it is over at once. With no cursor the socket only listens.
    const live = device.cursor !== null && device.epoch === server.epoch;
    steps.push({
      say: live
        ? `phone opens a socket and catches up from ${device.cursor}`
        : "phone opens a socket and listens",
      take: (next) => {
        next.live = live;
        next.socket = live
          ? next.server.rows
              .flatMap((row, of) =>
                row === null || row.seq <= device.cursor! ? [] : [{ seq: row.seq, of, row }],
              )
              .sort((a, b) => a.seq - b.seq)
          : [];
      },
    });
  }
  if (left.cuts > 0 && (device.walk !== null || world.page !== null || (world.socket?.length ?? 0) > 0)) {
    steps.push({
      say: "phone crashes: walk, page and socket are gone",
      take: (next) => {
        next.left.cuts--;
        next.device.walk = null;
        next.page = null;
        next.socket = null;
        next.live = false;
      },
    });
  }
  if (left.restores > 0) {
    steps.push({
      say: "server is restored from the backup of the start; its sockets close",
      take: (next) => {
        const backup = initial(setting).server;
        next.left.restores--;
        next.server = { ...backup, epoch: next.server.epoch + 1 };
        next.socket = null;
        next.live = false;
      },
    });
  }
  return steps;
}

function wrong(world: World): string | undefined {
  const { device, server } = world;
  const missing = hole(world);
  if (missing !== undefined) {
    const row = server.rows[missing]!;
    const has = device.confirmed[missing];
    return `cursor ${device.cursor} claims ${told(missing, row)}, but the phone has ${has ? told(missing, has) : `no ${entity(missing)}`}`;
  }
  for (const [of, row] of device.confirmed.entries()) {
    const known = world.best[of]!;
    if (device.epoch !== server.epoch) continue;
    if (row !== null && !row.deleted && row.seq < known)
      return `${told(of, row)} is back, although the phone had what replaced it (seq ${known})`;
    const now = server.rows[of];
    if (row === null && now && !now.deleted && now.seq <= known)
      return `the phone had ${told(of, now)}, and has it no more`;
  }
  return undefined;
}
