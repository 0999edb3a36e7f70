import { platformFetch } from "./adapters/platform-fetch.ts";
import { SyncError } from "./errors.ts";
import type { JoinCompany } from "./company.ts";
import { type Clock, systemClock } from "./ports/clock.ts";
import { type Random, systemRandom } from "./ports/random.ts";
import type { OpenStorage } from "./ports/storage.ts";
import { type Surroundings, unknownSurroundings } from "./ports/surroundings.ts";
import type { Fetch } from "./ports/transport.ts";
import type { Settings } from "./replica/records.ts";
import type { Logger } from "./sync/context.ts";
import type { Realtime } from "./sync/realtime.ts";
import type { TokenProvider } from "./sync/token.ts";

export interface Options {
  /** The server, such as `https://sync.mirubato.com`; `/api/sync/…` follows. */
  url: string;
  /** Whose data these are: the token's `sub`. */
  user: string;
  token: TokenProvider;
  /** Where they are kept on this device. */
  storage: OpenStorage;
  /** `realtime()`, to be told of changes as they happen; without it the client asks every 30 seconds. */
  realtime?: Realtime;
  /** What a user who has not chosen gets. */
  settings?: Partial<Settings>;
  /** `together(…)`, where other tabs of the same user may be open. */
  tabs?: JoinCompany;
  surroundings?: Surroundings;
  fetch?: Fetch;
  clock?: Clock;
  random?: Random;
  logger?: Logger;
}

type Optional = "settings" | "surroundings" | "fetch" | "clock" | "random";

/** Options with their defaults. */
export interface Resolved extends Omit<Options, "logger" | Optional>, Required<Pick<Options, Optional>> {
  log: Logger;
}

/** Throws `INVALID_OPTION`, naming the option. */
export function resolve({ logger, ...options }: Options): Resolved {
  const { url, user, token, storage } = options;
  const need = (name: string, fits: boolean, must: string): void => {
    if (!fits) throw new SyncError("INVALID_OPTION", `${name} must be ${must}.`);
  };
  need("url", /^https?:\/\/[^/]/.test(url), "an http or https address");
  need("user", typeof user === "string" && user !== "", "the token's sub");
  for (const [name, value] of Object.entries({ token, storage }))
    need(name, typeof value === "function", "a function");
  return {
    settings: {},
    surroundings: unknownSurroundings,
    fetch: platformFetch,
    clock: systemClock,
    random: systemRandom,
    ...options,
    url: url.replace(/\/+$/, ""),
    log: logger ?? (() => {}),
  };
}
