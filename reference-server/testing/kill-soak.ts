import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { servedFromDist, servedModel, type SoakServer } from "./soak-server.ts";
import { SoakUser } from "./soak-user.ts";

const USAGE = `kill-soak [--kills 100] [--seed <text>] [--model] [--mutant <name>]
Kills the reference server (dist, workerd included) under load again and again, over data on disk, restarts it and evicts its objects,
and looks for what it lost. --kills: how many of all three together.
--model, --mutant: the in-memory model instead, to see that this can fail.
`;
const USERS = 2;
const WRITERS = 3;
/** From the writers' first request after a restart to the kill. */
const LONGEST_LIFE_MS = 500;
/** The rest are restarts. */
const KILLS = 0.4;
const EVICTIONS = 0.4;
/** How many of the kills hit a server that has not come up yet. */
const KILLED_AT_START = 0.1;
const LONGEST_START_MS = 800;
const VIOLATIONS_SHOWN = 10;

/** @returns the exit status: 0, 1 on a violation, 2 on wrong usage */
export async function main(words: readonly string[], write: (text: string) => void): Promise<number> {
  const options = optionsOf(words);
  if (typeof options === "string") {
    write(`${options}\n${USAGE}`);
    return 2;
  }
  const folder = await mkdtemp(join(tmpdir(), "kill-soak-"));
  try {
    const { model, mutant } = options;
    const server = model || mutant !== undefined ? await servedModel(mutant) : await servedFromDist(folder);
    return await soak(server, options, write);
  } finally {
    await rm(folder, { recursive: true });
  }
}

interface Options {
  kills: number;
  seed: string;
  model: boolean;
  mutant?: string;
}

function optionsOf(words: readonly string[]): Options | string {
  try {
    const { values } = parseArgs({
      args: [...words],
      options: {
        kills: { type: "string", default: "100" },
        seed: { type: "string", default: String(Date.now() % 1_000_000) },
        model: { type: "boolean", default: false },
        mutant: { type: "string" },
      },
    });
    const kills = Number(values.kills);
    if (!Number.isInteger(kills) || kills < 1) return `--kills: ${values.kills} is no number of kills`;
    return { ...values, kills };
  } catch (error) {
    return (error as Error).message;
  }
}

async function soak(server: SoakServer, options: Options, write: (text: string) => void): Promise<number> {
  const began = performance.now();
  const random = seeded(options.seed);
  const users: SoakUser[] = [];
  for (let index = 0; index < USERS; index++) {
    users.push(await SoakUser.create(`user-${index}`, server.url, WRITERS, random));
  }
  const total = (of: (user: SoakUser) => number): number => users.reduce((sum, user) => sum + of(user), 0);
  const unanswered = { committed: 0, not: 0 };
  const figures = (): string =>
    `${total((user) => user.acknowledged)} pushes acknowledged (${total((user) => user.journal.acknowledgedItems)} items), ` +
    `${unanswered.committed + unanswered.not} left unanswered (${unanswered.committed} stored, ${unanswered.not} not), ` +
    `${total((user) => user.replays.first + user.replays.unanswered)} replays, ` +
    `${total((user) => user.socket.acknowledged)} mutations acknowledged, ${total((user) => user.socket.reconnections)} sockets, ` +
    `${((performance.now() - began) / 1000).toFixed(1)} s`;

  write(`${options.kills} kills, evictions and restarts, seed ${options.seed}\n`);
  const done = { kill: 0, evict: 0, restart: 0 };
  const upsets = (): number => done.kill + done.evict + done.restart;
  const told = (): string => `${done.kill} kills, ${done.evict} evictions, ${done.restart} restarts`;
  let obstacle: string[] = [];
  const judged = async (): Promise<void> => {
    for (const user of users) {
      await user.verify();
      await user.replaySome();
      for (const { committed } of user.journal.unanswered.values()) {
        unanswered[committed ? "committed" : "not"] += 1;
      }
    }
  };
  const counted = (how: keyof typeof done): void => {
    done[how] += 1;
    if (upsets() % 10 === 0) write(`${told()}: ${figures()}\n`);
  };
  const upset = async (how: keyof typeof done): Promise<void> => {
    if (how === "evict") for (const { name } of users) await server.evict(name);
    else await server[how]();
  };
  try {
    await server.start();
    while (upsets() < options.kills && violationsOf(users).length === 0) {
      const kill = new AbortController();
      const work = Promise.all(users.map((user) => user.work(kill.signal)));
      await Promise.race([delay(10 + random() * LONGEST_LIFE_MS), work]);
      kill.abort();
      const chance = random();
      const how = chance < KILLS ? "kill" : chance < KILLS + EVICTIONS ? "evict" : "restart";
      await Promise.all([upset(how), work]);
      if (how === "kill" && upsets() < options.kills - 1 && random() < KILLED_AT_START) {
        const started = server.start().catch(() => undefined);
        await delay(random() * LONGEST_START_MS);
        await server.kill();
        await started;
        counted("kill");
      }
      if (how === "kill") await server.start();
      // A socket that outlived it must hear of what is written now.
      if (how === "evict") for (const user of users) await user.pushOnce();
      await judged();
      counted(how);
    }
    if (violationsOf(users).length === 0) await settle(users);
  } catch (error) {
    obstacle = [(error as Error).message];
  } finally {
    await server.stop();
  }
  const violations = [...violationsOf(users), ...obstacle];
  for (const text of violations.slice(0, VIOLATIONS_SHOWN)) write(`VIOLATION after ${told()}: ${text}\n`);
  if (violations.length > VIOLATIONS_SHOWN) write(`and ${violations.length - VIOLATIONS_SHOWN} more\n`);
  write(`${violations.length === 0 ? "nothing lost" : "FAILED"}: ${told()}, ${figures()}\n`);
  return violations.length === 0 ? 0 : 1;
}

/** What is still unanswered is repeated, and with nothing open everything must agree exactly. */
async function settle(users: readonly SoakUser[]): Promise<void> {
  for (const user of users) {
    await user.finish();
    await user.verify();
  }
}

function violationsOf(users: readonly SoakUser[]): string[] {
  return users.flatMap(({ name, journal }) => journal.violations.map((text) => `${name}: ${text}`));
}

/** Numbers in [0, 1) that the seed decides (mulberry32). */
function seeded(seed: string): () => number {
  let state = Array.from(seed).reduce(
    (hash, char) => Math.imul(hash ^ char.codePointAt(0)!, 16_777_619),
    2_166_136_261,
  );
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

if (import.meta.main) {
  process.exitCode = await main(process.argv.slice(2), (text) => process.stdout.write(text));
}
