import { isDeepStrictEqual } from "node:util";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Json } from "../../schemas/json.ts";
import { readVectors } from "../vectors/read-vectors.ts";
import { aJson, spelt } from "../vectors/arbitraries.ts";
import { decodeUtf8, IJsonError, parseIJson } from "./i-json.ts";

interface Case {
  name: string;
  text?: string;
  bytesHex?: string;
  maxDepth: number;
  value?: Json;
  refused?: string;
  pointer?: string;
}

const cases = readVectors<Case>("i-json");

describe("vectors", () => {
  test.each(cases.filter(({ refused }) => refused === undefined))("accepted: $name", (vector) => {
    expect(isDeepStrictEqual(parseVector(vector), vector.value)).toBe(true);
  });

  test.each(cases.filter(({ refused }) => refused !== undefined))("refused: $name", (vector) => {
    const { reason, pointer } = refusalOf(() => parseVector(vector));
    expect(reason).toBe(vector.refused);
    expect(pointer).toBe(vector.pointer ?? pointer);
  });
});

describe("lone surrogates that no JSON file can hold", () => {
  test.each([
    ["raw in a text", '["\ud800"]', "/0"],
    ["raw in a name", '{"\udc00":1}', ""],
  ])("%s", (_, text, pointer) => {
    const error = refusalOf(() => parseIJson(text, { maxDepth: 8 }));
    expect([error.reason, error.pointer]).toEqual(["lone-surrogate", pointer]);
  });

  test("an escaped half and a raw half are one character, as for JSON.parse", () => {
    expect(parseIJson('"\\ud83d\ude00"', { maxDepth: 1 })).toBe("\u{1f600}");
  });
});

describe("properties", () => {
  test("agrees with JSON.parse on whatever I-JSON can say, however it is spelt", () => {
    fc.assert(
      fc.property(aJson, fc.nat(), (value, seed) => {
        const text = spelt(value, seed);
        fc.pre(!hasUnsafeInteger(value));
        const parsed = parseIJson(text, { maxDepth: 64 });
        expect(isDeepStrictEqual(parsed, JSON.parse(text))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test("what JSON.parse refuses, it refuses; what it accepts, JSON.parse reads the same", () => {
    const pieces = [
      ...'{}[]:,"\\ \n-+.eE01',
      '"a"',
      '"b":',
      "true",
      "null",
      "1.5",
      "\\u00e9",
      "\\ud800",
      "__proto__",
    ];
    const soup = fc.array(fc.constantFrom(...pieces), { maxLength: 12 }).map((parts) => parts.join(""));
    fc.assert(
      fc.property(soup, (text) => {
        const ours = outcome(() => parseIJson(text, { maxDepth: 64 }));
        const theirs = outcome(() => JSON.parse(text) as Json);
        expect(agree(ours, theirs)).toBe(true);
      }),
      { numRuns: 5000 },
    );
  });

  test("one byte changed anywhere: a value or a refusal, never another error", () => {
    fc.assert(
      fc.property(
        aJson,
        fc.nat(),
        fc.nat(),
        fc.constantFrom(...'"\\{}[],:0e-\u0000u'),
        (value, seed, place, instead) => {
          const text = spelt(value, seed);
          const at = place % (text.length + 1);
          const { error } = outcome(() =>
            parseIJson(text.slice(0, at) + instead + text.slice(at + 1), { maxDepth: 64 }),
          );
          expect(error ?? new IJsonError("syntax", "", "", 0)).toBeInstanceOf(IJsonError);
        },
      ),
    );
  });
});

test("nothing inherited changes: __proto__ stays with its object", () => {
  const parsed = parseIJson('{"__proto__":{"polluted":true}}', { maxDepth: 8 }) as Record<string, Json>;
  expect(Object.getPrototypeOf(parsed)).toBe(Object.prototype);
  expect(Object.hasOwn(parsed, "__proto__")).toBe(true);
  expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
});

test("the offset and a remedy are named", () => {
  const error = refusalOf(() => parseIJson('{"a":1,"a":2}', { maxDepth: 8 }));
  expect(error.offset).toBe(7);
  expect(error.message).toContain("send each name once");
});

test("deep nesting is refused, or read, without exhausting the stack", () => {
  const deep = "[".repeat(200_000) + "]".repeat(200_000);
  expect(refusalOf(() => parseIJson(deep, { maxDepth: 64 })).reason).toBe("depth");
  expect(Array.isArray(parseIJson(deep, { maxDepth: 200_000 }))).toBe(true);
});

function refusalOf(parse: () => unknown): IJsonError {
  const { error } = outcome(parse);
  expect(error).toBeInstanceOf(IJsonError);
  return error as IJsonError;
}

function parseVector({ text, bytesHex, maxDepth }: Case): Json {
  return parseIJson(text ?? decodeUtf8(Uint8Array.from(Buffer.from(bytesHex!, "hex"))), { maxDepth });
}

interface Outcome<T> {
  value?: T;
  error?: unknown;
}

/** Whether our outcome is one that JSON.parse's allows: we may refuse more, for other reasons than syntax. */
function agree(ours: Outcome<Json>, theirs: Outcome<Json>): boolean {
  if (ours.error === undefined)
    return theirs.error === undefined && isDeepStrictEqual(ours.value, theirs.value);
  return (ours.error as IJsonError).reason !== "syntax" || theirs.error instanceof SyntaxError;
}

function outcome<T>(run: () => T): Outcome<T> {
  try {
    return { value: run() };
  } catch (error) {
    return { error };
  }
}

function hasUnsafeInteger(value: Json): boolean {
  if (typeof value === "number") return /^-?\d+$/.test(JSON.stringify(value)) && !Number.isSafeInteger(value);
  return value !== null && typeof value === "object" && Object.values(value).some(hasUnsafeInteger);
}
