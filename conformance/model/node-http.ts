import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import type { HttpRequest } from "../drivers/transport.ts";
import type { Model } from "./model.ts";
import { upgrade } from "./node-socket.ts";

/** What HTTP/1.1 leaves to a server. */
export interface Manners {
  /** Sends a body in pieces, without telling its length. */
  chunked?: boolean;
  /** Closes the connection after each answer. */
  closes?: boolean;
  /** The names of headers, as they are written. */
  spelling?: (name: string) => string;
}

/** What can listen: a model, or what stands in front of one. */
export type Listener = Pick<Model, "handle" | "upgrade"> & {
  readonly server: Pick<Model["server"], "limits">;
  /** Is told of a request whose connection its client ended before the answer. */
  givenUp?(request: HttpRequest): void;
};

/** A model that listens. */
export interface Listening {
  /** Without a trailing slash. */
  url: string;
  /** Ends it, connections that are open included. */
  close(): Promise<void>;
}

/** Serves a model over HTTP, its WebSocket included. `port` 0 takes a free one. @throws Error where the port is taken. */
export async function listen(
  model: Listener,
  {
    port = 0,
    host = "127.0.0.1",
    manners = {},
  }: { port?: number; host?: string | undefined; manners?: Manners | undefined } = {},
): Promise<Listening> {
  const server = createServer((incoming, outgoing) => {
    // An answer that the model does not give is a connection that ends.
    serve(model, incoming, outgoing, manners).catch(() => outgoing.destroy());
  });
  const upgraded = new Set<Duplex>();
  server.on("upgrade", (incoming, socket, head) => {
    upgraded.add(socket);
    socket.once("close", () => upgraded.delete(socket));
    upgrade(model, incoming, socket, head).catch(() => socket.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(port, host, resolve);
  });
  const { port: taken } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${taken}`,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      for (const socket of upgraded) socket.destroy();
      await closed;
    },
  };
}

async function serve(
  model: Listener,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { chunked = false, closes = false, spelling = (name) => name }: Manners,
): Promise<void> {
  const { maxBodyBytes, legacyMaxBodyBytes } = model.server.limits;
  const most = Math.max(maxBodyBytes, legacyMaxBodyBytes);
  const { body, whole } = await readAtMost(incoming, most + 1);
  const request: HttpRequest = {
    method: incoming.method ?? "GET",
    path: incoming.url ?? "/",
    headers: joined(incoming),
    ...(body.length === 0 ? {} : { body }),
  };
  let answered = false;
  outgoing.once("close", () => {
    if (!answered) model.givenUp?.(request);
  });
  const response = await model.handle(request).finally(() => (answered = true));
  const bare = incoming.method === "HEAD" || response.status === 204;
  const headers = {
    ...response.headers,
    ...(chunked || response.status === 204 ? {} : { "content-length": String(response.body.length) }),
    // What was not read would be taken for the next request.
    ...(whole && !closes ? {} : { connection: "close" }),
  };
  outgoing.writeHead(
    response.status,
    Object.fromEntries(Object.entries(headers).map(([name, value]) => [spelling(name), value])),
  );
  if (chunked && !bare) {
    const half = response.body.length >> 1;
    outgoing.write(response.body.subarray(0, half));
    outgoing.end(response.body.subarray(half));
  } else outgoing.end(bare ? undefined : response.body);
}

/** The first bytes of a body. More than one byte beyond the limit is never kept: one is enough to refuse it. */
async function readAtMost(
  incoming: IncomingMessage,
  most: number,
): Promise<{ body: Uint8Array; whole: boolean }> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of incoming.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= most) break;
  }
  const whole = length < most;
  // The rest is let through unread, so that the client, still sending, comes to read the answer.
  if (!whole) incoming.resume();
  return { body: Buffer.concat(chunks).subarray(0, most), whole };
}

function joined(incoming: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(incoming.headersDistinct).map(([name, values]) => [
      name,
      (values ?? []).join(name === "cookie" ? "; " : ", "),
    ]),
  );
}
