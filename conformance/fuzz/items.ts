import { ENTITY_TYPES, memberOf } from "../../schemas/collections.ts";
import type { EntityType } from "../../schemas/collections.ts";
import { ENTITIES } from "../../schemas/entities/index.ts";
import type { Json, JsonObject } from "../../schemas/json.ts";
import type { Dice } from "../histories/dice.ts";
import {
  ALL_TYPES,
  anyJson,
  BOUNDARY_NUMBERS,
  ODD_INSTANTS,
  PROTOTYPE_NAMES,
  UNKNOWN_NAMES,
} from "./strange.ts";
import { nodes, pointerOf, withAt } from "./tree.ts";
import type { Path } from "./tree.ts";
import { contractOf, valueOf } from "./values.ts";
import type { Making } from "./values.ts";

/** How an item is made nearly valid, by one change. */
export const ITEM_CHANGES = [
  "a member dropped",
  "a member null",
  "a member of another type",
  "a boundary number",
  "a text too long or empty",
  "an odd instant",
  "an unknown member",
  "a member named as a prototype's",
] as const;
export type ItemChange = (typeof ITEM_CHANGES)[number];

/** An item and what is odd about it. */
export interface Planned {
  entityType: EntityType;
  item: Json;
  change?: ItemChange;
  /** "/tags: 7", for people. */
  about?: string;
}

/** Ids come from a pool, so that what a long run leaves behind stays small. */
const IDS = 12;
/** Stamps lie in the past, so that they are never ahead of the server's clock. */
const PAST_MS = 60_000;
const SPREAD_MS = 600_000;
const LONG = 1_200;

/** The source of valid values: `now` in Unix ms by the server's clock. */
export function makingOf(dice: Dice, now: number, whole = false): Making {
  const instant = (): string | number => {
    const at = now - PAST_MS - dice.below(SPREAD_MS);
    return dice.chance(0.2) ? at : new Date(at).toISOString();
  };
  return { dice, id: () => `fuzz-${dice.below(IDS)}`, instant, whole };
}

/** A valid item, from its contract. */
export function validItem(
  making: Making,
  entityType: EntityType = making.dice.pick(ENTITY_TYPES),
): JsonObject {
  const item = valueOf(contractOf(ENTITIES[entityType]), making) as JsonObject;
  return { ...item, updatedAt: making.instant() };
}

/** A valid item, or now and then a deletion. */
export function validChange(
  making: Making,
  entityType: EntityType = making.dice.pick(ENTITY_TYPES),
): JsonObject {
  if (!making.dice.chance(0.15)) return validItem(making, entityType);
  return { [entityType === "repertoire_item" ? "scoreId" : "id"]: making.id(), deletedAt: making.instant() };
}

/** Every member of every type of entity, with each change that it can have: what one run covers whatever its seed. */
export function sweep(dice: Dice, now: number): Planned[] {
  const making = makingOf(dice, now, true);
  return ENTITY_TYPES.flatMap((entityType) => {
    const whole = validItem(making, entityType);
    const name = entityType === "repertoire_item" ? "scoreId" : "id";
    const places = [...nodes(whole)].map(({ path }) => path).filter(isPlace);
    const fresh = (): JsonObject => ({ ...whole, [name]: making.id(), updatedAt: making.instant() });
    return places.flatMap((path) =>
      changesAt(path).map((change) => changed(dice, entityType, fresh(), change, path)),
    );
  });
}

/** An item with one random change. */
export function nearlyValid(
  making: Making,
  entityType: EntityType = making.dice.pick(ENTITY_TYPES),
): Planned {
  const { dice } = making;
  const item = validChange(making, entityType);
  const paths = [...nodes(item)].map(({ path }) => path).filter((path) => path.length > 0);
  return changed(dice, entityType, item, dice.pick(ITEM_CHANGES), dice.pick(paths));
}

/** Within free JSON one place stands for all; in lists the first. */
function isPlace(path: Path): boolean {
  return path.length > 0 && path.length < 4 && path.every((step) => typeof step === "string" || step === 0);
}

function changesAt(path: Path): ItemChange[] {
  const everywhere: ItemChange[] = ["a member dropped", "a member null", "a member of another type"];
  if (path.length > 1) return everywhere.slice(1);
  const isInstant = /At$|timestamp|Date|Start$|End$/.test(String(path[0]));
  return [
    ...everywhere,
    isInstant ? "an odd instant" : "a boundary number",
    "a text too long or empty",
    ...(path[0] === "updatedAt" ? (["an unknown member", "a member named as a prototype's"] as const) : []),
  ];
}

function changed(
  dice: Dice,
  entityType: EntityType,
  item: JsonObject,
  change: ItemChange,
  path: Path,
): Planned {
  const told = (at: Path, put: Json | undefined): Planned => ({
    entityType,
    item: withAt(item, at, put),
    change,
    about: `${memberOf(entityType)} ${pointerOf(at)}: ${put === undefined ? "missing" : JSON.stringify(put).slice(0, 60)}`,
  });
  switch (change) {
    case "a member dropped":
      return told(path, undefined);
    case "a member null":
      return told(path, null);
    case "a member of another type": {
      const old = path.reduce<Json>((at, step) => (at as JsonObject)?.[step] ?? null, item);
      return told(path, dice.pick(ALL_TYPES.filter((one) => kindOf(one) !== kindOf(old))));
    }
    case "a boundary number":
      return told(path, dice.pick(BOUNDARY_NUMBERS));
    case "a text too long or empty":
      return told(path, dice.pick(["", "x".repeat(LONG), "é".repeat(256), "x".repeat(255)]));
    case "an odd instant":
      return told(path, dice.pick(ODD_INSTANTS));
    case "an unknown member":
      return told([dice.pick(UNKNOWN_NAMES)], anyJson(dice));
    default:
      // A member named as a prototype's.
      return told([dice.pick(PROTOTYPE_NAMES)], dice.pick<Json>([null, { polluted: true }, "x", []]));
  }
}

function kindOf(value: Json): string {
  return value === null ? "null" : Array.isArray(value) ? "array" : typeof value;
}
