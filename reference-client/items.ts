import type { EntityType } from "../schemas/collections.ts";
import { isJsonObject, type JsonObject } from "../schemas/json.ts";
import { entityIdOf } from "../spec/rules/entity-id.ts";
import { normalise } from "../spec/rules/normalise.ts";
import { SyncError } from "./errors.ts";
import { idMemberOf, keyOf } from "./replica/key.ts";
import type { EntityKey } from "./replica/records.ts";

/** The key of the entity that the app names. Rejects what can't be an id. */
export function keyNamed(type: EntityType, id: string): EntityKey {
  const normalised = entityIdOf(type, { [idMemberOf(type)]: id });
  if (normalised === undefined)
    throw new SyncError("INVALID_ITEM", `The id of a ${type} must have 1 to 255 characters.`);
  return keyOf(type, normalised);
}

/** The app's item as JSON: members that are undefined are left out, dates become texts. Throws `INVALID_ITEM` with the member. */
export function jsonOf(type: EntityType, item: object): JsonObject {
  const fail = (why: string): never => {
    throw new SyncError("INVALID_ITEM", `This ${type} can't be stored: ${why}.`);
  };
  // Lone surrogates, numbers that JSON can't say, and what is no data (DATA-009, DATA-010).
  const check = (member: string, value: unknown): unknown => {
    const fits =
      typeof value === "string"
        ? value.isWellFormed()
        : typeof value === "number"
          ? Number.isFinite(value)
          : ["object", "boolean", "undefined"].includes(typeof value);
    return fits && member.isWellFormed() ? value : fail(`${member} is no JSON`);
  };
  let json: unknown;
  try {
    json = JSON.parse(JSON.stringify(item, check) ?? "0");
  } catch (error) {
    // Else it refers to itself.
    if (error instanceof SyncError) throw error;
  }
  return isJsonObject(json) ? normalise(type, json) : fail("it is no JSON object");
}

/** A new item, and its key; it gets an id where it has none that could be made of its members. */
export function newItem(
  type: EntityType,
  item: object,
  unique: () => string,
): { key: EntityKey; item: JsonObject } {
  const json = jsonOf(type, item);
  const member = idMemberOf(type);
  if (!Object.hasOwn(json, member)) json[member] = unique();
  const id = json[member];
  return { key: keyNamed(type, typeof id === "string" ? id : ""), item: json };
}

/** The visible item with the patch's members in place of its own; undefined removes one. */
export function patched(type: EntityType, visible: JsonObject, patch: object): JsonObject {
  const next = { ...visible, ...jsonOf(type, patch) };
  for (const [member, value] of Object.entries(patch)) if (value === undefined) delete next[member];
  // The id names the entity; another one would be another entity.
  const member = idMemberOf(type);
  return { ...next, [member]: visible[member]! };
}
