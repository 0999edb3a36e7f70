import { compactVerify } from "jose";
import { isJsonObject } from "../../../schemas/json.ts";
import type { JsonObject } from "../../../schemas/json.ts";
import type { Context } from "../context.ts";

/** A token: its signature, and what its claims must say. */
export interface TokenSteps {
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
}

export const tokens: TokenSteps = {
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
};
