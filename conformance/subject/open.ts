import { httpDriver } from "../drivers/http.ts";
import { webSocketDriver } from "../drivers/websocket.ts";
import { createRedactor, redactError } from "../wire/redaction.ts";
import type { Redactor } from "../wire/redaction.ts";
import type { Settings } from "../run/settings.ts";
import { secretTokenSource } from "../wire/tokens.ts";
import { CouldNotRun } from "../verdict.ts";
import { startControl } from "./control-command.ts";
import { answers, freePort, lastWords, startServer, untilUp } from "./start.ts";
import { declaredDiscovery } from "./subject.ts";
import type { Subject } from "./subject.ts";
import { commandTokenSource } from "./token-command.ts";

export interface OpenSubject {
  subject: Subject;
  startUpMs: number;
  /** Aborted, with the reason, when the server under test ends by itself. */
  died: AbortSignal;
  /** Ends everything that was started. */
  close(): Promise<void>;
}

/**
 * Makes the subject that the settings describe: starts it and its control process where they say so. No `{port}` is
 * left in them.
 * @throws CouldNotRun when it does not come up; nothing is left running then.
 */
export async function openSubject(
  settings: Settings,
  signal: AbortSignal,
  onWaiting?: (elapsedMs: number) => void,
): Promise<OpenSubject> {
  const { url } = settings;
  const redactor = redactorFor(settings);
  const network = { url, headers: settings.headers, ...(settings.ca ? { ca: settings.ca } : {}) };
  const { transport, close } = httpDriver({
    ...network,
    connections: Math.max(32, settings.concurrency * 4),
  });
  const sockets = webSocketDriver(network);
  const closing = [close, sockets.close];
  const closeAll = async (): Promise<void> => {
    for (const one of closing.toReversed()) await one();
  };
  const died = new AbortController();
  let startUpMs = 0;
  const waiting = {
    url,
    transport,
    timeoutMs: settings.startTimeoutMs,
    signal,
    ...(onWaiting ? { onWaiting } : {}),
  };

  try {
    if (settings.start !== undefined) {
      const { group, startUpMs: took } = await startServer({ ...waiting, command: settings.start });
      closing.push(group.stop);
      startUpMs = took;
      // With a control command the server may end and come back on purpose.
      if (settings.control === undefined) {
        void group.ended.then((how) =>
          died.abort(
            new CouldNotRun(redactor.text(`the server under test ended (${how})${lastWords(group)}`)),
          ),
        );
      }
    }
    const startedHere =
      settings.start !== undefined || (settings.control !== undefined && !(await answers(transport)));
    const began = performance.now();
    const control =
      settings.control === undefined ? undefined : await startControl(settings.control, { signal });
    if (control) {
      closing.push(control.group.stop);
      // The control process may be what starts the server.
      await untilUp(control.group, { ...waiting, command: settings.control!, began });
      if (settings.start === undefined) startUpMs = Math.round(performance.now() - began);
    }
    const { secret, tokenCommand, origin } = settings;
    const tokens =
      secret === undefined ? tokenCommand && commandTokenSource(tokenCommand) : secretTokenSource(secret);
    const subject: Subject = {
      description: url,
      transport,
      dial: sockets.dial,
      ...(settings.wsUrl === undefined ? {} : { wsUrl: settings.wsUrl }),
      ...(tokens ? { tokens } : {}),
      ...(origin === undefined ? {} : { origin }),
      ...(control ? { control: control.port } : {}),
      discovery: declaredDiscovery(settings.profiles ? { profiles: settings.profiles } : {}),
      clockOffsetMs: 0,
      redactor,
      requestTimeoutMs: settings.requestTimeoutMs,
      startedHere,
      disposable: control?.ephemeral === true,
    };
    return { subject, startUpMs, died: died.signal, close: closeAll };
  } catch (error) {
    await closeAll();
    throw redactError(error, redactor);
  }
}

/** Knows what the settings hold that must stand nowhere else. */
function redactorFor({ secret, headers }: Settings): Redactor {
  const redactor = createRedactor();
  if (secret !== undefined) redactor.concealPhrase(secret);
  for (const [name, value] of Object.entries(headers)) redactor.concealHeader(name, value);
  return redactor;
}

/** Stands for a server that did not come up. */
export function absentSubject(settings: Settings): OpenSubject {
  const subject: Subject = {
    description: settings.url,
    transport: () => Promise.reject(new CouldNotRun("the server did not come up")),
    discovery: declaredDiscovery(),
    clockOffsetMs: 0,
    redactor: redactorFor(settings),
    requestTimeoutMs: 0,
  };
  return { subject, startUpMs: 0, died: new AbortController().signal, close: async () => {} };
}

/** With a free port in the place of each `{port}`. */
export async function withPort(settings: Settings): Promise<Settings> {
  const { url, start, control, wsUrl, tokenCommand } = settings;
  const named = Object.entries({ url, start, control, wsUrl, tokenCommand }).filter(
    (entry): entry is [string, string] => entry[1]?.includes("{port}") === true,
  );
  if (named.length === 0) return settings;
  const port = String(await freePort());
  const filled = named.map(([name, text]) => [name, text.replaceAll("{port}", port)]);
  return { ...settings, ...(Object.fromEntries(filled) as Partial<Settings>) };
}
