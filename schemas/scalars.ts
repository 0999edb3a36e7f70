import { Type } from "@sinclair/typebox";
import { schemaId } from "./define.ts";

// The calendar is in the pattern (leap years too), so that every validator refuses 30 February without a format of its own.
const LEAP = String.raw`(?:\d\d(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-02-29`;
const DAYS = String.raw`\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|02-(?:0[1-9]|1\d|2[0-8]))`;
const DATE = `(?!0000)(?:${DAYS}|${LEAP})`;
const TIME = String.raw`(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d`;
const OFFSET = String.raw`(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)`;

/** RFC 3339 text: any offset, any fraction, no leap second. */
export const INSTANT_PATTERN = String.raw`^${DATE}[Tt]${TIME}(?:\.\d+)?${OFFSET}$`;

/** The one form that servers write: UTC, three digits of fraction. */
export const CANONICAL_INSTANT_PATTERN = String.raw`^${DATE}T${TIME}\.\d{3}Z$`;

/** 1 to 255 visible ASCII characters. */
export const VISIBLE_ASCII_PATTERN = "^[\\x21-\\x7e]{1,255}$";

/** RFC 6901, not empty. */
export const POINTER_PATTERN = "^(?:/(?:[^/~]|~[01])*)+$";

/** 64 lower-case hexadecimal digits. */
export const SHA256_PATTERN = "^[0-9a-f]{64}$";

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
