import type { Clock, Log } from "./core/ports.ts";
import type { UserObject } from "./adapters/durable-object.ts";

/** The bindings of wrangler.toml, and the secret. */
export interface Env {
  DB: D1Database;
  USERS: DurableObjectNamespace<UserObject>;
  ENVIRONMENT: "development" | "staging" | "production";
  /** Origins of browsers that may call, separated by commas. */
  ALLOWED_ORIGINS?: string;
  /** JSON object over the default limits. */
  LIMITS?: string;
  /** How far the server's time is ahead from its start, in ms; in development only. */
  CLOCK_AHEAD_MS?: string;
  /** At least 32 bytes; a secret, never a var in wrangler.toml. */
  JWT_SECRET?: string;
}

/** The platform's log, where `wrangler tail` and the dashboard read it. */
// oxlint-disable-next-line no-console
export const log: Log = (message) => console.error(message);

/** The server's time, which tests can move ahead of the platform's. */
export interface ServerTime {
  now: Clock;
  /** What the server's time was at a time of the platform's, Unix ms. */
  at(time: number): number;
}

/** How far the time was moved, and when. Of this process: nothing moves it in production. */
const moves: { at: number; ms: number }[] = [];

export const time: ServerTime = {
  now: () => time.at(Date.now() + 1) - 1,
  at: (platform) => moves.reduce((sum, move) => (move.at < platform ? sum + move.ms : sum), platform),
};

/** Moves the server's time; for tests, in development only. @param at from when on, in Unix ms */
export function moveClock({ ENVIRONMENT }: Env, ms: number, at = Date.now()): void {
  if (ENVIRONMENT !== "development") throw new Error("The clock is moved in development only.");
  moves.push({ at, ms });
}
