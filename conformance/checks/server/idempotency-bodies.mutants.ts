import { createHash } from "node:crypto";
import type { Json, JsonObject } from "../../../schemas/json.ts";
import { isJsonObject } from "../../../schemas/json.ts";
import { canonicalJson } from "../../../spec/rules/canonical-json.ts";
import type { Context } from "../../model/context.ts";
import { mutant } from "../../model/mutant.ts";
import type { Mutant } from "../../model/mutant.ts";

const hash = (text: string | Uint8Array): string => createHash("sha256").update(text).digest("hex");
const textOf = ({ bytes }: Context): string => new TextDecoder().decode(bytes);

const comparesBodies = (
  name: string,
  breaks: readonly string[],
  story: string,
  fingerprint: (body: Json, context: Context) => string | Uint8Array,
): Mutant =>
  mutant({
    name,
    story,
    breaks,
    deform: (conforming) => ({
      ...conforming,
      fingerprint: async (context) =>
        "json" in context.parsed
          ? hash(fingerprint(context.parsed.json, context))
          : conforming.fingerprint(context),
    }),
  });

/** A body with `change` applied to each value in it, from the inside out. */
function deep(value: Json, change: (value: Json) => Json): Json {
  if (Array.isArray(value)) return change(value.map((one) => deep(one, change)));
  if (!isJsonObject(value)) return change(value);
  return change(Object.fromEntries(Object.entries(value).map(([name, one]) => [name, deep(one, change)])));
}

/** A body with `change` applied to each of its items. */
function eachItem(body: Json, change: (item: JsonObject) => Json): Json {
  return deep(body, (value) =>
    isJsonObject(value) && ("updatedAt" in value || "deletedAt" in value) ? change(value) : value,
  );
}

function without(item: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(item).filter(([name]) => !names.includes(name)));
}

export const comparesBytes = comparesBodies(
  "compares-bytes-of-bodies",
  ["IDEM-004"],
  "The hash is taken over the bytes, and a client that serialises its queue anew writes other ones.",
  (_body, { bytes }) => bytes,
);
export const comparesTextWithoutBlanks = comparesBodies(
  "compares-bodies-without-blanks",
  ["IDEM-004", "IDEM-005"],
  "White space is taken out by an expression, wherever it stands.",
  (_body, context) => textOf(context).replace(/\s+/g, ""),
);
export const keepsTheOrderOfMembers = comparesBodies(
  "keeps-the-order-of-members",
  ["IDEM-004"],
  "The hash is taken over JSON.stringify of the parsed body, which keeps the order of arrival.",
  (body) => JSON.stringify(body),
);
export const sortsOuterMembersOnly = comparesBodies(
  "sorts-outer-members-only",
  ["IDEM-004"],
  "Members are sorted where they are seen: at the top.",
  (body) => JSON.stringify(Object.entries(body as JsonObject).toSorted(([a], [b]) => (a < b ? -1 : 1))),
);
export const comparesEscapesAsWritten = comparesBodies(
  "compares-escapes-as-written",
  ["IDEM-004"],
  "A tokenizer sorts members without reading the strings, so an escape is another text.",
  (body, context) => {
    const escapes = textOf(context).match(/\\(?:u[0-9a-fA-F]{4}|\/)/g) ?? [];
    return canonicalJson(body) + escapes.join("");
  },
);

