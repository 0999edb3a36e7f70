import { Agent, request as send } from "undici";
import type { HttpResponse, Transport } from "./transport.ts";
import { sendAndDrop } from "./send-and-drop.ts";

export interface HttpDriverOptions {
  /** Base URL; its path, if any, goes before every request's. */
  url: string;
  /** Added to every request that does not set them itself. */
  headers?: Record<string, string>;
  /** PEM of authorities to trust beside the usual ones. */
  ca?: string[];
  connections: number;
}

/** Sends over the network, on connections that are kept open. Redirects are not followed, errors are not retried. */
export function httpDriver(options: HttpDriverOptions): { transport: Transport; close(): Promise<void> } {
  const base = options.url.replace(/\/+$/, "");
  const connect = { timeout: 5_000, ...(options.ca ? { ca: options.ca } : {}) };
  const agent = new Agent({ connections: options.connections, connect, headersTimeout: 0, bodyTimeout: 0 });

  const transport: Transport = async (request, signal) => {
    const headers = { ...options.headers, ...request.headers };
    if (request.abandon) {
      await sendAndDrop(`${base}${request.path}`, { ...request, headers }, options.ca, signal);
      return { status: 0, headers: {}, body: new Uint8Array() };
    }
    const answer = await send(`${base}${request.path}`, {
      dispatcher: agent,
      method: request.method as "POST",
      headers,
      ...(request.body === undefined ? {} : { body: request.body }),
      ...(signal ? { signal } : {}),
    });
    const body = new Uint8Array(await answer.body.arrayBuffer());
    return { status: answer.statusCode, headers: flat(answer.headers), body };
  };
  return { transport, close: () => agent.destroy() };
}

function flat(headers: Record<string, string | string[] | undefined>): HttpResponse["headers"] {
  const present = Object.entries(headers).filter(
    (entry): entry is [string, string | string[]] => entry[1] !== undefined,
  );
  return Object.fromEntries(
    present.map(([name, value]) => [name.toLowerCase(), Array.isArray(value) ? value.join(", ") : value]),
  );
}
