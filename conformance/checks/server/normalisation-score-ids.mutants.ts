import { mutant } from "../../model/mutant.ts";
import type { Mutant } from "../../model/mutant.ts";
import { afterNormalising, beforeNormalising } from "../../model/deform.ts";
import type { EntityType } from "../../../schemas/collections.ts";
import { isJsonObject } from "../../../schemas/json.ts";
import type { Json, JsonObject } from "../../../schemas/json.ts";
import { isDeletion } from "../../../spec/rules/entity-id.ts";
import { normaliseScoreId, scoreIdFrom } from "../../../spec/rules/score-id.ts";

/** Where an item names scores: the place of an id, and the title and composer beside it. */
export function mapScores(
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

/** Normalises present ids otherwise; what comes of it is stored as it is, and is the entity's id. */
export function keeping(change: (id: string) => string): Mutant["deform"] {
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
