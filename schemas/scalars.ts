import { Type } from "@sinclair/typebox";
import { schemaId } from "./define.ts";
import { CANONICAL_INSTANT_PATTERN, INSTANT_PATTERN } from "./patterns.ts";

/** A point in time as a writer may send it. */
export const Instant = Type.Unsafe<string | number>({
  $id: schemaId("instant"),
  title: "Instant",
  type: ["string", "integer"],
  pattern: INSTANT_PATTERN,
  minimum: -62_135_596_800_000,
  maximum: 253_402_300_799_999,
  description:
    "A point in time: RFC 3339 text with any offset, or whole Unix milliseconds. Compared as instants, truncated to the millisecond; kept as written.",
  examples: ["2026-11-21T09:30:00.000Z", "2026-11-21T10:30:00+01:00", 1_795_253_400_000],
});

/** A point in time as text. */
export const InstantText = Type.Unsafe<string>({
  $id: schemaId("instant_text"),
  title: "InstantText",
  type: "string",
  pattern: INSTANT_PATTERN,
  description: "A point in time: RFC 3339 text with an offset.",
  examples: ["2026-11-21T09:30:00.000Z"],
});

/** A point in time as servers write it. */
export const CanonicalInstant = Type.Unsafe<string>({
  $id: schemaId("canonical_instant"),
  title: "CanonicalInstant",
  type: "string",
  pattern: CANONICAL_INSTANT_PATTERN,
  description: "A point in time: RFC 3339 text in UTC, with `T`, `Z` and exactly three digits of fraction.",
  examples: ["2026-11-21T09:30:00.000Z"],
});

/** The id of an entity, after normalisation. */
export const EntityId = Type.Unsafe<string>({
  $id: schemaId("entity_id"),
  title: "EntityId",
  type: "string",
  minLength: 1,
  maxLength: 255,
  description:
    "The id of an entity: 1 to 255 characters (Unicode code points), unique among the user's entities of its type.",
  examples: ["entry-1", "moonlight sonata-beethoven"],
});

/** A calendar date or a point in time that the protocol carries without reading it. */
export function moment(description: string) {
  return Type.Unsafe<string | number>({
    type: ["string", "number"],
    description: `${description} ISO 8601 text (a date, or a date and time) or Unix milliseconds; carried as written.`,
  });
}

/** A place in a user's log of changes. */
export function syncToken(description: string) {
  return Type.String({ minLength: 1, description: `${description} Opaque: kept and sent back as it is.` });
}

/** A whole number, 0 or more. */
export function count(description: string) {
  return Type.Integer({ minimum: 0, description });
}
