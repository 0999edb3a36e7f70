import { dirname, join, relative, resolve } from "node:path";
import { loadRequirements } from "../../spec/requirements.ts";
import type { HistoryOptions } from "../check.ts";
import { discoverChecks } from "../discover-checks.ts";
import type { FoundCheck } from "../discover-checks.ts";
import { consoleOf, consoleReporter } from "../reporters/console.ts";
import type { Console } from "../reporters/console.ts";
import { STANDARD_OUTPUT } from "../reporters/file.ts";
import { loadReporter } from "../reporters/reporter.ts";
import { rerunCommand } from "../run/rerun.ts";
import { statusOf } from "../run/result.ts";
import { run } from "../run/run.ts";
import type { RunOptions } from "../run/run.ts";
import { didYouMean, selectChecks, UsageError } from "../run/select.ts";
import { readSettings } from "../run/settings.ts";
import type { Flags, Settings } from "../run/settings.ts";
import { absentSubject, openSubject, withPort } from "../subject/open.ts";
import type { OpenSubject } from "../subject/open.ts";
import { CouldNotRun } from "../verdict.ts";
import { redactError } from "../wire/redaction.ts";
import { openKnownFailures } from "./known-failures.ts";

export interface TestIo {
  out: Console;
  /** Where everything else is told when a report goes to standard output. */
  aside?: Console;
  env: NodeJS.ProcessEnv;
  folder: string;
  /** Aborted by SIGINT and the like: the run ends early, with its reports. */
  signal: AbortSignal;
}

/** `refusal`: why it did not come up. */
type Opened = OpenSubject & { refusal?: string };
type OpenInstances = Omit<Opened, "subject"> & Pick<RunOptions, "subjects">;

/**
 * `mirubato-sync test server`: runs the checks, tells and writes what they came to.
 * @returns the exit status: 0, 1 or 3
 * @throws UsageError for a mistake in flags, environment or configuration
 */
export async function testServer(flags: Flags, given: TestIo): Promise<number> {
  const settings = readSettings(flags, given.env, given.folder);
  const piped = settings.reports.some(({ file }) => file === STANDARD_OUTPUT);
  const io = piped && given.aside ? { ...given, out: given.aside } : given;
  const requirements = loadRequirements();
  const all = await discoverChecks("server");
  const checks = chosenChecks(all, settings, requirements);
  const knownFailures = openKnownFailures(settings, io.folder, all);
  const reporters = [consoleReporter(io.out)];
  for (const { format, file } of settings.reports) reporters.push(await loadReporter(format, file));
  if (settings.secretFrom === "development") {
    io.out.write(
      "signing with the public development secret, as the server is on this machine (MIRUBATO_JWT_SECRET for another)\n",
    );
  }

  const open = await openInstances(settings, io);
  try {
    const { result, doorstep, leftBehind } = await run({
      subjects: open.subjects,
      checks,
      requirements,
      ...(settings.profiles ? { profiles: settings.profiles } : {}),
      seed: settings.seed,
      concurrency: settings.concurrency,
      ...(settings.deadlineMs === undefined ? {} : { deadlineMs: settings.deadlineMs }),
      failFast: settings.failFast,
      startUpMs: open.startUpMs,
      ...(open.refusal === undefined ? {} : { refusal: open.refusal }),
      ...(knownFailures.known ? { baseline: { known: knownFailures.known, all } } : {}),
      signal: AbortSignal.any([io.signal, open.died]),
      histories: historyOptions(settings, io.folder),
      rerun: (check, schedule) => rerunCommand(settings, check.id, schedule && relative(io.folder, schedule)),
      onStart: (plan) =>
        reporters.forEach((one) =>
          one.start?.({
            checks: plan.checks.length,
            seed: settings.seed,
            subject: open.subjects[0].description,
          }),
        ),
      onCheck: (check, done) => reporters.forEach((one) => one.check?.(check, done)),
    });
    const byId = new Map(requirements.map((requirement) => [requirement.id, requirement]));
    for (const reporter of reporters) {
      await reporter.finish({
        result,
        requirements: byId,
        leftBehind,
        ...(doorstep === undefined ? {} : { doorstep }),
      });
    }
    for (const { file } of settings.reports) if (file !== STANDARD_OUTPUT) io.out.write(`report: ${file}\n`);
    const written = knownFailures.write(result.checks);
    if (written !== undefined) io.out.write(`${written}\n`);
    return statusOf(result);
  } catch (error) {
    throw redactError(error, open.subjects[0].redactor);
  } finally {
    await open.close();
  }
}

