import { isDeepStrictEqual } from "node:util";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Json } from "../../schemas/json.ts";
import { readVectors } from "../vectors/read-vectors.ts";
import { aJson, shuffled, spelt } from "../vectors/arbitraries.ts";
import { canonicalJson, canonicalJsonWithout } from "./canonical-json.ts";

describe("vectors", () => {
  test.each(readVectors<{ name: string; text: string; canonical: string }>("canonical-json"))(
    "$name",
    ({ text, canonical }) => {
      expect(canonicalJson(JSON.parse(text) as Json)).toBe(canonical);
      expect(canonicalJson(JSON.parse(canonical) as Json)).toBe(canonical);
    },
  );

  test.each(readVectors<{ name: string; ieee754: string; canonical: string | null }>("canonical-numbers"))(
    "number: $name",
    ({ ieee754, canonical }) => {
      const bits = new DataView(new ArrayBuffer(8));
      bits.setBigUint64(0, BigInt(`0x${ieee754}`));
      expect(writtenOrRefused(bits.getFloat64(0))).toBe(canonical);
    },
  );
});

describe("properties", () => {
  test("the order of members does not matter", () => {
    fc.assert(
      fc.property(aJson, fc.nat(), (value, seed) => {
        expect(canonicalJson(shuffled(value, seed))).toBe(canonicalJson(value));
      }),
    );
  });

  test("the spelling does not matter", () => {
    fc.assert(
      fc.property(aJson, fc.nat(), (value, seed) => {
        expect(canonicalJson(JSON.parse(spelt(value, seed)) as Json)).toBe(canonicalJson(value));
      }),
    );
  });

  test("round trip: the text stands for the value, and is canonical itself", () => {
    fc.assert(
      fc.property(aJson, (value) => {
        const text = canonicalJson(value);
        const parsed = JSON.parse(text) as Json;
        // By way of JSON.stringify, for which -0 is 0 too.
        expect(isDeepStrictEqual(parsed, JSON.parse(JSON.stringify(value)))).toBe(true);
        expect(canonicalJson(parsed)).toBe(text);
      }),
    );
  });

  test("an object, and the rest of it, are written as by themselves", () => {
    const anObject = fc.dictionary(fc.string({ unit: "grapheme" }), aJson);
    fc.assert(
      fc.property(anObject, fc.array(fc.nat()), (object, picks) => {
        const names = Object.keys(object);
        const without = new Set(picks.map((pick) => names[pick % names.length]!));
        const rest = Object.fromEntries(Object.entries(object).filter(([name]) => !without.has(name)));
        expect(canonicalJsonWithout(object, without)).toEqual({
          whole: canonicalJson(object),
          rest: canonicalJson(rest),
        });
      }),
    );
  });

  test("different values have different texts", () => {
    fc.assert(
      fc.property(aJson, aJson, (a, b) => {
        const same = canonicalJson(a) === canonicalJson(b);
        expect(canonicalJson([a]) === canonicalJson([b])).toBe(same);
        expect(canonicalJson({ a, b: null }) === canonicalJson({ a: b, b: null })).toBe(same);
      }),
    );
  });
});

test.each([
  ["a lone surrogate in a text", { a: ["x\ud800"] }, '"/a/0"'],
  ["a lone surrogate in a name", { a: { "\udc00": 1 } }, '"/a"'],
  ["an infinite number", [1, { "b/c": Infinity }], '"/1/b~1c"'],
  ["undefined", { a: undefined }, '"/a"'],
  ["a function", [() => 1], '"/0"'],
])("refuses %s and names the place", (_, value, place) => {
  expect(() => canonicalJson(value as unknown as Json)).toThrow(`at ${place}`);
});

function writtenOrRefused(number: number): string | null {
  try {
    return canonicalJson(number);
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}
