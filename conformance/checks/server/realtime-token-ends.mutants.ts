import type { JsonObject } from "../../../schemas/json.ts";
import type { Behaviour } from "../../model/behaviour.ts";
import type { Context } from "../../model/context.ts";
import { mutant } from "../../model/mutant.ts";
import type { Connection } from "../../model/realtime/connection.ts";

/** The claims that count after a good AUTH. */
const afterAuth =
  (choose: (before: JsonObject, after: JsonObject) => JsonObject) =>
  (conforming: Behaviour): Behaviour => ({
    ...conforming,
    expiresAt: (context, connection) =>
      conforming.expiresAt(context, {
        ...connection,
        claims: (connection.memory.get("claims") ?? connection.claims) as JsonObject,
      }),
    async reauthenticate(context, connection, message) {
      const before = connection.claims;
      connection.memory.set("claims", before);
      await conforming.reauthenticate(context, connection, message);
      connection.memory.set("claims", choose(before, connection.claims));
    },
  });

export const keepsTheLaterEnd = mutant({
  name: "keeps-the-later-end-of-two-tokens",
  story: "A new token is there to prolong, so the timer is set only where it is later.",
  breaks: ["AUTH-018", "AUTH-019"],
  deform: afterAuth((before, after) => (Number(after["exp"]) > Number(before["exp"]) ? after : before)),
});

export const keepsTheEndOfTheOpening = mutant({
  name: "keeps-the-end-of-the-token-it-opened-with",
  story: "The timer closes over the token of the upgrade.",
  breaks: ["AUTH-018", "AUTH-019"],
  deform: afterAuth((before) => before),
});

/** Nothing ends a connection as long as this is true. */
const aliveWhile =
  (isAlive: (context: Context, connection: Connection) => boolean) =>
  (conforming: Behaviour): Behaviour => ({
    ...conforming,
    expiresAt: (context, connection) =>
      isAlive(context, connection)
        ? Math.max(context.server.now() + 3_000, conforming.expiresAt(context, connection))
        : conforming.expiresAt(context, connection),
  });

export const keepsTalkingSocketsAlive = mutant({
  name: "keeps-sockets-alive-that-talk",
  story: "One alarm looks for silence and for the end of tokens, and every word sets it anew.",
  breaks: ["AUTH-019"],
  deform: aliveWhile(({ server }, { heardAt }) => server.now() - heardAt < 3_000),
});

export const keepsWritingSocketsAlive = mutant({
  name: "keeps-sockets-alive-that-write",
  story: "A socket with a change under way is not closed, and another change comes before that one is done.",
  breaks: ["AUTH-019"],
  deform: (conforming) => ({
    ...aliveWhile(({ server }, { memory }) => server.now() - Number(memory.get("wrote") ?? 0) < 3_000)(
      conforming,
    ),
    async settle(context, connection, judgements, rows) {
      connection.memory.set("wrote", context.server.now());
      await conforming.settle(context, connection, judgements, rows);
    },
  }),
});

export const keepsSocketsOfBusyUsersAlive = mutant({
  name: "keeps-sockets-alive-whose-user-writes",
  story: "The sweep that closes sockets skips users with traffic, so as to be no burden.",
  breaks: ["AUTH-019"],
  deform: aliveWhile(
    ({ server }, { userId }) => server.now() - (server.users.get(userId)?.lastWriteAt ?? 0) < 3_000,
  ),
});
