import type { JsonObject } from "../../schemas/json.ts";
import { canonicalJson } from "./canonical-json.ts";
import { contentOf } from "./content.ts";
import { isDeletion } from "./entity-id.ts";
import { sha256 } from "./sha-256.ts";

/**
 * The checksum of a normalised item: SHA-256 of the canonical JSON of its content; the empty string for a deletion.
 * (DATA-006, DATA-007.)
 *
 * @param item as {@link normalise} returns it: the checksum of anything else is another one
 */
export async function checksumOf(item: JsonObject): Promise<string> {
  return isDeletion(item) ? "" : sha256(canonicalJson(contentOf(item)));
}
