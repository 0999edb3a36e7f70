import { decodeJwt } from "../../wire/jwt.ts";
import type { JsonObject } from "../../../schemas/json.ts";
import { mutant } from "../../model/mutant.ts";
import { Refusal } from "../../model/refusal.ts";

/** The claims of a token that nobody verified. */
const claimsOf = (token: string): JsonObject | undefined =>
  decodeJwt(token)?.claims as JsonObject | undefined;

export const forbidsBadTokens = mutant({
  name: "forbids-bad-tokens",
  story: "A token is there but no good: 403, by the habit of session servers.",
  breaks: ["AUTH-009"],
  deform: (conforming) => ({
    ...conforming,
    badToken: (_context, _code, reason) => new Refusal("FORBIDDEN", reason),
  }),
});

export const challengesPlainly = mutant({
  name: "challenges-plainly",
  story: "One 401 helper serves both cases, so a client cannot tell a bad token from none.",
  breaks: ["AUTH-009"],
  deform: (conforming) => ({
    ...conforming,
    badToken: (_context, code, reason) =>
      new Refusal(code, reason, { headers: { "www-authenticate": "Bearer" } }),
  }),
});

export const callsBadTokensMissing = mutant({
  name: "calls-bad-tokens-missing",
  story: "A token that does not verify is set to null, and null means that none came.",
  breaks: ["AUTH-009"],
  deform: (conforming) => ({
    ...conforming,
    badToken: (context, code, reason, token) =>
      code === "TOKEN_EXPIRED"
        ? conforming.badToken(context, code, reason, token)
        : new Refusal("TOKEN_MISSING", reason, {
            headers: { "www-authenticate": 'Bearer error="invalid_token"' },
          }),
  }),
});

export const countsDevicesOfAnybody = mutant({
  name: "counts-devices-of-anybody",
  story: "The device is noted by the unverified sub, in middleware that runs before the guard.",
  breaks: ["AUTH-013"],
  deform: (conforming) => ({
    ...conforming,
    verifySignature: async (context, token) => {
      const sub = claimsOf(token)?.["sub"];
      const device = context.request.headers["x-device-id"];
      if (typeof sub === "string" && device !== undefined)
        conforming.openUser(context, sub).devices.set(device, context.now);
      return conforming.verifySignature(context, token);
    },
  }),
});

export const looksAtTokensAfterwards = mutant({
  name: "looks-at-tokens-afterwards",
  story: "Verification runs beside the work to save time, and its refusal comes when the write is done.",
  breaks: ["AUTH-013"],
  deform: (conforming) => ({
    ...conforming,
    verifySignature: async (context, token) => {
      try {
        return await conforming.verifySignature(context, token);
      } catch (refusal) {
        const claims = claimsOf(token);
        if (claims === undefined) throw refusal;
        Object.assign(context, { lateRefusal: refusal });
        return claims;
      }
    },
    checkExpiry: (context, claims, token) => {
      try {
        conforming.checkExpiry(context, claims, token);
      } catch (refusal) {
        Object.assign(context, { lateRefusal: refusal });
      }
    },
    finish: (context, answer) => {
      const { lateRefusal } = context as unknown as { lateRefusal?: Refusal };
      return conforming.finish(
        context,
        lateRefusal ? context.behaviour.refuse(context, lateRefusal) : answer,
      );
    },
  }),
});

export const quotesTheToken = mutant({
  name: "quotes-the-token",
  story: "A helpful detail shows what was sent.",
  breaks: ["AUTH-014"],
  deform: (conforming) => ({
    ...conforming,
    badToken: (context, code, reason, token) =>
      conforming.badToken(context, code, `${reason}; got ${token}`, token),
  }),
});

export const quotesTheEndOfTheToken = mutant({
  name: "quotes-the-end-of-the-token",
  story: "The log line shows the last characters so that tokens can be told apart, and became the detail.",
  breaks: ["AUTH-014"],
  deform: (conforming) => ({
    ...conforming,
    badToken: (context, code, reason, token) =>
      conforming.badToken(context, code, `${reason} (…${token.slice(-20)})`, token),
  }),
});

export const quotesTheTokenInItsChallenge = mutant({
  name: "quotes-the-token-in-its-challenge",
  story:
    "error_description of the challenge is filled from the library's message, which has the token in it.",
  breaks: ["AUTH-014"],
  deform: (conforming) => ({
    ...conforming,
    badToken: (_context, code, reason, token) =>
      new Refusal(code, reason, {
        headers: { "www-authenticate": `Bearer error="invalid_token", error_description="bad: ${token}"` },
      }),
  }),
});

export const dumpsHeadersIntoErrors = mutant({
  name: "dumps-headers-into-errors",
  story: "A debugging aid adds the request's headers to every problem document.",
  breaks: ["AUTH-014"],
  deform: (conforming) => ({
    ...conforming,
    problem: (context, refusal) => ({
      ...conforming.problem(context, refusal),
      requestHeaders: { ...context.request.headers },
    }),
  }),
});
