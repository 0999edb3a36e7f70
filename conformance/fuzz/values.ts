import type { TSchema } from "@sinclair/typebox";
import { SCHEMAS } from "../../schemas/registry.ts";
import { schemaName } from "../../schemas/define.ts";
import { isJsonObject } from "../../schemas/json.ts";
import type { Json, JsonObject } from "../../schemas/json.ts";
import type { Dice } from "../histories/dice.ts";
import { anyJson, textOf } from "./strange.ts";

/** A contract as the walk reads it: the keywords that the schemas of requests and messages use. */
export interface Contract {
  $id?: string;
  $ref?: string;
  type?: string | string[];
  const?: Json;
  enum?: Json[];
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  items?: Contract;
  minItems?: number;
  properties?: Record<string, Contract>;
  required?: string[];
}

/** What the generator is told: choices, and the values that must fit together. */
export interface Making {
  dice: Dice;
  /** An id for an entity. */
  id(): string;
  /** An instant that is past, in either form. */
  instant(): string | number;
  /** All optional members, not some. */
  whole?: boolean;
}

/** A published contract as data. */
export function contractOf(schema: TSchema): Contract {
  return schema;
}

/** The contract that a reference names; the same, where it is none. */
function resolved(contract: Contract): Contract {
  if (contract.$ref === undefined) return contract;
  return contractOf(SCHEMAS[schemaName(contract.$ref) as keyof typeof SCHEMAS]);
}

/** A value that the contract allows. */
export function valueOf(contract: Contract, making: Making): Json {
  const { dice } = making;
  const { $id, type, enum: values, const: only, ...rest } = resolved(contract);
  if ($id !== undefined && schemaName($id) === "instant") return making.instant();
  if ($id !== undefined && schemaName($id) === "entity_id") return making.id();
  if (only !== undefined) return only;
  if (values !== undefined) return dice.pick(values);
  switch (Array.isArray(type) ? dice.pick(type) : type) {
    case "null":
      return null;
    case "boolean":
      return dice.chance(0.5);
    case "integer":
      return Math.max(rest.minimum ?? 0, dice.pick([0, 1, 5, 45, 600, 2_147_483_648]));
    case "number":
      return Math.max(rest.minimum ?? -10, dice.pick([0, 0.5, 60, -3, 1e21]));
    case "string":
      return textOf(dice).slice(0, rest.maxLength ?? 1_000);
    case "array":
      return listOf(rest, making);
    case "object":
      return objectOf(rest, making);
    default:
      return anyJson(dice);
  }
}

function listOf({ items, minItems = 0 }: Contract, making: Making): Json {
  const least = Math.max(minItems, making.whole === true ? 1 : 0);
  const length = least + making.dice.below(3);
  return Array.from({ length }, () => valueOf(items ?? {}, making));
}

function objectOf({ properties, required = [] }: Contract, making: Making): JsonObject {
  if (properties === undefined) {
    const any = anyJson(making.dice, 1);
    return isJsonObject(any) ? any : { any };
  }
  const there = Object.entries(properties).filter(
    ([name]) => required.includes(name) || making.whole === true || making.dice.chance(0.5),
  );
  return Object.fromEntries(there.map(([name, member]) => [name, valueOf(member, making)]));
}
