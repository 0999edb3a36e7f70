import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createInterface } from "node:readline";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { testServer } from "../conformance/commands/test.ts";
import type { RunResult } from "../conformance/run/result.ts";
import type { Flags } from "../conformance/run/settings.ts";

const BIN = join(dirname(fileURLToPath(import.meta.url)), "mirubato-sync.ts");
const SERVE = `${JSON.stringify(process.execPath)} ${JSON.stringify(BIN)} serve --model --port {port}`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "serve-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function testing(flags: Flags): Promise<{ status: number; text: string; result: RunResult }> {
  let text = "";
  const out = { write: (more: string) => void (text += more), live: false, columns: 110 };
  const io = { out, env: {}, folder, signal: new AbortController().signal };
  const report = join(folder, "result.json");
  const status = await testServer({ ...flags, report: [`json=${report}`] }, io);
  return { status, text, result: JSON.parse(readFileSync(report, "utf8")) as RunResult };
}

const only = ["IDEM-002/replay-changes-nothing"];

describe("the model, served and tested over HTTP", () => {
  it("by --start: passes, tells and reports", async () => {
    const { status, text, result } = await testing({ start: SERVE, only });
    expect(text).toMatch(/passed {9}IDEM-002/);
    expect(result).toMatchObject({
      summary: { checks: { passed: 1 } },
      checks: [{ verdict: "passed", transcript: [] }],
    });
    expect(result.startUpMs).toBeGreaterThan(0);
    expect(status).toBe(0);
  });

  it("by --control, which may serve it too", async () => {
    const { status } = await testing({ control: `${SERVE} --control`, only });
    expect(status).toBe(0);
  });

  it("ends when it is told to, though its input stays open", async () => {
    const words = [BIN, "serve", "--model", "--control", "--port", "0"];
    const child = spawn(process.execPath, words, { stdio: ["pipe", "pipe", "pipe"] });
    for await (const line of createInterface(child.stderr)) if (line.startsWith("tokens:")) break;
    child.kill("SIGTERM");
    expect(await once(child, "exit")).toEqual([0, null]);
  });

  it("as a mutant: fails, with requirement, place, wire and one command to run it again", async () => {
    const start = `${SERVE} --mutant forgets-idempotency-keys`;
    const { status, text, result } = await testing({ start, only, seed: "again" });
    expect(text).toMatch(/FAILED IDEM-002\/replay-changes-nothing/);
    expect(text).toMatch(/IDEM-002, MUST, spec\/idempotency\.md:\d+/);
    expect(text).toMatch(/→ POST \/api\/sync\/push/);
    expect(text).toMatch(
      /again {5}npx mirubato-sync test server --start .*--only IDEM-002\/replay-changes-nothing --seed again/,
    );
    expect(text + JSON.stringify(result)).not.toMatch(/development-secret-known|eyJhbGciOi/);
    expect(result.checks[0]!.transcript.length).toBeGreaterThan(3);
    expect(status).toBe(1);
  });

  it("with another secret than the suite's: says so", async () => {
    const start = `${SERVE} --jwt-secret 'a secret that the suite was never told'`;
    const { status, text } = await testing({ start, only });
    expect(text).toMatch(
      /No check could run\. .* got 401 TOKEN_INVALID .*--jwt-secret or MIRUBATO_JWT_SECRET/,
    );
    expect(status).toBe(3);
  });

  it("that does not come up: reports that, too", async () => {
    const { status, text, result } = await testing({ start: `${SERVE} --limits nonsense`, only });
    expect(text).toMatch(
      /No check could run\. the command ended \(exit code 2\).*\n.*\n.*--limits is not JSON/,
    );
    expect(result.checks).toMatchObject([{ verdict: "could-not-run" }]);
    expect(status).toBe(3);
  });
});
