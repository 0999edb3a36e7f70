/** How the suite opens a WebSocket to a server under test: over the network, or in process to the model. */
import type { HttpResponse } from "./transport.ts";

export interface SocketRequest {
  /** With its query, such as "/sync/ws?userId=u&token=t"; over the network it may be a whole address (ws:, wss:). */
  path: string;
  /** Names in lower case. */
  headers: Record<string, string>;
  /** Subprotocols that are offered, in order. */
  protocols?: readonly string[];
}

/** A live socket, as its client sees it. Frames that arrive before `onFrame` is set are kept for it. */
export interface Socket {
  /** The selected subprotocol, "" for none. */
  readonly protocol: string;
  /** A text sends a text frame; bytes a binary one, or the payload of a text frame, valid UTF-8 or not. */
  send(data: string | Uint8Array, as?: "text"): void;
  /** Sends one text message in these fragments (RFC 6455), with a ping of that protocol between each two. */
  sendFragments(parts: readonly Uint8Array[]): void;
  close(code?: number, reason?: string): void;
  /** Cuts the connection without a closing handshake. */
  terminate(): void;
  /** Stops reading, as a slow reader does. */
  pause(): void;
  resume(): void;
  onFrame: (data: string | Uint8Array) => void;
  /** Once, with 1006 where no close frame came. */
  onClose: (code: number, reason: string) => void;
}

/** Resolves to a socket, or to the answer that refused the upgrade. Rejects when there was no answer at all. */
export type Dial = (request: SocketRequest, signal?: AbortSignal) => Promise<Socket | HttpResponse>;
