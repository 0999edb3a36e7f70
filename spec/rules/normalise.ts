import { BOOKKEEPING, SERVER_MEMBERS, SNAKE_CASE, type EntityType } from "../../schemas/collections.ts";
import { isJsonObject, type Json, type JsonObject } from "../../schemas/json.ts";
import { derivedScoreId } from "./derived-score-id.ts";
import { normaliseScoreId } from "./score-id.ts";

const CAMEL_CASE: ReadonlyMap<string, string> = new Map(Object.entries(SNAKE_CASE));
const NULL_IS_ABSENT: ReadonlySet<string> = new Set(BOOKKEEPING);
const SERVERS_OWN: ReadonlySet<string> = new Set(SERVER_MEMBERS);

/**
 * An item in the one form that is stored, hashed and returned. Idempotent, and total: it takes any JSON object, leaves members of a
 * wrong type for validation to refuse, and adds no default members.
 *
 * - Snake-case names of the closed list become camel case, at the top level; the camel-case one wins where both are there.
 * - The server's own members are dropped, and so is a bookkeeping member that is null.
 * - `instrument`, `type` and `mood` of a logbook entry become lower case.
 * - Score ids (a repertoire item's, `scoreId`, an entry's `pieces[].id`, a plan's `pieceRefs[].scoreId`) are normalised, and derived
 *   where absent.
 *
 * Returns a new object and leaves the given one as it is; parts that do not change are shared.
 *
 * Source: spec/data.md, "Normalisation" (NORM-001 to NORM-010), DATA-004, DATA-005.
 */
export function normalise(entityType: EntityType, item: JsonObject): JsonObject {
  const result = renameMembers(item);
  if (entityType === "repertoire_item") {
    moveId(result);
    nameScore(result, "scoreId", result["title"], result["composer"]);
  } else if (entityType === "logbook_entry") {
    for (const name of ["instrument", "type", "mood"]) lowerCase(result, name);
    nameScore(result, "scoreId", result["scoreTitle"], result["scoreComposer"]);
  } else {
    nameScore(result, "scoreId", undefined, undefined);
  }
  if (entityType === "logbook_entry") nameScoresOf(result, "pieces", "id");
  if (entityType === "practice_plan" || entityType === "plan_template")
    nameScoresOf(result, "pieceRefs", "scoreId");
  return result;
}

function renameMembers(item: JsonObject): JsonObject {
  const members: [string, Json][] = [];
  for (const [name, value] of Object.entries(item)) {
    const camelCase = CAMEL_CASE.get(name);
    const known = camelCase ?? name;
    if (SERVERS_OWN.has(known)) continue;
    if (value === null && NULL_IS_ABSENT.has(known)) continue;
    if (camelCase !== undefined && isPresent(item, camelCase)) continue;
    members.push([known, value]);
  }
  // Defines members rather than assigning them: `__proto__` is data here (DATA-011).
  return Object.fromEntries(members);
}

function isPresent(item: JsonObject, name: string): boolean {
  return Object.hasOwn(item, name) && !(item[name] === null && NULL_IS_ABSENT.has(name));
}

/** The third way to name a repertoire item (NORM-007); beside a `scoreId` its `id` is content. */
function moveId(item: JsonObject): void {
  if (Object.hasOwn(item, "scoreId") || !Object.hasOwn(item, "id")) return;
  item["scoreId"] = item["id"]!;
  delete item["id"];
}

function lowerCase(item: JsonObject, name: string): void {
  const value = item[name];
  if (typeof value === "string") item[name] = value.toLowerCase();
}

function nameScore(
  item: JsonObject,
  name: string,
  title: Json | undefined,
  composer: Json | undefined,
): void {
  const id = Object.hasOwn(item, name) ? item[name] : derivedScoreId(title, composer);
  if (id !== undefined) item[name] = typeof id === "string" ? normaliseScoreId(id) : id;
}

function nameScoresOf(item: JsonObject, list: string, name: string): void {
  const pieces = item[list];
  if (!Array.isArray(pieces)) return;
  item[list] = pieces.map((piece) => {
    if (!isJsonObject(piece)) return piece;
    const named = { ...piece };
    nameScore(named, name, named["title"], named["composer"]);
    return named[name] === piece[name] ? piece : named;
  });
}
