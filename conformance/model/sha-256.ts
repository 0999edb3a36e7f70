import { createHash } from "node:crypto";

/**
 * Lowercase hexadecimal SHA-256. Synchronous, unlike Web Crypto: where requests of the model interleave depends on the places where it
 * waits for its store, and on nothing else.
 */
export function sha256(data: Uint8Array | string): string {
  return createHash("sha256").update(data).digest("hex");
}
