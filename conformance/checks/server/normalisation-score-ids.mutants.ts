import { mutant } from "../../model/mutant.ts";
import type { Mutant } from "../../model/mutant.ts";
import { afterNormalising, beforeNormalising } from "../../model/deform.ts";
import type { EntityType } from "../../../schemas/collections.ts";
import { isJsonObject } from "../../../schemas/json.ts";
import type { Json, JsonObject } from "../../../schemas/json.ts";
import { isDeletion } from "../../../spec/rules/entity-id.ts";
import { normaliseScoreId, scoreIdFrom } from "../../../spec/rules/score-id.ts";

/** Where an item names scores: the place of an id, and the title and composer beside it. */
function mapScores(
  item: JsonObject,
  entityType: EntityType,
  change: (
    id: Json | undefined,
    title: Json | undefined,
    composer: Json | undefined,
    place: string,
  ) => Json | undefined,
): JsonObject {
  const put = (object: JsonObject, name: string, value: Json | undefined): JsonObject =>
    value === undefined ? object : { ...object, [name]: value };
  let result = item;
  if (entityType === "repertoire_item") {
    const name = ["scoreId", "score_id", "id"].find((one) => Object.hasOwn(item, one)) ?? "scoreId";
    result = put(result, name, change(item[name], item["title"], item["composer"], "repertoire"));
  } else if (entityType === "logbook_entry") {
    result = put(
      result,
      "scoreId",
      change(item["scoreId"], item["scoreTitle"], item["scoreComposer"], "entry"),
    );
  }
  for (const [list, name] of [
    ["pieces", "id"],
    ["pieceRefs", "scoreId"],
  ] as const) {
    const pieces = item[list];
    if (!Array.isArray(pieces)) continue;
    result = {
      ...result,
      [list]: pieces.map((piece) =>
        isJsonObject(piece)
          ? put(piece, name, change(piece[name], piece["title"], piece["composer"], list))
          : piece,
      ),
    };
  }
  return result;
}

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

/** Normalises present ids otherwise; what comes of it is stored as it is, and is the entity's id. */
function keeping(change: (id: string) => string): Mutant["deform"] {
  const keep = (id: Json | undefined): Json | undefined => (typeof id === "string" ? change(id) : id);
  return (conforming) => ({
    ...conforming,
    normalise(context, entityType, item) {
      const kept: Json[] = [];
      mapScores(item, entityType, (id) => (kept.push(keep(id) ?? null), id));
      let next = 0;
      return mapScores(
        conforming.normalise(context, entityType, item),
        entityType,
        (id) => kept[next++] ?? id,
      );
    },
    entityId: (context, entityType, item) =>
      entityType === "repertoire_item" && typeof item["scoreId"] === "string"
        ? item["scoreId"] || undefined
        : conforming.entityId(context, entityType, item),
  });
}

/** Ids of one place stay as they were sent. */
const leaving = (place: string): Mutant["deform"] =>
  afterNormalising((item, sent, entityType) => {
    const asSent: Json[] = [];
    mapScores(sent, entityType, (id) => (asSent.push(id ?? null), id));
    let next = 0;
    return mapScores(item, entityType, (id, _title, _composer, where) => {
      const before = asSent[next++] ?? null;
      return where === place && before !== null ? before : id;
    });
  });

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

export const derivesScoreIdsAnew = mutant({
  name: "derives-score-ids-anew",
  story:
    "The id is computed from title and composer with every write, so a corrected title makes another piece.",
  breaks: ["NORM-005", "NORM-006"],
  deform: beforeNormalising((item, entityType) =>
    mapScores(item, entityType, (id, title, composer) =>
      typeof title === "string" && !isDeletion(item)
        ? scoreIdFrom(title, (composer ?? null) as string | null)
        : id,
    ),
  ),
});

const rewriting = (change: (id: string) => string): Mutant["deform"] =>
  beforeNormalising((item, entityType) =>
    mapScores(item, entityType, (id) => (typeof id === "string" ? change(id) : id)),
  );

export const lowerCasesCanonicalIds = mutant({
  name: "lower-cases-canonical-ids",
  story: "Every id with a dash is lower-cased, so an id that a catalogue gave names nothing any more.",
  breaks: ["NORM-005"],
  deform: rewriting((id) => (id.includes("-") ? id.toLowerCase() : id)),
});

export const lowerCasesEveryScoreId = mutant({
  name: "lower-cases-every-score-id",
  story: "Ids are compared without case, so they are stored without it.",
  breaks: ["NORM-005"],
  deform: rewriting((id) => id.toLowerCase()),
});

export const collapsesSpaceInsideIds = mutant({
  name: "collapses-space-inside-ids",
  story: "Present ids go through the function that makes them from titles.",
  breaks: ["NORM-005"],
  deform: rewriting((id) => id.replace(/\s+/g, " ")),
});

