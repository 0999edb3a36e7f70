import type { Command } from "commander";
import { explained } from "./options.ts";

export function explainCommand(program: Command): void {
  const command = program
    .command("explain")
    .summary("print a requirement, an area or a check")
    .description("print a requirement, an area or a check: text, place, checks, the faults they catch")
    .argument("<word>", "for example IDEM-002, IDEM, or idempotency")
    .action(async (word: string) => {
      const { explain } = await import("../../conformance/commands/explain.ts");
      process.stdout.write(`${await explain(word)}\n`);
    });
  explained(command, {
    examples: [
      "npx mirubato-sync explain IDEM-002",
      "npx mirubato-sync explain idempotency",
      "npx mirubato-sync explain IDEM-002/replay-changes-nothing",
    ],
  });
}
