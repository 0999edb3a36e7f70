import { InvalidArgumentError } from "commander";
import type { Command } from "commander";

/** `a,b`, and the option again for more. */
export function list(value: string, before: string[] = []): string[] {
  const words = value
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "");
  if (words.length === 0) throw new InvalidArgumentError("It is empty; leave it out for all.");
  return [...before, ...words];
}

/** An option that may be given again and again. */
export const repeated = (value: string, before: string[] = []): string[] => [...before, value];

export function positive(value: string): number {
  const number = Number(value);
  if (!Number.isFinite(number) || number <= 0) throw new InvalidArgumentError("It must be a number above 0.");
  return number;
}

export function count(value: string): number {
  const number = positive(value);
  if (!Number.isInteger(number)) throw new InvalidArgumentError("It must be a whole number.");
  return number;
}

export function port(value: string): number {
  if (!/^\d+$/.test(value)) throw new InvalidArgumentError("It must be a whole number.");
  if (Number(value) > 65_535) throw new InvalidArgumentError("The highest port is 65535.");
  return Number(value);
}

export const REPORT_HELP =
  "write a report: json=…, html=…, junit=…, markdown=… or github=- (annotations of a workflow); - is standard output, and all else is then told on standard error";

/** What can be said of a run of checks, whoever is under test. */
export function runOptions(command: Command): Command {
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

/** How a server is found or started, and how the suite signs in to it. */
export function serverOptions(command: Command): Command {
  return command
    .option("--url <base>", "base address; {port} stands for a free port")
    .option("--ws-url <url>", "address of the WebSocket endpoint, if discovery does not tell")
    .option("--start <command>", "start the server by this command and end it afterwards, children included")
    .option("--start-timeout <seconds>", "how long it may take to answer (60)", positive)
    .option("--jwt-secret <secret>", "HS256 secret to sign tokens with (better: MIRUBATO_JWT_SECRET)")
    .option("--token-command <command>", "gets {user, claims, header} as JSON on stdin, prints a token")
    .option("--header <name: value>", "add a header to every request", repeated)
    .option("--ca <file>", "certificate authority (PEM) to trust")
    .option("--control <command>", "JSON lines process that can restart the server, advance its clock, …");
}

/** What stands below the options in a command's help: what its exit status means, and commands to begin with. */
export function explained(
  command: Command,
  { status = [], examples }: { status?: readonly string[]; examples: readonly string[] },
): Command {
  const section = (title: string, lines: readonly string[]): string =>
    lines.length === 0 ? "" : `\n${title}:\n${lines.map((line) => `  ${line}\n`).join("")}`;
  return command.addHelpText("after", section("Exit status", status) + section("Examples", examples));
}

/** What the exit status of a run of checks says. */
export const RUN_STATUS = [
  "0  it conforms: nothing failed, and something passed",
  "1  a MUST failed, or a known failure fails no more",
  "2  wrong usage or settings",
  "3  something could not run or be judged",
];
