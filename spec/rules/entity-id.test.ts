import { describe, expect, test } from "vitest";
import type { EntityType } from "../../schemas/collections.ts";
import type { JsonObject } from "../../schemas/json.ts";
import { readVectors } from "../vectors/read-vectors.ts";
import { entityIdOf, isDeletion } from "./entity-id.ts";
import { normalise } from "./normalise.ts";

interface Case {
  name: string;
  entityType: EntityType;
  item: JsonObject;
  entityId: string | null;
  deletion: boolean;
}

describe("vectors", () => {
  test.each(readVectors<Case>("entity-ids"))("$name", ({ entityType, item, entityId, deletion }) => {
    for (const form of [item, normalise(entityType, item)]) {
      expect(entityIdOf(entityType, form)).toBe(entityId ?? undefined);
      expect(isDeletion(form)).toBe(deletion);
    }
  });
});
