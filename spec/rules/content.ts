import { BOOKKEEPING } from "../../schemas/collections.ts";
import type { JsonObject } from "../../schemas/json.ts";

/** The members of a normalised item that are not its content, at its top level. */
export const NOT_CONTENT: ReadonlySet<string> = new Set(BOOKKEEPING);

/**
 * The content of a normalised item: the item without the bookkeeping members, at the top level only. `createdAt` is content.
 *
 * Returns a new object that shares its members' values with the item.
 *
 * Source: spec/data.md, "Content and checksum".
 */
export function contentOf(item: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(item).filter(([name]) => !NOT_CONTENT.has(name)));
}
