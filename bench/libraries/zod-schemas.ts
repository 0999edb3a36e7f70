import { z } from "zod";
import { ENTITY_TYPES } from "../../schemas/collections.ts";
import { CANONICAL_INSTANT_PATTERN, INSTANT_PATTERN, SHA256_PATTERN } from "../../schemas/patterns.ts";

/* The contracts in zod's words; members not listed travel on. */

const entityId = z.string().min(1).max(255);
const instant = z.union([
  z.string().regex(new RegExp(INSTANT_PATTERN, "u")),
  z.number().int().min(-62_135_596_800_000).max(253_402_300_799_999),
]);
const canonical = z.string().regex(new RegExp(CANONICAL_INSTANT_PATTERN, "u"));
const strings = z.array(z.string());
const text = z.string().nullable();

export const Entry = z.looseObject({
  id: entityId,
  timestamp: instant,
  duration: z.number().int().min(0),
  type: z.string(),
  instrument: z.string().min(1).optional(),
  pieces: z
    .array(
      z.looseObject({
        id: z.string().optional(),
        title: z.string(),
        composer: text.optional(),
        measures: text.optional(),
        tempo: z.number().nullable().optional(),
        duration: z.number().min(0).optional(),
      }),
    )
    .optional(),
  techniques: strings.optional(),
  goalIds: strings.optional(),
  notes: text.optional(),
  mood: text.optional(),
  tags: strings.optional(),
  sessionId: z.string().optional(),
  metadata: z.looseObject({}).optional(),
  scoreId: z.string().optional(),
  scoreTitle: z.string().optional(),
  scoreComposer: z.string().optional(),
  autoTracked: z.boolean().optional(),
  createdAt: instant.optional(),
  updatedAt: instant.optional(),
  deletedAt: z.string().max(0).nullable().optional(),
  deviceId: z.string().optional(),
});

const known = {
  entityType: z.enum(ENTITY_TYPES as unknown as [string, ...string[]]),
  entityId,
  version: z.number().int().min(1),
  seq: z.number().int().min(1),
  updatedAt: canonical,
};

export const Meta = z.union([
  z.looseObject({
    ...known,
    deletedAt: z.null(),
    checksum: z.string().regex(new RegExp(SHA256_PATTERN, "u")),
  }),
  z.looseObject({ ...known, deletedAt: canonical, checksum: z.literal("") }),
]);
