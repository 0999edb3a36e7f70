import { BOOKKEEPING } from "../../schemas/collections.ts";
import type { JsonObject } from "../../schemas/json.ts";

const NOT_CONTENT: ReadonlySet<string> = new Set(BOOKKEEPING);

/** The content of an item: the item without its bookkeeping members. (Spec: data, "Content and checksum".) */
export function contentOf(item: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(item).filter(([name]) => !NOT_CONTENT.has(name)));
}