export const replacesQuotesInsideIds = mutant({
  name: "replaces-quotes-inside-ids",
  story: "Quotes and dashes are folded in every text that has to do with scores.",
  breaks: ["NORM-005"],
  deform: rewriting((id) => id.replace(/[“”]/g, '"').replace(/–/g, "-")),
});

export const keepsIdsAsSent = mutant({
  name: "keeps-ids-as-sent",
  story: "A present id is the client's affair; only white space is cut off.",
  breaks: ["NORM-005", "NORM-006"],
  deform: keeping((id) => id.trim()),
});

export const doesNotTrimScoreIds = mutant({
  name: "does-not-trim-score-ids",
  story: "Lower-casing was thought of, white space was not.",
  breaks: ["NORM-005"],
  deform: keeping((id) => (id === id.trim() ? normaliseScoreId(id) : id.toLowerCase())),
});

export const takesMoreForCanonical = mutant({
  name: "takes-more-for-canonical",
  story: "Whatever begins with `score_` is taken for canonical.",
  breaks: ["NORM-005"],
  deform: keeping((id) => (id.trim().startsWith("score_") ? id.trim() : normaliseScoreId(id))),
});

export const leavesIdsOfPieces = mutant({
  name: "leaves-ids-of-pieces",
  story: "The pieces of an entry are not looked into.",
  breaks: ["NORM-006"],
  deform: leaving("pieces"),
});

export const leavesIdsOfPieceReferences = mutant({
  name: "leaves-ids-of-piece-references",
  story: "Plans came after the normalisation.",
  breaks: ["NORM-006"],
  deform: leaving("pieceRefs"),
});

export const leavesScoreIdsOfEntries = mutant({
  name: "leaves-score-ids-of-entries",
  story: "An entry's scoreId is a foreign key, and those are copied.",
  breaks: ["NORM-006"],
  deform: leaving("entry"),
});

export const deletesByTheIdAsSent = mutant({
  name: "deletes-by-the-id-as-sent",
  story: "Deletions are handled before the item is normalised, so the removal leaves the piece behind.",
  breaks: ["NORM-006"],
  deform: (conforming) => {
    const asSent = keeping((id) => id)(conforming);
    return {
      ...conforming,
      normalise: (context, entityType, item) =>
        (isDeletion(item) ? asSent : conforming).normalise(context, entityType, item),
      entityId: (context, entityType, item) =>
        (isDeletion(item) ? asSent : conforming).entityId(context, entityType, item),
    };
  },
});

export const comparesBatchIdsAsSent = mutant({
  name: "compares-batch-ids-as-sent",
  story: "The id around a batch item is compared with the one in it, letter by letter.",
  breaks: ["NORM-006", "BATCH-008"],
  deform: (conforming) => ({
    ...conforming,
    checkFrame(context, submission, entityType, entityId) {
      conforming.checkFrame(context, submission, entityType, entityId);
      const id = submission.frame?.["id"];
      if (typeof id === "string" && id !== entityId) {
        conforming.checkFrame(context, { ...submission, frame: { id: `not ${id}` } }, entityType, entityId);
      }
    },
  }),
});

export const normalisesEveryEntityId = mutant({
  name: "normalises-every-entity-id",
  story: "All ids go through the function for score ids.",
  breaks: ["NORM-006", "DATA-002"],
  deform: beforeNormalising((item) =>
    typeof item["id"] === "string" ? { ...item, id: normaliseScoreId(item["id"]) } : item,
  ),
});

export const leavesScoreIdsOfOtherTypes = mutant({
  name: "leaves-score-ids-of-other-types",
  story: "scoreId is normalised in the types that are known to have one.",
  breaks: ["NORM-006"],
  deform: afterNormalising((item, sent, entityType) =>
    entityType === "goal" && Object.hasOwn(sent, "scoreId") ? { ...item, scoreId: sent["scoreId"]! } : item,
  ),
});

export const leavesScoreIdsOfRareTypes = mutant({
  name: "leaves-score-ids-of-rare-types",
  story: "scoreId is normalised in the types whose schema has one, and in those that somebody thought of.",
  breaks: ["NORM-006"],
  deform: afterNormalising((item, sent, entityType) =>
    ["user_preferences", "plan_occurrence"].includes(entityType) && Object.hasOwn(sent, "scoreId")
      ? { ...item, scoreId: sent["scoreId"]! }
      : item,
  ),
});

export const normalisesPiecesOfEveryType = mutant({
  name: "normalises-pieces-of-every-type",
  story: "Lists of pieces are looked for by name alone.",
  breaks: ["NORM-006", "DATA-002"],
  deform: afterNormalising((item) =>
    mapScores(item, "goal", (id, title) =>
      typeof id === "string" ? normaliseScoreId(id) : typeof title === "string" ? scoreIdFrom(title) : id,
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
