/** One code with which a WebSocket is closed, other than by its client. */
export interface CloseCode {
  readonly code: number;
  readonly meaning: string;
  /** What the client does next. */
  readonly remedy: string;
}

/** Every code with which a server closes a WebSocket. Closed: a server uses no other. */
export const CLOSE_CODES = [
  { code: 1002, meaning: "RFC 6455 was broken.", remedy: "A fault of the client: stops and says so." },
  { code: 1003, meaning: "A binary frame.", remedy: "A fault of the client: stops and says so." },
  {
    code: 1007,
    meaning: "A text frame that is not UTF-8.",
    remedy: "A fault of the client: stops and says so.",
  },
  {
    code: 1009,
    meaning: "A frame longer than `maxMessageBytes`.",
    remedy: "Sends that change by HTTP; reconnects.",
  },
  { code: 1011, meaning: "A fault of the server.", remedy: "Reconnects with backoff." },
  {
    code: 1012,
    meaning: "The server restarts, has lost the connection's watermark, or gives up a slow client.",
    remedy: "Reconnects with backoff, catches up from its cursor.",
  },
  {
    code: 4400,
    meaning: "The protocol's version is not supported.",
    remedy: "Stops and says so; HTTP may go on.",
  },
  {
    code: 4401,
    meaning: "The token expired or is bad.",
    remedy: "Waits for a new token, then reconnects.",
  },
  { code: 4403, meaning: "`AUTH` with another user's token.", remedy: "Stops and says so." },
  {
    code: 4408,
    meaning: "Nothing was sent for `idleTimeoutMs`.",
    remedy: "Reconnects at once if it still wants to listen.",
  },
  { code: 4429, meaning: "Too many connections or messages.", remedy: "Reconnects after 30 s." },
] as const satisfies readonly CloseCode[];
