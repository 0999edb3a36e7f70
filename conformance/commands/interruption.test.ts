import { spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { validate } from "../../schemas/validators.ts";
import type { RunResult } from "../run/result.ts";
import { packageRoot } from "../versions.ts";

const BIN = join(packageRoot(), "bin", "mirubato-sync.ts");
const quoted = (path: string): string => JSON.stringify(path);

let folder: string;
/** Stands in the command line of every process of the server, so that they can be found. */
let mark: string;
let suite: ChildProcess | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "interruption-"));
  mark = `https://${randomUUID()}.example`;
});
afterEach(() => {
  suite?.kill("SIGKILL");
  for (const pid of servers()) process.kill(pid, "SIGKILL");
  rmSync(folder, { recursive: true });
});

const serve = (more = ""): string =>
  `${quoted(process.execPath)} ${quoted(BIN)} serve --model --port {port} --origin ${mark}${more}`;

/** Processes of the server under test that are alive. */
function servers(): number[] {
  const { stdout } = spawnSync("ps", ["-A", "-o", "pid=,stat=,args="], { encoding: "utf8" });
  return stdout
    .split("\n")
    .filter((line) => line.includes(mark) && !line.includes("test server") && !/^\s*\d+\s+Z/.test(line))
    .map((line) => Number.parseInt(line, 10));
}

interface Ended {
  status: number | null;
  text: string;
  result: RunResult;
}

/** Starts a real run over all checks; `act` has its chance when some, by far not all, are done. */
async function running(words: string[], act: (pid: number) => void, options: string[] = []): Promise<Ended> {
  const report = join(folder, "result.json");
  const all = [
    ...options,
    BIN,
    "test",
    "server",
    ...words,
    "--concurrency",
    "2",
    "--report",
    `json=${report}`,
  ];
  const env = { ...process.env, NO_COLOR: "1", MIRUBATO_JWT_SECRET: "", MIRUBATO_URL: "" };
  const child = spawn(process.execPath, all, { env });
  suite = child;
  let text = "";
  let acted = false;
  child.stderr.on("data", (chunk: Buffer) => (text += chunk.toString("utf8")));
  child.stdout.on("data", (chunk: Buffer) => {
    text += chunk.toString("utf8");
    if (acted || !/\d+ of \d+ checks done/.test(text)) return;
    acted = true;
    act(child.pid!);
  });
  const [status] = (await once(child, "close")) as [number | null];
  return { status, text, result: JSON.parse(readFileSync(report, "utf8")) as RunResult };
}

/** A valid result: what was done is there, and the rest with the reason why it is not. */
function demandPartial({ result, text, status }: Ended, reason: RegExp): void {
  expect(validate("result_file", result), text).toEqual([]);
  const { passed, "could-not-run": notRun } = result.summary.checks;
  // Of the first fifty; those that need an origin, which this run has none of, do not apply.
  expect(passed).toBeGreaterThanOrEqual(30);
  expect(notRun).toBeGreaterThan(100);
  const messages = result.checks
    .filter(({ verdict }) => verdict === "could-not-run")
    .map(({ message }) => message);
  // A check or two may be cut off in another way: by the server's last connection.
  expect(messages.filter((message) => reason.test(message!)).length).toBeGreaterThanOrEqual(notRun - 2);
  expect(text).toMatch(/Could not be judged: \d+/);
  expect(status).toBe(3);
}

/** Real runs, beside those of other tests. */
const timeout = 60_000;

describe("a run that does not come to its end leaves a valid result and no process", { timeout }, () => {
  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("after %s", async (signal) => {
    const ended = await running(["--start", serve()], (pid) => process.kill(pid, signal));
    demandPartial(ended, new RegExp(`^not done when the run was interrupted \\(${signal}\\)`));
    expect(ended.text).not.toMatch(/left on the server/);
    expect(servers()).toEqual([]);
  });

  it("after SIGINT, where the control command started the server, which takes all data with it", async () => {
    const ended = await running(["--control", serve(" --control")], (pid) => process.kill(pid, "SIGINT"));
    demandPartial(ended, /^not done when the run was interrupted/);
    expect(ended.text).not.toMatch(/left on the server/);
    expect(servers()).toEqual([]);
  });

  it("after SIGINT, where the server was there before and stays", async () => {
    const server = spawn(process.execPath, [BIN, "serve", "--model", "--port", "0", "--origin", mark]);
    const [line] = (await once(server.stdout, "data")) as [Buffer];
    const url = /http\S+/.exec(line.toString("utf8"))![0];
    const ended = await running(["--url", url], (pid) => process.kill(pid, "SIGINT"));
    demandPartial(ended, /^not done when the run was interrupted/);
    expect((await fetch(`${url}/health`)).status).toBe(200);
    server.kill();
    await once(server, "close");
  });

  it("after the death of the server", async () => {
    const ended = await running(["--start", serve()], () => {
      for (const pid of servers()) process.kill(pid, "SIGKILL");
    });
    demandPartial(ended, /^the server under test ended \(signal SIGKILL\)/);
    expect(servers()).toEqual([]);
  });

  it.each([
    ["exception", `throw new Error("planted in the suite")`],
    ["rejection", `Promise.reject(new Error("planted in the suite"))`],
  ])("after an %s in the suite that nobody catches", async (_, fault) => {
    const preload = `process.on("SIGUSR2", () => { ${fault} })`;
    const options = ["--import", `data:text/javascript,${encodeURIComponent(preload)}`];
    const ended = await running(["--start", serve()], (pid) => process.kill(pid, "SIGUSR2"), options);
    demandPartial(ended, /^not done when the suite failed: planted in the suite$/);
    expect(servers()).toEqual([]);
  });
});

it("a server that does not come up is named by the address that was tried", { timeout }, async () => {
  const ended = await running(["--start", `exit 7; echo {port} ${mark}`], () => {});
  expect(ended.result.subject).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(ended.text).toMatch(/\d+ checks on http:\/\/127\.0\.0\.1:\d+, seed/);
  expect(ended.text).toMatch(/the command ended \(exit code 7\) before http:\/\/127\.0\.0\.1:\d+ answered/);
  expect(ended.result.checks[0]!.rerun).toMatch(/--start '.*\{port\}/);
  expect(ended.status).toBe(3);
});
