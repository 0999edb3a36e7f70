import type { Command } from "commander";
import { orphanedByNpx } from "../orphaned.ts";
import { explained, port, repeated } from "./options.ts";

export function simulateCommand(program: Command): void {
  const command = program
    .command("simulate")
    .summary("serve the simulator of the client checks, for an app in a debugger")
    .description(
      "serve the simulator of the client checks, for an app in a debugger: a conforming server that tells what comes and goes, and misbehaves as it is told; type help",
    )
    .option("--port <port>", "port; 0 takes a free one", port, 8787)
    .option("--host <address>", "address to listen on; other than loopback needs a secret", "127.0.0.1")
    .option(
      "--fault <fault>",
      "begin with it: <name>[:<call>][*<times>], such as lose-answer:push*2",
      repeated,
    )
    .option("--jwt-secret <secret>", "HS256 secret of the tokens (better: MIRUBATO_JWT_SECRET)")
    .option("--origin <origin>", "allow a web origin", repeated)
    .action(async (flags) => {
      const { listening, listeningOptions, untilSignal } = await import("../listening.ts");
      const { simulate } = await import("../../conformance/commands/simulate.ts");
      const options = { ...flags, ...listeningOptions(flags, process.env) };
      const say = (line: string): void => void process.stdout.write(`${line}\n`);
      const ended = Promise.race([untilSignal(), orphanedByNpx(process.env)]);
      await listening(options, () => simulate(options, { say, input: process.stdin, ended }));
    });
  explained(command, {
    examples: [
      'npx mirubato-sync simulate --fault "lose-answer:push*2"',
      "npx mirubato-sync simulate --fault 503:pull --origin http://localhost:5173",
    ],
  });
}
