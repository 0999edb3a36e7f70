import { decodeJwt } from "../../wire/jwt.ts";
import type { Behaviour } from "../../model/behaviour.ts";
import type { Context } from "../../model/context.ts";
import { mutant } from "../../model/mutant.ts";
import { Refusal } from "../../model/refusal.ts";

type Source = (context: Context, behaviour: Behaviour) => string | undefined;

const fromHeader: Source = (context, { fetchHeader }) => fetchHeader(context, "authorization")?.split(" ")[1];
const fromCookie: Source = (context, { fetchHeader }) =>
  /auth-token=([^;]+)/.exec(fetchHeader(context, "cookie") ?? "")?.[1];

/** Takes the token from elsewhere where the request has none in its place, or before that is looked at. */
const tokensFrom =
  (source: Source, rank: "first" | "last") =>
  (conforming: Behaviour): Behaviour => ({
    ...conforming,
    ...(rank === "first"
      ? {
          tokenOfProtocols: (context: Context) =>
            source(context, conforming) ?? conforming.tokenOfProtocols(context),
        }
      : {
          tokenOfQuery: (context: Context) => conforming.tokenOfQuery(context) ?? source(context, conforming),
        }),
  });

export const readsAuthorizationOfUpgrades = mutant({
  name: "reads-authorization-of-upgrades",
  story: "Clients that are no browsers can send the header, so it is taken where nothing else came.",
  breaks: ["AUTH-020"],
  deform: tokensFrom(fromHeader, "last"),
});

export const judgesAuthorizationOfUpgrades = mutant({
  name: "judges-authorization-of-upgrades",
  story: "The upgrade passes through the middleware of HTTP, where the header decides alone.",
  breaks: ["AUTH-020"],
  deform: tokensFrom(fromHeader, "first"),
});

export const readsCookiesOfUpgrades = mutant({
  name: "reads-cookies-of-upgrades",
  story: "A page that is logged in has the cookie, so it need not handle the token.",
  breaks: ["AUTH-020"],
  deform: tokensFrom(fromCookie, "last"),
});

export const prefersCookiesOfUpgrades = mutant({
  name: "prefers-cookies-of-upgrades",
  story: "The session of the browser is thought to be surer than what a URL says.",
  breaks: ["AUTH-020"],
  deform: tokensFrom(fromCookie, "first"),
});

export const selectsBesideBearersOnly = mutant({
  name: "selects-beside-bearers-only",
  story: "The subprotocols are looked at where they bring the token, and not otherwise.",
  breaks: ["AUTH-022"],
  deform: (conforming) => ({
    ...conforming,
    selectProtocol: (context) =>
      conforming.tokenOfProtocols(context) === undefined ? "" : conforming.selectProtocol(context),
  }),
});

export const selectsTheFirstOffer = mutant({
  name: "selects-the-first-offer",
  story: "A library that is given no choice agrees to what comes first.",
  breaks: ["AUTH-022", "AUTH-017"],
  deform: (conforming) => ({ ...conforming, selectProtocol: ({ protocols }) => protocols[0] ?? "" }),
});

export const asksForCredentialsBeforeTheUpgrade = mutant({
  name: "asks-for-credentials-before-the-upgrade",
  story: "The query is parsed first, and what it lacks is answered at once.",
  breaks: ["AUTH-021", "AUTH-016"],
  deform: (conforming) => ({
    ...conforming,
    isUpgrade(context) {
      conforming.socketCredentials(context);
      return conforming.isUpgrade(context);
    },
  }),
});

export const judgesTokensBeforeTheAddress = mutant({
  name: "judges-tokens-before-the-address",
  story: "Authentication is the first thing in the chain, and reads the token for itself.",
  breaks: ["AUTH-021"],
  deform: (conforming) => ({
    ...conforming,
    socketCredentials(context) {
      const token = conforming.tokenOfProtocols(context) ?? conforming.tokenOfQuery(context);
      if (token === undefined || context.query.get("userId")) return conforming.socketCredentials(context);
      return { userId: "", token };
    },
  }),
});

export const comparesUsersBeforeTokens = mutant({
  name: "compares-users-before-tokens",
  story: "The object of the user is looked up by what the token says of itself, and verifies it later.",
  breaks: ["AUTH-021", "AUTH-016"],
  deform: (conforming) => ({
    ...conforming,
    async authenticateSocket(context, token) {
      const subject = decodeJwt(token)?.claims?.["sub"];
      if (typeof subject === "string" && subject !== context.query.get("userId"))
        throw new Refusal("FORBIDDEN", "userId must be the subject of the token");
      return conforming.authenticateSocket(context, token);
    },
  }),
});
