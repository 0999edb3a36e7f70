import type { Json } from "../../schemas/json.ts";
import { canonicalJson } from "./canonical-json.ts";
import { sha256Hex } from "./sha-256.ts";

/**
 * The fingerprint of a request's body: 64 lowercase hexadecimal digits, the SHA-256 of the UTF-8 bytes of the canonical JSON of
 * the whole body. Bodies that differ only in white space, order of members or escaping have the same one.
 *
 * Rejects with the TypeError of `canonicalJson` if the body is not JSON.
 *
 * Source: spec/idempotency.md, "What counts as the same" (IDEM-004, IDEM-005).
 */
export async function fingerprintOf(body: Json): Promise<string> {
  return sha256Hex(canonicalJson(body));
}

/**
 * The fingerprint of a body that is not I-JSON and so has no canonical form: the SHA-256 of its bytes, as 64 lowercase hexadecimal
 * digits.
 *
 * Source: spec/idempotency.md, "What counts as the same".
 */
export async function fingerprintOfBytes(body: Uint8Array): Promise<string> {
  return sha256Hex(body);
}
