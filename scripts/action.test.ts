import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const CLI = `'${process.execPath}' '${join(ROOT, "bin/mirubato-sync.ts")}'`;
const SECRET = "a-secret-of-this-test-only-0123456789abcdef";
/** Two processes that load the suite, on a machine that may be busy. */
const PATIENCE_MS = 90_000;

interface Action {
  inputs: Record<string, { description: string; default?: string }>;
  outputs: Record<string, { description: string; value: string }>;
  runs: {
    steps: {
      id: string;
      shell: string;
      "working-directory": string;
      run: string;
      env: Record<string, string>;
    }[];
  };
}
const action = parse(readFileSync(join(ROOT, "action.yml"), "utf8")) as Action;
const [step] = action.runs.steps as [Action["runs"]["steps"][number]];

let workspace: string;
beforeEach(() => {
  workspace = mkdtempSync(join(tmpdir(), "action-"));
});
afterEach(() => rmSync(workspace, { recursive: true }));

/** As `npm ci` leaves it. */
function install(): void {
  const folder = join(workspace, "node_modules/.bin");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "mirubato-sync"), `#!/bin/sh\nexec ${CLI} "$@"\n`, { mode: 0o755 });
}

interface Ran {
  status: number | null;
  output: string;
  outputs: Record<string, string>;
  summary: string;
}

/** Runs the step as a runner does: expressions filled in, the script in a file, by bash with -e and pipefail. */
function run(given: Record<string, string>, env: Record<string, string> = {}): Ran {
  const unknown = Object.keys(given).filter((name) => !(name in action.inputs));
  expect(unknown).toEqual([]);
  const filled = (text: string): string =>
    text.replace(
      /\$\{\{ inputs\.([\w-]+) \}\}/g,
      (_, name: string) => given[name] ?? action.inputs[name]!.default ?? "",
    );
  const runner = mkdtempSync(join(tmpdir(), "runner-"));
  const files = { GITHUB_OUTPUT: join(runner, "output"), GITHUB_STEP_SUMMARY: join(runner, "summary") };
  for (const file of Object.values(files)) writeFileSync(file, "");
  const script = join(runner, "script.sh");
  writeFileSync(script, filled(step.run));
  const { MIRUBATO_JWT_SECRET: _, ...around } = process.env;
  const { status, stdout, stderr } = spawnSync(
    "bash",
    ["--noprofile", "--norc", "-e", "-o", "pipefail", script],
    {
      cwd: join(workspace, filled(step["working-directory"])),
      encoding: "utf8",
      env: {
        ...around,
        // The Node that the tests run on, which setup-node would have put there.
        PATH: `${dirname(process.execPath)}:${process.env["PATH"]}`,
        GITHUB_ACTION_PATH: ROOT,
        ...files,
        ...Object.fromEntries(Object.entries(step.env).map(([name, text]) => [name, filled(text)])),
        ...env,
      },
    },
  );
  const told = readFileSync(files.GITHUB_OUTPUT, "utf8");
  const summary = readFileSync(files.GITHUB_STEP_SUMMARY, "utf8");
  rmSync(runner, { recursive: true });
  const outputs = Object.fromEntries(
    told
      .split("\n")
      .filter(Boolean)
      .map((line) => line.split(/=(.*)/s).slice(0, 2) as [string, string]),
  );
  expect(told + stdout + stderr + summary).not.toMatch(new RegExp(`${SECRET}|eyJhbGciOi`));
  return { status, output: stdout + stderr, outputs, summary };
}

