import { Agent as PlainAgent, request as plain } from "node:http";
import type { ClientRequest, IncomingMessage } from "node:http";
import { Agent as SecureAgent, request as secure } from "node:https";
import { rootCertificates } from "node:tls";
import type { HttpRequest, HttpResponse, Transport } from "./transport.ts";

export interface HttpDriverOptions {
  /** Base URL; its path, if any, goes before every request's. */
  url: string;
  /** Added to every request that does not set them itself. */
  headers?: Record<string, string>;
  /** PEM of authorities to trust beside the usual ones. */
  ca?: string[];
  /** Open connections at once; more requests wait. */
  connections: number;
}

/** Sends over the network, on connections that are kept open. Redirects are not followed, nothing is sent twice. */
export function httpDriver(options: HttpDriverOptions): { transport: Transport; close(): Promise<void> } {
  const base = options.url.replace(/\/+$/, "");
  const safe = base.startsWith("https:");
  // An idle connection is given up long before a server would close it: one that closes as the next request goes out takes that
  // request down, and nobody could tell it from a fault.
  const kept = {
    keepAlive: true,
    timeout: 1_000,
    maxSockets: options.connections,
    scheduling: "lifo" as const,
  };
  const trust = options.ca ? { ca: [...rootCertificates, ...options.ca] } : {};
  const agent = safe ? new SecureAgent({ ...kept, ...trust }) : new PlainAgent(kept);

  const open = (request: HttpRequest, signal: AbortSignal | undefined): ClientRequest =>
    (safe ? secure : plain)(`${base}${request.path}`, {
      method: request.method,
      headers: {
        ...options.headers,
        ...request.headers,
        ...lengthOf(request),
      },
      // A connection that will be dropped is nobody else's.
      agent: request.abandon ? false : agent,
      ...trust,
      ...(signal ? { signal } : {}),
    });

  const transport: Transport = (request, signal) =>
    new Promise((resolve, reject) => {
      const outgoing = open(request, signal);
      if (request.abandon) {
        sendAndDrop(outgoing, request.body, resolve, reject);
        return;
      }
      outgoing.on("error", reject);
      outgoing.on("response", (response) => {
        // Many servers close the connection when they refuse a request without having read its body, and do not
        // say so. The next request must not go down with it.
        if ((response.statusCode ?? 0) >= 400) outgoing.shouldKeepAlive = false;
        readResponse(response).then(resolve, reject);
      });
      outgoing.end(request.body);
    });
  return { transport, close: async () => agent.destroy() };
}

/** A body goes out with its length, unless the request says that it comes in chunks. */
function lengthOf({ body, headers }: HttpRequest): Record<string, string> {
  return body === undefined || headers["transfer-encoding"] !== undefined
    ? {}
    : { "content-length": String(body.length) };
}

/** The whole answer. */
export async function readResponse(response: IncomingMessage): Promise<HttpResponse> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of response) chunks.push(chunk as Uint8Array);
  const headers = Object.entries(response.headersDistinct).map(([name, values]) => [
    name,
    (values ?? []).join(", "),
  ]);
  const body = new Uint8Array(Buffer.concat(chunks));
  return {
    status: response.statusCode ?? 0,
    headers: Object.fromEntries(headers) as Record<string, string>,
    body,
  };
}

/** What a device does that loses the network between request and answer: all bytes go out, no answer is read. */
function sendAndDrop(
  outgoing: ClientRequest,
  body: Uint8Array | undefined,
  resolve: (nothing: HttpResponse) => void,
  reject: (error: Error) => void,
): void {
  const lost = { status: 0, headers: {}, body: new Uint8Array() };
  let out = false;
  outgoing.on("error", (error) => (out ? resolve(lost) : reject(error)));
  outgoing.on("response", (response) => response.resume());
  outgoing.on("finish", () => {
    out = true;
    // `end` lets what is buffered go out before the connection closes; `destroy` alone could take it back.
    outgoing.socket?.end(() => {
      outgoing.destroy();
      resolve(lost);
    });
  });
  outgoing.end(body);
}
