import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SERVER_MEMBERS, SNAKE_CASE, type EntityType } from "../../schemas/collections.ts";
import type { JsonObject } from "../../schemas/json.ts";
import { readVectors } from "../vectors/read-vectors.ts";
import { anEntityType, anItem } from "../vectors/arbitraries.ts";
import { checksumOf } from "./checksum.ts";
import { entityIdOf, isDeletion } from "./entity-id.ts";
import { normalise } from "./normalise.ts";

interface Case {
  name: string;
  entityType: EntityType;
  before: JsonObject;
  after: JsonObject;
}

describe("vectors", () => {
  test.each(readVectors<Case>("normalise"))("$name", ({ entityType, before, after }) => {
    const sent = JSON.stringify(before);
    expect(inOrder(normalise(entityType, before))).toBe(inOrder(after));
    expect(inOrder(normalise(entityType, after))).toBe(inOrder(after));
    expect(JSON.stringify(before)).toBe(sent);
  });
});

describe("properties", () => {
  test("idempotent and total", () => {
    fc.assert(
      fc.property(anEntityType, anItem, (entityType, item) => {
        const once = normalise(entityType, item);
        expect(inOrder(normalise(entityType, once))).toBe(inOrder(once));
      }),
      { numRuns: 500 },
    );
  });

  test("leaves the item that was sent as it was", () => {
    fc.assert(
      fc.property(anEntityType, anItem, (entityType, item) => {
        const sent = JSON.stringify(item);
        normalise(entityType, item);
        expect(JSON.stringify(item)).toBe(sent);
      }),
    );
  });

  test("nothing that should be renamed or dropped is left", () => {
    fc.assert(
      fc.property(anEntityType, anItem, (entityType, item) => {
        const names = Object.keys(normalise(entityType, item));
        for (const gone of [...Object.keys(SNAKE_CASE), ...SERVER_MEMBERS]) expect(names).not.toContain(gone);
      }),
    );
  });

  test("entity id and kind are those of the item as it was sent", () => {
    fc.assert(
      fc.property(anEntityType, anItem, (entityType, item) => {
        const once = normalise(entityType, item);
        expect(entityIdOf(entityType, once)).toBe(entityIdOf(entityType, item));
        expect(isDeletion(once)).toBe(isDeletion(item));
      }),
      { numRuns: 500 },
    );
  });

  test("the checksum does not depend on the order in which members came", async () => {
    await fc.assert(
      fc.asyncProperty(anEntityType, anItem, async (entityType, item) => {
        const turned = Object.fromEntries(Object.entries(item).toReversed());
        expect(await checksumOf(normalise(entityType, turned))).toBe(
          await checksumOf(normalise(entityType, item)),
        );
      }),
    );
  });
});

/** JSON text with sorted names; unlike a deep comparison it sees an own `__proto__`. */
function inOrder(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
