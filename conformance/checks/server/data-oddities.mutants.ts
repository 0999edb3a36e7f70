import type { Json, JsonObject } from "../../../schemas/json.ts";
import { isJsonObject } from "../../../schemas/json.ts";
import { canonicalJson } from "../../../spec/rules/canonical-json.ts";
import { afterNormalising, beforeNormalising, mapObjects, without } from "../../model/deform.ts";
import { mutant } from "../../model/mutant.ts";

/** Where there are no fractions, a parser of integers reads -0 as 0; only what it takes for a fraction keeps its sign. */
const INTEGER_ZERO = /-0(?![\d.eE])/g;
const SIGNED = "\u0000-0";

function signed(value: Json): Json {
  if (Object.is(value, -0)) return SIGNED;
  if (Array.isArray(value)) return value.map(signed);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, signed(one)]));
}

export const keepsTheSignOfFractionalZeros = mutant({
  name: "keeps-the-sign-of-fractional-zeros",
  story:
    "The language reads -0 as an integer, which has no sign, and -0.0 as a fraction, which it prints as -0.0.",
  breaks: ["DATA-006"],
  deform: (conforming) => ({
    ...conforming,
    parseJson: (context, text) => conforming.parseJson(context, text.replace(INTEGER_ZERO, "0")),
    canonicalText: (_context, content) =>
      canonicalJson(signed(content)).replaceAll(JSON.stringify(SIGNED), "-0.0"),
  }),
});

export const dropsEmptyNames = mutant({
  name: "drops-empty-names",
  story: "Members are copied in a loop that begins with `if (!name) continue`.",
  breaks: ["DATA-002"],
  deform: beforeNormalising((item) => mapObjects(item, (object) => without(object, "")) as JsonObject),
});

export const callsTheEmptyNameSomethingElse = mutant({
  name: "calls-the-empty-name-something-else",
  story:
    "The JSON library writes a member without a name as `_empty_`, for its own tables have no empty keys.",
  breaks: ["DATA-002"],
  deform: beforeNormalising(
    (item) =>
      mapObjects(item, (object) =>
        Object.hasOwn(object, "") ? { ...without(object, ""), _empty_: object[""]! } : object,
      ) as JsonObject,
  ),
});

/** Score ids as another library's `trim` leaves them; lower case and canonical forms apart. */
const trimming = (trim: (id: string) => string) =>
  afterNormalising((item, sent) => {
    const id = sent["scoreId"];
    return typeof id === "string" && trim(id) !== id.trim() ? { ...item, scoreId: trim(id) } : item;
  });

export const trimsAsciiOnly = mutant({
  name: "trims-ascii-only",
  story: "The database's TRIM takes blanks away and nothing else.",
  breaks: ["NORM-005"],
  deform: trimming((id) => id.replace(/^[ \t\n\r]+|[ \t\n\r]+$/g, "")),
});

export const trimsWhatUnicodeCallsWhiteSpace = mutant({
  name: "trims-what-unicode-calls-white-space",
  story: "Unicode's property White_Space has U+0085 and lacks U+FEFF, and so has the language's strip().",
  breaks: ["NORM-005"],
  deform: trimming((id) => id.replace(/^\p{White_Space}+|\p{White_Space}+$/gu, "")),
});

const camelWinsThoughNull = (camel: string, snake: string) =>
  beforeNormalising((item) =>
    Object.hasOwn(item, camel) && item[camel] === null ? without(item, snake) : item,
  );

export const letsNullDeletedAtWin = mutant({
  name: "lets-null-deleted-at-win",
  story: "`'deletedAt' in item` decides which of the two names is read, and null is in it.",
  breaks: ["NORM-002", "ORD-011"],
  deform: camelWinsThoughNull("deletedAt", "deleted_at"),
});

export const letsNullUpdatedAtWin = mutant({
  name: "lets-null-updated-at-win",
  story: "The snake-case name is dropped wherever the other one is there, whatever it holds.",
  breaks: ["NORM-002", "ORD-011"],
  deform: camelWinsThoughNull("updatedAt", "updated_at"),
});
