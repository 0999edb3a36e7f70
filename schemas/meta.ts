import { Type, type Static } from "@sinclair/typebox";
import { ENTITY_TYPES } from "./collections.ts";
import { oneOf, ref, schemaId } from "./define.ts";
import { SHA256_PATTERN } from "./patterns.ts";
import { CanonicalInstant, EntityId } from "./scalars.ts";

/** What the server knows about an entity's stored state. */
export const Meta = Type.Object(
  {
    entityType: oneOf(ENTITY_TYPES, "The type of the entity."),
    entityId: ref(EntityId, { description: "The entity's id, normalised." }),
    version: Type.Integer({
      minimum: 1,
      description: "Revision of the entity: 1 more per accepted write, never reused.",
    }),
    seq: Type.Integer({
      minimum: 1,
      description:
        "Change number of the entity's latest accepted write, strictly increasing over all of the user's writes.",
    }),
    updatedAt: ref(CanonicalInstant, {
      description: "The stamp's instant; of a deletion, that of `deletedAt`.",
    }),
    deletedAt: Type.Unsafe<string | null>({
      type: ["string", "null"],
      description: "When the entity was removed, in the same form as `updatedAt`; null for a live entity.",
    }),
    checksum: Type.String({
      description:
        "SHA-256 of the content's canonical JSON, 64 lower-case hexadecimal digits; empty for a deletion.",
    }),
  },
  {
    $id: schemaId("meta"),
    title: "Meta",
    description: "What the server knows about an entity's stored state.",
    if: { type: "object", required: ["deletedAt"], properties: { deletedAt: { type: "null" } } },
    then: { properties: { checksum: { type: "string", pattern: SHA256_PATTERN } } },
    else: {
      properties: { deletedAt: { $ref: CanonicalInstant.$id }, checksum: { type: "string", const: "" } },
    },
    examples: [
      {
        entityType: "logbook_entry",
        entityId: "entry-1",
        version: 3,
        seq: 41,
        updatedAt: "2026-11-21T10:15:00.000Z",
        deletedAt: null,
        checksum: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
      },
      {
        entityType: "goal",
        entityId: "goal-1",
        version: 2,
        seq: 42,
        updatedAt: "2026-11-21T11:00:00.000Z",
        deletedAt: "2026-11-21T11:00:00.000Z",
        checksum: "",
      },
    ],
  },
);
export type Meta = Static<typeof Meta>;
