import { mutant } from "../../model/mutant.ts";
import type { Mutant } from "../../model/mutant.ts";
import type { Behaviour } from "../../model/behaviour.ts";
import type { Context } from "../../model/context.ts";
import { mapObjects } from "../../model/deform.ts";
import type { Json, JsonObject } from "../../../schemas/json.ts";
import { IJsonError } from "../../../spec/rules/i-json.ts";

/** Reads what is no I-JSON for one reason after all. `otherwise` gives undefined to leave it refused. */
function lenient(
  reason: IJsonError["reason"],
  otherwise: (
    text: string,
    error: IJsonError,
    reread: (text: string) => Json,
    context: Context,
  ) => Json | undefined,
): Mutant["deform"] {
  return (conforming: Behaviour) => ({
    ...conforming,
    parseJson(context, text) {
      try {
        return conforming.parseJson(context, text);
      } catch (error) {
        if (!(error instanceof IJsonError) || error.reason !== reason) throw error;
        const read = otherwise(text, error, (other) => conforming.parseJson(context, other), context);
        if (read === undefined) throw error;
        return read;
      }
    },
  });
}

/** Also refuses a text of which `isBad` is true. */
function alsoRefusing(isBad: (text: string) => boolean): Mutant["deform"] {
  return (conforming) => ({
    ...conforming,
    parseJson(context, text) {
      if (isBad(text)) throw new IJsonError("syntax", "is not supported", "", 0);
      return conforming.parseJson(context, text);
    },
  });
}

export const takesTheLastOfTwoNames = mutant({
  name: "takes-the-last-of-two-names",
  story: "The platform's JSON.parse is used as it is.",
  breaks: ["DATA-008"],
  deform: lenient("duplicate-member", (text) => JSON.parse(text) as Json),
});

export const looksForDuplicateNamesOfItemsOnly = mutant({
  name: "looks-for-duplicate-names-of-items-only",
  story: "The names of each item are compared, those of what is in it are not.",
  breaks: ["DATA-008"],
  deform: lenient("duplicate-member", (text, { pointer }) =>
    pointer.split("/").length > 5 ? (JSON.parse(text) as Json) : undefined,
  ),
});

export const comparesNamesBeforeUnescaping = mutant({
  name: "compares-names-before-unescaping",
  story: "A tokeniser compares the names as they are written.",
  breaks: ["DATA-008"],
  deform: lenient("duplicate-member", (text, _error, reread) => {
    reread(text.replaceAll("\\u", "~u"));
    return JSON.parse(text) as Json;
  }),
});

export const readsBatchesWithAnotherParser = mutant({
  name: "reads-batches-with-another-parser",
  story: "The strict parser was built into the push handler.",
  breaks: ["DATA-008", "BATCH-001"],
  deform: lenient("duplicate-member", (text, _error, _reread, { endpoint }) =>
    endpoint === "batch" ? (JSON.parse(text) as Json) : undefined,
  ),
});

const SURROGATE = /\\u[dD][89a-fA-F][0-9a-fA-F]{2}/g;

export const replacesLoneSurrogates = mutant({
  name: "replaces-lone-surrogates",
  story: "The text is written as UTF-8 on its way, which turns a lone surrogate into U+FFFD.",
  breaks: ["DATA-009"],
  deform: lenient("lone-surrogate", (text, _error, reread) => reread(text.replaceAll(SURROGATE, "\\ufffd"))),
});

export const replacesLoneSurrogatesInNames = mutant({
  name: "replaces-lone-surrogates-in-names",
  story: "Values are checked for being well-formed; nobody thought of names.",
  breaks: ["DATA-009"],
  deform: lenient("lone-surrogate", (text, _error, reread) =>
    reread(text.replaceAll(/"[^"]*"\s*:/g, (name) => name.replaceAll(SURROGATE, "\\ufffd"))),
  ),
});

export const refusesEscapedAstralCharacters = mutant({
  name: "refuses-escaped-astral-characters",
  story: "Every escaped surrogate is refused, also one of a pair.",
  breaks: ["DATA-009"],
  deform: alsoRefusing((text) => /\\u[dD][89abAB]/.test(text)),
});

export const refusesNoncharacters = mutant({
  name: "refuses-noncharacters",
  story: "RFC 7493 excludes noncharacters in the same sentence as surrogates.",
  breaks: ["DATA-009", "DATA-002"],
  deform: alsoRefusing((text) => /\\ufff[ef]/i.test(text)),
});

export const clampsNumbersThatOverflow = mutant({
  name: "clamps-numbers-that-overflow",
  story: "A number that is too great becomes the greatest.",
  breaks: ["DATA-010"],
  deform: lenient(
    "number-overflow",
    (text) =>
      JSON.parse(text, (_name, value: unknown) =>
        value === Infinity ? Number.MAX_VALUE : value === -Infinity ? -Number.MAX_VALUE : value,
      ) as Json,
  ),
});

export const roundsGreatIntegers = mutant({
  name: "rounds-great-integers",
  story: "Integers are read as binary64, like all numbers.",
  breaks: ["DATA-010"],
  deform: lenient("unsafe-integer", (text) => JSON.parse(text) as Json),
});

export const refusesTheGreatestInteger = mutant({
  name: "refuses-the-greatest-integer",
  story: "The comparison with 2^53 - 1 has lost its equals sign.",
  breaks: ["DATA-010"],
  deform: alsoRefusing((text) => /[:[,]-?9007199254740991[,\]}]/.test(text)),
});

/** Copies JSON as many a merge function does: by assignment. */
function assigned(object: JsonObject): JsonObject {
  const copy: JsonObject = {};
  for (const [name, value] of Object.entries(object)) copy[name] = value;
  return copy;
}

export const losesProto = mutant({
  name: "loses-proto",
  story:
    "Objects are copied member by member with `copy[name] = value`, which sets the prototype and no member.",
  breaks: ["DATA-011", "DATA-002"],
  deform: (conforming) => ({
    ...conforming,
    parseJson: (context, text) => mapObjects(conforming.parseJson(context, text), assigned),
  }),
});

export const countsPrototypesAsMembers = mutant({
  name: "counts-prototypes-as-members",
  story: "Members are looked up without asking whether they are the object's own.",
  breaks: ["DATA-011"],
  deform: (conforming) => ({
    ...conforming,
    parseJson: (context, text) =>
      mapObjects(conforming.parseJson(context, text), (object) => {
        const proto = Object.getOwnPropertyDescriptor(object, "__proto__")?.value as
          | JsonObject
          | null
          | undefined;
        return { ...(typeof proto === "object" ? proto : {}), ...object };
      }),
  }),
});

export const decodesLeniently = mutant({
  name: "decodes-leniently",
  story: "TextDecoder is used without `fatal`, so broken bytes become U+FFFD.",
  breaks: ["DATA-012"],
  deform: (conforming) => ({
    ...conforming,
    decodeText: (_context, bytes) => new TextDecoder().decode(bytes),
  }),
});

export const takesOverlongUtf8 = mutant({
  name: "takes-overlong-utf-8",
  story: "A decoder of one's own adds up the bits and asks no questions.",
  breaks: ["DATA-012"],
  deform: (conforming) => ({
    ...conforming,
    decodeText(context, bytes) {
      const latin1 = Buffer.from(bytes)
        .toString("latin1")
        .replaceAll("\u00c0\u00af", "/")
        .replaceAll("\u00e0\u0080\u00af", "/");
      return conforming.decodeText(context, Buffer.from(latin1, "latin1"));
    },
  }),
});
