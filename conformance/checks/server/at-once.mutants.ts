import type { Context } from "../../model/context.ts";
import { mutant, tally } from "../../model/mutant.ts";
import { Refusal } from "../../model/refusal.ts";

const CURRENT = "the current user";

/** The user that came last, whoever asks. */
const current = ({ server, user }: Context) =>
  server.users.get((server.volatile.get(CURRENT) as string | undefined) ?? user.id) ?? user;

export const keepsTheUserInAVariable = mutant({
  name: "keeps-the-user-in-a-variable",
  story:
    "The user of the request is a variable of the module: while one request waits for the store, the next one sets it.",
  breaks: ["ISO-001", "ISO-002"],
  deform: (conforming) => ({
    ...conforming,
    userOf(context, claims) {
      const id = conforming.userOf(context, claims);
      context.server.volatile.set(CURRENT, id);
      return id;
    },
    async beforeRead(context) {
      await conforming.beforeRead(context);
      context.user = current(context);
    },
  }),
});

export const sharesReadsThatAreUnderWay = mutant({
  name: "shares-reads-that-are-under-way",
  story: "Equal requests that are under way share one query, and the user is not in what makes them equal.",
  breaks: ["ISO-001"],
  deform: (conforming) => ({
    ...conforming,
    async beforeRead(context) {
      if (context.endpoint !== "pull") return conforming.beforeRead(context);
      const { volatile } = context.server;
      const name = `under way ${new TextDecoder().decode(context.bytes)}`;
      const leader = volatile.get(name) as Context | undefined;
      if (leader === undefined) volatile.set(name, context);
      await conforming.beforeRead(context);
      if (leader === undefined) volatile.delete(name);
      else context.user = leader.user;
    },
  }),
});

export const keysInFlightAreEverybodys = mutant({
  name: "keys-in-flight-are-everybodys",
  story: "The record has the user in its key; the set of keys in flight, added later, does not.",
  breaks: ["IDEM-007", "ISO-002"],
  deform: (conforming) => ({
    ...conforming,
    async lock(context, task) {
      const { volatile } = context.server;
      const name = `in flight ${context.key}`;
      const holder = volatile.get(name);
      if (context.key !== undefined && holder !== undefined && holder !== context.user.id)
        throw new Refusal("IDEMPOTENCY_IN_FLIGHT", "wait", { headers: { "retry-after": "1" } });
      volatile.set(name, context.user.id);
      try {
        return await conforming.lock(context, task);
      } finally {
        volatile.delete(name);
      }
    },
  }),
});

export const everyTwentiethPullIsShort = mutant({
  name: "every-twentieth-pull-is-short",
  story:
    "The cursor of the database is closed a moment too early now and then, and what was read until then is sent.",
  breaks: ["PULL-001", "PULL-005"],
  deform: (conforming) => ({
    ...conforming,
    rowsAfter(context, seq) {
      const rows = conforming.rowsAfter(context, seq);
      return tally(context, "pull") % 20 === 0 ? rows.slice(0, -1) : rows;
    },
  }),
});

export const answersFromASharedBuffer = mutant({
  name: "answers-from-a-shared-buffer",
  story:
    "A buffer for answers is shared among requests, and one that waits finds in it what another put there.",
  breaks: ["ISO-001", "PULL-001"],
  deform: (conforming) => ({
    ...conforming,
    async beforeRead(context) {
      const slot = "the last to come";
      const { volatile } = context.server;
      if (context.endpoint === "pull") volatile.set(slot, context.user);
      await conforming.beforeRead(context);
      if (context.endpoint === "pull") context.user = volatile.get(slot) as Context["user"];
    },
  }),
});
