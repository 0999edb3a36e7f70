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
  /** At least 32 bytes; a secret, never a var in wrangler.toml. */
  JWT_SECRET?: string;
  /** Milliseconds by which the server's clock is ahead; for tests, in development only. */
  CLOCK_OFFSET_MS?: string;
}

/** The platform's log, where `wrangler tail` and the dashboard read it. */
// oxlint-disable-next-line no-console
export const log: Log = (message) => console.error(message);

/** The server's time. */
export function clockOf(env: Env): Clock {
  const offset = env.ENVIRONMENT === "development" ? Number(env.CLOCK_OFFSET_MS ?? 0) : 0;
  return () => Date.now() + offset;
}
