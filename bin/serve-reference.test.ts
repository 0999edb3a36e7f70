import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { DEVELOPMENT_SECRET } from "../spec/development-secret.ts";
import { referenceServer } from "./serve-reference.ts";

const HOUR_MS = 3_600_000;

it(
  "a server that is restarted answers nothing by a clock that is not moved yet",
  { timeout: 60_000 },
  async () => {
    const persist = mkdtempSync(join(tmpdir(), "serve-reference-"));
    const served = await referenceServer({
      persist,
      jwtSecret: DEVELOPMENT_SECRET,
      port: 0,
      host: "127.0.0.1",
      limits: {},
    });
    const time = async (): Promise<number> => {
      const { timestamp } = (await (await fetch(`${served.url}/health`)).json()) as { timestamp: string };
      return Date.parse(timestamp);
    };
    /** The times of all answers, one request after the other, until there is one after the end. */
    const timesThroughout = async (restart: Promise<void>): Promise<number[]> => {
      const times: number[] = [];
      const going = Promise.resolve(false);
      const ended = restart.then(() => true);
      for (let over = false; !over;) {
        over = await Promise.race([ended, going]);
        const told = await time().catch(() => undefined);
        if (told !== undefined) times.push(told);
      }
      return times;
    };
    try {
      await served.advanceClock!(HOUR_MS);
      for (const again of ["restart", "kill"] as const) {
        const before = Date.now();
        const times = await timesThroughout(served[again]!());
        expect(times[0]).toBeGreaterThanOrEqual(before + HOUR_MS);
        expect(times).toEqual(times.toSorted((a, b) => a - b));
      }
    } finally {
      await served.close();
      rmSync(persist, { recursive: true });
    }
  },
);
