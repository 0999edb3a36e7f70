import { dirname, join, relative, resolve } from "node:path";
import { loadRequirements } from "../../spec/requirements.ts";
import type { HistoryOptions } from "../check.ts";
import { discoverChecks } from "../discover-checks.ts";
import { STANDARD_OUTPUT } from "../reporters/file.ts";
import { rerunCommand } from "../run/rerun.ts";
import { run } from "../run/run.ts";
import type { RunOptions } from "../run/run.ts";
import { readSettings } from "../run/settings.ts";
import type { Flags, Settings } from "../run/settings.ts";
import { absentSubject, openSubject, withPort } from "../subject/open.ts";
import type { OpenSubject } from "../subject/open.ts";
import { CouldNotRun } from "../verdict.ts";
import { redactError } from "../wire/redaction.ts";
import { openTelling } from "./telling.ts";
import { chosenChecks } from "./chosen-checks.ts";
import type { TestIo } from "./test-io.ts";

/** `refusal`: why it did not come up. */
type Opened = OpenSubject & { refusal?: string };
type OpenInstances = Omit<Opened, "subject"> & Pick<RunOptions, "subjects">;

/**
 * `mirubato-sync test server`: runs the checks, tells and writes what they came to.
 * @returns the exit status
 * @throws UsageError for a mistake in flags, environment or configuration
 */
export async function testServer(flags: Flags, given: TestIo): Promise<0 | 1 | 3> {
  const settings = readSettings(flags, given.env, given.folder);
  const requirements = loadRequirements();
  const all = await discoverChecks("server");
  const checks = chosenChecks("server", all, settings, requirements);
  const told = await openTelling(settings, given, all, requirements);
  const { io } = told;
  if (settings.secretFrom === "development") {
    io.out.write(
      "signing with the public development secret, as the server is on this machine (MIRUBATO_JWT_SECRET for another)\n",
    );
  }

  const open = await openInstances(settings, io);
  const [{ description, redactor }] = open.subjects;
  try {
    const done = await run({
      ...told.runOptions(settings, description),
      subjects: open.subjects,
      checks,
      startUpMs: open.startUpMs,
      ...(open.refusal === undefined ? {} : { refusal: open.refusal }),
      signal: AbortSignal.any([io.signal, open.died]),
      histories: historyOptions(settings, io.folder),
      rerun: (check, schedule) => rerunCommand(settings, check.id, schedule && relative(io.folder, schedule)),
    });
    return await told.finish(done);
  } catch (error) {
    throw redactError(error, redactor);
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
