import type { JsonObject } from "../../../schemas/json.ts";
import type { Context } from "../context.ts";
import { Refusal } from "../refusal.ts";
import { emptyUser, newEpoch } from "../state.ts";
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
    const user = emptyUser(id, newEpoch(server));
    server.users.set(id, user);
    return user;
  },

  authorise() {},
};
