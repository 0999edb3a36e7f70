import { randomBytes } from "node:crypto";
import { decodeJwt, encode, signJwt } from "./jwt.ts";
import { NotApplicable } from "../verdict.ts";

/** What a token says, when it is not the ordinary one of a user. */
export interface TokenRequest {
  /** Claims added to, or replacing, `sub`, `iat` and `exp`; one that is undefined is left out. */
  claims?: Record<string, unknown>;
  /** Header members, replacing those of `{"alg":"HS256","typ":"JWT"}`. */
  header?: Record<string, unknown>;
}

/** Mints tokens for `user` (by default the check's own), good ones and bad ones. Times are by the server's clock. */
export interface Tokens {
  /** Accepted by the server. */
  valid(user?: string): Promise<string>;
  /** Any claims and header, signed as the header says (HS256, HS384, HS512, none). Needs "forge-token". */
  forge(request: TokenRequest, user?: string): Promise<string>;
  /** Expired `ms` ago; by default well beyond any leeway (2 minutes). Needs "forge-token". */
  expired(ms?: number): Promise<string>;
  /** `nbf` is `ms` ahead; by default well beyond any leeway (2 minutes). Needs "forge-token". */
  notYetValid(ms?: number): Promise<string>;
  /** Signed with the right secret by another algorithm. Needs "forge-token". */
  algorithm(alg: "HS384" | "HS512"): Promise<string>;
  /** Without one of its claims. Needs "forge-token". */
  without(claim: "sub" | "exp"): Promise<string>;
  /** A valid token's claims under `"alg": "none"`, no signature. */
  unsigned(): Promise<string>;
  /** A valid token's claims, signed with another secret. */
  wrongSecret(): Promise<string>;
  /** A valid token with another user's `sub` put in after signing. */
  tampered(sub: string): Promise<string>;
}

/** Makes the tokens that the tests send: from the secret, or by the operator's command. */
export interface TokenSource {
  /** Claims and header are complete. @throws NotApplicable when it cannot make such a token. */
  mint(request: {
    user: string;
    claims: Record<string, unknown>;
    header: Record<string, unknown>;
  }): Promise<string>;
}

export function secretTokenSource(secret: string): TokenSource {
  return { mint: async ({ claims, header }) => signJwt(header, claims, secret) };
}

const HEADER = { alg: "HS256", typ: "JWT" };
const LIFETIME_S = 3_600;

/** @param onMint is told every token, so that it can be concealed */
export function createTokens(
  source: TokenSource,
  ownUser: string,
  now: () => number,
  onMint: (token: string) => void,
): Tokens {
  const seconds = (offsetMs = 0): number => Math.floor((now() + offsetMs) / 1000);
  const told = (token: string): string => {
    onMint(token);
    return token;
  };
  const forge = async ({ claims = {}, header = {} }: TokenRequest, user = ownUser): Promise<string> => {
    const ordinary = { sub: user, iat: seconds(), exp: seconds() + LIFETIME_S };
    const request = {
      user,
      claims: defined({ ...ordinary, ...claims }),
      header: defined({ ...HEADER, ...header }),
    };
    return told(await source.mint(request));
  };
  const validParts = async () => {
    const parts = decodeJwt(await forge({}));
    if (!parts)
      throw new NotApplicable("the token command's tokens are not JWTs: there is nothing to alter in them");
    return parts;
  };

  return {
    valid: (user) => forge({}, user),
    forge,
    expired: (ms = 120_000) => forge({ claims: { iat: seconds(-ms) - LIFETIME_S, exp: seconds(-ms) } }),
    notYetValid: (ms = 120_000) => forge({ claims: { nbf: seconds(ms) } }),
    algorithm: (alg) => forge({ header: { alg } }),
    without: (claim) => forge({ claims: { [claim]: undefined } }),
    unsigned: async () =>
      told(signJwt({ ...(await validParts()).header, alg: "none" }, (await validParts()).claims, "")),
    wrongSecret: async () => {
      const { header, claims } = await validParts();
      return told(signJwt(header, claims, randomBytes(32).toString("base64url")));
    },
    tampered: async (sub) => {
      const { header, claims, signature } = await validParts();
      return told(`${encode(header)}.${encode({ ...claims, sub })}.${signature}`);
    },
  };
}

function defined(members: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}
