/** The platform's `fetch`, as far as it is used. Rejects where no answer came, and when `signal` aborts. */
export type Fetch = (
  url: string,
  request: { method: string; headers: Record<string, string>; body?: string; signal: AbortSignal },
) => Promise<{
  status: number;
  headers: { get(name: string): string | null };
  text(): Promise<string>;
}>;

/** What a socket tells; `closed` is told once, and nothing after it. */
export interface SocketEvents {
  opened(): void;
  /** A text frame. */
  received(text: string): void;
  /** 1006 where the connection broke or the handshake failed. */
  closed(code: number, reason: string): void;
}

/** A WebSocket under way. */
export interface Socket {
  /** Queues a text frame; does nothing on a socket that is not open. */
  send(text: string): void;
  /** Begins the closing handshake. Idempotent. */
  close(code?: number): void;
}

/** Opens a WebSocket. Tells nothing before it has returned; a URL that can't be opened is told by `closed`, not thrown. */
export type OpenSocket = (url: string, protocols: string[], events: SocketEvents) => Socket;
