import { rmSync } from "node:fs";
import { LIMIT_NAMES } from "../schemas/limits.ts";
import type { Limits } from "../schemas/limits.ts";
import { isJsonObject } from "../schemas/json.ts";
import { DEVELOPMENT_SECRET, isLoopback } from "../spec/development-secret.ts";
import { didYouMean, UsageError } from "../conformance/run/select.ts";
import { ConfigError, readLimits, readOrigins } from "../reference-server/core/config.ts";
import { speakControl } from "./control.ts";
import { orphanedByNpx } from "./orphaned.ts";
import { scratchFolder } from "./scratch.ts";

export interface ServeFlags {
  port: number;
  host: string;
  persist?: string;
  jwtSecret?: string;
  limits?: string;
  origin?: string[];
  model?: boolean;
  mutant?: string;
  variant?: string;
  control?: boolean;
}

/** How a server is to be started; the same again after a restart. */
export interface ServeOptions {
  port: number;
  host: string;
  persist?: string;
  jwtSecret: string;
  limits: Partial<Limits>;
  /** Absent: the server's own list. */
  origins?: string[];
}

/** A server that runs, and what can be done to it. */
export interface Served {
  url: string;
  close(): Promise<void>;
  restart?(): Promise<void>;
  kill?(): Promise<void>;
  evict?(user: string): Promise<void>;
  advanceClock?(ms: number): Promise<void>;
  failNextWrite?(): Promise<void>;
}

/** `mirubato-sync serve`: runs until SIGINT, SIGTERM, the end of the npx that started it, or with --control the end of stdin. Returns the exit status. */
export async function serve(flags: ServeFlags): Promise<number> {
  const own = optionsOf(flags, process.env);
  const folder = own.persist === undefined && flags.model !== true ? scratchFolder() : undefined;
  const options = folder === undefined ? own : { ...own, persist: folder };
  // With --control, stdout belongs to the protocol.
  const say = (text: string): void =>
    void (flags.control ? process.stderr : process.stdout).write(`${text}\n`);
  try {
    const served = await start(flags, options);
    say(`${flags.model ? "model" : "reference server"} at ${served.url}`);
    if (options.jwtSecret === DEVELOPMENT_SECRET) {
      say("tokens: the public development secret. Mint one: npx mirubato-sync token --user alice");
    }
    await Promise.race([
      untilSignal(),
      orphanedByNpx(process.env),
      ...(flags.control
        ? [speakControl(served, { ephemeral: own.persist === undefined }, process.stdin, process.stdout)]
        : []),
    ]);
    await served.close();
    return 0;
  } finally {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  }
}

/** Resolves when the process is told to end. */
export function untilSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => resolve());
  });
}

async function start(flags: ServeFlags, options: ServeOptions): Promise<Served> {
  try {
    if (flags.model) {
      const { modelServer } = await import("./serve-model.ts");
      return await modelServer(options, flags);
    }
    // Not before it is needed: it loads the Workers runtime.
    const { referenceServer } = await import("./serve-reference.ts");
    return await referenceServer(options);
  } catch (error) {
    if ((error as { code?: string }).code === "EADDRINUSE" || /address already in use/i.test(String(error))) {
      throw new UsageError(
        `port ${options.port} is taken: choose another by --port, or --port 0 for a free one`,
      );
    }
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOTFOUND" || code === "EAI_AGAIN" || code === "EADDRNOTAVAIL" || code === "EACCES") {
      throw new UsageError(
        `--host ${options.host}, --port ${options.port}: this machine can't listen there (${code}); choose others`,
      );
    }
    throw error;
  }
}

function optionsOf(flags: ServeFlags, env: NodeJS.ProcessEnv): ServeOptions {
  for (const name of ["mutant", "variant"] as const)
    if (flags[name] !== undefined && flags.model !== true) throw new UsageError(`--${name} needs --model`);
  if (flags.mutant !== undefined && flags.variant !== undefined)
    throw new UsageError("--mutant and --variant: a server misbehaves or conforms; give one of them");
  if (flags.port > 65_535) throw new UsageError(`--port: ${flags.port} is no port; the highest is 65535`);
  const secret = (flags.jwtSecret ?? env["MIRUBATO_JWT_SECRET"]) || DEVELOPMENT_SECRET;
  if (secret === DEVELOPMENT_SECRET && !isLoopback(flags.host)) {
    throw new UsageError(
      `--host ${flags.host} can be reached from elsewhere: give a secret of your own by MIRUBATO_JWT_SECRET`,
    );
  }
  return {
    port: flags.port,
    host: flags.host,
    ...(flags.persist === undefined ? {} : { persist: flags.persist }),
    jwtSecret: secret,
    limits: parseLimits(flags.limits),
    ...(flags.origin ? { origins: checkedBy("ALLOWED_ORIGINS", "--origin", readOrigins, flags.origin) } : {}),
  };
}

function parseLimits(text: string | undefined): Partial<Limits> {
  if (text === undefined) return {};
  let limits: unknown;
  try {
    limits = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`--limits is not JSON: ${(error as Error).message}`);
  }
  if (!isJsonObject(limits)) throw new UsageError('--limits is not an object, such as {"maxItems": 10}');
  for (const name of Object.keys(limits)) {
    if (!(LIMIT_NAMES as readonly string[]).includes(name)) {
      throw new UsageError(`--limits: there is no limit "${name}".${didYouMean(name, LIMIT_NAMES)}`);
    }
  }
  checkedBy("LIMITS", "--limits", (json) => readLimits(json, false), text);
  return limits;
}

/** The server's own judgement, in the words of the flag. */
function checkedBy<T>(setting: string, flag: string, read: (text: string) => unknown, value: T): T {
  try {
    read(String(value));
    return value;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new UsageError(error.message.replace(setting, flag));
  }
}
