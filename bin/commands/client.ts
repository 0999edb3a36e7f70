import type { Command } from "commander";
import { orphanedByNpx } from "../orphaned.ts";
import { explained } from "./options.ts";

export function clientCommand(program: Command): void {
  const command = program
    .command("client")
    .summary("keep a user's data on this machine and in sync")
    .description(
      "keep a user's data on this machine and in sync: one command, or lines of them from a terminal or a pipe; client … help lists them",
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
    .option(
      "--inspect",
      "show outbox, cursor, stamps and messages in a page on this machine, told on standard error",
    )
    .action(async (words: string[], flags) => {
      const { client } = await import("../client.ts");
      const { stdin: input, stdout: output, stderr: error, env } = process;
      const stopped = new AbortController();
      for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
        process.once(signal, () => stopped.abort());
      void orphanedByNpx(env).then(() => stopped.abort());
      process.exitCode = await client(flags, words, { input, output, error, env, signal: stopped.signal });
    });
  explained(command, {
    status: [
      "0  done",
      "1  something failed or was refused",
      "2  wrong usage",
      "3  what is kept here can't be opened",
    ],
    examples: [
      "npx mirubato-sync client --user alice --device phone",
      "npx mirubato-sync client --user alice add goal Ten hours in November",
      "npx mirubato-sync client --user alice --json list",
    ],
  });
}
