import type { JsonObject } from "../../schemas/json.ts";
import { canonicalJson } from "./canonical-json.ts";
import { contentOf } from "./content.ts";
import { isDeletion } from "./entity-id.ts";
import { sha256Hex } from "./sha-256.ts";

/**
 * The checksum of an item that is already normalised: 64 lowercase hexadecimal digits, the SHA-256 of the UTF-8 bytes of the
 * canonical JSON of its content; the empty string for a deletion.
 *
 * Rejects with the TypeError of `canonicalJson` if the item is not JSON.
 *
 * Source: spec/data.md, DATA-006 and DATA-007.
 */
export async function checksumOf(item: JsonObject): Promise<string> {
  return isDeletion(item) ? "" : sha256Hex(canonicalJson(contentOf(item)));
}
