import { Refusal } from "../../model/refusal.ts";
import type { Endpoint } from "../../model/context.ts";
import { mutant } from "../../model/mutant.ts";
import type { Mutant } from "../../model/mutant.ts";

const leavesOpen = (endpoint: Endpoint, story: string): Mutant =>
  mutant({
    name: `leaves-${endpoint}-open`,
    story,
    breaks: ["AUTH-001"],
    deform: (conforming) => ({
      ...conforming,
      authenticate: async (context) =>
        context.endpoint === endpoint && context.request.headers["authorization"] === undefined
          ? { sub: "anonymous" }
          : conforming.authenticate(context),
    }),
  });

export const leavesPullOpen = leavesOpen("pull", "Reading was added before the guard and serves a guest.");
export const leavesPushOpen = leavesOpen("push", "The guard stands on the router's GET branch only.");
export const leavesBatchOpen = leavesOpen(
  "batch",
  "The route was added later and the guard's list forgotten.",
);
export const leavesStatusOpen = leavesOpen("status", "Status was thought of as a health check for monitors.");

export const callsMissingTokensInvalid = mutant({
  name: "calls-missing-tokens-invalid",
  story: "The verifier is called with an empty text where there is no header, and says what it says.",
  breaks: ["AUTH-001"],
  deform: (conforming) => ({
    ...conforming,
    missingToken: (context) => conforming.badToken(context, "TOKEN_INVALID", "the token is not valid", ""),
  }),
});

export const keepsItsSchemeToItself = mutant({
  name: "keeps-its-scheme-to-itself",
  story: "The framework's 401 helper sends a status and a text, and nobody added the challenge.",
  breaks: ["AUTH-001"],
  deform: (conforming) => ({
    ...conforming,
    missingToken: () => new Refusal("TOKEN_MISSING", "send a token"),
  }),
});

export const parsesBeforeItAsksForTokens = mutant({
  name: "parses-before-it-asks-for-tokens",
  story: "A body parser runs as middleware in front of the guard and answers strangers about their JSON.",
  breaks: ["AUTH-001"],
  deform: (conforming) => ({
    ...conforming,
    intercept: async (context) => {
      try {
        if (context.request.body?.length) JSON.parse(new TextDecoder().decode(context.request.body));
      } catch {
        return context.behaviour.refuse(context, new Refusal("INVALID_JSON", "the body is not JSON"));
      }
      return conforming.intercept(context);
    },
  }),
});

export const comparesTheSchemeExactly = mutant({
  name: "compares-the-scheme-exactly",
  story: "The header is tested by startsWith('Bearer '), so a client that writes `bearer` never gets in.",
  breaks: ["AUTH-010"],
  deform: (conforming) => ({
    ...conforming,
    tokenOfHeader: (context, authorization) =>
      conforming.tokenOfHeader(
        context,
        authorization.startsWith("Bearer ") ? authorization : `Other ${authorization}`,
      ),
  }),
});

export const takesAnyScheme = mutant({
  name: "takes-any-scheme",
  story: "The token is whatever follows the last blank of the header, whatever stands before it.",
  breaks: ["AUTH-010"],
  deform: (conforming) => ({
    ...conforming,
    tokenOfHeader: (_context, authorization) => authorization.split(" ").at(-1) ?? "",
  }),
});

export const takesTheSecondWord = mutant({
  name: "takes-the-second-word",
  story: "`authorization.split(' ')[1]`, whatever stands before and after it.",
  breaks: ["AUTH-010"],
  deform: (conforming) => ({
    ...conforming,
    tokenOfHeader: (context, authorization) => {
      const second = authorization.split(" ")[1];
      return second === undefined ? conforming.tokenOfHeader(context, authorization) : second;
    },
  }),
});

export const callsOtherSchemesMissing = mutant({
  name: "calls-other-schemes-missing",
  story: "What is not `Bearer …` counts as no token at all, and is answered so.",
  breaks: ["AUTH-010"],
  deform: (conforming) => ({
    ...conforming,
    tokenOfHeader: (context, authorization) => {
      if (!/^bearer +\S/i.test(authorization)) throw context.behaviour.missingToken(context);
      return conforming.tokenOfHeader(context, authorization);
    },
  }),
});

export const fallsBackToTheCookie = mutant({
  name: "falls-back-to-the-cookie",
  story: "Credentials are tried one after the other until one of them verifies.",
  breaks: ["AUTH-010"],
  deform: (conforming) => ({
    ...conforming,
    authenticate: async (context) => {
      try {
        return await conforming.authenticate(context);
      } catch (refusal) {
        const token = context.behaviour.tokenOfCookie(context);
        if (token === undefined) throw refusal;
        const claims = await context.behaviour.verifySignature(context, token);
        context.behaviour.checkClaims(context, claims, token);
        return claims;
      }
    },
  }),
});

export const ignoresOtherSchemes = mutant({
  name: "ignores-other-schemes",
  story: "A header without a bearer token counts as no header, so that the cookie is looked at instead.",
  breaks: ["AUTH-010"],
  deform: (conforming) => ({
    ...conforming,
    findToken: (context) => {
      const authorization = context.behaviour.fetchHeader(context, "authorization");
      if (authorization !== undefined && /^bearer /i.test(authorization))
        return conforming.findToken(context);
      const token = context.behaviour.tokenOfCookie(context);
      if (token === undefined) throw context.behaviour.missingToken(context);
      return token;
    },
  }),
});

