import { COLLECTIONS, memberOf } from "../../schemas/collections.ts";
import type { Member } from "../../schemas/collections.ts";
import { BatchItem } from "../../schemas/http/batch.ts";
import { PullRequest } from "../../schemas/http/pull.ts";
import type { Json, JsonObject } from "../../schemas/json.ts";
import type { Limits } from "../../schemas/limits.ts";
import type { Dice } from "../histories/dice.ts";
import { ITEM_CHANGES, makingOf, nearlyValid, sweep, validChange } from "./items.ts";
import type { Planned } from "./items.ts";
import { ODD_HEADERS } from "./headers.ts";
import { ALL_TYPES, BOUNDARY_NUMBERS, PROTOTYPE_NAMES, textOf, UNKNOWN_NAMES } from "./strange.ts";
import { SPOILS } from "./texts.ts";
import { nodes, withAt } from "./tree.ts";
import { contractOf, valueOf } from "./values.ts";
import type { Making } from "./values.ts";

/** One request, complete but for the user's own headers. */
export interface FuzzRequest {
  /** What kinds of input it is one of. */
  kinds: readonly string[];
  /** What is odd about it, for people. */
  about: string;
  method: string;
  path: string;
  /** Added to the device's. */
  headers: Record<string, string>;
  /** The body: a value that is sent as JSON, or a text or bytes as they are. */
  json?: Json;
  raw?: string | Uint8Array;
  /** By a device that announces no version, as deployed ones. */
  deployed: boolean;
  /** Its body is no I-JSON: it must be refused (HTTP-005, DATA-008 to DATA-012, LIM-005). */
  noJson: boolean;
}

/** What the makers of requests go by. */
export interface Ground {
  dice: Dice;
  /** The server's clock, Unix ms. */
  now: number;
  limits: Limits;
}

const PUSH = "/api/sync/push";
const BATCH = "/api/sync/batch";
const PULL = "/api/sync/pull";
const CALLS = [PUSH, PUSH, BATCH, PULL] as const;

type Maker = (ground: Ground) => FuzzRequest;

function post(path: string, json: Json, change: Partial<FuzzRequest> = {}): FuzzRequest {
  return {
    kinds: [],
    about: path,
    method: "POST",
    path,
    headers: {},
    json,
    deployed: false,
    noJson: false,
    ...change,
  };
}

function makingFor({ dice, now }: Ground): Making {
  return makingOf(dice, now);
}

/** A valid body for the call. */
function validBody(path: string, ground: Ground): JsonObject {
  const making = makingFor(ground);
  const { dice } = ground;
  // Few ask for everything at once: it costs as much as a hundred others.
  if (path === PULL)
    return {
      limit: 1 + dice.below(5),
      ...(valueOf(pullWithoutToken(dice.chance(0.05)), making) as JsonObject),
    };
  const count = 1 + dice.below(Math.min(4, ground.limits.maxItems));
  const members = Object.keys(COLLECTIONS) as Member[];
  const chosen = Array.from({ length: count }, () => dice.pick(members));
  if (path === BATCH)
    return {
      entities: chosen.map((member) =>
        batchItem(making, COLLECTIONS[member], validChange(making, COLLECTIONS[member])),
      ),
    };
  return {
    changes: collected(
      chosen.map((member) => ({
        entityType: COLLECTIONS[member],
        item: validChange(making, COLLECTIONS[member]),
      })),
    ),
  };
}

/** Tokens are the server's to make up. */
function pullWithoutToken(whole: boolean): ReturnType<typeof contractOf> {
  const contract = contractOf(PullRequest);
  const { since: _since, limit, ...properties } = contract.properties!;
  return { ...contract, properties: { ...properties, ...(whole ? { limit: limit! } : {}) } };
}

function batchItem(making: Making, type: string, data: Json): JsonObject {
  const {
    id: _id,
    type: _type,
    data: _data,
    checksum: _checksum,
    ...rest
  } = contractOf(BatchItem).properties!;
  const more = valueOf({ type: "object", properties: rest }, making) as JsonObject;
  return { type, data, ...more };
}

/** Items by their collections. */
function collected(items: readonly Pick<Planned, "entityType" | "item">[]): JsonObject {
  const changes: Record<string, Json[]> = {};
  for (const { entityType, item } of items) (changes[memberOf(entityType)] ??= []).push(item);
  return changes;
}

/** Whole pushes and batches of items, each nearly valid in its own way. */
export function sweepRequests(ground: Ground): FuzzRequest[] {
  const { dice, now, limits } = ground;
  const all = sweep(dice, now);
  const size = Math.max(1, Math.min(24, limits.maxItems, Math.floor(limits.maxBodyBytes / 8_000)));
  // Neighbours are of one type: dealt out, each request has several.
  const count = Math.ceil(all.length / size);
  return Array.from({ length: count }, (_, index) => {
    const items = all.filter((_one, at) => at % count === index);
    const kinds = [...new Set(items.map(({ change }) => change!))];
    const about = items.map((item) => item.about).join("; ");
    const deployed = index % 5 === 4;
    if (index % 4 !== 3) return post(PUSH, { changes: collected(items) }, { kinds, about, deployed });
    const making = makingFor(ground);
    return post(
      BATCH,
      { entities: items.map(({ entityType, item }) => batchItem(making, entityType, item)) },
      { kinds, about, deployed },
    );
  });
}

