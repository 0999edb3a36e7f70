import type { Command } from "commander";
import { interruptible } from "./interruptible.ts";
import { explained, positive, serverOptions } from "./options.ts";

export function replayCommand(program: Command): void {
  const command = program
    .command("replay")
    .description("play a saved history against a server again, exactly")
    .argument("<file>", "the schedule that a failure names");
  serverOptions(command)
    .option("--timeout <seconds>", "for an answer, or the next message of a socket (10)", positive)
    .option("--config <file>", "settings (default: mirubato-sync.config.json, if there is one)")
    .action(async (file: string, flags) => {
      const { replay } = await import("../../conformance/commands/replay.ts");
      await interruptible((io) => replay(file, flags, io));
    });
  explained(command, {
    status: ["0  it is consistent", "1  it breaks something", "2  wrong usage", "3  it could not run"],
    examples: [
      "npx mirubato-sync replay reports/histories/CONS-001.json --url http://localhost:8787",
      'npx mirubato-sync replay history.json --start "./my-server --port {port}"',
    ],
  });
}
