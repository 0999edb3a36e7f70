import { loadRequirements } from "../../spec/requirements.ts";
import { discoverChecks } from "../discover-checks.ts";
import { checkAdapter } from "../drivers/client/check-adapter.ts";
import { openClient } from "../drivers/client/open.ts";
import type { ClientSubject } from "../drivers/client/port.ts";
import { tellTried } from "../reporters/tried.ts";
import { readClientSettings } from "../run/client-settings.ts";
import type { ClientFlags, ClientSettings } from "../run/client-settings.ts";
import { rerunClientCommand } from "../run/rerun.ts";
import { runClient } from "../run/run-client.ts";
import { CouldNotRun } from "../verdict.ts";
import { createRedactor, redactError } from "../wire/redaction.ts";
import type { Redactor } from "../wire/redaction.ts";
import { chosenChecks } from "./chosen-checks.ts";
import { openTelling } from "./telling.ts";
import type { TestIo } from "./test-io.ts";

/**
 * `mirubato-sync test client`: runs the checks of a client behind an adapter, or with `--check-adapter` tries the adapter alone.
 *
 * @returns the exit status
 * @throws UsageError for a mistake in flags or configuration, and where no adapter is where they say
 */
export async function testClient(flags: ClientFlags, given: TestIo): Promise<0 | 1 | 3> {
  const settings = readClientSettings(flags, given.folder);
  if (flags.checkAdapter) return tryAdapter(settings, given);
  const requirements = loadRequirements();
  const all = await discoverChecks("client");
  const checks = chosenChecks("client", all, settings, requirements);
  const told = await openTelling(settings, given, all, requirements);
  const { io } = told;
  const redactor = createRedactor();
  const began = performance.now();
  const { subject, refusal } = await openedClient(settings, redactor, io.signal);
  const description = redactor.text(subject?.capabilities.name ?? settings.adapter);
  try {
    const done = await runClient({
      ...told.runOptions(settings, description),
      subject,
      description,
      redactor,
      checks,
      realTime: settings.realTime,
      startUpMs: Math.round(performance.now() - began),
      ...(refusal === undefined ? {} : { refusal }),
      signal: io.signal,
      rerun: (check) => rerunClientCommand(settings, check.id),
    });
    return await told.finish(done);
  } catch (error) {
    throw redactError(error, redactor);
  } finally {
    await subject?.close?.();
  }
}

/**
 * An adapter that does not work is a client of which nothing can be said: that, too, goes into the reports.
 * @throws UsageError where there is none at all
 */
export async function openedClient(
  settings: ClientSettings,
  redactor: Redactor,
  signal: AbortSignal,
): Promise<{ subject?: ClientSubject; refusal?: string }> {
  try {
    signal.throwIfAborted();
    return { subject: await openClient({ ...settings, redactor }) };
  } catch (error) {
    if (!(error instanceof CouldNotRun)) throw error;
    return { refusal: error.message };
  }
}

async function tryAdapter(settings: ClientSettings, { out, signal }: TestIo): Promise<0 | 1> {
  out.write(`trying ${settings.adapter}\n`);
  const subject = await openClient({ ...settings, redactor: createRedactor() });
  try {
    const { tried, finish } = tellTried(out);
    const works = await checkAdapter(subject, tried, signal);
    finish();
    return works ? 0 : 1;
  } finally {
    await subject.close?.();
  }
}