export const sortsByAListOfNames = comparesBodies(
  "sorts-by-a-list-of-names",
  ["IDEM-005"],
  "JSON.stringify(body, Object.keys(body).sort()): the list of names applies at every depth, so nested members vanish.",
  (body) => JSON.stringify(body, Object.keys(body as JsonObject).sort()),
);
export const comparesChangesOnly = comparesBodies(
  "compares-changes-only",
  ["IDEM-005"],
  "Only what is written is hashed; what stands beside it was thought not to matter.",
  (body) => canonicalJson([(body as JsonObject)["changes"] ?? (body as JsonObject)["entities"] ?? null]),
);
export const comparesItemsOnly = comparesBodies(
  "compares-items-of-batches-only",
  ["IDEM-005"],
  "A batch is unpacked into its items first, and the preconditions are gone by then.",
  (body) =>
    canonicalJson(
      deep(body, (value) => (isJsonObject(value) && "data" in value ? [value["data"] ?? null] : value)),
    ),
);
export const comparesIdsAndStamps = comparesBodies(
  "compares-ids-and-stamps",
  ["IDEM-003", "IDEM-005"],
  "A write is known by its entity and stamp, so these are hashed and the rest is taken for granted.",
  (body) =>
    canonicalJson(
      eachItem(body, (item) => [item["id"] ?? null, item["updatedAt"] ?? item["deletedAt"] ?? null]),
    ),
);
export const comparesContents = comparesBodies(
  "compares-contents-only",
  ["IDEM-005"],
  "The items' checksums are at hand, and they leave the bookkeeping out.",
  (body) =>
    canonicalJson(
      eachItem(body, (item) =>
        without(item, ["updatedAt", "version", "seq", "checksum", "deviceId", "userId", "clientChangeId"]),
      ),
    ),
);
export const comparesNormalisedItems = comparesBodies(
  "compares-normalised-items",
  ["IDEM-005"],
  "The body is normalised before it is hashed: what was sent is not what is compared.",
  (body) =>
    canonicalJson(
      eachItem(body, (item) => ({
        ...item,
        ...(typeof item["instrument"] === "string" ? { instrument: item["instrument"].toLowerCase() } : {}),
      })),
    ),
);
const DECLARED = [
  "id",
  "title",
  "notes",
  "duration",
  "tags",
  "metadata",
  "instrument",
  "updatedAt",
  "deviceId",
  "userId",
];
export const comparesDeclaredMembers = comparesBodies(
  "compares-declared-members-only",
  ["IDEM-005"],
  "Bodies pass through a class of the language first, which has fields for what its author knew.",
  (body) => canonicalJson(eachItem(body, (item) => DECLARED.map((name) => item[name] ?? null))),
);
export const sortsLists = comparesBodies(
  "sorts-lists",
  ["IDEM-005"],
  "The canonical form sorts everything that it can, lists included.",
  (body) =>
    canonicalJson(
      deep(body, (value) =>
        Array.isArray(value)
          ? value.toSorted((a, b) => (canonicalJson(a) < canonicalJson(b) ? -1 : 1))
          : value,
      ),
    ),
);
export const comparesListsAsSets = comparesBodies(
  "compares-lists-as-sets",
  ["IDEM-005"],
  "Items are deduplicated on their way in, before the body is hashed.",
  (body) =>
    canonicalJson(
      deep(body, (value) =>
        Array.isArray(value)
          ? [...new Map(value.map((one) => [canonicalJson(one), one] as const)).values()]
          : value,
      ),
    ),
);
export const dropsNulls = comparesBodies(
  "drops-nulls-from-fingerprints",
  ["IDEM-005"],
  "The serialiser is set to leave out what is null.",
  (body) =>
    canonicalJson(
      deep(body, (value) =>
        isJsonObject(value)
          ? Object.fromEntries(Object.entries(value).filter(([, one]) => one !== null))
          : value,
      ),
    ),
);
export const makesTextsOfNumbers = comparesBodies(
  "makes-texts-of-numbers",
  ["IDEM-005"],
  'Members and values are joined into one text, in which 1 and "1" are the same.',
  (body) => canonicalJson(deep(body, (value) => (typeof value === "number" ? String(value) : value))),
);
export const composesLetters = comparesBodies(
  "composes-letters",
  ["IDEM-005"],
  "Texts are brought into Unicode's NFC before they are hashed.",
  (body) => canonicalJson(body).normalize("NFC"),
);
export const foldsTheCaseOfBodies = comparesBodies(
  "folds-the-case-of-bodies",
  ["IDEM-005"],
  "The fingerprint is made by a search helper that lower-cases.",
  (body) => canonicalJson(body).toLowerCase(),
);
export const looksFourLevelsDeep = comparesBodies(
  "looks-four-levels-deep",
  ["IDEM-005"],
  "The hash walks the body by itself and stops at a depth that seemed enough.",
  (body) => {
    const cut = (value: Json, levels: number): Json => {
      if (typeof value !== "object" || value === null) return value;
      if (levels === 0) return "…";
      if (Array.isArray(value)) return value.map((one) => cut(one, levels - 1));
      return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, cut(one, levels - 1)]));
    };
    return canonicalJson(cut(body, 4));
  },
);
export const comparesTheFirstKilobytes = comparesBodies(
  "compares-the-first-kilobytes",
  ["IDEM-005"],
  "Only the beginning of a long body is hashed, to save time.",
  (body) => canonicalJson(body).slice(0, 4_096),
);

export const takesAllBrokenBodiesForOne = mutant({
  name: "takes-all-broken-bodies-for-one",
  story: "Where there is nothing parsed, the fingerprint is that of nothing.",
  breaks: ["IDEM-005"],
  deform: (conforming) => ({
    ...conforming,
    fingerprint: async (context) =>
      "json" in context.parsed ? conforming.fingerprint(context) : "no fingerprint",
  }),
});
