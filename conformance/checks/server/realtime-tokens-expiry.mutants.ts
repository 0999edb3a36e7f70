import { closingWith } from "../../model/deform-sockets.ts";
import { mutant } from "../../model/mutant.ts";

export const neverClosesExpiredSockets = mutant({
  name: "never-closes-expired-sockets",
  story: "The token is judged at the upgrade, and that is that.",
  breaks: ["AUTH-019"],
  deform: (conforming) => ({ ...conforming, expiresAt: () => Infinity }),
});

export const givesSocketsAnHour = mutant({
  name: "closes-expired-sockets-an-hour-later",
  story: "A sweep runs once an hour.",
  breaks: ["AUTH-019"],
  deform: (conforming) => ({
    ...conforming,
    expiresAt: (context, connection) => conforming.expiresAt(context, connection) + 3_600_000,
  }),
});

export const closesExpiredSocketsWith1008 = mutant({
  name: "closes-expired-sockets-with-1008",
  story: "The register of close codes has one for policies, and the library a constant for it.",
  breaks: ["AUTH-019"],
  deform: closingWith(4401, 1008),
});

export const looksAtExpiryWhenSpokenTo = mutant({
  name: "looks-at-expiry-when-spoken-to",
  story: "The expiry is compared whenever a message comes, and a client that only listens sends none.",
  breaks: ["AUTH-019"],
  deform: (conforming) => ({
    ...conforming,
    expiresAt: () => Infinity,
    noteHeard(context, connection, incoming) {
      conforming.noteHeard(context, connection, incoming);
      if (context.server.now() >= conforming.expiresAt(context, connection))
        conforming.closeSocket(context, connection, 4401, "the token has expired");
    },
  }),
});

export const closesSocketsTooEarly = mutant({
  name: "closes-sockets-two-minutes-before-their-tokens-expire",
  story: "A margin for clocks that differ was subtracted where it should have been added.",
  breaks: ["AUTH-018", "AUTH-019"],
  deform: (conforming) => ({
    ...conforming,
    expiresAt: (context, connection) => conforming.expiresAt(context, connection) - 120_000,
  }),
});

export const closesAllOfTheUser = mutant({
  name: "closes-all-sockets-of-a-user-whose-token-expired",
  story: "The alarm belongs to the object of the user, and so does what it does.",
  breaks: ["AUTH-019"],
  deform: (conforming) => ({
    ...conforming,
    closeSocket(context, connection, code, reason) {
      conforming.closeSocket(context, connection, code, reason);
      if (code !== 4401) return;
      for (const other of conforming.audience(context)) conforming.closeSocket(context, other, code, reason);
    },
  }),
});

export const overflowsItsTimers = mutant({
  name: "overflows-its-timers",
  story: "`setTimeout` takes 2^31 - 1 ms at most, and fires at once for more.",
  breaks: ["AUTH-019"],
  deform: (conforming) => ({
    ...conforming,
    expiresAt(context, connection) {
      const at = conforming.expiresAt(context, connection);
      return at - connection.heardAt > 2 ** 31 - 1 ? context.server.now() : at;
    },
  }),
});

export const keepsExpIn32Bits = mutant({
  name: "keeps-exp-in-32-bits",
  story: "The attachment of a socket is packed, and exp put into a signed number of 32 bits.",
  breaks: ["AUTH-019"],
  deform: (conforming) => ({
    ...conforming,
    expiresAt: (context, { claims, ...connection }) =>
      conforming.expiresAt(context, {
        ...connection,
        claims: { ...claims, exp: Number(claims["exp"]) | 0 },
      }),
  }),
});

export const forgetsExpiryWhenEvicted = mutant({
  name: "forgets-expiry-when-evicted",
  story: "The timer is in memory, and nothing sets it again when the server wakes.",
  breaks: ["AUTH-019", "RT-040"],
  deform: (conforming) => ({
    ...conforming,
    evict(server) {
      conforming.evict(server);
      for (const connection of server.connections) connection.claims = { exp: 9_999_999_999 };
    },
  }),
});
