import { WebSocket as Ws } from "ws";
import type { OpenSocket } from "../../ports/transport.ts";
import { socketsOf } from "../platform-socket.ts";

/** Opens sockets of the package `ws`. */
export const wsSocket: OpenSocket = socketsOf(Ws as unknown as typeof WebSocket);

/** Opens Node's own WebSocket, or that of `ws` where Node has none, as with `--no-experimental-websocket`. */
export const nodeSocket: OpenSocket = (...of) =>
  (typeof WebSocket === "undefined" ? wsSocket : socketsOf(WebSocket))(...of);
