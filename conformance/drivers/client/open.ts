import type { Redactor } from "../../wire/redaction.ts";
import type { ClientSubject } from "./port.ts";
import { processSubject } from "./process.ts";
import { tcpSubject } from "./tcp.ts";

export interface OpenClientOptions {
  /** A command, `tcp://host:port`, or where `browser` is true a page. */
  adapter: string;
  browser?: boolean;
  answerTimeoutMs: number;
  startTimeoutMs: number;
  redactor: Redactor;
}

/**
 * The client behind an adapter.
 * @throws UsageError where nothing is there: no such program or page, nobody at the address
 * @throws CouldNotRun where what is there does not answer as an adapter does
 */
export async function openClient({
  adapter,
  browser = false,
  ...options
}: OpenClientOptions): Promise<ClientSubject> {
  if (browser) {
    const { browserSubject } = await import("./browser.ts");
    return browserSubject({ page: adapter, ...options });
  }
  return adapter.startsWith("tcp://")
    ? tcpSubject({ url: adapter, ...options })
    : processSubject({ command: adapter, spares: 2, ...options });
}
