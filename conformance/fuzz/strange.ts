import type { Json } from "../../schemas/json.ts";
import type { Dice } from "../histories/dice.ts";

/** Ordinary texts and ones that other layers read as something else. All may stand in any member that is a text. */
const TEXTS: readonly string[] = [
  "Slow and even",
  "piano",
  "Für Elise",
  "J.S. Bach",
  " padded ",
  "a - b || c",
  "التمرين اليومي",
  "ピアノ練習",
  "👩🏽‍🎤 𝄞",
  "e\u0301\u0300\u0327",
  "first line\nsecond\tline\r\n",
  "\u2028 and \u2029",
  "\u202eright to left",
  "null",
  "0",
  "'; DROP TABLE items; --",
  '"},{"id":"x"',
  "<script>alert(1)</script>",
  "../../../etc/passwd",
  "${7*7}{{7*7}}%s%n",
  "[object Object]",
  "\\u0000 \\",
  "A".repeat(300),
];

/** Names that mean something to the objects, or the stores, of one language or another. */
export const PROTOTYPE_NAMES = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty"];

/** Names that no schema knows. */
export const UNKNOWN_NAMES = ["x", "", "a/b~c", "$where", "%00", "ünknown", "id ", "length", "0"];

/** No instants, or hardly. */
export const ODD_INSTANTS: readonly Json[] = [
  "2026-02-30T10:00:00Z",
  "2026-03-01T23:59:60Z",
  "2026-03-01 10:00:00Z",
  "2026-03-01T10:00:00",
  "0000-01-01T00:00:00Z",
  "9999-12-31T23:59:59.999Z",
  "9999-12-31T23:59:59.999-23:59",
  "2026-03-01T10:00:00.123456789012345678901234567890Z",
  "+010000-01-01T00:00:00Z",
  "yesterday",
  " ",
  -62_135_596_800_001,
  253_402_300_800_000,
  8.64e15,
  1.5,
  -0,
  true,
  [],
  {},
];

/** At the edges of what programs hold numbers in. */
export const BOUNDARY_NUMBERS: readonly number[] = [
  -1, 0.1, 1e-320, 1e308, -1e308, 2_147_483_648, 4_294_967_296, -2_147_483_649, 9_007_199_254_740_991,
];

/** Of each type of JSON one or two; a member of another type is wrong by most of them. */
export const ALL_TYPES: readonly Json[] = [
  null,
  true,
  7,
  0.5,
  "seven",
  [],
  ["seven", 7, null],
  {},
  { length: 3 },
];

/** Digits that binary64 or I-JSON has no place for, as they stand in a JSON text. */
export const HUGE_NUMBERS = ["1e400", "-1e999", "9007199254740993", "-9007199254740992", "1".repeat(320)];

export function textOf(dice: Dice): string {
  return dice.pick(TEXTS);
}

/** Any JSON, a few levels deep. */
export function anyJson(dice: Dice, depth = 2): Json {
  const kind = dice.below(depth > 0 ? 7 : 5);
  if (kind === 0) return null;
  if (kind === 1) return dice.chance(0.5);
  if (kind === 2) return dice.pick([0, 1, -1, 60, 0.25, 1e21, 1_795_253_400_000]);
  if (kind < 5) return textOf(dice);
  const count = dice.below(3);
  if (kind === 5) return Array.from({ length: count }, () => anyJson(dice, depth - 1));
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`member${index}`, anyJson(dice, depth - 1)]),
  );
}

/** Lists or objects, one in the other, so many. */
export function nested(dice: Dice, levels: number): string {
  const [open, close] = dice.chance(0.5) ? ["[", "]"] : ['{"a":', "}"];
  return `${open.repeat(levels - 1)}${open === "[" ? "[]" : "{}"}${close.repeat(levels - 1)}`;
}
