import type { Command } from "commander";
import { explained } from "./options.ts";

export function compareCommand(program: Command): void {
  const command = program
    .command("compare")
    .summary("compare results: what regressed, what was mended")
    .description("compare results (--report json=…) by what they both looked at, the first with each next")
    .argument("<files...>", "two result files or more")
    .option("--all", "show requirements with the same verdicts, too")
    .option("--json <file>", "write the comparison as JSON")
    .action(async (files: string[], flags) => {
      const { compare } = await import("../../conformance/commands/compare.ts");
      const io = { write: (text: string) => void process.stdout.write(text), folder: process.cwd() };
      process.exitCode = compare(files, flags, io);
    });
  explained(command, {
    status: [
      "0  nothing regressed from the first to the last",
      "1  something did",
      "2  wrong usage, or a file that is no result",
      "3  something is judged no more, or nothing could be compared",
    ],
    examples: [
      "npx mirubato-sync compare before.json after.json",
      "npx mirubato-sync compare main.json branch.json --all --json comparison.json",
    ],
  });
}
