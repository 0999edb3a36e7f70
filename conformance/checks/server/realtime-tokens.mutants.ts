import type { JsonObject } from "../../../schemas/json.ts";
import { decodeJwt } from "../../wire/jwt.ts";
import type { Behaviour } from "../../model/behaviour.ts";
import { mutant } from "../../model/mutant.ts";
import { CloseSocket, Refusal } from "../../model/refusal.ts";

const claimsOf = (token: unknown): JsonObject => (decodeJwt(String(token))?.claims ?? {}) as JsonObject;

/** Another end of AUTH where it is refused. */
function refusing(
  end: (
    error: Refusal | CloseSocket,
    tools: {
      connection: Parameters<Behaviour["reauthenticate"]>[1];
      message: JsonObject;
      welcome: () => void;
    },
  ) => void,
) {
  return (conforming: Behaviour): Behaviour => ({
    ...conforming,
    async reauthenticate(context, connection, message) {
      try {
        await conforming.reauthenticate(context, connection, message);
      } catch (error) {
        if (!(error instanceof Refusal || error instanceof CloseSocket)) throw error;
        const welcome = (): void =>
          conforming.send(context, connection, conforming.welcomeFrame(context, connection));
        end(error, { connection, message, welcome });
      }
    },
  });
}

/** Keeps the claims of the socket, or puts others in their place, after a good AUTH. */
function afterAuth(choose: (before: JsonObject, after: JsonObject) => JsonObject) {
  return (conforming: Behaviour): Behaviour => ({
    ...conforming,
    async reauthenticate(context, connection, message) {
      const before = connection.claims;
      await conforming.reauthenticate(context, connection, message);
      connection.claims = choose(before, connection.claims);
    },
  });
}

export const welcomesAndKeepsTheOldToken = mutant({
  name: "welcomes-and-keeps-the-old-token",
  story: "The new token is verified, and the alarm of the old one stays set.",
  breaks: ["AUTH-018", "AUTH-019"],
  deform: afterAuth((before) => before),
});

export const keepsTheLaterToken = mutant({
  name: "keeps-the-token-that-expires-later",
  story: "`expiresAt = Math.max(expiresAt, exp)`.",
  breaks: ["AUTH-018", "AUTH-019"],
  deform: afterAuth((before, after) =>
    (after["exp"] as number) > (before["exp"] as number) ? after : before,
  ),
});

export const answersAuthWithNothing = mutant({
  name: "answers-good-auth-with-nothing",
  story: "The token is taken and no word said, as nothing went wrong.",
  breaks: ["AUTH-018"],
  deform: (conforming) => ({
    ...conforming,
    send(context, connection, frame) {
      if (context.message?.["type"] !== "AUTH" || frame["type"] !== "WELCOME")
        conforming.send(context, connection, frame);
    },
  }),
});

export const refusesEveryAuth = mutant({
  name: "refuses-every-auth",
  story: "AUTH belongs to the time before upgrades had tokens, and its handler was taken out.",
  breaks: ["AUTH-018"],
  deform: (conforming) => ({
    ...conforming,
    async reauthenticate() {
      throw new Refusal("TOKEN_INVALID", "the socket has a token");
    },
  }),
});

export const startsAnewOnAuth = mutant({
  name: "forgets-the-place-on-auth",
  story: "AUTH runs the code that opens a connection, which begins without a watermark.",
  breaks: ["AUTH-018", "RT-024"],
  deform: (conforming) => ({
    ...conforming,
    async reauthenticate(context, connection, message) {
      await conforming.reauthenticate(context, connection, message);
      connection.watermark = null;
    },
  }),
});

export const decodesTokensOfAuth = mutant({
  name: "decodes-tokens-of-auth",
  story: "The socket is trusted already, so the payload is read without a look at the signature.",
  breaks: ["AUTH-018"],
  deform: refusing((error, { connection, message, welcome }) => {
    const claims = claimsOf(message["token"]);
    if (claims["sub"] === undefined) throw error;
    if (claims["sub"] !== connection.userId) throw new CloseSocket(4403, "the token is of another user");
    connection.claims = claims;
    welcome();
  }),
});

