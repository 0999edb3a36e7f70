import { createHmac } from "node:crypto";

const HASHES: Record<string, string> = { HS256: "sha256", HS384: "sha384", HS512: "sha512" };

/**
 * Signs whatever it is given: bad tokens are made here too, so nothing is checked. `alg` "none", in any case, has no
 * signature. An algorithm that needs a pair of keys, or none that anyone knows, is signed by HMAC with SHA-256 all the
 * same: a server that never looks at `alg` takes it for good.
 */
export function signJwt(
  header: Record<string, unknown>,
  claims: Record<string, unknown>,
  secret: string,
): string {
  const signed = `${encode(header)}.${encode(claims)}`;
  const alg = String(header["alg"]);
  if (alg.toLowerCase() === "none") return `${signed}.`;
  return `${signed}.${createHmac(HASHES[alg] ?? "sha256", secret)
    .update(signed)
    .digest("base64url")}`;
}

/** Header and claims of a token, or undefined for one that is not a JWT (a server may use opaque ones). */
export function decodeJwt(
  token: string,
): { header: Record<string, unknown>; claims: Record<string, unknown>; signature: string } | undefined {
  const [header, claims, signature] = token.split(".");
  if (header === undefined || claims === undefined || signature === undefined) return undefined;
  try {
    return { header: decode(header), claims: decode(claims), signature };
  } catch {
    return undefined;
  }
}

export function encode(value: Record<string, unknown>): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function decode(part: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(part, "base64url").toString("utf8")) as Record<string, unknown>;
}
