import { compactVerify } from "jose";
import { isJsonObject } from "../../../schemas/json.ts";
import type { JsonObject } from "../../../schemas/json.ts";
import type { Context } from "../context.ts";
import { Refusal } from "../refusal.ts";
import { emptyUser } from "../state.ts";
import type { UserState } from "../state.ts";

/** Who is asking. */
export interface AuthSteps {
  /** The claims of a good token; refuses with 401 without one. */
  authenticate(context: Context): Promise<JsonObject>;
  /** The token, wherever it may stand; refuses with TOKEN_MISSING without one. */
  findToken(context: Context): string;
  /** The token of an `Authorization` header's value. */
  tokenOfHeader(context: Context, authorization: string): string;
  /** The token of the `auth-token` cookie; undefined where there is none, or it does not count. */
  tokenOfCookie(context: Context): string | undefined;
  /** Whether a cookie counts in this request: only from an allowed origin. */
  cookieCounts(context: Context): boolean;
  /** The signature algorithms that are accepted. */
  algorithms(context: Context): readonly string[];
  /** The claims of a token whose signature verifies; refuses any other token. */
  verifySignature(context: Context, token: string): Promise<JsonObject>;
  /** Every check of the claims, in order. */
  checkClaims(context: Context, claims: JsonObject, token: string): void;
  /** Refuses an absent, wrong or past `exp`. */
  checkExpiry(context: Context, claims: JsonObject, token: string): void;
  /** Refuses a wrong or future `nbf`. */
  checkNotBefore(context: Context, claims: JsonObject, token: string): void;
  /** Refuses an absent or wrong `sub`. */
  checkSubject(context: Context, claims: JsonObject, token: string): void;
  /** Refuses tokens that are made for something else: `type` other than `access`. */
  checkPurpose(context: Context, claims: JsonObject, token: string): void;
  /** Leeway for `exp` and `nbf`, in ms. */
  leewayMs(context: Context): number;
  /** The refusal of a token that was sent. `token` is at hand for servers that tell too much. */
  badToken(context: Context, code: "TOKEN_INVALID" | "TOKEN_EXPIRED", reason: string, token: string): Refusal;
  /** The refusal of a request without a token. */
  missingToken(context: Context): Refusal;
  /** The user that a good token names. */
  userOf(context: Context, claims: JsonObject): string;
  /** A user's state; made when the user comes for the first time. */
  openUser(context: Context, id: string): UserState;
  /** Whether this user may do this; refuses with 403. Profile `http` has no such case. */
  authorise(context: Context): void;
}

export const auth: AuthSteps = {
  async authenticate(context) {
    const { behaviour } = context;
    const token = behaviour.findToken(context);
    const claims = await behaviour.verifySignature(context, token);
    behaviour.checkClaims(context, claims, token);
    return claims;
  },

  findToken(context) {
    const { behaviour } = context;
    const authorization = behaviour.fetchHeader(context, "authorization");
    if (authorization !== undefined) return behaviour.tokenOfHeader(context, authorization);
    const token = behaviour.tokenOfCookie(context);
    if (token === undefined) throw behaviour.missingToken(context);
    return token;
  },

  tokenOfHeader(context, authorization) {
    const match = /^bearer +(\S+) *$/i.exec(authorization);
    if (match) return match[1]!;
    throw context.behaviour.badToken(context, "TOKEN_INVALID", "Authorization must be: Bearer <token>", "");
  },

  tokenOfCookie(context) {
    if (!context.behaviour.cookieCounts(context)) return undefined;
    const cookies = context.behaviour.fetchHeader(context, "cookie") ?? "";
    const pair = cookies.split(";").find((one) => one.trim().startsWith("auth-token="));
    return pair?.trim().slice("auth-token=".length) || undefined;
  },

  cookieCounts(context) {
    const origin = context.behaviour.fetchHeader(context, "origin");
    return origin !== undefined && context.behaviour.isAllowedOrigin(context, origin);
  },

  algorithms: () => ["HS256"],

  async verifySignature(context, token) {
    const { behaviour } = context;
    try {
      const { payload } = await compactVerify(token, context.server.secret, {
        algorithms: [...behaviour.algorithms(context)],
      });
      const claims: unknown = JSON.parse(new TextDecoder().decode(payload));
      if (isJsonObject(claims)) return claims;
    } catch {
      // Whatever is wrong with it, the answer is the same: the reason would help an attacker only.
    }
    throw behaviour.badToken(
      context,
      "TOKEN_INVALID",
      "the token must be a JWT that this server's issuer signed",
      token,
    );
  },

  checkClaims(context, claims, token) {
    const { behaviour } = context;
    behaviour.checkExpiry(context, claims, token);
    behaviour.checkNotBefore(context, claims, token);
    behaviour.checkSubject(context, claims, token);
    behaviour.checkPurpose(context, claims, token);
  },

  checkExpiry(context, { exp }, token) {
    const { behaviour } = context;
    if (!Number.isFinite(exp)) {
      throw behaviour.badToken(context, "TOKEN_INVALID", "the token must have a number exp", token);
    }
    if (context.now > (exp as number) * 1000 + behaviour.leewayMs(context)) {
      throw behaviour.badToken(context, "TOKEN_EXPIRED", "the token has expired; get a new one", token);
    }
  },

  checkNotBefore(context, { nbf }, token) {
    if (nbf === undefined) return;
    if (typeof nbf === "number" && nbf * 1000 <= context.now + context.behaviour.leewayMs(context)) return;
    throw context.behaviour.badToken(context, "TOKEN_INVALID", "the token is not valid yet", token);
  },

  checkSubject(context, { sub }, token) {
    if (typeof sub === "string" && sub !== "" && [...sub].length <= 255) return;
    throw context.behaviour.badToken(
      context,
      "TOKEN_INVALID",
      "the token must have a sub of 1 to 255 characters",
      token,
    );
  },

  checkPurpose(context, { type }, token) {
    if (type === undefined || type === "access") return;
    throw context.behaviour.badToken(context, "TOKEN_INVALID", "the token must be an access token", token);
  },

  leewayMs: ({ server }) => server.limits.tokenLeewayMs,

  badToken: (_context, code, reason) =>
    new Refusal(code, reason, { headers: { "www-authenticate": 'Bearer error="invalid_token"' } }),

  missingToken: () =>
    new Refusal("TOKEN_MISSING", "send Authorization: Bearer <token>", {
      headers: { "www-authenticate": "Bearer" },
    }),

  userOf: (_context, claims) => claims["sub"] as string,

  openUser({ server }, id) {
    const known = server.users.get(id);
    if (known) return known;
    const epoch = Array.from({ length: 3 }, () =>
      Math.floor(server.random() * 0x1_0000_0000).toString(36),
    ).join("");
    const user = emptyUser(id, epoch);
    server.users.set(id, user);
    return user;
  },

  authorise() {},
};
