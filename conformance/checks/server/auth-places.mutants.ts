import type { JsonObject } from "../../../schemas/json.ts";
import type { Behaviour } from "../../model/behaviour.ts";
import type { Context } from "../../model/context.ts";
import { mutant } from "../../model/mutant.ts";
import type { Mutant } from "../../model/mutant.ts";

const byCookie = ({ request, endpoint }: Context): boolean =>
  endpoint !== "socket" && request.headers["authorization"] === undefined;
const byProtocol = ({ protocols, endpoint }: Context): boolean =>
  endpoint === "socket" && protocols.some((name) => name.startsWith("bearer."));
const byQuery = (context: Context): boolean => context.endpoint === "socket" && !byProtocol(context);

type Claim = "checkExpiry" | "checkNotBefore" | "checkSubject" | "checkPurpose";

/** Leaves a check of the claims out where the token came a certain way. */
const leavesOut = (
  ...steps: readonly Claim[]
): ((where: (context: Context) => boolean) => Mutant["deform"]) => {
  return (where) => (conforming) => ({
    ...conforming,
    ...Object.fromEntries(
      steps.map((step) => [
        step,
        ((context, claims, token) => {
          if (!where(context)) conforming[step](context, claims, token);
        }) satisfies Behaviour[Claim],
      ]),
    ),
  });
};

export const cookiesAreForAnyPurpose = mutant({
  name: "cookies-are-for-any-purpose",
  story: "The login page puts the refresh token into the cookie, so any type was allowed in there.",
  breaks: ["AUTH-008"],
  deform: leavesOut("checkPurpose")(byCookie),
});

export const cookiesAreGoodBeforeTheirTime = mutant({
  name: "cookies-are-good-before-their-time",
  story: "The cookie is read by the site's older library, which knows exp and no nbf.",
  breaks: ["AUTH-006"],
  deform: leavesOut("checkNotBefore")(byCookie),
});

export const cookiesNeverExpire = mutant({
  name: "cookies-never-expire",
  story: "The browser drops a cookie whose time is over, so nobody looks at exp again.",
  breaks: ["AUTH-004", "AUTH-005"],
  deform: leavesOut("checkExpiry")(byCookie),
});

export const cookiesNeedASignatureOnly = mutant({
  name: "cookies-need-a-signature-only",
  story: "`jws.verify` is called for the cookie, in place of `jwt.verify`.",
  breaks: ["AUTH-004", "AUTH-005", "AUTH-006", "AUTH-008"],
  deform: leavesOut("checkExpiry", "checkNotBefore", "checkPurpose")(byCookie),
});

export const cookiesMayNameNobody = mutant({
  name: "cookies-may-name-nobody",
  story: "A visitor's cookie has no sub, so a session without a user was allowed.",
  breaks: ["AUTH-007"],
  deform: (conforming) => ({
    ...leavesOut("checkSubject")(byCookie)(conforming),
    userOf: (_context, { sub }) => String(sub),
  }),
});

const SECTIONS = /^([\w-]+)\.([\w-]+)\.([\w-]*)$/;
const decoded = (section: string): JsonObject =>
  JSON.parse(Buffer.from(section, "base64url").toString("utf8")) as JsonObject;

/** Believes unsigned tokens that came a certain way. */
const believesUnsigned =
  (where: (context: Context) => boolean): Mutant["deform"] =>
  (conforming) => ({
    ...conforming,
    async verifySignature(context, token) {
      const [, header, claims] = SECTIONS.exec(token) ?? [];
      const isNone = header !== undefined && decoded(header)["alg"] === "none";
      return isNone && where(context) ? decoded(claims!) : conforming.verifySignature(context, token);
    },
  });

export const cookiesMayBeUnsigned = mutant({
  name: "cookies-may-be-unsigned",
  story: "A session layer reads the cookie with the algorithm that its header names.",
  breaks: ["AUTH-002"],
  deform: believesUnsigned(byCookie),
});

export const subprotocolsMayBeUnsigned = mutant({
  name: "tokens-in-subprotocols-may-be-unsigned",
  story: "The edge that handles the upgrade lets the token name its algorithm.",
  breaks: ["AUTH-002", "AUTH-016"],
  deform: believesUnsigned(byProtocol),
});

export const subprotocolsAreForAnyPurpose = mutant({
  name: "tokens-in-subprotocols-are-for-any-purpose",
  story: "The second way in was written later, and asks for signature and time alone.",
  breaks: ["AUTH-008", "AUTH-016"],
  deform: leavesOut("checkPurpose")(byProtocol),
});

export const subprotocolsAreGoodBeforeTheirTime = mutant({
  name: "tokens-in-subprotocols-are-good-before-their-time",
  story: "The second way in has a verifier of its own, in which nbf was left out.",
  breaks: ["AUTH-006", "AUTH-016"],
  deform: leavesOut("checkNotBefore")(byProtocol),
});

export const queriesAreForAnyPurpose = mutant({
  name: "tokens-in-the-query-are-for-any-purpose",
  story: "A link from a mail opens the page and its socket, with the token of the link.",
  breaks: ["AUTH-008", "AUTH-016"],
  deform: (conforming) => ({
    ...conforming,
    checkPurpose(context, claims, token) {
      if (!byQuery(context) || claims["type"] === "refresh") conforming.checkPurpose(context, claims, token);
    },
  }),
});
