import { COLLECTIONS, ENTITY_TYPES, memberOf } from "../../schemas/collections.ts";
import type { EntityType } from "../../schemas/collections.ts";
import type { Json, JsonObject } from "../../schemas/json.ts";
import type { Limits } from "../../schemas/limits.ts";
import { CARRIED } from "../../schemas/realtime/carried.ts";
import { CLIENT_MESSAGES } from "../../schemas/realtime/client.ts";
import type { Dice } from "../histories/dice.ts";
import { ITEM_CHANGES, makingOf, nearlyValid, sweep, validChange } from "./items.ts";
import type { Planned } from "./items.ts";
import { ALL_TYPES, anyJson, PROTOTYPE_NAMES, UNKNOWN_NAMES } from "./strange.ts";
import { SPOILS } from "./texts.ts";
import { withAt } from "./tree.ts";
import { contractOf, valueOf } from "./values.ts";

/** One message on a socket that has announced, or not, what it speaks. */
export interface FuzzMessage {
  kinds: readonly string[];
  /** What is odd about it, for people. */
  about: string;
  /** A value that is sent as JSON, or a text, or bytes. */
  json?: Json;
  raw?: string | Uint8Array;
  /** Sent as a binary frame. */
  binary?: boolean;
  /** It is no I-JSON: ERROR INVALID_JSON (RT-042), or where it is not UTF-8 the end of the socket (RT-008). */
  noJson?: boolean;
}

interface Ground {
  dice: Dice;
  now: number;
  limits: Limits;
}
type Maker = (ground: Ground) => FuzzMessage;
type Type = keyof typeof CLIENT_MESSAGES;

const TYPES = Object.keys(CLIENT_MESSAGES) as Type[];
/** Belongs to the envelope; what a message is stands in the rest. */
const ENVELOPE = ["timestamp", "protocol", "clientChangeId", "deviceId"];

/** A valid message, its first announcement apart. */
function validMessage(type: Type, ground: Ground, itemOf: (entityType: EntityType) => Json): JsonObject {
  const { dice, now } = ground;
  const making = makingOf(dice, now);
  const { protocol: _protocol, ...members } = valueOf(
    contractOf(CLIENT_MESSAGES[type]),
    making,
  ) as JsonObject;
  const carried: Readonly<Record<string, EntityType>> = CARRIED[type as keyof typeof CARRIED] ?? {};
  const of = Object.entries(carried).flatMap(([member, entityType]): [string, Json][] => {
    const several = type.includes("BULK") || member === "occurrences";
    if (!several) return [[member, itemOf(entityType)]];
    return dice.chance(0.5) || member === "entries" || member === "pieces"
      ? [[member, Array.from({ length: dice.below(3) }, () => itemOf(entityType))]]
      : [];
  });
  const changed = dice.pick(ENTITY_TYPES);
  const special: Partial<Record<Type, () => JsonObject>> = {
    ENTITY_CHANGED: () => ({ entityType: changed, item: itemOf(changed) }),
    ENTRY_DELETED: () => ({ entryId: making.id(), deletedAt: making.instant() }),
    PIECE_REMOVED: () => ({ scoreId: making.id(), deletedAt: making.instant() }),
    PIECE_DISSOCIATED: () => ({ scoreId: making.id(), deletedAt: making.instant() }),
  };
  // Free texts in a place are of no log: half of the requests name none.
  const place: JsonObject = type === "SYNC_REQUEST" && dice.chance(0.5) ? { epoch: null } : {};
  const clientChangeId = `change-${dice.below(1_000_000)}`;
  return {
    ...members,
    ...Object.fromEntries(of),
    ...special[type]?.(),
    ...place,
    timestamp: making.instant(),
    clientChangeId,
    type,
  };
}

const goodItem =
  ({ dice, now }: Ground) =>
  (entityType: EntityType): Json =>
    validChange(makingOf(dice, now), entityType);

const valid: Maker = (ground) => {
  const type = ground.dice.pick(TYPES);
  return { kinds: ["valid"], about: `a valid ${type}`, json: validMessage(type, ground, goodItem(ground)) };
};

const nearly: Maker = (ground) => {
  const { dice, now } = ground;
  const items: Planned[] = [];
  const type = dice.pick(TYPES.filter((one) => one in CARRIED || one === "ENTITY_CHANGED"));
  const json = validMessage(type, ground, (entityType) => {
    const one = nearlyValid(makingOf(dice, now), entityType);
    items.push(one);
    return one.item;
  });
  return {
    kinds: items.map(({ change }) => change!),
    about: `${type}: ${items.map((item) => item.about).join("; ")}`,
    json,
  };
};

const CHANGES = [
  "a member of the message dropped",
  "a member of the message of another type",
  "an unknown member of the message",
] as const;

function changedMessage(
  ground: Ground,
  type: Type,
  change: (typeof CHANGES)[number],
  name: string,
): FuzzMessage {
  const { dice } = ground;
  const message = validMessage(type, ground, goodItem(ground));
  const put =
    change === CHANGES[0] ? undefined : change === CHANGES[1] ? dice.pick(ALL_TYPES) : anyJson(dice);
  const json = withAt(message, [name], put);
  return {
    kinds: [change],
    about: `${type} /${name}: ${put === undefined ? "missing" : JSON.stringify(put)}`,
    json,
  };
}

