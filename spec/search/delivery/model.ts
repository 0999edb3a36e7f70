import { entity, shown, told } from "../row.ts";
import type { Model, Step } from "../explore.ts";
import { apply, hole, receive, settle } from "./device.ts";
import {
  accept,
  announce,
  bare,
  behind,
  endCatchUp,
  pushes,
  sendChunk,
  sendEvent,
  watermark,
} from "./server.ts";
import type { Connection, DeliveryFault, Setting, World } from "./state.ts";

/** One device on a socket: catch-up, live events and acknowledgements over one log, while others write. */
export function deliveryModel(name: string, setting: Setting, fault?: DeliveryFault): Model<World> {
  return {
    name,
    initial: () => initial(setting),
    steps: (world) => [
      ...writing(world, fault),
      ...storing(world, fault),
      ...connecting(world, fault),
      ...sending(world, fault),
      ...arriving(world, setting, fault),
      ...settling(world),
      ...failing(world, fault),
    ],
    wrong,
    wrongAtRest: ({ device, server }) =>
      device.outbox.length === 0 && device.confirmed.every((row, of) => shown(row) === shown(server.rows[of]))
        ? undefined
        : "nothing happens any more, and the phone does not have what the server has",
  };
}

function initial({ entities, stored, left }: Setting): World {
  const rows = Array.from({ length: entities }, (_, of) =>
    of < stored
      ? { updatedAt: of + 1, deleted: false, checksum: String.fromCharCode(65 + of), seq: of + 1, from: null }
      : null,
  );
  return {
    server: { rows, head: stored, staged: [] },
    connection: null,
    device: { confirmed: rows.map(() => null), cursor: 0, caughtUp: false, outbox: [], unkept: [] },
    left: { ...left },
    best: rows.map(() => 0),
  };
}

function writing(world: World, fault?: DeliveryFault): Step<World>[] {
  const { server, connection, left } = world;
  const seq = server.head + 1;
  return server.rows.flatMap((row, of) => {
    const steps: Step<World>[] = [];
    const other = (deleted: boolean): Step<World> => ({
      say: `laptop ${deleted ? "deletes" : "writes"} ${entity(of)}: seq ${seq}`,
      take: (next) => {
        if (deleted) next.left.deletions--;
        else next.left.writes--;
        accept(next, of, deleted, null, fault);
      },
    });
    if (left.writes > 0) steps.push(other(false));
    if (left.deletions > 0 && shown(row) !== null) steps.push(other(true));
    if (left.own === 0 || connection === null || fault === "told-before-stored") return steps;
    steps.push({
      say: `phone writes ${entity(of)} on its socket: seq ${seq}, the server acknowledges`,
      take: (next) => {
        next.left.own--;
        const own = { of, row: bare(accept(next, of, false, next.connection!.id, fault)) };
        next.device.outbox.push(own);
        const mark = watermark(next, next.connection!);
        const lastSeq = fault === "ack-carries-its-own-seq" && mark !== null ? own.row.seq : mark;
        next.connection!.frames.push({ kind: "ack", rows: [own], lastSeq });
      },
    });
    steps.push({
      say: `phone pushes ${entity(of)} by HTTP, naming its socket: seq ${seq}, the answer is under way`,
      take: (next) => {
        next.left.own--;
        const own = { of, row: bare(accept(next, of, false, next.connection!.id, fault)) };
        next.device.outbox.push(own);
      },
    });
    return steps;
  });
}

/** Of servers that number or tell before they store. */
function storing(world: World, fault?: DeliveryFault): Step<World>[] {
  return world.server.staged.map(({ of, row }, index) => ({
    say: `server stores ${told(of, row)}`,
    take: (next) => {
      next.server.staged.splice(index, 1);
      const held = next.server.rows[of];
      if (held === null || held === undefined || held.seq < row.seq) next.server.rows[of] = row;
      if (fault === "numbered-before-stored") announce(next, of, row, fault);
    },
  }));
}

function connecting(world: World, fault?: DeliveryFault): Step<World>[] {
  const { connection, device, server } = world;
  if (connection === null) {
    return [
      {
        say: "phone opens a socket; WELCOME",
        take: (next) => {
          const { cuts, crashes, restarts } = next.left;
          next.connection = {
            id: cuts + crashes + restarts,
            phase: "quiet",
            place: 0,
            frames: [],
            waiting: [],
          };
          next.device.caughtUp = false;
          if (fault === "welcome-carries-the-head")
            next.connection.frames.push({ kind: "end", rows: [], lastSeq: server.head });
        },
      },
    ];
  }
  if (connection.phase !== "quiet") return [];
  return [
    {
      say: `phone asks for everything after its cursor ${device.cursor}`,
      take: (next) => {
        next.connection!.phase = "walk";
        next.connection!.place = device.cursor;
      },
    },
  ];
}

