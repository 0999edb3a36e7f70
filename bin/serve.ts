import { rmSync } from "node:fs";
import { LIMIT_NAMES } from "../schemas/limits.ts";
import type { Limits } from "../schemas/limits.ts";
import { isJsonObject } from "../schemas/json.ts";
import { DEVELOPMENT_SECRET } from "../spec/development-secret.ts";
import { didYouMean, UsageError } from "../conformance/run/select.ts";
import { scratchFolder } from "../conformance/subject/scratch.ts";
import { readLimits } from "../reference-server/core/config.ts";
import { speakControl } from "./control.ts";
import { checkedBy, DEVELOPMENT_TOKENS, listening, listeningOptions, untilSignal } from "./listening.ts";
import type { ListeningFlags, ListeningOptions } from "./listening.ts";
import { orphanedByNpx } from "./orphaned.ts";

export interface ServeFlags extends ListeningFlags {
  persist?: string;
  limits?: string;
  model?: boolean;
  mutant?: string;
  variant?: string;
  control?: boolean;
}

/** How a server is to be started; the same again after a restart. */
export interface ServeOptions extends ListeningOptions {
  persist?: string;
  limits: Partial<Limits>;
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
  const over = new AbortController();
  try {
    const served = await start(flags, options);
    // Before it is said that the server is there: who waited for that may end it at once.
    const told = untilSignal();
    say(`${flags.model ? "model" : "reference server"} at ${served.url}`);
    if (options.jwtSecret === DEVELOPMENT_SECRET) say(DEVELOPMENT_TOKENS);
    await Promise.race([
      told,
      orphanedByNpx(process.env),
      ...(flags.control
        ? [
            speakControl(
              served,
              { ephemeral: own.persist === undefined },
              process.stdin,
              process.stdout,
              over.signal,
            ),
          ]
        : []),
    ]);
    await served.close();
    return 0;
  } finally {
    over.abort();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  }
}

function start(flags: ServeFlags, options: ServeOptions): Promise<Served> {
  return listening(options, async () => {
    if (flags.model) {
      const { modelServer } = await import("./serve-model.ts");
      return modelServer(options, flags);
    }
    // Not before it is needed: it loads the Workers runtime.
    const { referenceServer } = await import("./serve-reference.ts");
    return referenceServer(options);
  });
}

function optionsOf(flags: ServeFlags, env: NodeJS.ProcessEnv): ServeOptions {
  for (const name of ["mutant", "variant"] as const)
    if (flags[name] !== undefined && flags.model !== true) throw new UsageError(`--${name} needs --model`);
  if (flags.mutant !== undefined && flags.variant !== undefined)
    throw new UsageError("--mutant and --variant: a server misbehaves or conforms; give one of them");
  return {
    ...listeningOptions(flags, env),
    ...(flags.persist === undefined ? {} : { persist: flags.persist }),
    limits: parseLimits(flags.limits),
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
  checkedBy("LIMITS", "--limits", () => readLimits(text, false));
  return limits;
}
