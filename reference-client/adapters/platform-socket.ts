import type { OpenSocket } from "../ports/transport.ts";

/** Opens the platform's WebSocket. */
export const platformSocket: OpenSocket = (url, protocols, events) => {
  let open: WebSocket | undefined;
  let closed = false;
  const tellClosed = (code: number, reason: string): void => {
    if (closed) return;
    closed = true;
    events.closed(code, reason);
  };
  try {
    const socket = new WebSocket(url, protocols);
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
      if (open?.readyState === WebSocket.OPEN) open.send(text);
    },
    close(code = 1000) {
      open?.close(code);
    },
  };
};