export const prefersTheCookie = mutant({
  name: "prefers-the-cookie",
  story: "The session middleware reads the cookie first and never comes to the header.",
  breaks: ["AUTH-010"],
  deform: (conforming) => ({
    ...conforming,
    findToken: (context) => context.behaviour.tokenOfCookie(context) ?? conforming.findToken(context),
  }),
});

export const takesCookiesFromAnywhere = mutant({
  name: "takes-cookies-from-anywhere",
  story: "The cookie is read like any other credential: any page can write to the user's log.",
  breaks: ["AUTH-011"],
  deform: (conforming) => ({ ...conforming, cookieCounts: () => true }),
});

export const takesCookiesWithoutOrigin = mutant({
  name: "takes-cookies-without-origin",
  story: "A request without Origin is taken for one of the same site.",
  breaks: ["AUTH-011"],
  deform: (conforming) => ({
    ...conforming,
    cookieCounts: (context) =>
      context.request.headers["origin"] === undefined || conforming.cookieCounts(context),
  }),
});

export const takesTheNullOrigin = mutant({
  name: "takes-the-null-origin",
  story: "Somebody tested from a local file and put `null` on the list: every sandboxed frame sends it.",
  breaks: ["AUTH-011"],
  deform: (conforming) => ({
    ...conforming,
    cookieCounts: (context) =>
      context.request.headers["origin"] === "null" || conforming.cookieCounts(context),
  }),
});

export const comparesTheBeginningOfOrigins = mutant({
  name: "compares-the-beginning-of-origins",
  story:
    "The origin is tested by startsWith, so https://app.example.evil.com passes for https://app.example.",
  breaks: ["AUTH-011"],
  deform: (conforming) => ({
    ...conforming,
    cookieCounts: (context) =>
      context.server.origins.some((origin) => context.request.headers["origin"]?.startsWith(origin)),
  }),
});

export const comparesTheEndOfOrigins = mutant({
  name: "compares-the-end-of-origins",
  story: "The host is tested by endsWith to admit subdomains, and admits evilmirubato.com too.",
  breaks: ["AUTH-011"],
  deform: (conforming) => ({
    ...conforming,
    cookieCounts: (context) =>
      context.server.origins.some((origin) =>
        context.request.headers["origin"]?.endsWith(origin.replace(/^https?:\/\//, "")),
      ),
  }),
});

export const knowsNoCookies = mutant({
  name: "knows-no-cookies",
  story: "The API was written for native clients; nobody told it of the web app's cookie.",
  breaks: ["AUTH-011"],
  deform: (conforming) => ({ ...conforming, tokenOfCookie: () => undefined }),
});

export const readsTheFirstCookieOnly = mutant({
  name: "reads-the-first-cookie-only",
  story:
    "The pattern is anchored at the beginning of the header; with an analytics cookie before it, nobody is logged in.",
  breaks: ["AUTH-011"],
  deform: (conforming) => ({
    ...conforming,
    tokenOfCookie: (context) =>
      context.request.headers["cookie"]?.startsWith("auth-token=")
        ? conforming.tokenOfCookie(context)
        : undefined,
  }),
});

export const findsTheCookieByItsEnding = mutant({
  name: "finds-the-cookie-by-its-ending",
  story: "The pattern lacks an anchor, so a cookie named old-auth-token counts as well.",
  breaks: ["AUTH-011"],
  deform: (conforming) => ({
    ...conforming,
    tokenOfCookie: (context) =>
      conforming.cookieCounts(context)
        ? /auth-token=([^;]*)/.exec(context.request.headers["cookie"] ?? "")?.[1]
        : undefined,
  }),
});

export const believesCookiesUnverified = mutant({
  name: "believes-cookies-unverified",
  story:
    "The cookie is HttpOnly and set by the server itself, so it was thought that it needs no verification.",
  breaks: ["AUTH-003"],
  deform: (conforming) => ({
    ...conforming,
    verifySignature: async (context, token) =>
      context.request.headers["authorization"] === undefined
        ? (JSON.parse(Buffer.from(token.split(".")[1]!, "base64url").toString()) as Record<string, never>)
        : conforming.verifySignature(context, token),
  }),
});

const takesTokensFromQuery = (parameter: string, story: string): Mutant =>
  mutant({
    name: `takes-tokens-from-query-${parameter.replace("_", "-")}`,
    story,
    breaks: ["AUTH-012"],
    deform: (conforming) => ({
      ...conforming,
      findToken: (context) =>
        context.request.headers["authorization"] === undefined && context.query.has(parameter)
          ? context.query.get(parameter)!
          : conforming.findToken(context),
    }),
  });

export const takesTokenParameter = takesTokensFromQuery(
  "token",
  "The guard is shared with the WebSocket, whose URL carries the token.",
);
export const takesAccessTokenParameter = takesTokensFromQuery(
  "access_token",
  "The library implements all of RFC 6750, the URI query parameter included.",
);
