import type { Command } from "commander";
import { explained } from "./options.ts";

export function adapterCommand(program: Command): void {
  const command = program
    .command("adapter")
    .summary("the reference client as `test client` asks for it")
    .description(
      "the reference client as `test client` asks for it: reads requests of the adapter protocol on stdin, writes answers and events on stdout, JSON lines both; ends with its input",
    )
    .action(async () => {
      const { adapter } = await import("../adapter.ts");
      await adapter({ input: process.stdin, output: process.stdout, error: process.stderr });
      process.exit();
    });
  explained(command, {
    examples: ['npx mirubato-sync test client --adapter "npx mirubato-sync adapter"'],
  });
}
