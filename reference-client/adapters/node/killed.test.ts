import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { countIn } from "../testing/counting.ts";
import { seeded } from "../testing/seeded.ts";
import { fileStorage } from "./storage.ts";

/** More of them by this variable. */
const KILLS = Number(process.env["KILLS"] ?? 10);
const PROGRAM = fileURLToPath(new URL("../testing/count-for-ever.ts", import.meta.url));

/** Lets a program count in a folder, and kills it when it has told so many numbers. Returns the last that it told. */
async function countAndKill(folder: string, after: number): Promise<number> {
  const child = spawn(process.execPath, [PROGRAM, folder], { stdio: ["ignore", "pipe", "inherit"] });
  let told = "";
  for await (const chunk of child.stdout.setEncoding("utf8")) {
    told += chunk as string;
    if (told.split("\n").length > after) child.kill("SIGKILL");
  }
  // A number that was cut short was not told.
  return Number(told.split("\n").at(-2) ?? 0);
}

it(
  `keeps all that was resolved, and frees its lock, through ${KILLS} kills`,
  async () => {
    const root = await mkdtemp(join(tmpdir(), "killed-"));
    onTestFinished(() => rm(root, { recursive: true }));
    const lane = async (at: number): Promise<number> => {
      const random = seeded(at);
      const folder = join(root, String(at));
      let kills = 0;
      for (; kills < KILLS / 2; kills++) {
        const told = await countAndKill(folder, 1 + Math.floor(random() * 12));
        const found = await countIn(fileStorage({ folder }));
        // The one that was under way may be there.
        expect(found).toBeGreaterThanOrEqual(told);
        expect(found).toBeLessThanOrEqual(told + 1);
      }
      return kills;
    };
    const kills = await Promise.all([lane(1), lane(2)]);
    expect(kills.reduce((sum, each) => sum + each)).toBe(KILLS);
  },
  60_000 + KILLS * 1_000,
);