const valid: Maker = (ground) => {
  const path = ground.dice.pick(CALLS);
  return post(path, validBody(path, ground), {
    kinds: ["valid"],
    about: `a valid ${path}`,
    deployed: ground.dice.chance(0.2),
  });
};

const nearly: Maker = (ground) => {
  const { dice } = ground;
  const making = makingFor(ground);
  const items = Array.from({ length: 1 + dice.below(Math.min(3, ground.limits.maxItems)) }, () =>
    nearlyValid(making),
  );
  const change = {
    kinds: items.map((item) => item.change!),
    about: items.map((item) => item.about).join("; "),
    deployed: dice.chance(0.3),
  };
  if (dice.chance(0.7)) return post(PUSH, { changes: collected(items) }, change);
  return post(
    BATCH,
    { entities: items.map(({ entityType, item }) => batchItem(making, entityType, item)) },
    change,
  );
};

/** A change of the envelope, of any of the calls. */
const envelope: Maker = (ground) => {
  const { dice } = ground;
  const path = dice.pick(CALLS);
  const body = validBody(path, ground);
  const places = [...nodes(body)].filter((node) => node.path.length < 3);
  const { path: at } = dice.pick(places);
  const name = dice.pick([...PROTOTYPE_NAMES, ...UNKNOWN_NAMES]);
  const json = dice.pick<() => Json>([
    () => withAt(body, at, dice.pick(ALL_TYPES)),
    () => (at.length > 0 ? withAt(body, at, undefined) : dice.pick(ALL_TYPES)),
    () => withAt(body, [name], dice.pick(ALL_TYPES)),
    () => withAt({ changes: {}, entities: [], ...body }, ["changes", name], [{ id: making() }, null]),
    () =>
      withAt(
        body,
        [dice.pick(["limit", "since", "lastSyncToken", "syncToken"])],
        dice.pick<Json>([...BOUNDARY_NUMBERS, textOf(dice), "x".repeat(4_000)]),
      ),
  ])();
  function making(): string {
    return makingFor(ground).id();
  }
  return post(path, json, {
    kinds: ["an envelope of another form"],
    about: `an odd envelope of ${path}`,
    deployed: dice.chance(0.3),
  });
};

const spoilt =
  (kind: string): Maker =>
  (ground) => {
    const { dice, limits } = ground;
    const path = dice.pick(CALLS);
    const body = validBody(path, ground);
    const whole = Object.keys(body).length > 0 ? body : { types: ["goal"] };
    const raw = SPOILS[kind]!(dice, whole, limits.maxDepth);
    return { ...post(path, null, { kinds: [kind], about: `${kind}: a body of ${path}`, noJson: true }), raw };
  };

const header: Maker = (ground) => {
  const { dice } = ground;
  const path = dice.pick(CALLS);
  const [name, valueFor] = dice.pick(ODD_HEADERS);
  const value = valueFor(dice);
  return post(path, validBody(path, ground), {
    kinds: ["an odd header"],
    about: `${name}: ${value.slice(0, 60)}`,
    headers: { [name]: value },
  });
};

const empty: Maker = ({ dice }) => {
  const path = dice.pick(CALLS);
  return { ...post(path, null, { kinds: ["an empty body"], about: `${path} without a body` }), raw: "" };
};

const query: Maker = (ground) => {
  const path = ground.dice.pick([...CALLS, "/api/sync/status"]);
  const search = ground.dice.pick([
    "since=1&limit=-1",
    "userId=someone-else",
    "token=x",
    "__proto__[x]=1",
    "a=%00&b=%ff",
    "x".repeat(2_000),
  ]);
  const json = path === "/api/sync/status" ? {} : { json: validBody(path, ground), method: "POST" };
  return {
    kinds: ["an odd query"],
    about: `?${search.slice(0, 40)}`,
    method: "GET",
    path: `${path}?${search}`,
    headers: {},
    deployed: false,
    noJson: false,
    ...json,
  };
};

/** Each declared kind with what makes one of it. */
const KINDS: readonly (readonly [string, Maker])[] = [
  ["valid", valid],
  ["an envelope of another form", envelope],
  ...Object.keys(SPOILS).map((kind) => [kind, spoilt(kind)] as const),
  ["an odd header", header],
  ["an empty body", empty],
  ["an odd query", query],
];

/** What occurs in every run. */
export const REQUEST_KINDS: readonly string[] = [...KINDS.map(([kind]) => kind), ...ITEM_CHANGES];

/** Of each kind so many, after one another. */
export function eachKind(ground: Ground, times: number): FuzzRequest[] {
  return KINDS.flatMap(([, make]) => Array.from({ length: times }, () => make(ground)));
}

/** Any kind, items that are nearly valid most often. */
export function randomRequest(ground: Ground): FuzzRequest {
  const { dice } = ground;
  const roll = dice.random();
  if (roll < 0.4) return nearly(ground);
  if (roll < 0.6) return valid(ground);
  if (roll < 0.7) return envelope(ground);
  return dice.pick(KINDS)[1](ground);
}

/** The body's bytes; undefined: none. */
export function bytesOf({ json, raw }: FuzzRequest): Uint8Array | undefined {
  if (raw instanceof Uint8Array) return raw;
  const text = raw ?? (json === undefined ? undefined : JSON.stringify(json));
  return text === undefined ? undefined : new TextEncoder().encode(text);
}
