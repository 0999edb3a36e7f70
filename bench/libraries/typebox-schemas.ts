import { Type } from "@sinclair/typebox";
import { ENTITY_TYPES } from "../../schemas/collections.ts";
import { CANONICAL_INSTANT_PATTERN, INSTANT_PATTERN, SHA256_PATTERN } from "../../schemas/patterns.ts";

/* The contracts in TypeBox's own words: those of schemas/ use keywords of JSON Schema that its compiler does not know. */

const entityId = Type.String({ minLength: 1, maxLength: 255 });
const instant = Type.Union([
  Type.String({ pattern: INSTANT_PATTERN }),
  Type.Integer({ minimum: -62_135_596_800_000, maximum: 253_402_300_799_999 }),
]);
const strings = Type.Array(Type.String());
const text = Type.Union([Type.String(), Type.Null()]);

export const Entry = Type.Object({
  id: entityId,
  timestamp: instant,
  duration: Type.Integer({ minimum: 0 }),
  type: Type.String(),
  instrument: Type.Optional(Type.String({ minLength: 1 })),
  pieces: Type.Optional(
    Type.Array(
      Type.Object({
        id: Type.Optional(Type.String()),
        title: Type.String(),
        composer: Type.Optional(text),
        measures: Type.Optional(text),
        tempo: Type.Optional(Type.Union([Type.Number(), Type.Null()])),
        duration: Type.Optional(Type.Number({ minimum: 0 })),
      }),
    ),
  ),
  techniques: Type.Optional(strings),
  goalIds: Type.Optional(strings),
  notes: Type.Optional(text),
  mood: Type.Optional(text),
  tags: Type.Optional(strings),
  sessionId: Type.Optional(Type.String()),
  metadata: Type.Optional(Type.Object({})),
  scoreId: Type.Optional(Type.String()),
  scoreTitle: Type.Optional(Type.String()),
  scoreComposer: Type.Optional(Type.String()),
  autoTracked: Type.Optional(Type.Boolean()),
  createdAt: Type.Optional(instant),
  updatedAt: Type.Optional(instant),
  deletedAt: Type.Optional(Type.Union([Type.String({ maxLength: 0 }), Type.Null()])),
  deviceId: Type.Optional(Type.String()),
});

const known = {
  entityType: Type.Union(ENTITY_TYPES.map((type) => Type.Literal(type))),
  entityId,
  version: Type.Integer({ minimum: 1 }),
  seq: Type.Integer({ minimum: 1 }),
  updatedAt: Type.String({ pattern: CANONICAL_INSTANT_PATTERN }),
};

export const Meta = Type.Union([
  Type.Object({ ...known, deletedAt: Type.Null(), checksum: Type.String({ pattern: SHA256_PATTERN }) }),
  Type.Object({
    ...known,
    deletedAt: Type.String({ pattern: CANONICAL_INSTANT_PATTERN }),
    checksum: Type.Literal(""),
  }),
]);
