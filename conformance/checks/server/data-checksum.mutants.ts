import { mutant } from "../../model/mutant.ts";
import type { Mutant } from "../../model/mutant.ts";
import { afterExamining, mapObjects, without } from "../../model/deform.ts";
import { BOOKKEEPING } from "../../../schemas/collections.ts";
import { isJsonObject } from "../../../schemas/json.ts";
import type { Json, JsonObject } from "../../../schemas/json.ts";
import { canonicalJson } from "../../../spec/rules/canonical-json.ts";
import { sha256Hex } from "../../../spec/rules/sha-256.ts";

/** The same JSON without the members that a server thinks do not count. */
const stripped = (value: Json, unwanted: (name: string, value: Json) => boolean): Json =>
  mapObjects(value, (object) =>
    Object.fromEntries(Object.entries(object).filter(([name, one]) => !unwanted(name, one))),
  );

const hashing =
  (contentOf: (item: JsonObject) => JsonObject): Mutant["deform"] =>
  (conforming) => ({
    ...conforming,
    contentOf: (_context, item) => contentOf(item),
  });
const writing =
  (text: (content: Json) => string): Mutant["deform"] =>
  (conforming) => ({
    ...conforming,
    canonicalText: (_context, content) => text(content),
  });

/** JSON with the members of every object in an order, and numbers in a form. */
function written(
  value: Json,
  compare: ((a: string, b: string) => number) | undefined,
  number: (value: number) => string = JSON.stringify,
): string {
  if (Array.isArray(value)) return `[${value.map((one) => written(one, compare, number)).join(",")}]`;
  if (typeof value === "number") return number(value);
  if (!isJsonObject(value)) return JSON.stringify(value);
  const names = compare ? Object.keys(value).sort(compare) : Object.keys(value);
  return `{${names.map((name) => `${JSON.stringify(name)}:${written(value[name]!, compare, number)}`).join(",")}}`;
}

const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export const hashesBookkeeping = mutant({
  name: "hashes-bookkeeping",
  story: "The checksum is taken of the whole item, so every device has its own.",
  breaks: ["DATA-006", "ORD-006"],
  deform: hashing((item) => without(item, "deletedAt")),
});

export const leavesTheIdOutOfTheHash = mutant({
  name: "leaves-the-id-out-of-the-hash",
  story: "The id is known anyway, so it is not hashed.",
  breaks: ["DATA-006"],
  deform: hashing((item) => without(item, "id", ...BOOKKEEPING)),
});

export const leavesCreatedAtOutOfTheHash = mutant({
  name: "leaves-created-at-out-of-the-hash",
  story: "All three times look like bookkeeping.",
  breaks: ["DATA-006", "ORD-005"],
  deform: hashing((item) => without(item, "createdAt", ...BOOKKEEPING)),
});

export const leavesNestedBookkeepingOutOfTheHash = mutant({
  name: "leaves-nested-bookkeeping-out-of-the-hash",
  story: "The function that leaves members out calls itself for every object.",
  breaks: ["DATA-006"],
  deform: hashing((item) => stripped(item, (name) => BOOKKEEPING.some((one) => one === name)) as JsonObject),
});

export const dropsNullsFromTheHash = mutant({
  name: "drops-nulls-from-the-hash",
  story: "The serialiser leaves out members that are null.",
  breaks: ["DATA-006"],
  deform: writing((content) => canonicalJson(stripped(content, (_name, value) => value === null))),
});

export const hashesInTheOrderOfArrival = mutant({
  name: "hashes-in-the-order-of-arrival",
  story: "JSON.stringify is taken for canonical.",
  breaks: ["DATA-006"],
  deform: writing((content) => written(content, undefined)),
});

export const sortsTheTopLevelOnly = mutant({
  name: "sorts-the-top-level-only",
  story: "The members of the item are sorted, those of what is in it are not.",
  breaks: ["DATA-006"],
  deform: writing((content) =>
    isJsonObject(content)
      ? `{${Object.keys(content)
          .sort(byCodeUnit)
          .map((name) => `${JSON.stringify(name)}:${written(content[name]!, undefined)}`)
          .join(",")}}`
      : canonicalJson(content),
  ),
});

export const sortsByCodePoint = mutant({
  name: "sorts-by-code-point",
  story: "The language compares strings by their UTF-8 bytes.",
  breaks: ["DATA-006"],
  deform: writing((content) => written(content, (a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))),
});

export const escapesNonAscii = mutant({
  name: "escapes-non-ascii",
  story: "The serialiser writes ASCII only, as many do by default.",
  breaks: ["DATA-006"],
  deform: writing((content) =>
    canonicalJson(content).replace(
      /[^\x20-\x7e]/g,
      (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
    ),
  ),
});

export const escapesSlashes = mutant({
  name: "escapes-slashes",
  story: "The serialiser escapes slashes, for use within HTML.",
  breaks: ["DATA-006"],
  deform: writing((content) => canonicalJson(content).replaceAll("/", "\\/")),
});

export const writesGreatNumbersOut = mutant({
  name: "writes-great-numbers-out",
  story: "Numbers without a fraction are printed as integers, with all their digits.",
  breaks: ["DATA-006"],
  deform: writing((content) =>
    written(content, byCodeUnit, (value) =>
      Number.isInteger(value) ? BigInt(value).toString() : JSON.stringify(value),
    ),
  ),
});

export const hashesItemsAsSent = mutant({
  name: "hashes-items-as-sent",
  story: "The checksum is computed at the door, and the item normalised on its way to the store.",
  breaks: ["DATA-006", "NORM-001", "NORM-003"],
  deform: afterExamining(async (candidate, context) => {
    const { raw } = candidate.submission;
    if (candidate.deleted || !isJsonObject(raw)) return candidate;
    const checksum = await sha256Hex(canonicalJson(context.behaviour.contentOf(context, raw)));
    return { ...candidate, checksum, stamp: { ...candidate.stamp, checksum } };
  }),
});

export const hashesDeletions = mutant({
  name: "hashes-deletions",
  story: "A deletion is hashed like any other item.",
  breaks: ["DATA-007"],
  deform: (conforming) => ({
    ...conforming,
    checksum: (context, item) => conforming.checksum(context, item, false),
  }),
});
