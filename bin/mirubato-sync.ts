#!/usr/bin/env node
import { Command, InvalidArgumentError } from "commander";
import { SUITE_VERSION } from "../conformance/versions.ts";
import { CouldNotRun, HarnessError } from "../conformance/verdict.ts";
import type { TestIo } from "../conformance/commands/test-io.ts";
import { orphanedByNpx } from "./orphaned.ts";

function list(value: string, before: string[] = []): string[] {
  const words = value
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "");
  if (words.length === 0) throw new InvalidArgumentError("It is empty; leave it out for all.");
  return [...before, ...words];
}

const repeated = (value: string, before: string[] = []): string[] => [...before, value];

function positive(value: string): number {
  const number = Number(value);
  if (!Number.isFinite(number) || number <= 0) throw new InvalidArgumentError("It must be a number above 0.");
  return number;
}

function count(value: string): number {
  const number = positive(value);
  if (!Number.isInteger(number)) throw new InvalidArgumentError("It must be a whole number.");
  return number;
}

function whole(value: string): number {
  if (!/^\d+$/.test(value)) throw new InvalidArgumentError("It must be a whole number.");
  return Number(value);
}

const REPORT_HELP =
  "write a report: json=…, html=…, junit=…, markdown=… or github=- (annotations of a workflow); - is standard output, and all else is then told on standard error";

const program = new Command("mirubato-sync")
  .description(
    "Checks servers and clients against the Mirubato Sync specification, explains it, and serves the reference.",
  )
  .version(SUITE_VERSION)
  .showSuggestionAfterError()
  .exitOverride();

const test = program.command("test").description("check an implementation");

/** What can be said of a run, whoever is under test. */
function run(command: Command): Command {
  return command
    .option("--profile <names>", "profiles to check, a,b (default: all that are there to check)", list)
    .option("--only <ids>", "requirements, checks or areas to check, a,b", list)
    .option("--concurrency <n>", "checks at once (8)", count)
    .option("--deadline <seconds>", "for the whole run", positive)
    .option("--fail-fast", "stop at the first failure")
    .option("--seed <seed>", "repeat the random choices of an earlier run")
    .option("--report <format=file>", REPORT_HELP, repeated)
    .option(
      "--baseline <file>",
      "known failures, with reasons: they don't make the run fail, stale entries do",
    )
    .option(
      "--write-baseline <file>",
      "write what failed as known failures; reasons that stand there are kept",
    )
    .option("--config <file>", "settings (default: mirubato-sync.config.json, if there is one)");
}

run(
  test
    .command("server")
    .description(
      "check a server; exit status 0 conforms, 1 a MUST failed or a known failure fails no more, 2 wrong usage, 3 something could not run",
    )
    .option("--url <base>", "base address; {port} stands for a free port")
    .option("--ws-url <url>", "address of the WebSocket endpoint, if discovery does not tell")
    .option("--start <command>", "start the server by this command and end it afterwards, children included")
    .option("--start-timeout <seconds>", "how long it may take to answer (60)", positive)
    .option("--jwt-secret <secret>", "HS256 secret to sign tokens with (better: MIRUBATO_JWT_SECRET)")
    .option("--token-command <command>", "gets {user, claims, header} as JSON on stdin, prints a token")
    .option("--origin <origin>", "a web origin on the server's allow-list", repeated)
    .option("--header <name: value>", "add a header to every request", repeated)
    .option("--ca <file>", "certificate authority (PEM) to trust")
    .option("--control <command>", "JSON lines process that can restart the server, advance its clock, …")
    .option(
      "--instances <n>",
      "start so many servers, each on a {port} of its own, to share the checks (1)",
      count,
    )
    .option("--timeout <seconds>", "for an answer, or the next message of a socket (10)", positive)
    .option("--histories <n>", "play so many random histories of each kind (4)", count)
    .option(
      "--duration <seconds>",
      "search random histories for as long as this; the other checks are not longer",
      positive,
    ),
).action(async (flags) => {
  const { testServer } = await import("../conformance/commands/test.ts");
  await tested((io) => testServer(flags, io));
});

run(
  test
    .command("client")
    .description(
      "check a client, by what a simulated server sees of it; exit status 0 conforms, 1 a MUST failed or a known failure fails no more, 2 wrong usage, 3 something could not run",
    )
    .option(
      "--adapter <command>",
      "the program that drives your client: JSON lines on stdin and stdout, as schemas/adapter.ts has them; or tcp://host:port",
    )
    .option(
      "--browser <page>",
      "instead: the page that drives your client in Chromium, an HTML file or a URL; it defines window.mirubatoAdapter = { ask(verb, params) }",
    )
    .option(
      "--check-adapter",
      "try each verb of the adapter once, and say how to mend it; judges no client; exit status 0 it works, 1 something is wrong, 3 there is no adapter",
    )
    .option("--real-time", "don't shorten the client's own waiting: 30 seconds take 30 seconds")
    .option("--start-timeout <seconds>", "how long an adapter may take to its first answer (20)", positive)
    .option("--timeout <seconds>", "for any other answer of the adapter (20)", positive),
).action(async (flags) => {
  const { testClient } = await import("../conformance/commands/test-client.ts");
  await tested((io) => testClient(flags, io));
});

