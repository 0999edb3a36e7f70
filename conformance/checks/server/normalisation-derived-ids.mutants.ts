import { mutant } from "../../model/mutant.ts";
import type { Mutant } from "../../model/mutant.ts";
import { beforeNormalising } from "../../model/deform.ts";
import { isJsonObject } from "../../../schemas/json.ts";
import type { Json, JsonObject } from "../../../schemas/json.ts";
import { scoreIdFrom } from "../../../spec/rules/score-id.ts";
import { mapScores } from "./normalisation-score-ids.mutants.ts";

/** Derives absent ids otherwise. */
function deriving(derive: (title: string, composer: string | null) => string | undefined): Mutant["deform"] {
  return beforeNormalising((item, entityType) =>
    mapScores(item, entityType, (id, title, composer) =>
      id === undefined &&
      typeof title === "string" &&
      title.trim() !== "" &&
      typeof (composer ?? "") === "string"
        ? derive(title, (composer ?? null) as string | null)
        : id,
    ),
  );
}

/** Puts characters aside while an id is derived, so that no rule sees them. */
function sparing(pattern: RegExp, who: "title" | "composer" | "both"): Mutant["deform"] {
  return deriving((title, composer) => {
    const spared: string[] = [];
    const hide = (text: string): string =>
      text.replaceAll(pattern, (one) => String.fromCharCode(0xe000 + spared.push(one) - 1));
    const id = scoreIdFrom(
      who === "composer" ? title : hide(title),
      composer === null || who === "title" ? composer : hide(composer),
    );
    return id.replaceAll(/[\ue000-\ue0ff]/g, (one) => spared[one.charCodeAt(0) - 0xe000]!.toLowerCase());
  });
}

export const joinsAlwaysByDash = mutant({
  name: "joins-always-by-dash",
  story: "Title and composer are joined by a dash, also where either has one.",
  breaks: ["NORM-004"],
  deform: deriving((title, composer) => scoreIdFrom(title, composer).replace("||", "-")),
});

export const removesFullStopsOfTitles = mutant({
  name: "removes-full-stops-of-titles",
  story: "Title and composer go through one function.",
  breaks: ["NORM-004"],
  deform: deriving((title, composer) => scoreIdFrom(title.replaceAll(".", ""), composer)),
});

export const keepsFullStopsOfComposers = mutant({
  name: "keeps-full-stops-of-composers",
  story: "Title and composer go through one function, that of titles.",
  breaks: ["NORM-004"],
  deform: sparing(/\./g, "composer"),
});

export const keepsLongDashes = mutant({
  name: "keeps-long-dashes",
  story: "The editor showed an en dash as a dash.",
  breaks: ["NORM-004"],
  deform: sparing(/[–—]/g, "title"),
});

export const foldsDashesOfComposers = mutant({
  name: "folds-dashes-of-composers",
  story: "Long dashes are replaced in both parts.",
  breaks: ["NORM-004"],
  deform: deriving((title, composer) => scoreIdFrom(title, composer?.replaceAll(/[–—]/g, "-") ?? null)),
});

export const keepsCurlyQuotes = mutant({
  name: "keeps-curly-quotes",
  story: "Quotes are left to the clients.",
  breaks: ["NORM-004"],
  deform: sparing(/[‘’“”]/g, "both"),
});

export const collapsesAsciiSpaceOnly = mutant({
  name: "collapses-ascii-space-only",
  story: "The language's \\s knows ASCII only.",
  breaks: ["NORM-004"],
  deform: sparing(/[\u00a0\u2009\u3000\ufeff]/g, "both"),
});

export const takesEmptyComposersForNames = mutant({
  name: "takes-empty-composers-for-names",
  story: "`composer ?? 'unknown'` does not see the empty text.",
  breaks: ["NORM-004"],
  deform: deriving((title, composer) =>
    composer === "" ? scoreIdFrom(title, "x").slice(0, -1) : scoreIdFrom(title, composer),
  ),
});

export const appliesNfcToScoreIds = mutant({
  name: "applies-nfc-to-score-ids",
  story: "Texts are brought into NFC, which other peers do not do.",
  breaks: ["NORM-004"],
  deform: deriving((title, composer) => scoreIdFrom(title, composer).normalize("NFC")),
});

export const derivesScoreIdsOfRepertoireOnly = mutant({
  name: "derives-score-ids-of-repertoire-only",
  story: "Only a repertoire item needs an id to be stored.",
  breaks: ["NORM-004"],
  deform: (conforming) => ({
    ...conforming,
    normalise(context, entityType, item) {
      if (entityType === "repertoire_item") return conforming.normalise(context, entityType, item);
      const absent: boolean[] = [];
      mapScores(item, entityType, (id) => (absent.push(id === undefined), id));
      let next = 0;
      const normal = conforming.normalise(context, entityType, item);
      const marked = mapScores(normal, entityType, (id) => (absent[next++] ? null : id));
      return mapScores(marked, entityType, () => undefined) && withoutNulls(marked);
    },
  }),
});

/** Takes the score ids out again that were marked with null. */
function withoutNulls(item: JsonObject): JsonObject {
  const clean = (object: JsonObject, name: string): JsonObject =>
    Object.fromEntries(Object.entries(object).filter(([one, value]) => one !== name || value !== null));
  const list = (value: Json | undefined, name: string): Json[] | undefined =>
    Array.isArray(value) ? value.map((one) => (isJsonObject(one) ? clean(one, name) : one)) : undefined;
  const [pieces, pieceRefs] = [list(item["pieces"], "id"), list(item["pieceRefs"], "scoreId")];
  return { ...clean(item, "scoreId"), ...(pieces ? { pieces } : {}), ...(pieceRefs ? { pieceRefs } : {}) };
}

export const derivesScoreIdsWithoutTitle = mutant({
  name: "derives-score-ids-without-title",
  story: "`undefined-unknown` is an id to a template string.",
  breaks: ["NORM-004", "DATA-005"],
  deform: beforeNormalising((item, entityType) =>
    mapScores(item, entityType, (id, title, composer, place) =>
      id === undefined && title === undefined && place !== "repertoire"
        ? scoreIdFrom("undefined", (composer ?? null) as string | null)
        : id,
    ),
  ),
});

export const takesFullStopsForComposers = mutant({
  name: "takes-full-stops-for-composers",
  story: "Whether there is a composer is asked before the full stops are removed.",
  breaks: ["NORM-004"],
  deform: deriving((title, composer) =>
    composer !== null && /^[\s.]+$/.test(composer)
      ? scoreIdFrom(title, "x").slice(0, -1)
      : scoreIdFrom(title, composer),
  ),
});

export const derivesScoreIdsFromBlankTitles = mutant({
  name: "derives-score-ids-from-blank-titles",
  story: "A title of white space is a title to `if (title)`.",
  breaks: ["NORM-004"],
  deform: beforeNormalising((item, entityType) =>
    mapScores(item, entityType, (id, title, composer) =>
      id === undefined && typeof title === "string"
        ? scoreIdFrom(title, (composer ?? null) as string | null)
        : id,
    ),
  ),
});

export const derivesScoreIdsInThePlaceOfNull = mutant({
  name: "derives-score-ids-in-the-place-of-null",
  story: "`piece.id ??= derive(piece)` takes null for absent.",
  breaks: ["NORM-004"],
  deform: beforeNormalising((item, entityType) =>
    mapScores(item, entityType, (id, title, composer) =>
      id === null && typeof title === "string" ? scoreIdFrom(title, (composer ?? null) as string | null) : id,
    ),
  ),
});
