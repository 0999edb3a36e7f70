import { CommanderError } from "commander";
import { CouldNotRun, HarnessError } from "../conformance/verdict.ts";

/** What a command that threw this ends with: 0 for `--help` and `--version`, 2 for a mistake of the user's, else 3. */
export function statusOf(error: unknown): 0 | 2 | 3 {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  return isUsageError(error) ? 2 : 3;
}

/**
 * What is still to be told of an error. A mistake of the user's and a server that does not come up are told in a sentence; only our own
 * faults have a stack.
 */
export function mistakeInWords(error: unknown): string {
  // Commander has told it.
  if (error instanceof CommanderError) return "";
  return `mirubato-sync: ${sentence(error)}\n`;
}

function sentence(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (isUsageError(error) || error instanceof CouldNotRun) return error.message;
  if (error instanceof HarnessError) return `the suite is at fault: ${error.message}`;
  return error.stack ?? error.message;
}

/** The suite and the reference server each have their own. */
function isUsageError(error: unknown): boolean {
  return error instanceof Error && error.name === "UsageError";
}
