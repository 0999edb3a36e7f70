import { BOOKKEEPING, type EntityType, SERVER_MEMBERS, SNAKE_CASE } from "../../schemas/collections.ts";
import { isJsonObject, type Json, type JsonObject } from "../../schemas/json.ts";
import { normaliseScoreId, scoreIdFrom } from "./score-id.ts";

const CAMEL_CASE = new Map<string, string>(Object.entries(SNAKE_CASE));
const DROPPED: ReadonlySet<string> = new Set(SERVER_MEMBERS);
const NULL_IS_ABSENT: ReadonlySet<string> = new Set(BOOKKEEPING);

/**
 * The form in which an item is stored, hashed and returned (NORM-001 to NORM-010). Idempotent. Takes any JSON object: members
 * of the wrong type are left as they are, for validation to refuse. Adds no default members.
 */
export function normalise(entityType: EntityType, item: JsonObject): JsonObject {
  const named = inCamelCase(item);
  return Object.fromEntries(
    Object.entries(withScoreId(entityType, named)).map(([name, value]) => [
      name,
      normaliseMember(entityType, name, value),
    ]),
  );
}

/** Snake-case names become camel case, unless the item has that name too; what only the server knows is dropped. */
function inCamelCase(item: JsonObject): JsonObject {
  const members = Object.entries(item).flatMap(([name, value]): [string, Json][] => {
    const camelCase = CAMEL_CASE.get(name) ?? name;
    if (camelCase !== name && Object.hasOwn(item, camelCase)) return [];
    if (DROPPED.has(camelCase)) return [];
    const empty = value === null || (camelCase === "deletedAt" && value === "");
    return empty && NULL_IS_ABSENT.has(camelCase) ? [] : [[camelCase, value]];
  });
  return Object.fromEntries(members);
}

/** Gives an item the score id that it lacks, if it says enough to derive one. */
function withScoreId(entityType: EntityType, item: JsonObject): JsonObject {
  if (isPresent(item["scoreId"])) return item;
  if (entityType === "repertoire_item") {
    if (Object.hasOwn(item, "id")) {
      const { id, scoreId: _absent, ...rest } = item;
      return { scoreId: id as Json, ...rest };
    }
    return derived(item, "scoreId", item["title"], item["composer"]);
  }
  return entityType === "logbook_entry"
    ? derived(item, "scoreId", item["scoreTitle"], item["scoreComposer"])
    : item;
}

function normaliseMember(entityType: EntityType, name: string, value: Json): Json {
  if (entityType === "logbook_entry" && ["instrument", "type", "mood"].includes(name))
    return lowerCase(value);
  if (name === "scoreId") return scoreId(value);
  if (name === "pieces") return references(value, "id");
  if (name === "pieceRefs") return references(value, "scoreId");
  return value;
}

/** The scores that a list refers to, each under its id. */
function references(list: Json, idName: string): Json {
  if (!Array.isArray(list)) return list;
  return list.map((reference) => {
    if (!isJsonObject(reference)) return reference;
    if (!isPresent(reference[idName]))
      return derived(reference, idName, reference["title"], reference["composer"]);
    return Object.fromEntries(
      Object.entries(reference).map(([name, value]) => [name, name === idName ? scoreId(value) : value]),
    );
  });
}

function derived(
  object: JsonObject,
  idName: string,
  title: Json | undefined,
  composer: Json | undefined,
): JsonObject {
  if (typeof title !== "string" || title.trim() === "") return object;
  if (composer !== undefined && composer !== null && typeof composer !== "string") return object;
  return { ...object, [idName]: scoreIdFrom(title, composer) };
}

/** Whether a score id counts as present: null, and a text of white space alone, do not. */
function isPresent(id: Json | undefined): boolean {
  return id !== undefined && id !== null && !(typeof id === "string" && id.trim() === "");
}

function scoreId(value: Json): Json {
  return typeof value === "string" ? normaliseScoreId(value) : value;
}

function lowerCase(value: Json): Json {
  return typeof value === "string" ? value.toLowerCase() : value;
}
