import { rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { REQUIRED_VERBS } from "../../../schemas/adapter-verbs.ts";
import type { Capabilities } from "../../../schemas/adapter.ts";
import { UsageError } from "../../run/select.ts";
import { startGroup } from "../../subject/process-group.ts";
import { scratchFolder } from "../../subject/scratch.ts";
import { CouldNotRun } from "../../verdict.ts";
import { createRedactor, type Redactor } from "../../wire/redaction.ts";
import { hostIn, type Member } from "./host.ts";
import { Conversation } from "./json-lines.ts";
import type { ClientSubject } from "./port.ts";
import { Pool } from "./pool.ts";

const GRACE_MS = 2_000;
const MAX_LINES = 100;
const MAX_LINE = 1_000;
/** As many as stand behind an error. */
const LAST_WORDS = 10;

export interface ProcessOptions {
  /** A shell command that reads requests on stdin and writes answers on stdout. It ends when its stdin ends. */
  command: string;
  cwd?: string;
  env?: Record<string, string>;
  answerTimeoutMs: number;
  /** For the first answer of each process. Default: as for any other. */
  startTimeoutMs?: number;
  /** How many processes are kept ready (1). */
  spares?: number;
  redactor?: Redactor;
}

interface AdapterProcess extends Member {
  end(): Promise<void>;
  /** Whether it ended because the shell had nothing to run. */
  wasNotThere(): boolean;
}

/** What a POSIX shell ends with where a program may not be run, or is not found. */
const NOT_RUN = [126, 127];

/**
 * Clients behind a command that speaks JSON lines. Its first process tells what the adapter can do.
 *
 * @throws UsageError where there is no such program
 * @throws CouldNotRun where that is not told, or makes no sense; nothing runs then
 */
export async function processSubject(options: ProcessOptions): Promise<ClientSubject> {
  const { command, redactor = createRedactor() } = options;
  const start = (): AdapterProcess => startAdapter(options, redactor);
  const first = start();
  let capabilities: Capabilities;
  try {
    capabilities = await capabilitiesOf(first);
  } catch (error) {
    await first.kill();
    if (!first.wasNotThere()) throw refusalOf(error);
    throw new UsageError(
      `--adapter: there is no such program here, or it may not be run; give a command that this shell runs: ${(error as Error).message}`,
    );
  }
  const pool = new Pool({ start, clients: capabilities.clients ?? 1, spares: options.spares ?? 1 }, first);
  const folder = scratchFolder();
  let storages = 0;
  return {
    description: command,
    capabilities,
    launch: async ({ alone = false } = {}) => hostIn(alone ? pool.alone() : pool.sharing(), capabilities),
    newStorage: () => join(folder, String((storages += 1))),
    network: "loopback",
    close: async () => {
      await pool.close();
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

/** What keeps an adapter from being a subject: a mistake of the user's, or else something that could not run. */
export function refusalOf(error: unknown): unknown {
  const told = error instanceof UsageError || error instanceof CouldNotRun || !(error instanceof Error);
  return told ? error : new CouldNotRun(error.message);
}

/** What an adapter says of itself. @throws CouldNotRun where a verb is missing that no check can do without */
export async function capabilitiesOf(
  { conversation }: Pick<Member, "conversation">,
  timeoutMs?: number,
): Promise<Capabilities> {
  const capabilities = await conversation.ask("capabilities", {}, { timeoutMs });
  const missing = REQUIRED_VERBS.filter((verb) => !capabilities.verbs.includes(verb));
  if (missing.length > 0) {
    throw new CouldNotRun(
      `the adapter's capabilities lack ${missing.join(", ")}: without these verbs there is nothing to check`,
    );
  }
  return capabilities;
}

function startAdapter(options: ProcessOptions, redactor: Redactor): AdapterProcess {
  const { command, cwd, env, answerTimeoutMs, startTimeoutMs = answerTimeoutMs } = options;
  const group = startGroup(command, {
    protocolOnStdout: true,
    leashed: true,
    ...(cwd === undefined ? {} : { cwd }),
    ...(env === undefined ? {} : { env }),
  });
  const { stdin, stdout, stderr } = group.child;
  const kept: string[] = [];
  createInterface({ input: stderr! }).on("line", (line) => {
    if (kept.push(line.slice(0, MAX_LINE)) > MAX_LINES) kept.shift();
  });
  const lines = (): string[] => kept.map((line) => redactor.text(line));
  const conversation = new Conversation({
    input: stdout!,
    output: stdin!,
    ended: group.closed.then(() => group.ended),
    lastWords() {
      const last = lines().slice(-LAST_WORDS);
      return last.length === 0
        ? `: ${command}`
        : `: ${command}\nits last output:\n  | ${last.join("\n  | ")}`;
    },
    redactor,
    answerTimeoutMs,
    startTimeoutMs,
    onOver: () => void group.kill(),
  });
  const kill = async (): Promise<void> => {
    await group.kill();
    conversation.end("the adapter was killed");
  };
  return {
    conversation,
    lines,
    kill,
    wasNotThere: () => NOT_RUN.includes(group.child.exitCode ?? 0),
    async end() {
      stdin!.end();
      let timer: NodeJS.Timeout | undefined;
      const grace = new Promise<void>((resolve) => (timer = setTimeout(resolve, GRACE_MS)));
      await Promise.race([group.closed, grace]);
      clearTimeout(timer);
      await kill();
    },
  };
}
