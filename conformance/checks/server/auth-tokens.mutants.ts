import { createHmac } from "node:crypto";
import { decodeJwt } from "../../jwt.ts";
import type { JsonObject } from "../../../schemas/json.ts";
import type { Context } from "../../model/context.ts";
import { mutant } from "../../model/mutant.ts";
import { Refusal } from "../../model/refusal.ts";

/** The claims of a token that nobody verified. */
const claimsOf = (token: string): JsonObject | undefined =>
  decodeJwt(token)?.claims as JsonObject | undefined;
const algorithmOf = (token: string): unknown => decodeJwt(token)?.header["alg"];

/** The right signature, HMAC with SHA-256, of what stands before a token's last dot. */
function rightSignature(context: Context, token: string): string {
  const signed = token.split(".").slice(0, 2).join(".");
  return createHmac("sha256", context.server.secret).update(signed).digest("base64url");
}

export const acceptsAlgNone = mutant({
  name: "accepts-alg-none",
  story:
    "The library does what the token's header says, and the header says that there is nothing to verify.",
  breaks: ["AUTH-002"],
  deform: (conforming) => ({
    ...conforming,
    verifySignature: async (context, token) =>
      algorithmOf(token) === "none" ? claimsOf(token)! : conforming.verifySignature(context, token),
  }),
});

export const acceptsAlgNoneInOddCases = mutant({
  name: "accepts-alg-none-in-odd-cases",
  story:
    "`none` is on a block list that is compared exactly, while the library lower-cases what it looks up.",
  breaks: ["AUTH-002"],
  deform: (conforming) => ({
    ...conforming,
    verifySignature: async (context, token) =>
      algorithmOf(token) !== "none" && String(algorithmOf(token)).toLowerCase() === "none"
        ? claimsOf(token)!
        : conforming.verifySignature(context, token),
  }),
});

export const acceptsAnyHmac = mutant({
  name: "accepts-any-hmac",
  story: "No list of algorithms is given, and the library takes all that go with the kind of key.",
  breaks: ["AUTH-002"],
  deform: (conforming) => ({ ...conforming, algorithms: () => ["HS256", "HS384", "HS512"] }),
});

export const neverLooksAtAlg = mutant({
  name: "never-looks-at-alg",
  story: "The hand-written verifier computes its HMAC over the first two parts and skips the header.",
  breaks: ["AUTH-002"],
  deform: (conforming) => ({
    ...conforming,
    verifySignature: async (context, token) =>
      rightSignature(context, token) === token.split(".")[2]
        ? claimsOf(token)!
        : conforming.verifySignature(context, token),
  }),
});

export const decodesWithoutVerifying = mutant({
  name: "decodes-without-verifying",
  story: "decode() stands where verify() should: both return the claims.",
  breaks: ["AUTH-002", "AUTH-003"],
  deform: (conforming) => ({
    ...conforming,
    verifySignature: async (context, token) => claimsOf(token) ?? conforming.verifySignature(context, token),
  }),
});

export const verifiesOnlyWrites = mutant({
  name: "verifies-only-writes",
  story: "Reading was thought harmless, so only the writing routes got the verifying guard.",
  breaks: ["AUTH-002", "AUTH-003"],
  deform: (conforming) => ({
    ...conforming,
    verifySignature: async (context, token) => {
      const claims = claimsOf(token);
      const reads = context.endpoint === "pull" || context.endpoint === "status";
      return reads && claims ? claims : conforming.verifySignature(context, token);
    },
  }),
});

export const verifiesNoBatch = mutant({
  name: "verifies-no-batch",
  story: "The batch route parses the token itself to learn the user and forgets the rest.",
  breaks: ["AUTH-002", "AUTH-003"],
  deform: (conforming) => ({
    ...conforming,
    verifySignature: async (context, token) => {
      const claims = claimsOf(token);
      return context.endpoint === "batch" && claims ? claims : conforming.verifySignature(context, token);
    },
  }),
});

export const acceptsEmptySignatures = mutant({
  name: "accepts-empty-signatures",
  story: "`if (signature && !verify(…))`: where there is no signature there is nothing to complain about.",
  breaks: ["AUTH-003"],
  deform: (conforming) => ({
    ...conforming,
    verifySignature: async (context, token) =>
      (token.split(".")[2] ?? "") === "" && algorithmOf(`${token}.`) === "HS256"
        ? claimsOf(`${token}.`)!
        : conforming.verifySignature(context, token),
  }),
});

