import { Command, CommanderError } from "commander";
import type { OutputConfiguration } from "commander";
import { allVersions, SUITE_VERSION } from "../conformance/versions.ts";
import { adapterCommand } from "./commands/adapter.ts";
import { benchCommand } from "./commands/bench.ts";
import { clientCommand } from "./commands/client.ts";
import { compareCommand } from "./commands/compare.ts";
import { explainCommand } from "./commands/explain.ts";
import { mutantsCommand } from "./commands/mutants.ts";
import { replayCommand } from "./commands/replay.ts";
import { reportCommand } from "./commands/report.ts";
import { serveCommand } from "./commands/serve.ts";
import { simulateCommand } from "./commands/simulate.ts";
import { specDiffCommand } from "./commands/spec-diff.ts";
import { testCommand } from "./commands/test.ts";
import { tokenCommand } from "./commands/token.ts";

/** In the order of `--help`. What a command does is imported when it is called for: `--help` need not wait for the suite. */
const COMMANDS = [
  testCommand,
  reportCommand,
  explainCommand,
  compareCommand,
  specDiffCommand,
  mutantsCommand,
  replayCommand,
  benchCommand,
  serveCommand,
  simulateCommand,
  clientCommand,
  adapterCommand,
  tokenCommand,
];

/**
 * The command line, ready to parse words. A mistake is told, and thrown.
 * @param output where help and mistakes are written to: by default the process's own streams
 */
export function createProgram(output: OutputConfiguration = {}): Command {
  const program = new Command("mirubato-sync")
    .description(
      "Checks servers and clients against the Mirubato Sync specification, explains it, and serves the reference.",
    )
    .version(SUITE_VERSION)
    .option("--spec-version", "output the versions of protocol, specification and package")
    .on("option:spec-version", () => {
      (output.writeOut ?? ((text) => process.stdout.write(text)))(allVersions());
      throw new CommanderError(0, "commander.version", "");
    })
    .showSuggestionAfterError()
    .showHelpAfterError("(add --help to see what can be given)")
    .configureOutput(output)
    .exitOverride();
  for (const command of COMMANDS) command(program);
  return program;
}
