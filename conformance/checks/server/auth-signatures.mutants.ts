import { createHmac } from "node:crypto";
import { decodeJwt } from "../../wire/jwt.ts";
import type { JsonObject } from "../../../schemas/json.ts";
import type { Context } from "../../model/context.ts";
import { mutant } from "../../model/mutant.ts";

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
