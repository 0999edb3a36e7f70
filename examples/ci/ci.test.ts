import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import { parse } from "yaml";

const HERE = dirname(fileURLToPath(import.meta.url));
const ROOT = join(HERE, "../..");
const CLI = `'${process.execPath}' '${join(ROOT, "bin/mirubato-sync.ts")}'`;
const read = (file: string): unknown => parse(readFileSync(join(HERE, file), "utf8"));
/** Processes that load the suite, on a machine that may be busy. */
const PATIENCE_MS = 90_000;

let workspace: string;
beforeEach(() => {
  workspace = mkdtempSync(join(tmpdir(), "ci-"));
  // As `npm ci` leaves it. Of all checks two will do.
  const folder = join(workspace, "node_modules/.bin");
  mkdirSync(folder, { recursive: true });
  const only = "IDEM-017,IDEM-002/replay-changes-nothing";
  writeFileSync(join(folder, "mirubato-sync"), `#!/bin/sh\nexec ${CLI} "$@" --only ${only}\n`, {
    mode: 0o755,
  });
  writeFileSync(join(workspace, "package.json"), "{}");
});
afterEach(() => rmSync(workspace, { recursive: true }));

function shell(words: string[], env: Record<string, string>): { status: number | null; output: string } {
  const around = { PATH: process.env["PATH"]!, HOME: workspace, npm_config_update_notifier: "false" };
  const { status, stdout, stderr } = spawnSync(words[0]!, words.slice(1), {
    cwd: workspace,
    encoding: "utf8",
    env: { ...around, ...env },
  });
  return { status, output: stdout + stderr };
}

const FORGETFUL = `${CLI} serve --model --mutant forgets-idempotency-keys --port {port}`;

it("the shell script hands on the exit status, and says what it means", { timeout: PATIENCE_MS }, () => {
  const script = join(HERE, "conformance.sh");
  const failing = shell([script], { SYNC_START: FORGETFUL });
  expect(failing.output).toMatch(/FAILED IDEM-002[^]*a MUST failed/);
  expect(failing.status).toBe(1);
  expect(existsSync(join(workspace, "reports/conformance.html"))).toBe(true);

  writeFileSync(join(workspace, "known.json"), '{"failures": {"IDEM-002": "no store yet"}}');
  const known = shell([script], {
    SYNC_START: FORGETFUL,
    KNOWN_FAILURES: "known.json",
    REPORTS: "elsewhere",
  });
  expect(known.output).toContain("it conforms");
  expect(known.status).toBe(0);
  expect(existsSync(join(workspace, "elsewhere/junit.xml"))).toBe(true);

  expect(shell([script], {})).toMatchObject({
    status: 2,
    output: expect.stringMatching(/which server\? Set SYNC_URL/),
  });
});

it("the job for GitLab writes the reports that it keeps", { timeout: PATIENCE_MS }, () => {
  const { conformance: job } = read("gitlab-ci.yml") as {
    conformance: {
      variables: Record<string, string>;
      script: string[];
      artifacts: { paths: string[]; reports: { junit: string } };
    };
  };
  const env = { ...job.variables, SYNC_START: `${CLI} serve --model --port {port}` };
  const { status, output } = shell(["bash", "-e", "-o", "pipefail", "-c", job.script.join("\n")], env);
  expect(output).toMatch(/checks: +2 passed/);
  expect(status).toBe(0);
  for (const kept of [...job.artifacts.paths, job.artifacts.reports.junit])
    expect(existsSync(join(workspace, kept))).toBe(true);
});

it("the workflow for GitHub gives the action what it takes", () => {
  const { jobs } = read("github.yml") as {
    jobs: { server: { steps: { uses?: string; with?: object; id?: string }[] } };
  };
  const action = parse(readFileSync(join(ROOT, "action.yml"), "utf8")) as { inputs: object; outputs: object };
  const step = jobs.server.steps.find(({ uses }) => uses?.includes("mirubato-sync"))!;
  expect(Object.keys(action.inputs)).toEqual(expect.arrayContaining(Object.keys(step.with!)));
  const used = [...JSON.stringify(jobs).matchAll(/steps\.conformance\.outputs\.([\w-]+)/g)].map(
    ([, name]) => name,
  );
  expect(step.id).toBe("conformance");
  expect(Object.keys(action.outputs)).toEqual(expect.arrayContaining(used));
});
