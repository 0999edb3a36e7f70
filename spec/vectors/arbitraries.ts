import * as fc from "fast-check";
import { ENTITY_TYPES, SNAKE_CASE } from "../../schemas/collections.ts";
import type { Json, JsonObject } from "../../schemas/json.ts";
import type { Stamp } from "../rules/stamp.ts";

/** Stamps that collide often: properties about ties say nothing of stamps that never tie. */
export const aStamp: fc.Arbitrary<Stamp> = fc
  .record({
    updatedAt: fc.integer({ min: -2, max: 2 }),
    deleted: fc.boolean(),
    checksum: fc.constantFrom("0a", "0b", "9", "a"),
  })
  .map((stamp) => (stamp.deleted ? { ...stamp, checksum: "" } : stamp));

/** Text of every kind, white space, dashes, quotes and letters with odd lower cases among it. */
export const aText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.string({ unit: "binary" }),
  fc.string({ unit: fc.constantFrom(..." \t\u00a0\ufeff-|_.–—‘’“”'ΣσςİIıAaẞK\u200b\u0307") }),
);

const aName = fc.oneof(aText, fc.constantFrom("__proto__", "constructor", "toString", "", "0", "10", "a~/b"));
const aScalar = fc.oneof(
  aText,
  fc.integer(),
  fc.double({ noDefaultInfinity: true, noNaN: true }),
  fc.boolean(),
  fc.constant(null),
);

/** JSON values, built so that `__proto__` is a member like any other. */
export const aJson: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: "small" },
    aScalar as fc.Arbitrary<Json>,
    fc.array(tie("value"), { maxLength: 5 }),
    fc.array(fc.tuple(aName, tie("value")), { maxLength: 5 }).map((members) => Object.fromEntries(members)),
  ),
})).value;

export const anEntityType = fc.constantFrom(...ENTITY_TYPES);

const aPiece = fc.oneof(
  aJson,
  fc.record({ id: aText, scoreId: aText, title: aText, composer: fc.option(aText) }, { requiredKeys: [] }),
) as fc.Arbitrary<Json>;

const aMember: fc.Arbitrary<[string, Json]> = fc.oneof(
  fc.tuple(aName, aJson),
  fc.tuple(fc.constantFrom(...Object.keys(SNAKE_CASE), ...Object.values(SNAKE_CASE)), fc.oneof(aText, aJson)),
  fc.tuple(
    fc.constantFrom("id", "title", "composer", "scoreTitle", "scoreComposer", "type", "mood", "instrument"),
    fc.oneof(aText, aText, aJson),
  ),
  fc.tuple(fc.constantFrom("version", "seq", "checksum", "userId", "clientChangeId", "deviceId"), aJson),
  fc.tuple(fc.constantFrom("pieces", "pieceRefs"), fc.array(aPiece, { maxLength: 3 })),
);

/** Items full of the members that normalisation knows, with values of right and wrong types. */
export const anItem: fc.Arbitrary<JsonObject> = fc
  .array(aMember, { maxLength: 8 })
  .map((members) => Object.fromEntries(members));

/** The same value with the members of every object in another order. */
export function shuffled(value: Json, seed: number): Json {
  if (Array.isArray(value)) return value.map((part, index) => shuffled(part, seed + index));
  if (value === null || typeof value !== "object") return value;
  const members = Object.entries(value).map(([name, part], index): [string, Json] => [
    name,
    shuffled(part, seed + index),
  ]);
  const turn = members.length === 0 ? 0 : Math.abs(seed) % members.length;
  const turned = [...members.slice(turn), ...members.slice(0, turn)];
  return Object.fromEntries(seed % 2 === 0 ? turned : turned.toReversed());
}

/** A writer of JSON text whose white space and escapes differ from place to place. */
export function spelt(value: Json, seed: number): string {
  const gap = ["", " ", "\n\t", "\r\n "][Math.abs(seed) % 4]!;
  if (typeof value === "string") return speltText(value, seed);
  if (Array.isArray(value)) {
    return `[${gap}${value.map((part, index) => spelt(part, seed + index + 1)).join(`${gap},`)}${gap}]`;
  }
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const members = Object.entries(value).map(
    ([name, part], index) => `${speltText(name, seed + index)}${gap}:${gap}${spelt(part, seed - index)}`,
  );
  return `{${gap}${members.join(`,${gap}`)}${gap}}`;
}

function speltText(text: string, seed: number): string {
  const units = Array.from({ length: text.length }, (_, index) => text.charCodeAt(index));
  if (seed % 3 !== 0) return JSON.stringify(text);
  return `"${units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("")}"`;
}
