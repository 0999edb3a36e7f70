import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Json } from "../../schemas/json.ts";
import { readVectors } from "../vectors/read-vectors.ts";
import { aJson, shuffled, spelt } from "../vectors/arbitraries.ts";
import { canonicalJson } from "./canonical-json.ts";
import { fingerprintOf, fingerprintOfBytes } from "./fingerprint.ts";
import { decodeUtf8, IJsonError, parseIJson } from "./i-json.ts";

interface Case {
  name: string;
  bodies?: string[];
  canonical?: string;
  bytesHex?: string;
  fingerprint: string;
}

const cases = readVectors<Case>("fingerprints");

describe("vectors", () => {
  test.each(cases.filter(({ bodies }) => bodies))("$name", async ({ bodies, canonical, fingerprint }) => {
    for (const text of bodies!) {
      const body = parseIJson(text, { maxDepth: 64 });
      expect(canonicalJson(body)).toBe(canonical);
      expect(await fingerprintOf(body)).toBe(fingerprint);
    }
  });

  test.each(cases.filter(({ bodies }) => !bodies))("$name", async ({ bytesHex, fingerprint }) => {
    const bytes = Uint8Array.from(Buffer.from(bytesHex!, "hex"));
    expect(() => parseIJson(decodeUtf8(bytes), { maxDepth: 64 })).toThrow(IJsonError);
    expect(await fingerprintOfBytes(bytes)).toBe(fingerprint);
  });

  test("no two cases have one fingerprint", () => {
    expect(new Set(cases.map(({ fingerprint }) => fingerprint)).size).toBe(cases.length);
  });
});

test("order of members, white space and escapes do not matter", async () => {
  await fc.assert(
    fc.asyncProperty(aJson, fc.nat(), async (value, seed) => {
      const text = spelt(shuffled(value, seed), seed + 1);
      expect(await fingerprintOf(JSON.parse(text) as Json)).toBe(await fingerprintOf(value));
    }),
  );
});
