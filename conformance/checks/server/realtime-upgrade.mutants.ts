import { decodeJwt } from "../../wire/jwt.ts";
import type { JsonObject } from "../../../schemas/json.ts";
import type { Behaviour } from "../../model/behaviour.ts";
import type { Context } from "../../model/context.ts";
import { mutant } from "../../model/mutant.ts";
import { Refusal } from "../../model/refusal.ts";

const claimsOf = (token: string): JsonObject => (decodeJwt(token)?.claims ?? {}) as JsonObject;
const byProtocol = (context: Context): boolean => context.protocols.length > 0;

/** Other refusals before the upgrade. */
function refusing(change: (error: Refusal, context: Context) => Refusal) {
  return (conforming: Behaviour): Behaviour => ({
    ...conforming,
    refuse: (context, refusal) =>
      conforming.refuse(context, context.endpoint === "socket" ? change(refusal, context) : refusal),
  });
}

export const takesTheUserFromTheToken = mutant({
  name: "takes-the-user-from-the-token-alone",
  story: "The token says who it is, so nobody asks for userId.",
  breaks: ["AUTH-016"],
  deform: (conforming) => ({
    ...conforming,
    socketCredentials(context) {
      const token = conforming.tokenOfProtocols(context) ?? conforming.tokenOfQuery(context) ?? "";
      const userId = context.query.get("userId") ?? (claimsOf(token)["sub"] as string | undefined) ?? "";
      if (token === "") return conforming.socketCredentials(context);
      return { userId, token };
    },
  }),
});

export const calls400MissingTokens = mutant({
  name: "answers-401-to-sockets-without-a-token",
  story: "The middleware of HTTP judges upgrades, too.",
  breaks: ["AUTH-016"],
  deform: refusing((refusal, { query, protocols }) =>
    refusal.code === "INVALID_REQUEST" &&
    !query.has("token") &&
    !protocols.some((name) => name.startsWith("bearer."))
      ? new Refusal("TOKEN_MISSING", "a token is needed", { headers: { "www-authenticate": "Bearer" } })
      : refusal,
  ),
});

/** Everybody gets a socket; who should not have one is closed on it with 4401. */
function upgradingFirst(conforming: Behaviour, isSpared: (error: Refusal) => boolean): Behaviour {
  const guest = (context: Context): JsonObject => ({
    sub: context.query.get("userId") || "nobody",
    exp: 9_999_999_999,
    guest: true,
  });
  return {
    ...conforming,
    socketCredentials(context) {
      try {
        return conforming.socketCredentials(context);
      } catch {
        return { userId: context.query.get("userId") || "nobody", token: "" };
      }
    },
    async authenticateSocket(context, token) {
      try {
        return await conforming.authenticateSocket(context, token);
      } catch (error) {
        if (error instanceof Refusal && !isSpared(error)) return guest(context);
        throw error;
      }
    },
    greet(context, connection) {
      if (connection.claims["guest"] === true)
        return conforming.closeSocket(context, connection, 4401, "the token is not good");
      conforming.greet(context, connection);
    },
  };
}

export const upgradesAnybodyAndThenCloses = mutant({
  name: "upgrades-anybody-and-then-closes",
  story: "The framework agrees to every upgrade by itself, and the token is judged in its open event.",
  breaks: ["AUTH-016"],
  deform: (conforming) => upgradingFirst(conforming, () => false),
});

export const asksForNothingBeforeAuth = mutant({
  name: "waits-for-auth-where-no-token-came",
  story: "A socket may authenticate by its first message, so one without a token is let in for that.",
  breaks: ["AUTH-016"],
  deform: (conforming) => ({
    ...upgradingFirst(conforming, ({ code }) => code !== "TOKEN_INVALID"),
    greet: conforming.greet,
  }),
});

export const decodesTokensOfSockets = mutant({
  name: "decodes-tokens-of-sockets",
  story: "The upgrade is handled at the edge, which has no secret and reads the payload only.",
  breaks: ["AUTH-016"],
  deform: (conforming) => ({
    ...conforming,
    async authenticateSocket(context, token) {
      const claims = claimsOf(token);
      if (claims["sub"] === undefined) return conforming.authenticateSocket(context, token);
      context.behaviour.checkClaims(context, claims, token);
      return claims;
    },
  }),
});

export const looksAtSignaturesOnly = mutant({
  name: "looks-at-signatures-of-sockets-only",
  story: "`jws.verify` is called in place of `jwt.verify`.",
  breaks: ["AUTH-016", "AUTH-019"],
  deform: (conforming) => ({
    ...conforming,
    authenticateSocket: (context, token) => context.behaviour.verifySignature(context, token),
  }),
});

export const takesTokensOfAnyPurposeOnSockets = mutant({
  name: "takes-refresh-tokens-on-sockets",
  story: "The check of the purpose stands in the middleware of HTTP, which upgrades pass by.",
  breaks: ["AUTH-016"],
  deform: (conforming) => ({
    ...conforming,
    checkPurpose(context, claims, token) {
      if (context.endpoint !== "socket") conforming.checkPurpose(context, claims, token);
    },
  }),
});

