import { dirname, join, relative, resolve } from "node:path";
import { loadRequirements } from "../../spec/requirements.ts";
import type { HistoryOptions } from "../check.ts";
import { discoverChecks } from "../discover-checks.ts";
import { STANDARD_OUTPUT } from "../reporters/file.ts";
import { rerunCommand } from "../run/rerun.ts";
import { run } from "../run/run.ts";
import { readSettings } from "../run/settings.ts";
import type { Flags, Settings } from "../run/settings.ts";
import { openInstances } from "../subject/instances.ts";
import { redactError } from "../wire/redaction.ts";
import { openTelling } from "./telling.ts";
import { chosenChecks } from "./chosen-checks.ts";
import type { TestIo } from "./test-io.ts";

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

  const open = await openInstances(settings, io.signal, (line) => io.out.write(`${line}\n`));
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
