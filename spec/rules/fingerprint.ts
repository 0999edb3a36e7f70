import type { Json } from "../../schemas/json.ts";
import { canonicalJson } from "./canonical-json.ts";
import { sha256 } from "./sha-256.ts";

/** What two request bodies have in common exactly if they count as the same: SHA-256 of the canonical JSON. (IDEM-004, IDEM-005.) */
export async function fingerprintOf(body: Json): Promise<string> {
  return sha256(canonicalJson(body));
}

/** The fingerprint of a body that is not I-JSON: SHA-256 of its bytes. */
export async function fingerprintOfBytes(bytes: Uint8Array): Promise<string> {
  return sha256(bytes);
}
