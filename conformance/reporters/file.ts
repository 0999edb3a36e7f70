import { requireWritable, writeWhole } from "../run/output-file.ts";
import type { FinishedRun, Reporter } from "./reporter.ts";

/** The file's name that stands for standard output. */
export const STANDARD_OUTPUT = "-";

/**
 * Writes a finished run as one text.
 * @param file where to; {@link STANDARD_OUTPUT} for standard output
 * @throws UsageError at once where the file can't be written
 */
export function fileReporter(file: string, render: (run: FinishedRun) => string): Reporter {
  if (file !== STANDARD_OUTPUT) requireWritable(file, "--report");
  return {
    finish(run) {
      const text = render(run);
      if (file === STANDARD_OUTPUT) process.stdout.write(text);
      else writeWhole(file, text, "the report");
    },
  };
}
