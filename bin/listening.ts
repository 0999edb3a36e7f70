import { DEVELOPMENT_SECRET, isLoopback } from "../spec/development-secret.ts";
import { UsageError } from "../conformance/run/select.ts";
import { ConfigError, readOrigins } from "../reference-server/core/config.ts";

/** Where a server on this machine listens, and for whom, as the command line says it. */
export interface ListeningFlags {
  port: number;
  host: string;
  jwtSecret?: string;
  origin?: string[];
}

export interface ListeningOptions {
  port: number;
  host: string;
  jwtSecret: string;
  /** Absent: the server's own list. */
  origins?: string[];
}

/** What is said where tokens are signed with the secret that everybody knows. */
export const DEVELOPMENT_TOKENS =
  "tokens: the public development secret. Mint one: npx mirubato-sync token --user alice";

/** @throws UsageError for an origin that is none, and for the public secret where others can reach the server */
export function listeningOptions(flags: ListeningFlags, env: NodeJS.ProcessEnv): ListeningOptions {
  const { port, host, origin } = flags;
  const jwtSecret = (flags.jwtSecret ?? env["MIRUBATO_JWT_SECRET"]) || DEVELOPMENT_SECRET;
  if (jwtSecret === DEVELOPMENT_SECRET && !isLoopback(host)) {
    throw new UsageError(
      `--host ${host} can be reached from elsewhere: give a secret of your own by MIRUBATO_JWT_SECRET`,
    );
  }
  if (origin) checkedBy("ALLOWED_ORIGINS", "--origin", () => readOrigins(origin.join(",")));
  return { port, host, jwtSecret, ...(origin ? { origins: origin } : {}) };
}

/** The server's own judgement, in the words of the flag. */
export function checkedBy(setting: string, flag: string, read: () => unknown): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new UsageError(error.message.replace(setting, flag));
  }
}

/** Starts a server. @throws UsageError where this machine can't listen there */
export async function listening<T>(
  { port, host }: Pick<ListeningOptions, "port" | "host">,
  start: () => Promise<T>,
): Promise<T> {
  try {
    return await start();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EADDRINUSE" || /address already in use/i.test(String(error)))
      throw new UsageError(`port ${port} is taken: choose another by --port, or --port 0 for a free one`);
    if (code === "ENOTFOUND" || code === "EAI_AGAIN" || code === "EADDRNOTAVAIL" || code === "EACCES") {
      throw new UsageError(
        `--host ${host}, --port ${port}: this machine can't listen there (${code}); choose others`,
      );
    }
    throw error;
  }
}

/** Resolves when the process is told to end. */
export function untilSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => resolve());
  });
}