export const comparesAsMuchSignatureAsCame = mutant({
  name: "compares-as-much-signature-as-came",
  story:
    "The constant-time comparison runs over the length of what came, so a cut signature is equal as far as it goes.",
  breaks: ["AUTH-003"],
  deform: (conforming) => ({
    ...conforming,
    verifySignature: async (context, token) => {
      const signature = token.split(".")[2] ?? "";
      const asFar = signature !== "" && rightSignature(context, token).startsWith(signature);
      return asFar && algorithmOf(token) === "HS256"
        ? claimsOf(token)!
        : conforming.verifySignature(context, token);
    },
  }),
});

export const remembersGoodSignatures = mutant({
  name: "remembers-good-signatures",
  story: "Verified signatures are cached to save time, without what they signed.",
  breaks: ["AUTH-003"],
  deform: (conforming) => ({
    ...conforming,
    verifySignature: async (context, token) => {
      const slot = `good signature ${token.split(".")[2]}`;
      if (context.server.volatile.has(slot) && claimsOf(token)) return claimsOf(token)!;
      const claims = await conforming.verifySignature(context, token);
      context.server.volatile.set(slot, true);
      return claims;
    },
  }),
});

export const neverExpiresTokens = mutant({
  name: "never-expires-tokens",
  story: "Only the signature is verified; the claims are left to the caller, who leaves them too.",
  breaks: ["AUTH-004"],
  deform: (conforming) => ({
    ...conforming,
    checkExpiry: (context, claims, token) => {
      if (typeof claims["exp"] !== "number") conforming.checkExpiry(context, claims, token);
    },
  }),
});

export const hasAnHourOfLeeway = mutant({
  name: "has-an-hour-of-leeway",
  story: "Clock trouble in production was answered with a generous leeway that stayed.",
  breaks: ["AUTH-004", "AUTH-006"],
  deform: (conforming) => ({ ...conforming, leewayMs: () => 3_600_000 }),
});

export const takesExpZeroForNone = mutant({
  name: "takes-exp-zero-for-none",
  story: "`if (claims.exp && claims.exp < now)`: zero is falsy.",
  breaks: ["AUTH-004"],
  deform: (conforming) => ({
    ...conforming,
    checkExpiry: (context, claims, token) => {
      if (claims["exp"] !== 0) conforming.checkExpiry(context, claims, token);
    },
  }),
});

export const callsExpiredTokensInvalid = mutant({
  name: "calls-expired-tokens-invalid",
  story: "The library throws one error for everything and the code is not told apart.",
  breaks: ["AUTH-004"],
  deform: (conforming) => ({
    ...conforming,
    badToken: (context, _code, reason, token) => conforming.badToken(context, "TOKEN_INVALID", reason, token),
  }),
});

export const advertisesTenMinutesOfLeeway = mutant({
  name: "advertises-ten-minutes-of-leeway",
  story: "The operator set the leeway of the token library and discovery reports it faithfully.",
  breaks: ["AUTH-004", "AUTH-006"],
  deform: (conforming) => ({
    ...conforming,
    leewayMs: () => 600_000,
    advertisedLimits: (context) => ({ ...conforming.advertisedLimits(context), tokenLeewayMs: 600_000 }),
  }),
});

export const needsNoExp = mutant({
  name: "needs-no-exp",
  story: "JWT libraries check `exp` where it is present; its absence is fine with them.",
  breaks: ["AUTH-005"],
  deform: (conforming) => ({
    ...conforming,
    checkExpiry: (context, claims, token) => {
      if (claims["exp"] !== undefined) conforming.checkExpiry(context, claims, token);
    },
  }),
});

export const comparesExpAsItComes = mutant({
  name: "compares-exp-as-it-comes",
  story:
    "`claims.exp < now` is false for every text that is no number, and for null once it is an absent one.",
  breaks: ["AUTH-005"],
  deform: (conforming) => ({
    ...conforming,
    checkExpiry: (context, claims, token) => {
      const exp = claims["exp"];
      if (exp === undefined || typeof exp === "number") conforming.checkExpiry(context, claims, token);
    },
  }),
});

export const convertsExp = mutant({
  name: "converts-exp",
  story: "Number(claims.exp) makes a number of the text of one.",
  breaks: ["AUTH-005"],
  deform: (conforming) => ({
    ...conforming,
    checkExpiry: (context, claims, token) =>
      conforming.checkExpiry(
        context,
        typeof claims["exp"] === "string" && /^\d+$/.test(claims["exp"])
          ? { ...claims, exp: Number(claims["exp"]) }
          : claims,
        token,
      ),
  }),
});

