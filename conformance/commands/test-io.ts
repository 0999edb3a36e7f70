import { consoleOf } from "../reporters/console.ts";
import type { Console } from "../reporters/console.ts";
import { CouldNotRun } from "../verdict.ts";

export interface TestIo {
  out: Console;
  /** Where everything else is told when a report goes to standard output. */
  aside?: Console;
  env: NodeJS.ProcessEnv;
  folder: string;
  /** Aborted by SIGINT and the like: the run ends early, with its reports. */
  signal: AbortSignal;
}

/** Runs a command so that Ctrl-C, and a crash of the suite, still leave a valid report of what was done. */
export async function untilInterrupted(command: (io: TestIo) => Promise<number>): Promise<number> {
  const interrupted = new AbortController();
  const onSignal = (signal: NodeJS.Signals): void => {
    if (interrupted.signal.aborted) process.exit(130);
    interrupted.abort(new CouldNotRun(`not done when the run was interrupted (${signal})`));
  };
  const onCrash = (error: unknown): void => {
    const words = error instanceof Error ? error.message : String(error);
    interrupted.abort(new CouldNotRun(`not done when the suite failed: ${words}`));
  };
  const signals: NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];
  for (const signal of signals) process.on(signal, onSignal);
  process.on("uncaughtException", onCrash);
  process.on("unhandledRejection", onCrash);
  try {
    return await command({
      out: consoleOf(process.stdout, process.env),
      aside: consoleOf(process.stderr, process.env),
      env: process.env,
      folder: process.cwd(),
      signal: interrupted.signal,
    });
  } finally {
    for (const signal of signals) process.removeListener(signal, onSignal);
    process.removeListener("uncaughtException", onCrash);
    process.removeListener("unhandledRejection", onCrash);
  }
}