export const looksAtSignaturesOfAuthOnly = mutant({
  name: "looks-at-signatures-of-auth-only",
  story: "The check of the claims stands in the code of the upgrade.",
  breaks: ["AUTH-018"],
  deform: (conforming) => ({
    ...conforming,
    checkClaims(context, claims, token) {
      if (context.connection === undefined) conforming.checkClaims(context, claims, token);
    },
    isSameSubject: (_context, { userId }, { sub }) => sub === undefined || sub === userId,
  }),
});

export const closesOnBadAuth = mutant({
  name: "closes-on-a-bad-auth",
  story: "A bad token is a bad token: 4401.",
  breaks: ["AUTH-018"],
  deform: refusing((error) => {
    throw error instanceof Refusal ? new CloseSocket(4401, "the token is bad") : error;
  }),
});

export const saysNothingToBadAuth = mutant({
  name: "says-nothing-to-a-bad-auth",
  story: "The old token holds, so nothing has happened that anybody need know.",
  breaks: ["AUTH-018"],
  deform: refusing((error) => {
    if (error instanceof CloseSocket) throw error;
  }),
});

export const looksAtTheSubjectFirst = mutant({
  name: "looks-at-the-subject-of-auth-first",
  story: "The cheap comparison comes before the signature, so anybody's forgery closes the socket.",
  breaks: ["AUTH-018"],
  deform: (conforming) => ({
    ...conforming,
    async reauthenticate(context, connection, message) {
      const { sub } = claimsOf(message["token"]);
      if (sub !== undefined && sub !== connection.userId)
        throw new CloseSocket(4403, "the token is of another user");
      await conforming.reauthenticate(context, connection, message);
    },
  }),
});

export const endsTheOldTokenByABadOne = mutant({
  name: "ends-the-old-token-by-a-bad-one",
  story: "The claims are cleared before the new token is verified.",
  breaks: ["AUTH-018"],
  deform: (conforming) => ({
    ...conforming,
    async reauthenticate(context, connection, message) {
      try {
        await conforming.reauthenticate(context, connection, message);
      } catch (error) {
        if (error instanceof Refusal) connection.memory.set("cleared", true);
        throw error;
      }
      connection.memory.delete("cleared");
    },
    pong(context, connection) {
      if (connection.memory.has("cleared"))
        return conforming.closeSocket(context, connection, 4401, "no token");
      conforming.pong(context, connection);
    },
  }),
});

export const takesExpiryFromBadTokens = mutant({
  name: "takes-the-expiry-from-bad-tokens",
  story: "The alarm is set anew from the payload, and the token verified after that.",
  breaks: ["AUTH-018", "AUTH-019"],
  deform: refusing((error, { connection, message }) => {
    const { exp } = claimsOf(message["token"]);
    if (error instanceof Refusal && exp !== undefined) connection.claims = { ...connection.claims, exp };
    throw error;
  }),
});

export const switchesUsers = mutant({
  name: "goes-on-with-another-users-token",
  story: "AUTH asks whether the token is good, not whose it is.",
  breaks: ["AUTH-018"],
  deform: (conforming) => ({ ...conforming, isSameSubject: () => true }),
});

export const closesOtherUsersWith4401 = mutant({
  name: "closes-on-another-users-token-with-4401",
  story: "A token of another user is a bad one.",
  breaks: ["AUTH-018"],
  deform: refusing((error) => {
    throw error instanceof CloseSocket ? new CloseSocket(4401, error.message) : error;
  }),
});

export const refusesOtherUsersByError = mutant({
  name: "refuses-another-users-token-by-error",
  story: "A token of another user is refused like any bad one, and the socket stays open.",
  breaks: ["AUTH-018"],
  deform: refusing((error) => {
    throw error instanceof CloseSocket ? new Refusal("FORBIDDEN", error.message) : error;
  }),
});

export const closesTheOtherUsersSockets = mutant({
  name: "closes-all-sockets-of-both-users",
  story: "A token that turns up on another user's socket is thought to be stolen, and both are thrown out.",
  breaks: ["AUTH-018"],
  deform: (conforming) => ({
    ...conforming,
    async reauthenticate(context, connection, message) {
      try {
        await conforming.reauthenticate(context, connection, message);
      } catch (error) {
        const { sub } = claimsOf(message["token"]);
        for (const other of context.server.connections)
          if (error instanceof CloseSocket && other.userId === sub)
            conforming.closeSocket(context, other, 4403, "the token was stolen");
        throw error;
      }
    },
  }),
});
