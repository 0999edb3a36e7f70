import { describe, expect, test } from "vitest";
import type { EntityType } from "../../schemas/collections.ts";
import type { JsonObject } from "../../schemas/json.ts";
import { readVectors } from "../vectors/read-vectors.ts";
import { canonicalJson } from "./canonical-json.ts";
import { checksumOf, textAndChecksumOf } from "./checksum.ts";
import { contentOf } from "./content.ts";
import { isDeletion } from "./entity-id.ts";
import { normalise } from "./normalise.ts";

interface Case {
  name: string;
  entityType: EntityType;
  item: JsonObject;
  canonical: string | null;
  checksum: string;
}

describe("vectors", () => {
  test.each(readVectors<Case>("checksums"))("$name", async ({ entityType, item, canonical, checksum }) => {
    expect(isDeletion(item) ? null : canonicalJson(contentOf(item))).toBe(canonical);
    expect(await checksumOf(item)).toBe(checksum);
    expect(await checksumOf(normalise(entityType, item))).toBe(checksum);
    if (!isDeletion(item))
      expect(await textAndChecksumOf(item)).toEqual({ text: canonicalJson(item), checksum });
  });
});

test("what is not content is left out, and the item is left alone", () => {
  const item = { id: "g1", seq: 1, metadata: { seq: 1 } };
  const content = contentOf(item);
  expect(content).toEqual({ id: "g1", metadata: { seq: 1 } });
  expect(item.seq).toBe(1);
});
