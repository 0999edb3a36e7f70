import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { discoverChecks } from "../discover-checks.ts";
import { conforming } from "../model/behaviour.ts";
import { createModel } from "../model/model.ts";
import { listen } from "../model/node-http.ts";
import type { Listening } from "../model/node-http.ts";
import type { RunResult } from "../run/result.ts";
import { CONFIG_FILE } from "../run/config.ts";
import type { Flags } from "../run/settings.ts";
import { testServer } from "./test.ts";

const SECRET = "the-secret-of-these-tests-of-known-failures";

let folder: string;
let server: Listening;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "known-"));
  const checks = await discoverChecks("server");
  const faults = checks.flatMap(({ brokenBy }) => brokenBy);
  const fault = faults.find(({ name }) => name === "says-replay-of-a-reused-key")!;
  server = await listen(createModel({ secret: SECRET, behaviour: fault.deform(conforming) }));
});
afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

async function testing(flags: Flags): Promise<{ status: number; text: string; result: RunResult }> {
  let text = "";
  const out = { write: (more: string) => void (text += more), live: false, columns: 110 };
  const io = { out, env: {}, folder, signal: new AbortController().signal };
  const report = join(folder, "result.json");
  const common: Flags = { url: server.url, jwtSecret: SECRET, only: ["IDEM-018", "IDEM-003"] };
  const status = await testServer({ ...common, report: [`json=${report}`], ...flags }, io);
  return { status, text, result: JSON.parse(readFileSync(report, "utf8")) as RunResult };
}

const known = (failures: Record<string, string>): string => {
  writeFileSync(join(folder, "known.json"), JSON.stringify({ failures }));
  return "known.json";
};
const FAILING = "IDEM-018/only-replays-say-so";
const written = (): unknown => JSON.parse(readFileSync(join(folder, "known.json"), "utf8"));

describe("known failures", () => {
  it("are written, then expected", async () => {
    const first = await testing({ writeBaseline: "known.json" });
    expect(first.text).toMatch(/known failures: known\.json has 1 \(1 new, 0 removed\)/);
    expect(first.status).toBe(1);
    expect(written()).toEqual({ failures: { [FAILING]: expect.stringMatching(/^not yet explained: ./) } });

    const second = await testing({ baseline: "known.json", failFast: true });
    expect(second.text).toMatch(/ {2}failed \(known\) IDEM-018 /);
    expect(second.text).toMatch(
      /Known failures: 1\n {2}not yet explained: .*\n {4}IDEM-018\/only-replays-say-so/,
    );
    expect(second.text).toMatch(/requirements: 1 passed, 1 known failure\n/);
    expect(second.text).not.toMatch(/FAILED/);
    const judged = second.result.checks.find(({ id }) => id === FAILING);
    expect(judged).toMatchObject({ verdict: "failed", known: expect.stringMatching(/^not yet explained/) });
    expect(second.result.baseline).toEqual({ stale: [], notJudged: [] });
    expect(second.status).toBe(0);
  });

  it("that fail no more make the run fail, and are dropped when the list is written anew", async () => {
    const baseline = known({
      "IDEM-018": "until the cache is gone",
      "IDEM-003": "mended since",
      "PULL-001": "not now",
    });
    writeFileSync(join(folder, CONFIG_FILE), JSON.stringify({ baseline }));
    const { text, result, status } = await testing({});
    expect(text).toMatch(
      /fail no more: 1\. Remove them from the list:\n {2}IDEM-003: .* pass\n {4}mended since\n/,
    );
    expect(text).toMatch(/can't judge: 1\n {2}PULL-001\/\S+ was not selected\n {4}PULL-001\n/);
    expect(result.baseline).toMatchObject({ stale: [{ id: "IDEM-003" }], notJudged: [{ id: "PULL-001" }] });
    expect(status).toBe(1);

    const again = await testing({ writeBaseline: baseline });
    expect(again.text).toMatch(/known\.json has 2 \(0 new, 1 removed\)/);
    expect(written()).toEqual({ failures: { "IDEM-018": "until the cache is gone", "PULL-001": "not now" } });
    expect((await testing({})).status).toBe(0);
  });
});
