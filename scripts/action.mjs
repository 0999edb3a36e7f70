// What action.yml runs. Plain JavaScript: a runner's own Node may be older than the one that the suite needs, and is to be told so.
import { spawn } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

const OLDEST_NODE = [22, 18];
const VERDICTS = ["conforms", "fails", "wrong-usage", "could-not-run"];
const KEPT = 4_000;

const { env } = process;
const input = (name) => (env[`INPUT_${name.toUpperCase().replaceAll("-", "_")}`] ?? "").trim();

/** A command to the runner is one line; a line break in a text must not begin another. */
const annotation = (text) =>
  `::error title=Mirubato Sync conformance::${text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A")}\n`;

function output(values) {
  if (!env.GITHUB_OUTPUT) return;
  const lines = Object.entries(values).map(
    ([name, value]) => `${name}=${String(value).replace(/[\r\n]+/g, " ")}\n`,
  );
  appendFileSync(env.GITHUB_OUTPUT, lines.join(""));
}

/** Ends the step for a mistake in its inputs, or in what is around it. */
function refuse(message) {
  process.stdout.write(annotation(message));
  output({ verdict: "wrong-usage", "exit-status": 2 });
  process.exit(2);
}

/** The program, as the workspace has it, or by npx in the version asked for. */
function program() {
  const version = input("version");
  if (version !== "") {
    if (!/^[\w.+-]+$/.test(version)) refuse(`version: "${version}" is no version, such as 0.1.0`);
    return ["npx", "--yes", `mirubato-sync@${version}`];
  }
  for (let folder = process.cwd(); ; folder = dirname(folder)) {
    const found = join(folder, "node_modules", ".bin", "mirubato-sync");
    if (existsSync(found)) return [found];
    if (dirname(folder) === folder) break;
  }
  return refuse(
    "mirubato-sync is not installed in the working directory: npm install --save-dev mirubato-sync and run npm ci before this step, or give the input version",
  );
}

const OPTIONS = {
  server: ["url", "start", "control", "instances", "token-command"],
  client: ["adapter", "browser"],
};
const SHARED = ["only", "baseline", "concurrency", "seed", "config"];

function words(role, folder) {
  const other = Object.keys(OPTIONS).find((one) => one !== role);
  for (const name of OPTIONS[other]) {
    if (input(name) !== "")
      refuse(`${name}: it is about a ${other}, and role is ${role}; leave one of them out`);
  }
  const named = [...OPTIONS[role], ...SHARED].map((name) => [name, input(name)]);
  return [
    "test",
    role,
    ...[...named, ["profile", input("profiles")]].flatMap(([name, value]) =>
      value === "" ? [] : [`--${name}`, value],
    ),
    ...["json=conformance.json", "html=conformance.html", "junit=junit.xml", "markdown=summary.md"].flatMap(
      (report) => {
        const [format, file] = report.split("=");
        return ["--report", `${format}=${join(folder, file)}`];
      },
    ),
    "--report",
    "github=-",
  ];
}

/** Runs the program. What it says is shown as it comes. Resolves with its exit status and its last words. */
function run([command, ...first], rest) {
  return new Promise((done) => {
    const child = spawn(command, [...first, ...rest], { stdio: ["ignore", "inherit", "pipe"] });
    let last = "";
    child.stderr.on("data", (chunk) => {
      process.stderr.write(chunk);
      last = (last + chunk).slice(-KEPT);
    });
    // A job that is cancelled: the suite ends what it started, and writes its reports.
    for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
    child.once("error", (error) => done({ status: 3, last: `${command}: ${error.message}` }));
    child.once("close", (code) => done({ status: code ?? 3, last }));
  });
}

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1]))
  refuse(
    `Node ${process.versions.node} is too old, ${OLDEST_NODE.join(".")} or later is needed: put actions/setup-node before this step`,
  );
const role = input("role") || "server";
if (!Object.hasOwn(OPTIONS, role)) refuse(`role: there is no role "${role}"; there are server and client`);
const folder = resolve(input("report") || "mirubato-sync-report");
const command = program();
try {
  mkdirSync(folder, { recursive: true });
  // Those of an earlier step are not this one's.
  for (const file of ["conformance.json", "summary.md"]) rmSync(join(folder, file), { force: true });
} catch (error) {
  refuse(`report: ${folder} can't be written (${error.code}); name another folder`);
}

const { status, last } = await run(command, words(role, folder));
output({ verdict: VERDICTS[status] ?? "could-not-run", "exit-status": status, report: folder });
const result = join(folder, "conformance.json");
if (existsSync(result)) {
  const { seed, summary } = JSON.parse(readFileSync(result, "utf8"));
  const { passed, failed, warned, inconclusive } = summary.checks;
  output({
    passed,
    failed,
    warned,
    "not-judged": inconclusive + summary.checks["could-not-run"],
    "not-applicable": summary.checks["not-applicable"],
    seed,
  });
} else {
  // Nothing was run: what the annotations would have said stands in its last words.
  process.stdout.write(
    annotation(last.trim().split("\n").slice(-5).join("\n") || `it ended with status ${status}`),
  );
}
const summary = join(folder, "summary.md");
if (env.GITHUB_STEP_SUMMARY && existsSync(summary))
  appendFileSync(env.GITHUB_STEP_SUMMARY, readFileSync(summary));
process.exitCode = status;
