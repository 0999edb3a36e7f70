import { STATUS_CODES } from "node:http";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import type { RawData, WebSocket } from "ws";
import type { HttpResponse } from "../drivers/transport.ts";
import type { Model } from "./model.ts";
import type { Accepted } from "./realtime/upgrade.ts";

/** Frames longer than this never reach the model; it judges the shorter ones by its own limit. */
const LONGEST_FRAME = 64 * 1024 * 1024;

/** Takes a request for a WebSocket: the model judges it, then has the socket. Resolves once it is answered. */
export async function upgrade(
  model: Pick<Model, "upgrade">,
  incoming: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
  socket.on("error", () => socket.destroy());
  const judged = await model.upgrade({
    path: incoming.url ?? "/",
    headers: Object.fromEntries(
      Object.entries(incoming.headersDistinct).map(([name, values]) => [name, (values ?? []).join(", ")]),
    ),
  });
  if ("attach" in judged) takeOver(judged, incoming, socket, head);
  else socket.end(refusal(judged));
}

function takeOver(accepted: Accepted, incoming: IncomingMessage, socket: Duplex, head: Buffer): void {
  // What is UTF-8, and how long a frame may be, is the model's to judge: a mutant may judge it otherwise.
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: LONGEST_FRAME,
    skipUTF8Validation: true,
    handleProtocols: () => accepted.protocol || false,
  });
  server.handleUpgrade(incoming, socket, head, (live: WebSocket) => {
    const receiver = accepted.attach({
      send: (text, sent) => live.send(text, () => sent()),
      // A connection that breaks has no close frame.
      close: (code, reason) => (code === 1006 ? live.terminate() : live.close(code, reason)),
    });
    live.on("message", (data, binary) => receiver.frame({ binary, bytes: bytesOf(data) }));
    live.on("close", (code) => receiver.closed(code));
    // A close event follows.
    live.on("error", () => {});
  });
}

function bytesOf(data: RawData): Uint8Array {
  if (Array.isArray(data)) return Buffer.concat(data);
  return data instanceof ArrayBuffer ? new Uint8Array(data) : data;
}

/** An answer as it stands on the wire, for a connection that is no server's any more. */
function refusal({ status, headers, body }: HttpResponse): Buffer {
  const fields = { ...headers, "content-length": String(body.length), connection: "close" };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  const start = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\n${lines.join("")}\r\n`;
  return Buffer.concat([Buffer.from(start, "latin1"), body]);
}
