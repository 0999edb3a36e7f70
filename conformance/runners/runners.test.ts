import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { packageRoot } from "../versions.ts";

const ROOT = packageRoot();
const FOLDER = mkdtempSync(join(tmpdir(), "runners-"));
afterAll(() => rmSync(FOLDER, { recursive: true }));
/** Two processes and the suite's own modules are to be loaded, on a machine that may be busy. */
const PATIENCE_MS = 120_000;

const source = (path: string): string => JSON.stringify(pathToFileURL(join(ROOT, path)).href);
const file = (name: string, text: string): string => {
  const path = join(FOLDER, name);
  writeFileSync(path, text);
  return path;
};

/** A program around the model client with one fault, as an author of a client would write it. */
const FAULTY_CLIENT = file(
  "faulty-client.ts",
  `import { createInterface } from "node:readline";
  import { discoverChecks } from ${source("conformance/discover-checks.ts")};
  import { clientOnPorts } from ${source("conformance/drivers/testing/client-on-ports.ts")};
  const checks = await discoverChecks("client", ["CLI-018"]);
  const mutant = checks.find(({ id }) => id === "CLI-018/kept-until-acknowledged").brokenBy[1];
  const subject = clientOnPorts(mutant);
  const host = await subject.launch();
  createInterface({ input: process.stdin }).on("line", async (line) => {
    const { id, verb, params } = JSON.parse(line);
    const told = await host.ask(verb, params).then(
      (result) => ({ ok: true, result }),
      ({ code = "FAILED", message }) => ({ ok: false, error: { code, message } }),
    );
    process.stdout.write(JSON.stringify({ id, ...told }) + "\\n");
  }).on("close", () => process.exit());`,
);

/** A test file that starts the model in its own process, with the fault of forgetting idempotency keys. */
const serverTests = (runner: string): string => `
  import { describeServerConformance } from ${source(`conformance/runners/${runner}.ts`)};
  import { discoverChecks } from ${source("conformance/discover-checks.ts")};
  import { conforming } from ${source("conformance/model/behaviour.ts")};
  import { createModel } from ${source("conformance/model/model.ts")};
  import { listen } from ${source("conformance/model/node-http.ts")};
  import { DEVELOPMENT_SECRET } from ${source("spec/development-secret.ts")};

  describeServerConformance({
    only: ["IDEM-001/empty-key", "IDEM-002/replay-changes-nothing", "IDEM-012/killed-in-between", "IDEM-017"],
    seed: "again",
    async serve() {
      const checks = await discoverChecks("server", ["IDEM-002"]);
      const mutant = checks.flatMap(({ brokenBy }) => brokenBy).find(({ name }) => name === "forgets-idempotency-keys");
      const model = createModel({ secret: DEVELOPMENT_SECRET, behaviour: mutant.deform(conforming) });
      const { url, close } = await listen(model);
      console.log("server: started");
      return { url, close: () => (console.log("server: closed"), close()) };
    },
  });`;

/** Servers by command with a list of known failures, and a client: whatever is not about the server that the tests start. */
const otherTests = (runner: string): string => {
  const cli = `'${process.execPath}' '${join(ROOT, "bin/mirubato-sync.ts")}'`;
  const known = file(
    "known.json",
    JSON.stringify({ failures: { "IDEM-002": "no store yet", "IDEM-017": "it was short once" } }),
  );
  return `
  import { describeClientConformance, describeServerConformance } from ${source(`conformance/runners/${runner}.ts`)};
  describeServerConformance({
    only: ["IDEM-002/replay-changes-nothing", "IDEM-017"],
    start: ${JSON.stringify(`${cli} serve --model --mutant forgets-idempotency-keys --port {port}`)},
    baseline: ${JSON.stringify(known)},
  });
  describeServerConformance({ only: ["IDEM-018"], start: "exit 3", url: "http://127.0.0.1:1" });
  describeClientConformance({
    only: ["CLI-018/kept-until-acknowledged", "CLI-022/one-after-the-other"],
    adapter: ${JSON.stringify(`'${process.execPath}' '${FAULTY_CLIENT}'`)},
  });`;
};

/** A name that is misspelt. */
const wrongTests = (runner: string): string => `
  import { describeServerConformance } from ${source(`conformance/runners/${runner}.ts`)};
  describeServerConformance({ only: ["IDEM-200"], url: "http://127.0.0.1:1" });`;

interface Ran {
  /** By the check's id. */
  tests: Map<string, "passed" | "failed" | "skipped">;
  output: string;
  status: number | null;
}

async function ran(words: string[], verdicts: (output: string) => Ran["tests"]): Promise<Ran> {
  // As the runner is started by hand, not by the runner of this test.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(VITEST|NODE_TEST|NODE_OPTIONS|MIRUBATO)/.test(name)),
  );
  const child = spawn(process.execPath, words, { cwd: FOLDER, env: { ...env, NO_COLOR: "1" } });
  let output = "";
  child.stdout.on("data", (text: Buffer) => (output += text.toString()));
  child.stderr.on("data", (text: Buffer) => (output += text.toString()));
  const [status] = (await once(child, "close")) as [number | null];
  return { tests: verdicts(output), output, status };
}

