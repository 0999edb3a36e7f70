import { errors, jwtVerify, type JWTPayload } from "jose";
import type { Limits } from "../../schemas/limits.ts";
import type { Clock } from "./ports.ts";
import { Problem } from "./problem.ts";
import type { Grant } from "./realtime/ports.ts";

export interface AuthSettings {
  secret: Uint8Array;
  origins: ReadonlySet<string>;
  limits: Limits;
  clock: Clock;
}

/** The user that a request's token names (spec/auth.md). Throws TOKEN_MISSING, TOKEN_EXPIRED or TOKEN_INVALID. */
export async function authenticate(headers: Headers, settings: AuthSettings): Promise<string> {
  return (await verifyToken(findToken(headers, settings.origins), settings)).user;
}

/** Who a token names, and until when. Throws TOKEN_EXPIRED or TOKEN_INVALID. */
export async function verifyToken(token: string, settings: Omit<AuthSettings, "origins">): Promise<Grant> {
  let payload: JWTPayload;
  try {
    ({ payload } = await jwtVerify(token, await keyOf(settings.secret), {
      // Named in advance: a verifier that lets the token choose is open to `none` and to key confusion (AUTH-002).
      algorithms: ["HS256"],
      requiredClaims: ["exp", "sub"],
      clockTolerance: settings.limits.tokenLeewayMs / 1000,
      currentDate: new Date(settings.clock()),
    }));
  } catch (error) {
    // Whatever is wrong with a token is the token's fault; what exactly is told in our own words, which never quote it (AUTH-014).
    if (error instanceof errors.JWTExpired)
      throw refused("TOKEN_EXPIRED", "The token has expired; get a new one.");
    const claim = error instanceof errors.JWTClaimValidationFailed ? error.claim : undefined;
    throw invalid(
      claim === undefined
        ? "it is malformed, or its algorithm or signature is not the right one"
        : `its claim ${claim} is missing or not acceptable`,
    );
  }
  const { sub, exp, type } = payload;
  if (!Number.isFinite(exp)) throw invalid("its claim exp is not a number");
  if (!isUser(sub)) throw invalid("its claim sub is not a text of 1 to 255 characters");
  // Refresh tokens and log-in links are signed with the same secret (AUTH-008).
  if (type !== undefined && type !== "access") throw invalid("it is not an access token");
  return { user: sub, expiresAt: Math.min(exp! * 1000, Number.MAX_SAFE_INTEGER) };
}

/** Imported once for each process. Not the promises: one request must not wait for what another has begun. */
const keys = new WeakMap<Uint8Array, CryptoKey>();

async function keyOf(secret: Uint8Array): Promise<CryptoKey> {
  const known = keys.get(secret);
  if (known) return known;
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", Uint8Array.from(secret), algorithm, false, ["verify"]);
  keys.set(secret, key);
  return key;
}

function isUser(sub: unknown): sub is string {
  // A lone surrogate would be replaced on its way to the store, and two users would become one.
  return typeof sub === "string" && sub.isWellFormed() && sub.length >= 1 && [...sub].length <= 255;
}

function findToken(headers: Headers, origins: ReadonlySet<string>): string {
  const authorization = headers.get("authorization");
  if (authorization !== null) {
    const [, token] = /^bearer +([^\s,]+)$/i.exec(authorization.trim()) ?? [];
    if (token === undefined) throw invalid("the Authorization header must be `Bearer <token>`");
    return token;
  }
  const cookie = findCookie(headers, "auth-token");
  if (cookie !== undefined && origins.has(headers.get("origin") ?? "")) return cookie;
  throw new Problem("TOKEN_MISSING", "Send `Authorization: Bearer <token>`.", {
    headers: { "www-authenticate": "Bearer" },
  });
}

function findCookie(headers: Headers, name: string): string | undefined {
  for (const pair of (headers.get("cookie") ?? "").split(";")) {
    const at = pair.indexOf("=");
    if (at > 0 && pair.slice(0, at).trim() === name)
      return pair
        .slice(at + 1)
        .trim()
        .replace(/^"(.*)"$/, "$1");
  }
  return undefined;
}

export function invalid(reason: string): Problem {
  return refused("TOKEN_INVALID", `The token is refused: ${reason}.`);
}

function refused(code: "TOKEN_INVALID" | "TOKEN_EXPIRED", detail: string): Problem {
  return new Problem(code, detail, {
    headers: { "www-authenticate": 'Bearer error="invalid_token"' },
  });
}
