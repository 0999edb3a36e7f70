/** What a client does after a close code (spec/realtime.md, "Close codes"). */
export type AfterClose =
  | { kind: "reconnect"; /** Milliseconds at least. */ wait: number }
  | { kind: "token" }
  | { kind: "stop"; why: string };

const STOPS: Record<number, string> = {
  1002: "the server found a fault in this client's frames",
  1003: "the server found a fault in this client's frames",
  1007: "the server found a fault in this client's frames",
  4400: "the server does not support this version of the protocol on its socket",
  4403: "the server refuses this user's socket",
};

/** Reconnecting at once (4408) is the first wait of the backoff, a second at most: a server that closes again and again is not hammered. */
export function afterClose(code: number): AfterClose {
  const why = STOPS[code];
  if (why !== undefined) return { kind: "stop", why };
  if (code === 4401) return { kind: "token" };
  return { kind: "reconnect", wait: code === 4429 ? 30_000 : 0 };
}
