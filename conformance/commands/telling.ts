import type { Requirement } from "../../spec/requirements.ts";
import type { FoundAny } from "../discover-checks.ts";
import { consoleReporter } from "../reporters/console.ts";
import { STANDARD_OUTPUT } from "../reporters/file.ts";
import { loadReporter } from "../reporters/reporter.ts";
import type { CommonSettings } from "../run/config.ts";
import type { RecordOptions, Run } from "../run/record.ts";
import { statusOf } from "../run/result.ts";
import { openKnownFailures } from "./known-failures.ts";
import type { TestIo } from "./test-io.ts";

/** What every run is told of its settings, and tells its reporters. */
type Told = Pick<
  RecordOptions<FoundAny>,
  | "requirements"
  | "profiles"
  | "seed"
  | "concurrency"
  | "deadlineMs"
  | "failFast"
  | "baseline"
  | "onStart"
  | "onCheck"
>;

export interface Telling {
  /** Where the console's text goes to: standard error, where a report takes standard output. */
  io: TestIo;
  /** @param subject what is under test, in a few words */
  runOptions(settings: CommonSettings, subject: string): Told;
  /** Writes the reports and the list of known failures. Returns the exit status. */
  finish(run: Run): Promise<0 | 1 | 3>;
}

/**
 * Opens the reports of a run, and its list of known failures.
 *
 * @throws UsageError for a report that can't be written or a list that can't be meant
 */
export async function openTelling(
  settings: CommonSettings,
  given: TestIo,
  all: readonly FoundAny[],
  requirements: readonly Requirement[],
): Promise<Telling> {
  const piped = settings.reports.some(({ file }) => file === STANDARD_OUTPUT);
  const io = piped && given.aside ? { ...given, out: given.aside } : given;
  const knownFailures = openKnownFailures(settings, io.folder, all);
  const reporters = [consoleReporter(io.out)];
  for (const { format, file } of settings.reports) reporters.push(await loadReporter(format, file));
  return {
    io,
    runOptions: ({ profiles, seed, concurrency, deadlineMs, failFast }, subject) => ({
      requirements,
      ...(profiles ? { profiles } : {}),
      seed,
      concurrency,
      ...(deadlineMs === undefined ? {} : { deadlineMs }),
      failFast,
      ...(knownFailures.known ? { baseline: { known: knownFailures.known, all } } : {}),
      onStart: (plan) =>
        reporters.forEach((one) => one.start?.({ checks: plan.checks.length, seed, subject })),
      onCheck: (check, done) => reporters.forEach((one) => one.check?.(check, done)),
    }),
    async finish({ result, doorstep, leftBehind }) {
      const byId = new Map(requirements.map((requirement) => [requirement.id, requirement]));
      for (const reporter of reporters) {
        await reporter.finish({
          result,
          requirements: byId,
          leftBehind,
          ...(doorstep === undefined ? {} : { doorstep }),
        });
      }
      for (const { file } of settings.reports)
        if (file !== STANDARD_OUTPUT) io.out.write(`report: ${file}\n`);
      const written = knownFailures.write(result.checks);
      if (written !== undefined) io.out.write(`${written}\n`);
      return statusOf(result);
    },
  };
}
