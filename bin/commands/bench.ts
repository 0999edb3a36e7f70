import type { Command } from "commander";
import { interruptible } from "./interruptible.ts";
import { explained, serverOptions } from "./options.ts";

export function benchCommand(program: Command): void {
  const command = program
    .command("bench")
    .description("put a load on a server and tell how fast it is; use one that has nothing else to do");
  serverOptions(command)
    .option("--profile <name>", "quick (a minute) or full (several, with 100,000 entities) (quick)")
    .option("--seed <seed>", "do the same work as an earlier run")
    .option("--json <file>", "write every figure as JSON")
    .option("--html <file>", "write a page with plots; needs no network and no script")
    .option("--config <file>", "settings (default: mirubato-sync.config.json, if there is one)")
    .action(async (flags) => {
      const { bench } = await import("../../conformance/commands/bench.ts");
      await interruptible((io) => bench(flags, io));
    });
  explained(command, {
    status: ["0  it was measured", "2  wrong usage", "3  it could not run, or the server limits its rates"],
    examples: [
      "npx mirubato-sync bench --url http://localhost:8787",
      'npx mirubato-sync bench --start "./my-server --port {port}" --profile full --json bench.json --html bench.html',
    ],
  });
}