export const ignoresNotBefore = mutant({
  name: "ignores-not-before",
  story: "The issuer never sets nbf, so nobody thought of reading it.",
  breaks: ["AUTH-006"],
  deform: (conforming) => ({ ...conforming, checkNotBefore: () => {} }),
});

export const refusesAnyNotBefore = mutant({
  name: "refuses-any-not-before",
  story: "nbf is compared the wrong way round, and only tokens without it ever came by in the tests.",
  breaks: ["AUTH-006"],
  deform: (conforming) => ({
    ...conforming,
    checkNotBefore: (context, claims, token) => {
      if (claims["nbf"] === undefined) return;
      throw context.behaviour.badToken(context, "TOKEN_INVALID", "the token is not valid yet", token);
    },
  }),
});

export const takesTokensOfNobody = mutant({
  name: "takes-tokens-of-nobody",
  story: "The user's id is String(claims.sub): users `undefined` and `null` come into being.",
  breaks: ["AUTH-007"],
  deform: (conforming) => ({
    ...conforming,
    checkSubject: (context, claims, token) => {
      if (claims["sub"] !== undefined && claims["sub"] !== null)
        conforming.checkSubject(context, claims, token);
    },
    userOf: (_context, { sub }) => String(sub),
  }),
});

export const takesEmptySubjects = mutant({
  name: "takes-empty-subjects",
  story: "The type of sub is checked, its length is not.",
  breaks: ["AUTH-007"],
  deform: (conforming) => ({
    ...conforming,
    checkSubject: (context, claims, token) => {
      if (claims["sub"] !== "") conforming.checkSubject(context, claims, token);
    },
  }),
});

export const convertsSubjects = mutant({
  name: "converts-subjects",
  story: "Ids were numbers once, so a sub of another type is turned into a text.",
  breaks: ["AUTH-007"],
  deform: (conforming) => ({
    ...conforming,
    checkSubject: (context, claims, token) => {
      const { sub } = claims;
      if (sub === undefined || sub === null || typeof sub === "string")
        conforming.checkSubject(context, claims, token);
    },
    userOf: (_context, { sub }) => (typeof sub === "string" ? sub : JSON.stringify(sub)),
  }),
});

export const takesSubjectsOfAnyLength = mutant({
  name: "takes-subjects-of-any-length",
  story: "The column takes any text, so the limit stands in the documentation only.",
  breaks: ["AUTH-007"],
  deform: (conforming) => ({
    ...conforming,
    checkSubject: (context, claims, token) => {
      if (typeof claims["sub"] !== "string" || claims["sub"] === "")
        conforming.checkSubject(context, claims, token);
    },
  }),
});

export const refusesSubjectsOver128 = mutant({
  name: "refuses-subjects-over-128",
  story: "The column for the user is a VARCHAR(128).",
  breaks: ["AUTH-007"],
  deform: (conforming) => ({
    ...conforming,
    checkSubject: (context, claims, token) => {
      conforming.checkSubject(context, claims, token);
      if ((claims["sub"] as string).length > 128)
        throw context.behaviour.badToken(context, "TOKEN_INVALID", "sub is too long", token);
    },
  }),
});

export const takesTokensForAnyPurpose = mutant({
  name: "takes-tokens-for-any-purpose",
  story: "All tokens are signed with one secret, and a good signature is all that is asked for.",
  breaks: ["AUTH-008"],
  deform: (conforming) => ({ ...conforming, checkPurpose: () => {} }),
});

export const refusesRefreshTokensOnly = mutant({
  name: "refuses-refresh-tokens-only",
  story: "The check names the one other kind there was when it was written.",
  breaks: ["AUTH-008"],
  deform: (conforming) => ({
    ...conforming,
    checkPurpose: (context, claims, token) => {
      if (claims["type"] === "refresh") conforming.checkPurpose(context, claims, token);
    },
  }),
});

export const refusesEveryType = mutant({
  name: "refuses-every-type",
  story:
    "The claim marked special tokens only, until the new issuer began to write `access` into all others.",
  breaks: ["AUTH-008"],
  deform: (conforming) => ({
    ...conforming,
    checkPurpose: (context, claims, token) =>
      conforming.checkPurpose(context, "type" in claims ? { type: "special" } : claims, token),
  }),
});

export const checksPurposeOfWritesOnly = mutant({
  name: "checks-purpose-of-writes-only",
  story: "The purpose was looked at where it seemed dangerous.",
  breaks: ["AUTH-008"],
  deform: (conforming) => ({
    ...conforming,
    checkPurpose: (context, claims, token) => {
      if (context.endpoint === "push" || context.endpoint === "batch")
        conforming.checkPurpose(context, claims, token);
    },
  }),
});

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