function sending(world: World, fault?: DeliveryFault): Step<World>[] {
  const { connection, server } = world;
  if (connection === null || connection.phase === "quiet") return [];
  const step = (say: string, take: (next: World, on: Connection) => void): Step<World> => ({
    say,
    take: (next) => take(next, next.connection!),
  });
  const rest = behind(world, connection.place);
  if (connection.phase === "walk") {
    if (rest.length > 0)
      return [step("server sends the next chunk of the catch-up", (next, on) => sendChunk(next, on, fault))];
    if (fault === "catch-up-before-subscribing") {
      return [
        step(`server has read the log to its end ${server.head}, and says so`, (_, on) => {
          endCatchUp(world, on);
          on.phase = "deaf";
        }),
      ];
    }
    return [step(`server ends the catch-up: lastSeq ${server.head}`, endCatchUp)];
  }
  if (connection.phase === "deaf")
    return [step("server subscribes the socket to live events", (_, on) => (on.phase = "live"))];
  if (pushes(fault)) {
    return connection.waiting
      .slice(0, fault === "events-out-of-order" ? undefined : 1)
      .map(({ of, row }, index) =>
        step(`server sends the event ${told(of, row)}`, (_, on) => {
          on.waiting.splice(index, 1);
          on.frames.push({ kind: "event", rows: [{ of, row: bare(row) }], lastSeq: row.seq });
        }),
      );
  }
  const next = rest.find(({ row }) => row.from !== connection.id);
  return next === undefined ? [] : [step(`server sends the event ${told(next.of, next.row)}`, sendEvent)];
}

function arriving(world: World, { deployed }: Setting, fault?: DeliveryFault): Step<World>[] {
  const frame = world.connection?.frames[0];
  const steps: Step<World>[] = [];
  if (frame !== undefined) {
    const rows = frame.rows.map(({ of, row }) => told(of, row)).join(", ") || "without items";
    const mark = frame.lastSeq === null ? "" : `, lastSeq ${frame.lastSeq}`;
    steps.push({
      say: `phone gets ${frame.kind === "end" ? "the end of the catch-up" : `the ${frame.kind} ${rows}`}${mark}`,
      take: (next) => {
        next.connection!.frames.shift();
        receive(next, frame, deployed, fault);
      },
    });
  }
  const unkept = world.device.unkept[0];
  if (unkept !== undefined) {
    steps.push({
      say: `phone keeps ${told(unkept.of, unkept.row)}`,
      take: (next) => {
        next.device.unkept.shift();
        apply(next, unkept.of, unkept.row);
      },
    });
  }
  return steps;
}

/** A push that has no answer is sent again; the answer tells what is stored now (ORD-018, ORD-019). */
function settling(world: World): Step<World>[] {
  return world.device.outbox.map((own) => ({
    say: `phone gets the answer to its push of ${told(own.of, own.row)}`,
    take: (next) => {
      settle(next, own);
      apply(next, own.of, bare(next.server.rows[own.of]!));
    },
  }));
}

function failing(world: World, fault?: DeliveryFault): Step<World>[] {
  const { connection, device, left } = world;
  const steps: Step<World>[] = [];
  if (left.cuts > 0 && connection !== null && connection.frames.length > 0) {
    steps.push({
      say: "the connection breaks; what was under way is lost",
      take: (next) => {
        next.left.cuts--;
        next.connection = null;
      },
    });
  }
  if (left.crashes > 0 && (connection !== null || device.unkept.length > 0)) {
    steps.push({
      say: "phone crashes; what it had not kept is lost",
      take: (next) => {
        next.left.crashes--;
        next.connection = null;
        next.device.unkept = [];
      },
    });
  }
  if (left.restarts > 0) {
    steps.push({
      say: "server restarts; what it had not stored is lost",
      take: (next) => {
        next.left.restarts--;
        next.server.staged = [];
        next.server.head = Math.max(...next.server.rows.map((row) => row?.seq ?? 0));
        const on = next.connection;
        if (fault === "watermark-lost-at-restart" && on?.phase === "live") on.place = next.server.head;
        else if (fault === "deaf-after-restart" && on?.phase === "live") on.waiting = [];
        // RT-025, RT-040
        else next.connection = null;
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
    if (row !== null && !row.deleted && row.seq < world.best[of]!)
      return `${told(of, row)} is back, although the phone had what replaced it`;
    if (row !== null && row.seq > server.head)
      return `the phone has ${told(of, row)}, which the server does not`;
  }
  return undefined;
}
