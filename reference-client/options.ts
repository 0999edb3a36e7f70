import { platformFetch } from "./adapters/platform-fetch.ts";
import { SyncError } from "./errors.ts";
import { alone, type JoinCompany } from "./company.ts";
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
  /** The socket's endpoint; by default `/sync/ws` at the server. null: none. */
  wsUrl?: string | null;
  /** Whose data these are: the token's `sub`. */
  user: string;
  token: TokenProvider;
  /** Where they are kept on this device. */
  storage: OpenStorage;
  /** `realtime()`, to be told of changes as they happen; without it the client asks every 30 seconds. */
  realtime?: Realtime;
  /** What a user who has not chosen gets. */
  settings?: Partial<Settings>;
  /** The share of users who get a socket, 0 to 1, the same ones on each device; the others sync by HTTP. */
  realtimeRollout?: number;
  /** `together(…)`, where other tabs of the same user may be open. */
  tabs?: JoinCompany;
  surroundings?: Surroundings;
  fetch?: Fetch;
  clock?: Clock;
  random?: Random;
  logger?: Logger;
}

/** Options with their defaults. */
export interface Resolved {
  url: string;
  wsUrl: string | undefined;
  realtime: Realtime | undefined;
  user: string;
  token: TokenProvider;
  storage: OpenStorage;
  settings: Partial<Settings>;
  joinCompany: JoinCompany;
  surroundings: Surroundings;
  fetch: Fetch;
  clock: Clock;
  random: Random;
  log: Logger;
}

/** Throws `INVALID_OPTION`, naming the option. */
export function resolve(options: Options): Resolved {
  const { user, token, storage, realtimeRollout = 1 } = options;
  const wrong = (name: string, must: string): never => {
    throw new SyncError("INVALID_OPTION", `The option ${name} must be ${must}.`);
  };
  if (typeof user !== "string" || user === "") wrong("user", "the id of a user, the sub of its token");
  if (typeof token !== "function") wrong("token", "a function that gives an access token");
  if (typeof storage !== "function") wrong("storage", "one of the storages, such as memoryStorage()");
  const url = addressOf(options.url, ["http:", "https:"]) ?? wrong("url", "an http or https address");
  const wsUrl =
    options.wsUrl === undefined
      ? `${url.replace(/^http/, "ws")}/sync/ws`
      : options.wsUrl === null
        ? undefined
        : (addressOf(options.wsUrl, ["ws:", "wss:"]) ?? wrong("wsUrl", "a ws or wss address, or null"));
  return {
    url,
    wsUrl: shareOf(user) < realtimeRollout ? wsUrl : undefined,
    realtime: options.realtime,
    user,
    token,
    storage,
    settings: options.settings ?? {},
    joinCompany: options.tabs ?? alone,
    surroundings: options.surroundings ?? unknownSurroundings,
    fetch: options.fetch ?? platformFetch,
    clock: options.clock ?? systemClock,
    random: options.random ?? systemRandom,
    log: options.logger ?? (() => {}),
  };
}

function addressOf(text: unknown, protocols: string[]): string | undefined {
  const url = typeof text === "string" ? URL.parse(text) : null;
  return url !== null && protocols.includes(url.protocol) ? String(text).replace(/\/+$/, "") : undefined;
}

/** Where a user stands between 0 and 1, the same on every device. */
function shareOf(user: string): number {
  let hash = 2166136261;
  for (const character of user) hash = Math.imul(hash ^ character.codePointAt(0)!, 16777619);
  // Mixed once more: users are often numbered.
  hash = Math.imul(hash ^ (hash >>> 15), 2246822519);
  return ((hash ^ (hash >>> 13)) >>> 0) / 4294967296;
}