/** Runs a test so that it ends early, with its reports, when it is told to, or when npx is. */
async function tested(act: (io: TestIo) => Promise<number>): Promise<void> {
  const { untilInterrupted } = await import("../conformance/commands/test-io.ts");
  // As if the signal had been passed on.
  void orphanedByNpx(process.env).then(() => process.kill(process.pid, "SIGTERM"));
  process.exitCode = await untilInterrupted(act);
}

program
  .command("report")
  .description("make reports of a run from its saved result, the file of --report json=<file>")
  .argument("<result.json>", "the saved result")
  .requiredOption("--report <format=file>", REPORT_HELP, repeated)
  .action(async (file: string, flags: { report: string[] }) => {
    const { reportOn } = await import("../conformance/commands/report.ts");
    process.stdout.write(await reportOn(file, flags.report));
  });

program
  .command("explain")
  .description("print a requirement, an area or a check: text, place, checks, the faults they catch")
  .argument("<word>", "for example IDEM-002, IDEM, or idempotency")
  .action(async (word: string) => {
    const { explain } = await import("../conformance/commands/explain.ts");
    process.stdout.write(`${await explain(word)}\n`);
  });

program
  .command("compare")
  .description(
    "compare results (--report json=…) by what they both looked at, the first with each next; exit status 0 nothing regressed from the first to the last, 1 something did, 2 wrong usage, 3 something is judged no more or nothing could be compared",
  )
  .argument("<files...>", "two result files or more")
  .option("--all", "show requirements with the same verdicts, too")
  .option("--json <file>", "write the comparison as JSON")
  .action(async (files: string[], flags) => {
    const { compare } = await import("../conformance/commands/compare.ts");
    const io = { write: (text: string) => void process.stdout.write(text), folder: process.cwd() };
    process.exitCode = compare(files, flags, io);
  });

program
  .command("mutants")
  .description(
    "prove that the suite can fail: each check against the conforming model and the faulty servers, or clients, that it must catch; exit status 0 all caught, 1 a mutant survived or a check proves nothing, 2 wrong usage, 3 it could not run",
  )
  .option("--role <role>", "server or client (server)")
  .option("--only <names>", "requirements, checks, areas or mutants, a,b", list)
  .option("--seed <seed>", "other random choices than the usual ones")
  .option(
    "--report <format=file>",
    "write a report: json=…, html=… or markdown=…; - is standard output, and all else is then told on standard error",
    repeated,
  )
  .action(async (flags) => {
    const { tryMutants } = await import("../conformance/commands/mutants.ts");
    const { untilInterrupted } = await import("../conformance/commands/test-io.ts");
    process.exitCode = await untilInterrupted((io) => tryMutants(flags, io));
  });

program
  .command("replay")
  .description(
    "play a saved history against a server again, exactly; exit status 0 it is consistent, 1 it breaks something, 2 wrong usage, 3 it could not run",
  )
  .argument("<file>", "the schedule that a failure names")
  .option("--url <base>", "base address; {port} stands for a free port")
  .option("--ws-url <url>", "address of the WebSocket endpoint, if discovery does not tell")
  .option("--start <command>", "start the server by this command and end it afterwards, children included")
  .option("--start-timeout <seconds>", "how long it may take to answer (60)", positive)
  .option("--jwt-secret <secret>", "HS256 secret to sign tokens with (better: MIRUBATO_JWT_SECRET)")
  .option("--token-command <command>", "gets {user, claims, header} as JSON on stdin, prints a token")
  .option("--header <name: value>", "add a header to every request", repeated)
  .option("--ca <file>", "certificate authority (PEM) to trust")
  .option("--control <command>", "JSON lines process that can restart the server, …")
  .option("--timeout <seconds>", "per request (5)", positive)
  .option("--config <file>", "settings (default: mirubato-sync.config.json, if there is one)")
  .action(async (file: string, flags) => {
    const { replay } = await import("../conformance/commands/replay.ts");
    const { untilInterrupted } = await import("../conformance/commands/test-io.ts");
    process.exitCode = await untilInterrupted((io) => replay(file, flags, io));
  });

program
  .command("serve")
  .description("serve the reference server (or the in-memory model) on this machine, offline")
  .option("--port <port>", "port; 0 takes a free one", whole, 8787)
  .option("--host <address>", "address to listen on; other than loopback needs a secret", "127.0.0.1")
  .option("--persist <folder>", "keep the data there (default: in a folder that is removed at the end)")
  .option("--jwt-secret <secret>", "HS256 secret of the tokens (better: MIRUBATO_JWT_SECRET)")
  .option("--limits <json>", 'shorten limits, for example {"maxItems": 10}')
  .option("--origin <origin>", "allow a web origin", repeated)
  .option("--model", "serve the in-memory model instead")
  .option("--mutant <name>", "with --model: misbehave like this mutant")
  .option("--variant <name>", "with --model: conform in another way, like this variant")
  .option("--control", "speak the control protocol on stdin and stdout")
  .action(async (flags) => {
    const { serve } = await import("./serve.ts");
    process.exitCode = await serve(flags);
  });

