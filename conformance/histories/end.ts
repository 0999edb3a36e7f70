import { CheckFailure, CouldNotRun } from "../verdict.ts";
import type { Player } from "./device.ts";
import { entityOf, itemOf } from "./items.ts";
import { catchUp, connect, pull } from "./read.ts";
import type { Schedule } from "./schedule.ts";
import { sendByHttp } from "./send.ts";
import type { Sending } from "./send.ts";
import type { Stage } from "./play.ts";

interface Ending {
  sending: Sending;
  stage: Stage;
  base: number;
  players: readonly Player[][];
  profile: Schedule["profile"];
}

/** A request without an answer is sent again as often as this: a restarted server may need some of them. */
const MOST_TRIES = 20;
/** No schedule has so many entities, writes or requests of its own. */
const LAST_ENTITY = 7_001;
const LAST = 1_000_000;

/**
 * The quiet end: every request has its answer, so none can take effect any more; then a last write, which every socket
 * must be told of; then everybody reads everything.
 */
export async function bringToRest(ending: Ending): Promise<void> {
  await Promise.all(ending.players.map((devices, user) => restOf(ending, devices, user)));
}

async function restOf(ending: Ending, devices: readonly Player[], user: number): Promise<void> {
  const { sending, profile, stage } = ending;
  const { recorder } = sending;
  for (const player of devices) {
    for (const line of player.lines) if (line.silent) line.connection.terminate();
    if (player.line?.paused) {
      player.line.paused = false;
      player.line.connection.resume();
    }
    for (const request of player.requests.keys()) await settle(ending, player, request);
  }
  const [first] = devices as [Player];
  const fresh: Player = {
    user,
    name: `${first.name[0]}-new`,
    device: first.device.with({ id: stage.unique("device") }),
    versions: new Map(),
    requests: new Map(),
    lines: [],
  };
  if (profile === "realtime") {
    const last = await itemOf({ write: LAST, entity: LAST_ENTITY, at: 0 }, ending.base, first.device.user);
    first.requests.set(LAST, { items: [last], channel: "push", versions: new Map(), answered: false });
    await settle(ending, first, LAST);
    await Promise.all(devices.map((player) => hearLast(player)));
    recorder.moment();
    await Promise.all([...devices, fresh].map((player) => lastCatchUp(ending, player)));
  }
  const final = true;
  await Promise.all(
    devices.map(async (player) => {
      if (player.cursor !== undefined) await pull(recorder, player, { full: false, final });
      await pull(recorder, player, { full: true, final });
    }),
  );
  await pull(recorder, fresh, { full: true, final });
  const unread = recorder.history.operations.find(
    (one) => one.final && one.user === user && one.read === undefined && one.writes.length === 0,
  );
  if (unread)
    throw new CouldNotRun(
      `at the end of a history a ${unread.channel} of ${unread.device} got nothing: ${unread.why}`,
    );
}

async function settle({ sending, stage }: Ending, player: Player, request: number): Promise<void> {
  const known = player.requests.get(request)!;
  const { operations } = sending.recorder.history;
  for (let tries = 0; !known.answered; tries += 1) {
    stage.signal.throwIfAborted();
    const failed = operations.findLast((one) => one.request === request && one.device === player.name);
    // Refused for good: it is not sent again, unless it was only the token.
    if (failed?.outcome === "fail" && !/401|409|429/.test(failed.why ?? "")) return;
    if (tries >= MOST_TRIES) {
      throw new CouldNotRun(
        `a history could not be brought to rest: request ${request} of ${player.name} was ${failed?.why}`,
      );
    }
    // A busy server is given time; the same request again is what a client sends.
    if (tries > 0) await new Promise((resolve) => setTimeout(resolve, 25 * tries));
    await sendByHttp(sending, player, request);
  }
}

/** Waits until the last write came on the device's socket: by then everything before it must have (RT-021). */
async function hearLast({ line }: Player): Promise<void> {
  if (!line || line.silent || line.connection.closing !== undefined) return;
  const { listening, connection } = line;
  try {
    await connection.hears(entityOf(LAST_ENTITY).entityId);
    listening.toTheEnd = true;
  } catch (error) {
    if (!(error instanceof CheckFailure)) throw error;
    // A server may give up a socket; it must not keep it open and silent.
    if (connection.closing === undefined) listening.deaf = error.message;
  }
}

/** Who lost its socket comes back and catches up from where it was; somebody new from the start. */
async function lastCatchUp({ sending: { recorder } }: Ending, player: Player): Promise<void> {
  const { line } = player;
  if (line && line.connection.closing === undefined) return;
  const opened = await connect(recorder, player);
  if (!opened) throw new CouldNotRun(`at the end of a history no socket opened for ${player.name}`);
  await catchUp(recorder, player, opened, "cursor", true);
  recorder.moment();
}
