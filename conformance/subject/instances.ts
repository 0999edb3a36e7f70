import type { RunOptions } from "../run/run.ts";
import type { Settings } from "../run/settings.ts";
import { CouldNotRun } from "../verdict.ts";
import { absentSubject, openSubject, withPort } from "./open.ts";
import type { OpenSubject } from "./open.ts";

/** `refusal`: why it did not come up. */
type Opened = OpenSubject & { refusal?: string };
type OpenInstances = Omit<Opened, "subject"> & Pick<RunOptions, "subjects">;

/**
 * The server under test, in as many instances as the settings have; or the first reason why one did not come up.
 *
 * @param tell hears now and then that a server is waited for
 */
export async function openInstances(
  settings: Settings,
  signal: AbortSignal,
  tell: (line: string) => void = () => {},
): Promise<OpenInstances> {
  const all = await Promise.all(
    Array.from({ length: settings.instances }, async () => opened(await withPort(settings), signal, tell)),
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
async function opened(
  settings: Settings,
  signal: AbortSignal,
  tell: (line: string) => void,
): Promise<Opened> {
  let told = 0;
  const onWaiting = (elapsedMs: number): void => {
    if (elapsedMs < told + 2_000) return;
    told = elapsedMs;
    tell(`waiting for ${settings.url}, ${Math.round(elapsedMs / 1000)} s`);
  };
  try {
    return await openSubject(settings, signal, onWaiting);
  } catch (error) {
    if (!(error instanceof CouldNotRun)) throw error;
    return { ...absentSubject(settings), refusal: error.message };
  }
}