program
  .command("simulate")
  .description(
    "serve the simulator of the client checks, for an app in a debugger: a conforming server that tells what comes and goes, and misbehaves as it is told; type help",
  )
  .option("--port <port>", "port; 0 takes a free one", whole, 8787)
  .option("--host <address>", "address to listen on", "127.0.0.1")
  .option("--fault <fault>", "begin with it: <name>[:<call>][*<times>], such as lose-answer:push*2", repeated)
  .option("--jwt-secret <secret>", "HS256 secret of the tokens (better: MIRUBATO_JWT_SECRET)")
  .option("--origin <origin>", "allow a web origin", repeated)
  .action(async (flags) => {
    const { simulate } = await import("../conformance/commands/simulate.ts");
    const { untilSignal } = await import("./serve.ts");
    const ended = Promise.race([untilSignal(), orphanedByNpx(process.env)]);
    const jwtSecret = flags.jwtSecret ?? process.env["MIRUBATO_JWT_SECRET"];
    const say = (line: string): void => void process.stdout.write(`${line}\n`);
    await simulate({ ...flags, ...(jwtSecret ? { jwtSecret } : {}) }, { say, input: process.stdin, ended });
  });

program
  .command("client")
  .description(
    "keep a user's data on this machine and in sync: one command, or lines of them from a terminal or a pipe; client … help lists them; exit status 0 done, 1 something failed or was refused, 2 wrong usage, 3 what is kept here can't be opened",
  )
  .argument(
    "[command...]",
    "list, add, edit, delete, watch, pending, letters, status, …; none: line after line",
  )
  .option("--url <base>", "the server (better: MIRUBATO_URL; default: http://127.0.0.1:8787)")
  .requiredOption("--user <id>", "whose data, claim sub of the token")
  .option("--device <name>", "a replica of its own beside others of this user on this machine", "default")
  .option(
    "--store <folder>",
    "keep the data there (default: a folder for server, user and device, told at the start)",
  )
  .option("--no-store", "keep nothing on this machine")
  .option(
    "--token-command <command>",
    "gets {user, claims, header} as JSON on stdin, prints a token (or MIRUBATO_TOKEN; for a server on this machine the development secret serves)",
  )
  .option("--json", "write JSON, one text a line")
  .action(async (words: string[], flags) => {
    const { client } = await import("./client.ts");
    const { stdin: input, stdout: output, stderr: error, env } = process;
    const stopped = new AbortController();
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
      process.once(signal, () => stopped.abort());
    void orphanedByNpx(env).then(() => stopped.abort());
    process.exitCode = await client(flags, words, { input, output, error, env, signal: stopped.signal });
  });

program
  .command("adapter")
  .description(
    "the reference client as `test client` asks for it: reads requests of the adapter protocol on stdin, writes answers and events on stdout, JSON lines both; ends with its input",
  )
  .action(async () => {
    const { adapter } = await import("./adapter.ts");
    await adapter({ input: process.stdin, output: process.stdout, error: process.stderr });
    process.exit();
  });

program
  .command("token")
  .description("print an access token for a server on this machine, or for the secret given")
  .requiredOption("--user <id>", "the user, claim sub")
  .option("--expires <time>", "life time: 90s, 15m, 1h, 7d", "1h")
  .option(
    "--jwt-secret <secret>",
    "HS256 secret (better: MIRUBATO_JWT_SECRET; default: the development secret)",
  )
  .action(async (flags) => {
    const { mintToken } = await import("./token.ts");
    process.stdout.write(`${mintToken(flags, process.env)}\n`);
  });

/** The suite and the reference server each have their own. */
function isUsageError(error: unknown): error is Error {
  return error instanceof Error && error.name === "UsageError";
}

/** A mistake of the user's and a server that does not come up are told in a sentence; only our own faults have a stack. */
function report(error: unknown): number {
  if (error instanceof Error && "code" in error && String(error.code).startsWith("commander.")) {
    // Commander has told it. Help and version are no mistakes.
    return (error as unknown as { exitCode: number }).exitCode === 0 ? 0 : 2;
  }
  if (isUsageError(error)) process.stderr.write(`mirubato-sync: ${error.message}\n`);
  else if (error instanceof CouldNotRun) process.stderr.write(`mirubato-sync: ${error.message}\n`);
  else if (error instanceof HarnessError)
    process.stderr.write(`mirubato-sync: the suite is at fault: ${error.message}\n`);
  else
    process.stderr.write(
      `mirubato-sync: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
  return isUsageError(error) ? 2 : 3;
}

// `… | head` reads no more: what is left goes unread, and the run still comes to its reports and its exit status.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
}

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}
