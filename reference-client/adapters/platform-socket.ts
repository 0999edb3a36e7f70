import type { OpenSocket } from "../ports/transport.ts";

/** `WebSocket.OPEN`, also where the platform has none. */
const OPEN = 1;

/** The platform's class, or one that is like it. */
type SocketClass = new (url: string, protocols: string[]) => WebSocket;

/** Opens the platform's WebSocket. */
export const platformSocket: OpenSocket = (...of) => socketsOf(WebSocket)(...of);

/** Opens sockets of a class. */
export const socketsOf =
  (Class: SocketClass): OpenSocket =>
  (url, protocols, events) => {
    let open: WebSocket | undefined;
    let closed = false;
    const tellClosed = (code: number, reason: string): void => {
      if (closed) return;
      closed = true;
      events.closed(code, reason);
    };
    try {
      const socket = new Class(url, protocols);
      open = socket;
      socket.addEventListener("open", () => events.opened());
      socket.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
        if (typeof data === "string" && !closed) events.received(data);
      });
      socket.addEventListener("close", ({ code, reason }) => tellClosed(code, reason));
      // What an error is does not show; a close follows.
      socket.addEventListener("error", () => {});
    } catch (error) {
      queueMicrotask(() => tellClosed(1006, String(error)));
    }
    return {
      send(text) {
        if (open?.readyState === OPEN) open.send(text);
      },
      close(code = 1000) {
        open?.close(code);
      },
    };
  };
