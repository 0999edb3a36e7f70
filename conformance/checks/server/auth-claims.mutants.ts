import { mutant } from "../../model/mutant.ts";

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
