import type { Context } from "../context.ts";

/** What follows from how a socket was closed. */
export type AfterClose = "reconnect" | "at-once" | "later" | "new-token" | "stop";

/** When and how often the server is bothered. */
export interface ConnectingSteps {
  /** How long a failed attempt is followed by silence, in ms; `attempts` failed before it (CLI-032). */
  backoffMs(context: Context, attempts: number): number;
  /** Whether a longer Retry-After is waited for (CLI-034). */
  heedsRetryAfter(context: Context): boolean;
  /** Whether a frame shows that the connection is of use (CLI-033). */
  isUseful(context: Context, messageType: string): boolean;
  /** What the client does without its token, which the server refused (CLI-035). */
  onRefusedToken(context: Context, token: string): void;
  /** What ends the wait for a token: whether this one may be used (CLI-035, CLI-049). */
  isNewToken(context: Context, token: string): boolean;
  /** Whether status is asked before the next handshake (CLI-036). */
  asksStatusFirst(context: Context): boolean;
  /** Whether there should be a WebSocket. */
  wantsSocket(context: Context): boolean;
  /** Whether another one may be opened: one at a time (CLI-047). */
  mayDial(context: Context): boolean;
  /** What follows from a close code. */
  afterClose(context: Context, code: number): AfterClose;
  /** How long after the last frame a PING goes out, in ms (CLI-040). */
  silenceMs(context: Context): number;
  /** How long after a PING the connection counts as dead, in ms (CLI-040). */
  pongMs(context: Context): number;
  /** What ends a request that is under way: its time is up, or the client was closed (CLI-047). */
  endOf(context: Context, signal: AbortSignal): AbortSignal | undefined;
  /** How long a request or handshake may take, in ms. */
  requestTimeoutMs(context: Context): number;
}

export const connecting: ConnectingSteps = {
  backoffMs: ({ random }, attempts) => random() * Math.min(30_000, 1_000 * 2 ** attempts),

  heedsRetryAfter: () => true,

  isUseful: (_context, messageType) => messageType !== "WELCOME",

  onRefusedToken(context, token) {
    context.refused.add(token);
    if (context.token === token) context.token = null;
  },

  isNewToken: ({ refused }, token) => !refused.has(token),

  asksStatusFirst: ({ handshakeFailed }) => handshakeFailed,

  wantsSocket: ({ realtime, store, signedOut, socketStopped }) =>
    realtime && store.state.settings.realtime && !signedOut && socketStopped === null,

  mayDial: ({ session, lanes }) => session === null && !lanes.socket.running,

  afterClose(_context, code) {
    if (code === 4401) return "new-token";
    if (code === 4408) return "at-once";
    if (code === 4429) return "later";
    return [1002, 1003, 1007, 4400, 4403].includes(code) ? "stop" : "reconnect";
  },

  silenceMs: () => 30_000,
  pongMs: () => 10_000,
  endOf: (_context, signal) => signal,
  requestTimeoutMs: () => 30_000,
};
