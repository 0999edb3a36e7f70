import { mutant } from "../../model/mutant.ts";

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

export const comparesNotBeforeAsItComes = mutant({
  name: "compares-nbf-as-it-comes",
  story: "`if (claims.nbf > now)` is false for every text that is no number, and right for the text of one.",
  breaks: ["AUTH-006"],
  deform: (conforming) => ({
    ...conforming,
    checkNotBefore: (context, claims, token) => {
      if (typeof claims["nbf"] === "number") conforming.checkNotBefore(context, claims, token);
    },
  }),
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

export const wantsWholeSecondsOfExp = mutant({
  name: "wants-whole-seconds-of-exp",
  story: "exp is read into an integer, and the parser of the claims refuses what is none.",
  breaks: ["AUTH-005"],
  deform: (conforming) => ({
    ...conforming,
    checkExpiry: (context, claims, token) =>
      conforming.checkExpiry(
        context,
        Number.isInteger(claims["exp"]) ? claims : { ...claims, exp: null },
        token,
      ),
  }),
});

export const takesNullNotBeforeForNone = mutant({
  name: "takes-a-null-nbf-for-none",
  story: "`if (claims.nbf != null)`, or a struct whose pointer is nil either way.",
  breaks: ["AUTH-006"],
  deform: (conforming) => ({
    ...conforming,
    checkNotBefore: (context, claims, token) => {
      if (claims["nbf"] !== null) conforming.checkNotBefore(context, claims, token);
    },
  }),
});

export const takesFalsyNotBeforeForNone = mutant({
  name: "takes-a-falsy-nbf-for-none",
  story: "`if (claims.nbf && …)`.",
  breaks: ["AUTH-006"],
  deform: (conforming) => ({
    ...conforming,
    checkNotBefore: (context, claims, token) => {
      if (claims["nbf"]) conforming.checkNotBefore(context, claims, token);
    },
  }),
});

export const takesNullPurposesForNone = mutant({
  name: "takes-a-null-type-for-none",
  story: '`(claims.type ?? "access") !== "access"`.',
  breaks: ["AUTH-008"],
  deform: (conforming) => ({
    ...conforming,
    checkPurpose: (context, claims, token) => {
      if (claims["type"] !== null) conforming.checkPurpose(context, claims, token);
    },
  }),
});

export const takesFalsyPurposesForNone = mutant({
  name: "takes-a-falsy-type-for-none",
  story: '`if (claims.type && claims.type !== "access")`.',
  breaks: ["AUTH-008"],
  deform: (conforming) => ({
    ...conforming,
    checkPurpose: (context, claims, token) => {
      if (claims["type"]) conforming.checkPurpose(context, claims, token);
    },
  }),
});

export const countsBytesOfSubjects = mutant({
  name: "counts-bytes-of-subjects",
  story: "The column of the user has 255 bytes.",
  breaks: ["AUTH-007"],
  deform: (conforming) => ({
    ...conforming,
    checkSubject: (context, claims, token) =>
      conforming.checkSubject(
        context,
        new TextEncoder().encode(String(claims["sub"])).length > 255 ? { ...claims, sub: null } : claims,
        token,
      ),
  }),
});
