import type { Redactor } from "../../wire/redaction.ts";
import type { ClientSubject } from "./port.ts";
import { processSubject } from "./process.ts";
import { tcpSubject } from "./tcp.ts";

export interface OpenClientOptions {
  /** A command, or `tcp://host:port`. */
  adapter: string;
  answerTimeoutMs: number;
  startTimeoutMs: number;
  redactor: Redactor;
}

/** The client behind an adapter. @throws CouldNotRun where nothing answers as an adapter does */
export async function openClient({ adapter, ...options }: OpenClientOptions): Promise<ClientSubject> {
  return adapter.startsWith("tcp://")
    ? tcpSubject({ url: adapter, ...options })
    : processSubject({ command: adapter, spares: 2, ...options });
}
