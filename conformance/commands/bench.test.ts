import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { DEVELOPMENT_SECRET } from "../../spec/development-secret.ts";
import type { Limits } from "../../schemas/limits.ts";
import type { Plan } from "../bench/plan.ts";
import type { BenchResult } from "../bench/result.ts";
import { createModel } from "../model/model.ts";
import { listen } from "../model/node-http.ts";
import { UsageError } from "../run/select.ts";
import { CouldNotRun } from "../verdict.ts";
import { bench, type BenchFlags } from "./bench.ts";

const TINY: Plan = {
  repetitions: 2,
  warmUps: 1,
  push: [{ items: 1, requests: 2 }],
  fullPull: 20,
  catchUp: { among: [20, 30], changes: 3, calls: 2 },
  acks: 3,
  fanOut: { devices: [2, 50], messages: 5 },
  manyUsers: { users: 3, atOnce: 2 },
  idle: { users: 1, socketsEach: 1 },
};

let folder: string;
let told: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bench-"));
  told = "";
});
afterEach(() => rmSync(folder, { recursive: true }));

async function run(flags: BenchFlags, limits: Partial<Limits> = {}) {
  const model = createModel({ secret: DEVELOPMENT_SECRET, now: Date.now, limits });
  const { url, close } = await listen(model, { host: "127.0.0.1", port: 0 });
  const out = { write: (text: string) => void (told += text), live: false, columns: 100 };
  const io = { out, env: {}, folder, signal: new AbortController().signal };
  try {
    return await bench({ url, ...flags }, io, { quick: TINY, full: TINY });
  } finally {
    await close();
  }
}

it("measures a server on every work that it offers, and writes the figures and a page", async () => {
  expect(await run({ seed: "s", json: "bench.json", html: "bench.html" })).toBe(0);
  const result = JSON.parse(readFileSync(join(folder, "bench.json"), "utf8")) as BenchResult;
  expect(result).toMatchObject({ schemaVersion: "1.0", seed: "s", profile: "quick", targets: [] });
  expect(result.workloads.map(({ id }) => id)).toEqual([
    "push-1",
    "full-pull-20",
    "delta-pull-20",
    "delta-pull-30",
    "many-users-3",
    "socket-catch-up-20",
    "socket-catch-up-30",
    "ack",
    "fan-out-2",
  ]);
  for (const { values, median, min, max } of result.measurements) {
    expect(values).toHaveLength(2);
    expect(min).toBeGreaterThan(0);
    expect(median).toBeGreaterThanOrEqual(min);
    expect(max).toBeGreaterThanOrEqual(median);
  }
  expect(result.measurements.find(({ workload }) => workload === "ack")?.operations?.count).toBe(6);
  expect(result.notes).toEqual([expect.stringContaining("left out: fan-out to 50 devices")]);
  expect(told).toMatch(/Live acknowledgement \(ms, lower is better\)\n {2}Server under load +[\d.]+ ms/);

  const page = readFileSync(join(folder, "bench.html"), "utf8");
  expect(page.match(/<svg\s/g)).toHaveLength(result.workloads.length);
  expect(page).not.toMatch(/<script|<(?:link|img|iframe)\b|\ssrc=|url\(/);
});

it("stops at a server that limits rates, and says what to do: what is slowed down is not measured", async () => {
  const slow = run({ seed: "s" }, { requestBurst: 5, requestsPerSecond: 1 });
  await expect(slow).rejects.toThrow(/got 429: .*serve --limits '\{"requestBurst": null/);
  await expect(slow).rejects.toBeInstanceOf(CouldNotRun);
});

it.each([
  [{ profile: "quik" }, /--profile: there is no "quik": quick or full\. Did you mean quick\?/],
  [{ json: "/dev/null/x" }, /--json: \/dev\/null\/x can't be written/],
  [{ url: "ftp://x" }, /--url: "ftp:\/\/x" is not an http\(s\) address/],
])("a mistake is told before anything is sent: %o", async (flags, words) => {
  const mistaken = run(flags);
  await expect(mistaken).rejects.toThrow(words);
  await expect(mistaken).rejects.toBeInstanceOf(UsageError);
  expect(told).toBe("");
});
