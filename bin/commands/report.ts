import type { Command } from "commander";
import { explained, repeated, REPORT_HELP } from "./options.ts";

export function reportCommand(program: Command): void {
  const command = program
    .command("report")
    .summary("make reports of a run from its saved result")
    .description("make reports of a run from its saved result, the file of --report json=<file>")
    .argument("<result.json>", "the saved result")
    .requiredOption("--report <format=file>", REPORT_HELP, repeated)
    .action(async (file: string, flags: { report: string[] }) => {
      const { reportOn } = await import("../../conformance/commands/report.ts");
      process.stdout.write(await reportOn(file, flags.report));
    });
  explained(command, {
    examples: [
      "npx mirubato-sync report result.json --report html=result.html",
      "npx mirubato-sync report result.json --report junit=junit.xml --report markdown=-",
    ],
  });
}
