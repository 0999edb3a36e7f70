import type { JsonObject } from "../../schemas/json.ts";
import { canonicalJson, canonicalJsonWithout } from "./canonical-json.ts";
import { contentOf, NOT_CONTENT } from "./content.ts";
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

/**
 * The canonical JSON text of an item that is already normalised and is no deletion, and the checksum that {@link checksumOf} gives: the
 * item is written once for both.
 *
 * Rejects with the TypeError of `canonicalJson` if the item is not JSON.
 */
export async function textAndChecksumOf(item: JsonObject): Promise<{ text: string; checksum: string }> {
  const { whole, rest } = canonicalJsonWithout(item, NOT_CONTENT);
  return { text: whole, checksum: await sha256Hex(rest) };
}