describe("action.yml", () => {
  it("hands every input to the script, and every output out of it", () => {
    const handed = Object.values(step.env).concat(step["working-directory"]).join();
    for (const name of Object.keys(action.inputs)) expect(handed).toContain(`\${{ inputs.${name} }}`);
    for (const [name, { value }] of Object.entries(action.outputs))
      expect(value).toBe(`\${{ steps.${step.id}.outputs.${name} }}`);
  });

  it("passes a server that conforms, with a summary and reports", { timeout: PATIENCE_MS }, () => {
    install();
    const { status, outputs, summary, output } = run(
      {
        start: `${CLI} serve --model --port {port}`,
        only: "IDEM-017,IDEM-002/replay-changes-nothing",
        seed: "again",
      },
      { MIRUBATO_JWT_SECRET: SECRET },
    );
    expect(outputs).toEqual({
      verdict: "conforms",
      "exit-status": "0",
      report: join(workspace, "mirubato-sync-report"),
      passed: "2",
      failed: "0",
      warned: "0",
      "not-judged": "0",
      "not-applicable": "0",
      seed: "again",
    });
    expect(summary).toMatch(/^## Mirubato Sync conformance\n[^]*2 passed/);
    expect(output).toMatch(/^::notice title=Mirubato Sync conformance::/m);
    expect(readFileSync(join(outputs["report"]!, "conformance.html"), "utf8")).toContain("IDEM-002");
    expect(readFileSync(join(outputs["report"]!, "junit.xml"), "utf8")).toContain("IDEM-002");
    expect(status).toBe(0);
  });

  it(
    "fails for one that does not, and says so beside the code; with a list of known failures it passes",
    { timeout: PATIENCE_MS },
    () => {
      install();
      const given = {
        start: `${CLI} serve --model --mutant forgets-idempotency-keys --port {port}`,
        only: "IDEM-017,IDEM-002/replay-changes-nothing",
        report: "out/of the way",
      };
      const failing = run(given);
      expect(failing.outputs).toMatchObject({
        verdict: "fails",
        "exit-status": "1",
        passed: "1",
        failed: "1",
      });
      expect(failing.output).toMatch(/^::error title=IDEM-002 failed::/m);
      expect(failing.summary).toContain("IDEM-002/replay-changes-nothing");
      expect(failing.status).toBe(1);

      writeFileSync(join(workspace, "known.json"), '{"failures": {"IDEM-002": "no store yet"}}');
      const known = run({ ...given, baseline: "known.json" });
      expect(known.outputs).toMatchObject({ verdict: "conforms", "exit-status": "0" });
      expect(known.summary).toContain("no store yet");
      expect(known.status).toBe(0);
    },
  );

  it("checks a client", { timeout: PATIENCE_MS }, () => {
    install();
    const { status, outputs } = run({
      role: "client",
      adapter: `${CLI} adapter`,
      only: "CLI-022/one-after-the-other",
    });
    expect(outputs).toMatchObject({ verdict: "conforms", passed: "1" });
    expect(status).toBe(0);
  });

  it("tells what keeps a server from being judged", { timeout: PATIENCE_MS }, () => {
    install();
    const { status, outputs, output } = run({ start: "exit 3", url: "http://127.0.0.1:1", only: "IDEM-017" });
    expect(outputs).toMatchObject({ verdict: "could-not-run", "exit-status": "3", "not-judged": "1" });
    expect(output).toMatch(/^::error title=.*could-not-run::the command ended \(exit code 3\)/m);
    expect(status).toBe(3);
  });

  it.each<[given: Record<string, string>, words: RegExp]>([
    [{ role: "sever" }, /role: there is no role "sever"; there are server and client/],
    [
      { adapter: "python3 adapter.py" },
      /adapter: it is about a client, and role is server; leave one of them out/,
    ],
    [{ version: "1; rm -rf /" }, /version: "1; rm -rf \/" is no version, such as 0\.1\.0/],
    [
      { report: "/dev/null/reports" },
      /report: \/dev\/null\/reports can't be written \(ENOTDIR\); name another folder/,
    ],
    [{ url: "https://sync.example" }, /no credentials: set MIRUBATO_JWT_SECRET/],
    [{ url: "http://localhost:1", only: "IDEM-200" }, /no check or area "IDEM-200"\. Did you mean IDEM-/],
    [{ url: "http://localhost:1", concurrency: "many" }, /It must be a number above 0/],
  ])(
    "refuses %j in one annotation",
    (given, words) => {
      install();
      const { status, outputs, output } = run(given);
      const annotations = output.split("\n").filter((line) => line.startsWith("::"));
      expect(annotations).toEqual([expect.stringMatching(/^::error title=Mirubato Sync conformance::/)]);
      expect(annotations[0]).toMatch(words);
      expect(outputs).toMatchObject({ verdict: "wrong-usage", "exit-status": "2" });
      expect(status).toBe(2);
    },
    PATIENCE_MS,
  );

  it("says how to install what is not there", { timeout: PATIENCE_MS }, () => {
    const { status, output } = run({ url: "http://localhost:1" });
    expect(output).toMatch(
      /^::error .*mirubato-sync is not installed.*npm install --save-dev mirubato-sync/m,
    );
    expect(status).toBe(2);
  });
});
