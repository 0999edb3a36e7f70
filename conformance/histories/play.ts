import type { ServerContext } from "../check.ts";
import { CouldNotRun } from "../verdict.ts";
import type { Line, Player } from "./device.ts";
import { bringToRest } from "./end.ts";
import { itemOf } from "./items.ts";
import type { Ready } from "./items.ts";
import { catchUp, connect, pull } from "./read.ts";
import { Recorder } from "./record.ts";
import type { History } from "./record.ts";
import type { Planned, Schedule, Step, Upset } from "./schedule.ts";
import { sendByHttp, sendOnSocket } from "./send.ts";
import type { Sending } from "./send.ts";
import { connectForAWhile, tokenEnds } from "./token-end.ts";

/** What a play needs of the check that it belongs to. */
export type Stage = Pick<
  ServerContext,
  "device" | "stranger" | "now" | "tokens" | "limits" | "signal" | "unique"
> & {
  /** Where the operator's control may be used. */
  control?: ServerContext["control"];
};

/** Stamps count from this long before the play, so that none of a usual one is ever ahead of the server's clock. */
const BASE_MS = 120_000;

/** What is under way. */
interface Play extends Sending {
  stage: Stage;
  base: number;
  players: Player[][];
}

/**
 * Plays a schedule against a server, with users of its own, and brings it to rest: what has no answer yet is sent again, a last
 * write is waited for on every socket, every device pulls. A step that has nothing to refer to is left out.
 * @throws CheckFailure where the server breaks the protocol's form, or does not answer where it must
 * @throws CouldNotRun where it cannot be brought to rest
 */
export async function play(schedule: Schedule, stage: Stage): Promise<History> {
  const recorder = new Recorder(schedule.users);
  const base = stage.now() - BASE_MS;
  const players: Player[][] = [];
  for (let user = 0; user < schedule.users; user += 1) {
    const first = user === 0 ? stage.device : await stage.stranger();
    players.push(
      Array.from({ length: schedule.devices }, (_, n) => ({
        user,
        name: nameOf(user, n),
        device: n === 0 ? first : first.with({ id: stage.unique("device") }),
        versions: new Map(),
        requests: new Map(),
        lines: [],
      })),
    );
  }
  const expired = (user: string): Promise<string> =>
    stage.tokens.forge(
      { claims: { iat: seconds(stage.now()) - 7_200, exp: seconds(stage.now()) - 3_600 } },
      user,
    );
  const under: Play = { recorder, stage, base, players, expired };
  for (const group of schedule.groups) {
    stage.signal.throwIfAborted();
    await Promise.all([...byDevice(group).values()].map((steps) => inOrder(under, steps)));
  }
  await bringToRest({ sending: under, stage, base, players, profile: schedule.profile });
  return recorder.history;
}

/** "A1" is the first device of the first user. */
function nameOf(user: number, device: number): string {
  return `${String.fromCharCode(65 + user)}${device + 1}`;
}

function byDevice(group: readonly Step[]): Map<string, Step[]> {
  const steps = new Map<string, Step[]>();
  for (const step of group) {
    const name = nameOf(...step.by);
    steps.set(name, [...(steps.get(name) ?? []), step]);
  }
  return steps;
}

async function inOrder(under: Play, steps: readonly Step[]): Promise<void> {
  for (const step of steps) await perform(under, step);
}

async function perform(under: Play, step: Step): Promise<void> {
  const { recorder } = under;
  const [user, number] = step.by;
  const player = under.players[user]?.[number];
  if (!player) return;
  switch (step.do) {
    case "push":
    case "batch":
      await prepare(under, player, step.do === "push" ? "push" : "batch", step.request, step.items);
      return sendByHttp(under, player, step.request, step.fate);
    case "again":
      return sendByHttp(under, player, step.request, step.fate);
    case "pull":
      return pull(recorder, player, {
        full: step.how === "full",
        ...(step.limit ? { limit: step.limit } : {}),
      });
    case "mutate": {
      await prepare(under, player, "mutation", step.request, step.items);
      const line = await openLine(under, player);
      return line && sendOnSocket(under, player, line, step.request, step.fate);
    }
    case "connect":
      await leave(recorder, player, step.leaving === true);
      return startListening(under, player, step.from, step.passing);
    case "catch-up": {
      const line = await openLine(under, player);
      return line && catchUp(recorder, player, line, step.from);
    }
    case "pause":
    case "resume":
      return hold(recorder, player, step.do);
    default:
      return upset(under, player, step.do);
  }
}

async function prepare(
  { base }: Play,
  player: Player,
  channel: "push" | "batch" | "mutation",
  request: number,
  planned: readonly Planned[],
): Promise<void> {
  const items: Ready[] = await Promise.all(planned.map((one) => itemOf(one, base, player.device.user)));
  player.requests.set(request, { items, channel, versions: new Map(player.versions), answered: false });
}

/** The device's socket, read from; a new one where it has none. */
async function openLine(under: Play, player: Player): Promise<Line | undefined> {
  if (player.line && player.line.connection.closing === undefined) {
    hold(under.recorder, player, "resume");
    return player.line;
  }
  await startListening(under, player, "cursor");
  return player.line?.connection.closing === undefined ? player.line : undefined;
}

async function startListening(
  { recorder, stage }: Play,
  player: Player,
  from: "start" | "cursor",
  passing = false,
): Promise<void> {
  const line = await (passing ? connectForAWhile(recorder, player, stage) : connect(recorder, player));
  if (line) await catchUp(recorder, player, line, from);
}

/** The client cuts its socket, or goes silent on it: it reads no more, and the server does not know. */
async function leave(recorder: Recorder, player: Player, silently: boolean): Promise<void> {
  const { line } = player;
  if (!line || line.connection.closing !== undefined) return;
  recorder.event(silently ? "half-open" : "reconnect");
  // Of the silent ones one is enough: a user may have few sockets.
  for (const old of player.lines.filter(({ silent }) => silent)) old.connection.terminate();
  if (silently) {
    line.connection.pause();
    line.silent = true;
  } else line.connection.terminate();
  delete player.line;
}

function hold(recorder: Recorder, { line }: Player, how: "pause" | "resume"): void {
  if (!line || line.paused === (how === "pause")) return;
  line.paused = how === "pause";
  recorder.event(how);
  if (how === "pause") line.connection.pause();
  else line.connection.resume();
}

async function upset({ recorder, stage }: Play, player: Player, how: Upset): Promise<void> {
  if (how === "token-end") return tokenEnds(recorder, player, stage);
  const { control } = stage;
  if (!control) throw new CouldNotRun(`this history needs a --control command that offers "${how}"`);
  recorder.event(how);
  if (how === "kill") await control.kill();
  else if (how === "restart") await control.restart();
  else if (how === "evict") await control.evict(player.device.user);
  else await control.failNextWrite();
  recorder.event(`${how} done`);
}

function seconds(ms: number): number {
  return Math.floor(ms / 1000);
}