export const forbidsBadTokensOfSockets = mutant({
  name: "answers-403-to-bad-tokens-of-sockets",
  story: "Whoever may not open the socket is forbidden to.",
  breaks: ["AUTH-016"],
  deform: refusing((refusal) =>
    refusal.code.startsWith("TOKEN_") ? new Refusal("FORBIDDEN", "not with this token") : refusal,
  ),
});

export const believesTheUserId = mutant({
  name: "opens-the-socket-of-the-userid-that-was-asked-for",
  story: "Any good token lets in, and the object of the user is found by the query.",
  breaks: ["AUTH-016", "ISO-003", "RT-020"],
  deform: (conforming) => ({
    ...conforming,
    userOf: (context, claims) =>
      context.endpoint === "socket"
        ? (context.query.get("userId") ?? conforming.userOf(context, claims))
        : conforming.userOf(context, claims),
  }),
});

export const ignoresTheUserId = mutant({
  name: "ignores-the-userid-of-sockets",
  story: "The user is taken from the token, and the query is not looked at any more.",
  breaks: ["AUTH-016"],
  deform: (conforming) => ({ ...conforming, checkSocketUser: () => {} }),
});

export const calls403BadTokens = mutant({
  name: "answers-401-to-another-userid",
  story: "A token of somebody else is taken for a bad one.",
  breaks: ["AUTH-016"],
  deform: refusing((refusal, context) =>
    refusal.code === "FORBIDDEN"
      ? context.behaviour.badToken(context, "TOKEN_INVALID", "the token is not this user's", "")
      : refusal,
  ),
});

export const comparesUsersWithoutCase = mutant({
  name: "compares-users-without-case",
  story: "User ids were e-mail addresses once.",
  breaks: ["AUTH-016"],
  deform: (conforming) => ({
    ...conforming,
    checkSocketUser(context, userId) {
      const same = userId.toLowerCase() === context.user.id.toLowerCase();
      conforming.checkSocketUser(context, same ? context.user.id : userId);
    },
  }),
});

export const hidesTheSocketFromHttp = mutant({
  name: "answers-404-without-an-upgrade",
  story: "The route exists for upgrades only.",
  breaks: ["AUTH-016"],
  deform: refusing((refusal) =>
    refusal.code === "UPGRADE_REQUIRED" ? new Refusal("NOT_FOUND", "there is nothing at this path") : refusal,
  ),
});

export const callsMissingUpgrades400 = mutant({
  name: "answers-400-without-an-upgrade",
  story: "A request without the header is bad like any other, and 426 is a status that nobody knows.",
  breaks: ["AUTH-016"],
  deform: refusing((refusal) =>
    refusal.code === "UPGRADE_REQUIRED" ? new Refusal("INVALID_REQUEST", "ask for the upgrade") : refusal,
  ),
});

export const upgradesWithoutBeingAsked = mutant({
  name: "upgrades-without-being-asked",
  story: "The header is not looked at; whoever comes to this path wants a socket.",
  breaks: ["AUTH-016"],
  deform: (conforming) => ({ ...conforming, isUpgrade: () => true }),
});

export const knowsNoSubprotocols = mutant({
  name: "knows-no-tokens-in-subprotocols",
  story: "The token is read from the query, as deployed clients send it.",
  breaks: ["AUTH-017"],
  deform: (conforming) => ({ ...conforming, tokenOfProtocols: () => undefined }),
});

export const selectsTheToken = mutant({
  name: "selects-the-token",
  story: "The server echoes the subprotocol that it used, which is the one with the token in it.",
  breaks: ["AUTH-017"],
  deform: (conforming) => ({
    ...conforming,
    selectProtocol: ({ protocols }) => protocols.findLast((name) => name.startsWith("bearer.")) ?? "",
  }),
});

export const selectsNoSubprotocol = mutant({
  name: "selects-no-subprotocol",
  story: "The token is read from the header, and the answer's header forgotten.",
  breaks: ["AUTH-017"],
  deform: (conforming) => ({ ...conforming, selectProtocol: () => "" }),
});

export const losesUsersOfSubprotocols = mutant({
  name: "tells-nothing-to-sockets-of-subprotocols",
  story: "The register of live sockets is keyed by the query's token, which is not there.",
  breaks: ["AUTH-017", "RT-001"],
  deform: (conforming) => ({
    ...conforming,
    audience: (context) =>
      conforming.audience(context).filter((connection) => connection.context.query.has("token")),
  }),
});

export const believesSubprotocols = mutant({
  name: "believes-tokens-in-subprotocols",
  story: "The gateway in front is thought to have verified what stands in a header.",
  breaks: ["AUTH-016", "AUTH-017"],
  deform: (conforming) => ({
    ...conforming,
    async authenticateSocket(context, token) {
      const claims = claimsOf(token);
      if (!byProtocol(context) || claims["sub"] === undefined)
        return conforming.authenticateSocket(context, token);
      context.behaviour.checkClaims(context, claims, token);
      return claims;
    },
  }),
});

export const ignoresExpiryOfSubprotocols = mutant({
  name: "ignores-expiry-of-tokens-in-subprotocols",
  story: "The second way in was written later, with a call of its own to the library.",
  breaks: ["AUTH-016", "AUTH-017"],
  deform: (conforming) => ({
    ...conforming,
    checkExpiry(context, claims, token) {
      if (context.endpoint !== "socket" || !byProtocol(context))
        conforming.checkExpiry(context, claims, token);
    },
  }),
});
