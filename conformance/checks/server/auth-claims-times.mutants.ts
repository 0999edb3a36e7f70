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
