import { hmac } from "@noble/hashes/hmac.js";
import { sha256 as digest } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";

/**
 * Lowercase hexadecimal SHA-256. Synchronous, unlike Web Crypto: where requests of the model interleave depends on the places where it
 * waits for its store, and on nothing else.
 */
export function sha256(data: Uint8Array | string): string {
  return bytesToHex(digest(bytesOf(data)));
}

/** HMAC with SHA-256, in lowercase hexadecimal. */
export function hmacSha256(key: Uint8Array, data: string): string {
  return bytesToHex(hmac(digest, key, bytesOf(data)));
}

function bytesOf(data: Uint8Array | string): Uint8Array {
  return typeof data === "string" ? new TextEncoder().encode(data) : data;
}