/** Lines of Vitest's verbose reporter: `✓ server.test.ts > … > IDEM-017/…: … 3ms`. */
function vitest(name: string, ...words: string[]): Promise<Ran> {
  const program = join(ROOT, "node_modules/vitest/vitest.mjs");
  return ran([program, "run", "--root", FOLDER, "--reporter=verbose", name, ...words], (output) =>
    verdictsIn(output, /^ *([✓×↓]) .* > ([\w-]+\/[\w-]+):/),
  );
}

/** Lines of TAP: `    # Subtest: …`, then `ok 1 - IDEM-017/…: … # SKIP reason`. */
function nodeTest(name: string, ...words: string[]): Promise<Ran> {
  return ran(["--test", "--test-reporter=tap", ...words, join(FOLDER, name)], (output) =>
    verdictsIn(output, /^ *(ok|not ok) \d+ - ([\w-]+\/[\w-]+):(?:.*# (SKIP))?/),
  );
}

function verdictsIn(output: string, line: RegExp): Ran["tests"] {
  const words = { "✓": "passed", "×": "failed", "↓": "skipped", ok: "passed", "not ok": "failed" } as const;
  return new Map(
    output.split("\n").flatMap((text) => {
      const [, mark, id, skipped] = line.exec(text) ?? [];
      if (mark === undefined || id === undefined) return [];
      return [[id, skipped === undefined ? words[mark as keyof typeof words] : "skipped"] as const];
    }),
  );
}

const count = (text: string, words: string): number => text.split(words).length - 1;

describe.each([
  { runner: "vitest", run: vitest, filter: "-t", suffix: ".test.ts" },
  { runner: "node-test", run: nodeTest, filter: "--test-name-pattern", suffix: ".node.ts" },
])("tests of $runner", ({ runner, run, filter, suffix }) => {
  const server = `server${suffix}`;
  file(server, serverTests(runner));
  const other = `other${suffix}`;
  file(other, otherTests(runner));
  const wrong = `wrong${suffix}`;
  file(wrong, wrongTests(runner));

  it(
    "are red for the check that fails, alone, and say all that the console says",
    { timeout: PATIENCE_MS },
    async () => {
      const { tests, output, status } = await run(server);
      expect(Object.fromEntries(tests)).toEqual({
        "IDEM-001/empty-key": "passed",
        "IDEM-002/replay-changes-nothing": "failed",
        "IDEM-012/killed-in-between": "skipped",
        "IDEM-017/kept-for-a-day": "passed",
      });
      expect(output).toMatch(
        /FAILED IDEM-002\/replay-changes-nothing\n[^]*IDEM-002, MUST, spec\/idempotency\.md:\d+/,
      );
      expect(output).toMatch(
        /but +header x-idempotent-replay[^]*expected +true\n +actual +missing[^]*→ POST \/api\/sync\/push/,
      );
      expect(output).toMatch(
        /again +(npx vitest run -t|node --test .*) ?'?=?'?IDEM-002\/replay-changes-nothing.*seed "again"/,
      );
      expect(output).toMatch(/needs to kill the server: give a --control/);
      expect(output).not.toMatch(/eyJhbGciOi|development-secret-known/);
      expect([count(output, "server: started"), count(output, "server: closed")]).toEqual([1, 1]);
      expect(status).toBe(1);
    },
  );

  it(
    "run no more than the runner's filter leaves, and start nothing where it leaves none",
    { timeout: PATIENCE_MS },
    async () => {
      const { tests, output, status } = await run(server, filter, "IDEM-017");
      expect([...tests].filter(([, verdict]) => verdict !== "skipped")).toEqual([
        ["IDEM-017/kept-for-a-day", "passed"],
      ]);
      expect([count(output, "server: started"), count(output, "server: closed")]).toEqual([1, 1]);
      expect(status).toBe(0);
      expect((await run(server, filter, "nothing is called so")).output).not.toContain("server: started");
    },
  );

  it("heed known failures, and judge clients", { timeout: PATIENCE_MS }, async () => {
    const { tests, output, status } = await run(other);
    expect(Object.fromEntries(tests)).toEqual({
      "IDEM-002/replay-changes-nothing": "skipped",
      "IDEM-017/kept-for-a-day": "passed",
      "IDEM-018/only-replays-say-so": "failed",
      "CLI-018/kept-until-acknowledged": "failed",
      "CLI-022/one-after-the-other": "passed",
    });
    expect(output).toContain("known failure: no store yet");
    expect(output).toMatch(
      /known failures that fail no more; remove them from .*known\.json:\n +IDEM-017: it passes/,
    );
    expect(output).toMatch(/COULD-NOT-RUN IDEM-018\/only-replays-say-so\n/);
    expect(output).toMatch(
      /FAILED CLI-018\/kept-until-acknowledged\n[^]*again +npx mirubato-sync test client --adapter/,
    );
    expect(status).toBe(1);
  });

  it("fail in a sentence where options can't be meant", { timeout: PATIENCE_MS }, async () => {
    const { output, status } = await run(wrong);
    expect(output).toMatch(/no check or area "IDEM-200"\. Did you mean IDEM-/);
    expect(status).toBe(1);
  });
});