/** A history that fails is saved beside the first report that is a file, else in `reports`. */
function historyOptions({ reports, histories, durationMs }: Settings, folder: string): HistoryOptions {
  const report = reports.find(({ file }) => file !== STANDARD_OUTPUT);
  return {
    folder: join(report ? dirname(resolve(folder, report.file)) : join(folder, "reports"), "histories"),
    ...(histories === undefined ? {} : { count: histories }),
    ...(durationMs === undefined ? {} : { durationMs }),
  };
}

function chosenChecks(
  all: readonly FoundCheck[],
  settings: Settings,
  requirements: ReturnType<typeof loadRequirements>,
): FoundCheck[] {
  const profileOf = new Map(requirements.map(({ id, profile }) => [id, profile]));
  const known = [
    ...new Set(requirements.filter(({ role }) => role === "server").map(({ profile }) => profile)),
  ];
  for (const profile of settings.profiles ?? []) {
    if (!known.includes(profile)) {
      throw new UsageError(
        `--profile: no server profile "${profile}"; there are ${known.join(", ")}.${didYouMean(profile, known)}`,
      );
    }
  }
  const selected = selectChecks(all, settings.only).filter(
    (check) => settings.profiles?.includes(profileOf.get(check.requirement) ?? "http") ?? true,
  );
  if (selected.length === 0) {
    throw new UsageError(
      `no check is left to run: profiles ${settings.profiles?.join(", ") ?? "all"} have none yet`,
    );
  }
  return selected;
}

/** All instances, or the first reason why one did not come up. */
async function openInstances(settings: Settings, io: TestIo): Promise<OpenInstances> {
  const all = await Promise.all(
    Array.from({ length: settings.instances }, async () => opened(await withPort(settings), io)),
  );
  const [first, ...others] = all as [Opened, ...Opened[]];
  const refusal = all.find((one) => one.refusal !== undefined)?.refusal;
  return {
    subjects: [first.subject, ...others.map(({ subject }) => subject)],
    startUpMs: Math.max(...all.map(({ startUpMs }) => startUpMs)),
    died: AbortSignal.any(all.map(({ died }) => died)),
    ...(refusal === undefined ? {} : { refusal }),
    close: async () => void (await Promise.all(all.map((one) => one.close()))),
  };
}

/** A server that does not come up is a subject of which nothing can be said: that, too, goes into the reports. */
async function opened(settings: Settings, io: TestIo): Promise<Opened> {
  let told = 0;
  const onWaiting = (elapsedMs: number): void => {
    if (elapsedMs < told + 2_000) return;
    told = elapsedMs;
    io.out.write(`waiting for ${settings.url}, ${Math.round(elapsedMs / 1000)} s\n`);
  };
  try {
    return await openSubject(settings, io.signal, onWaiting);
  } catch (error) {
    if (!(error instanceof CouldNotRun)) throw error;
    return { ...absentSubject(settings), refusal: error.message };
  }
}

/** Runs a command so that Ctrl-C, and a crash of the suite, still leave a valid report of what was done. */
export async function untilInterrupted(command: (io: TestIo) => Promise<number>): Promise<number> {
  const interrupted = new AbortController();
  const onSignal = (signal: NodeJS.Signals): void => {
    if (interrupted.signal.aborted) process.exit(130);
    interrupted.abort(new CouldNotRun(`not done when the run was interrupted (${signal})`));
  };
  const onCrash = (error: unknown): void => {
    const words = error instanceof Error ? error.message : String(error);
    interrupted.abort(new CouldNotRun(`not done when the suite failed: ${words}`));
  };
  const signals: NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];
  for (const signal of signals) process.on(signal, onSignal);
  process.on("uncaughtException", onCrash);
  process.on("unhandledRejection", onCrash);
  try {
    return await command({
      out: consoleOf(process.stdout, process.env),
      aside: consoleOf(process.stderr, process.env),
      env: process.env,
      folder: process.cwd(),
      signal: interrupted.signal,
    });
  } finally {
    for (const signal of signals) process.removeListener(signal, onSignal);
    process.removeListener("uncaughtException", onCrash);
    process.removeListener("unhandledRejection", onCrash);
  }
}