/** Each member of each message, dropped and of another type, and every change of items in bulk: what one run covers whatever its seed. */
export function sweepMessages(ground: Ground): FuzzMessage[] {
  const { dice, now, limits } = ground;
  const members = TYPES.flatMap((type) => {
    const known = Object.keys(contractOf(CLIENT_MESSAGES[type]).properties!);
    const own = known.filter(
      (name) => name !== "type" && (type === "ENTRY_UPDATED" || !ENVELOPE.includes(name)),
    );
    return own.flatMap((name) =>
      CHANGES.slice(0, 2).map((change) => changedMessage(ground, type, change, name)),
    );
  });
  const all = sweep(dice, now);
  const size = Math.max(1, Math.min(24, limits.maxItems, Math.floor(limits.maxMessageBytes / 8_000)));
  return [...members, ...bulks(all, size)];
}

function bulks(all: readonly Planned[], size: number): FuzzMessage[] {
  const isPiece = ({ entityType }: Planned): boolean => entityType === "repertoire_item";
  const dealt = (items: readonly Planned[], type: string): FuzzMessage[] => {
    const count = Math.ceil(items.length / size);
    return Array.from({ length: count }, (_, index) => {
      const own = items.filter((_one, at) => at % count === index);
      const lists: Record<string, Json[]> = type === "BULK_SYNC" ? { entries: [] } : { pieces: [] };
      for (const { entityType, item } of own)
        (lists[type === "BULK_SYNC" ? memberOf(entityType) : "pieces"] ??= []).push(item);
      const kinds = [...new Set(own.map(({ change }) => change!))];
      const json = { type, clientChangeId: `bulk-${index}`, ...lists };
      return { kinds, about: own.map((item) => item.about).join("; "), json };
    });
  };
  return [
    ...dealt(
      all.filter((one) => !isPiece(one)),
      "BULK_SYNC",
    ),
    ...dealt(all.filter(isPiece), "REPERTOIRE_BULK_SYNC"),
  ];
}

const spoilt =
  (kind: string): Maker =>
  (ground) => {
    const { dice, limits } = ground;
    const message = validMessage(dice.pick(TYPES), ground, goodItem(ground));
    return { kinds: [kind], about: kind, raw: SPOILS[kind]!(dice, message, limits.maxDepth), noJson: true };
  };

const KINDS: readonly (readonly [string, Maker])[] = [
  ["valid", valid],
  ...CHANGES.map(
    (change) =>
      [
        change,
        (ground: Ground) => {
          const type = ground.dice.pick(TYPES);
          const names =
            change === CHANGES[2]
              ? [...PROTOTYPE_NAMES, ...UNKNOWN_NAMES]
              : ["type", ...Object.keys(contractOf(CLIENT_MESSAGES[type]).properties!)];
          return changedMessage(ground, type, change, ground.dice.pick(names));
        },
      ] as const,
  ),
  [
    "an unknown type",
    (ground) => {
      const type = ground.dice.pick([
        "",
        "ping",
        "ENTRY_CREATED ",
        "WELCOME",
        "SYNC_RESPONSE",
        "ERROR",
        "__proto__",
        "constructor",
        "PONG",
        "x".repeat(2_000),
      ]);
      return {
        kinds: ["an unknown type"],
        about: `type ${type.slice(0, 40)}`,
        json: { ...validMessage("ENTRY_CREATED", ground, goodItem(ground)), type },
      };
    },
  ],
  [
    "JSON that is no object",
    ({ dice }) => {
      const json = dice.pick<Json>([null, true, 7, "PING", [], [{ type: "PING" }], [[]]]);
      return { kinds: ["JSON that is no object"], about: JSON.stringify(json), json };
    },
  ],
  [
    "a list of another name",
    (ground) => {
      const name = ground.dice.pick([
        "repertoire",
        "deleted",
        "pieces",
        "x",
        ...Object.keys(COLLECTIONS),
        ...PROTOTYPE_NAMES,
      ]);
      const json = withAt(
        validMessage("BULK_SYNC", ground, goodItem(ground)),
        [name],
        [{ id: "fuzz-1" }, null],
      );
      return { kinds: ["a list of another name"], about: `BULK_SYNC /${name}`, json };
    },
  ],
  ...Object.keys(SPOILS).map((kind) => [kind, spoilt(kind)] as const),
  [
    "a binary frame",
    (ground) => {
      const text = JSON.stringify(validMessage("ENTRY_CREATED", ground, goodItem(ground)));
      return {
        kinds: ["a binary frame"],
        about: "a message as a binary frame",
        raw: new TextEncoder().encode(text),
        binary: true,
      };
    },
  ],
];

/** What occurs in every run. */
export const MESSAGE_KINDS: readonly string[] = [...KINDS.map(([kind]) => kind), ...ITEM_CHANGES];

/** Of each kind so many, after one another. */
export function eachMessageKind(ground: Ground, times: number): FuzzMessage[] {
  return KINDS.flatMap(([, make]) => Array.from({ length: times }, () => make(ground)));
}

/** Any kind, items that are nearly valid most often; what ends a socket seldom. */
export function randomMessage(ground: Ground): FuzzMessage {
  const { dice } = ground;
  const roll = dice.random();
  if (roll < 0.4) return nearly(ground);
  if (roll < 0.65) return valid(ground);
  return dice.pick(roll < 0.99 ? KINDS.slice(0, -1) : KINDS)[1](ground);
}
