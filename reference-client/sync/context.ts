import type { Clock } from "../ports/clock.ts";
import type { Random } from "../ports/random.ts";
import type { Replica } from "../replica/replica.ts";
import type { Work } from "../replica/work.ts";
import type { Http } from "./http.ts";
import type { Metrics } from "./metrics.ts";
import type { Tokens } from "./token.ts";

/** Hears what the client does. Never told a token. */
export type Logger = (
  level: "debug" | "info" | "warn" | "error",
  message: string,
  details?: Record<string, unknown>,
) => void;

/** What the ways to the server share. */
export interface Context {
  replica: Replica;
  http: Http;
  tokens: Tokens;
  clock: Clock;
  random: Random;
  metrics: Metrics;
  log: Logger;
  /** Writes into the state what was found out about the clocks. */
  setClock(work: Work): void;
  /** The socket's name to the server, while it is live. */
  connectionId(): string | undefined;
}
