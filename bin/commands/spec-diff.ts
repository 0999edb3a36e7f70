import type { Command } from "commander";
import { explained } from "./options.ts";

export function specDiffCommand(program: Command): void {
  const command = program
    .command("spec-diff")
    .summary("compare revisions of the specification, requirement by requirement")
    .description(
      "print what is new, worded otherwise, changed or withdrawn from one revision of the specification to another",
    )
    .argument("[from]", "a revision, or the file of one (default: the one before the newest)")
    .argument("[to]", "likewise (default: the newest)")
    .option("--markdown", "write Markdown")
    .action(
      async (from: string | undefined, to: string | undefined, { markdown }: { markdown?: boolean }) => {
        const { specDiff } = await import("../../conformance/commands/spec-diff.ts");
        const { default: picocolors } = await import("picocolors");
        const colours = picocolors.createColors(process.stdout.isTTY && !process.env["NO_COLOR"]);
        const words = [from, to].filter((word) => word !== undefined);
        process.stdout.write(
          specDiff(words, { markdown: markdown === true, colours, folder: process.cwd() }),
        );
      },
    );
  explained(command, {
    examples: [
      "npx mirubato-sync spec-diff other-version/spec/revisions/1.0.json 1.0 --markdown > changes.md",
    ],
  });
}
