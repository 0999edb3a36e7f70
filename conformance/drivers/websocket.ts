import { rootCertificates } from "node:tls";
import { WebSocket } from "ws";
import type { ClientOptions, RawData } from "ws";
import { readResponse } from "./http.ts";
import type { Dial, Socket, SocketRequest } from "./socket.ts";

export interface WebSocketDriverOptions {
  /** Base URL (http, https) that paths are joined to. */
  url: string;
  /** Added to every upgrade request that does not set them itself. */
  headers?: Record<string, string>;
  /** PEM of authorities to trust beside the usual ones. */
  ca?: string[];
}

/** The server agreed to the upgrade, and then broke the handshake. */
export class HandshakeError extends Error {
  override readonly name = "HandshakeError";
}

/** Opens WebSockets over the network. No compression is offered, so that a frame's length is that of its text. */
export function webSocketDriver(options: WebSocketDriverOptions): { dial: Dial; close(): Promise<void> } {
  const base = options.url.replace(/^http/, "ws").replace(/\/+$/, "");
  const open = new Set<WebSocket>();
  const dial: Dial = (request, signal) =>
    new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const socket = connect(request, base, options);
      open.add(socket);
      let upgraded = false;
      const abandon = (): void => {
        socket.terminate();
        reject(signal?.reason);
      };
      signal?.addEventListener("abort", abandon, { once: true });
      const settled = (): void => signal?.removeEventListener("abort", abandon);
      socket.once("upgrade", () => (upgraded = true));
      socket.once("open", () => {
        settled();
        resolve(live);
      });
      socket.once("unexpected-response", (outgoing, response) => {
        settled();
        open.delete(socket);
        readResponse(response)
          .then(resolve, reject)
          .finally(() => outgoing.destroy());
      });
      socket.on("error", (error) => {
        settled();
        reject(upgraded ? new HandshakeError(error.message) : error);
      });
      socket.on("close", () => open.delete(socket));
      // Listens from the start: the first frame may come with the answer to the upgrade.
      const live = liveSocket(socket);
    });
  return {
    dial,
    close: async () => {
      for (const socket of open) socket.terminate();
    },
  };
}

function connect(request: SocketRequest, base: string, options: WebSocketDriverOptions): WebSocket {
  const url = /^wss?:/.test(request.path) ? request.path : `${base}${request.path}`;
  // Some servers leave the TCP connection open after their close frame. The frame is what counts; the library would wait 30 s.
  // Its types do not know the setting yet.
  const settings: ClientOptions & { closeTimeout: number } = {
    headers: { ...options.headers, ...request.headers },
    perMessageDeflate: false,
    closeTimeout: 1_000,
    ...(options.ca ? { ca: [...rootCertificates, ...options.ca] } : {}),
  };
  return new WebSocket(url, [...(request.protocols ?? [])], settings);
}

function liveSocket(socket: WebSocket): Socket {
  const early: (string | Uint8Array)[] = [];
  let onFrame: Socket["onFrame"] | undefined;
  let onClose: Socket["onClose"] | undefined;
  let closed: [code: number, reason: string] | undefined;
  let broken = "";
  socket.on("error", (error) => (broken = error.message));
  socket.on("message", (data, isBinary) => {
    const frame = isBinary ? bytesOf(data) : new TextDecoder().decode(bytesOf(data));
    if (onFrame) onFrame(frame);
    else early.push(frame);
  });
  socket.on("close", (code, reason) => {
    // 1005 is a close frame without a code.
    closed = [code, broken || reason.toString()];
    onClose?.(...closed);
  });
  return {
    get protocol() {
      return socket.protocol;
    },
    send: (data, as) => socket.send(data, { binary: typeof data !== "string" && as !== "text" }, () => {}),
    sendFragments(parts) {
      for (const [index, part] of parts.entries()) {
        if (index > 0) socket.ping("", undefined, () => {});
        socket.send(part, { binary: false, fin: index === parts.length - 1 }, () => {});
      }
    },
    close: (code, reason) => socket.close(code, reason),
    terminate: () => socket.terminate(),
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    get onFrame() {
      return onFrame ?? (() => {});
    },
    set onFrame(listener) {
      onFrame = listener;
      for (const frame of early.splice(0)) listener(frame);
    },
    get onClose() {
      return onClose ?? (() => {});
    },
    set onClose(listener) {
      onClose = listener;
      if (closed) listener(...closed);
    },
  };
}

function bytesOf(data: RawData): Uint8Array {
  if (Array.isArray(data)) return new Uint8Array(Buffer.concat(data));
  return new Uint8Array(data instanceof ArrayBuffer ? data : data);
}
