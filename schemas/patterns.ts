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
