import { httpDriver } from "../drivers/http.ts";
import { webSocketDriver } from "../drivers/websocket.ts";
import { createRedactor } from "../wire/redaction.ts";
import type { Settings } from "../run/settings.ts";
import { secretTokenSource } from "../wire/tokens.ts";
import { CouldNotRun } from "../verdict.ts";
import { startControl } from "./control-command.ts";
import { freePort, lastWords, startServer, untilUp } from "./start.ts";
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
 * Makes the subject that the settings describe: starts it and its control process where they say so.
 * @throws CouldNotRun when it does not come up; nothing is left running then.
 */
export async function openSubject(
  settings: Settings,
  signal: AbortSignal,
  onWaiting?: (elapsedMs: number) => void,
): Promise<OpenSubject> {
  const port = needsPort(settings) ? String(await freePort()) : "";
  const fill = (text: string): string => text.replaceAll("{port}", port);
  const url = fill(settings.url);
  const redactor = createRedactor();
  if (settings.secret !== undefined) redactor.conceal(settings.secret);
  for (const value of Object.values(settings.headers)) redactor.conceal(value);
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
      const command = fill(settings.start);
      const { group, startUpMs: took } = await startServer({ ...waiting, command });
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
    const began = performance.now();
    const control =
      settings.control === undefined ? undefined : await startControl(fill(settings.control), { signal });
    if (control) {
      closing.push(control.group.stop);
      // The control process may be what starts the server.
      await untilUp(control.group, { ...waiting, command: fill(settings.control!), began });
      if (settings.start === undefined) startUpMs = Math.round(performance.now() - began);
    }
    const { secret, tokenCommand, origin } = settings;
    const tokens =
      secret === undefined
        ? tokenCommand && commandTokenSource(fill(tokenCommand))
        : secretTokenSource(secret);
    const subject: Subject = {
      description: url,
      transport,
      dial: sockets.dial,
      ...(settings.wsUrl === undefined ? {} : { wsUrl: fill(settings.wsUrl) }),
      ...(tokens ? { tokens } : {}),
      ...(origin === undefined ? {} : { origin }),
      ...(control ? { control: control.port } : {}),
      discovery: declaredDiscovery(settings.profiles ? { profiles: settings.profiles } : {}),
      clockOffsetMs: 0,
      redactor,
      requestTimeoutMs: settings.requestTimeoutMs,
    };
    return { subject, startUpMs, died: died.signal, close: closeAll };
  } catch (error) {
    await closeAll();
    if (error instanceof CouldNotRun) throw new CouldNotRun(redactor.text(error.message));
    throw error;
  }
}

/** Stands for a server that did not come up. */
export function absentSubject(url: string): OpenSubject {
  const subject: Subject = {
    description: url,
    transport: () => Promise.reject(new CouldNotRun("the server did not come up")),
    discovery: declaredDiscovery(),
    clockOffsetMs: 0,
    redactor: createRedactor(),
    requestTimeoutMs: 0,
  };
  return { subject, startUpMs: 0, died: new AbortController().signal, close: async () => {} };
}

function needsPort({ url, start, control, wsUrl }: Settings): boolean {
  return [url, start, control, wsUrl].some((text) => text?.includes("{port}"));
}
