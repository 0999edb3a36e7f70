import type { Behaviour } from "../../model/behaviour.ts";
import { closingWith } from "../../model/deform-sockets.ts";
import { mutant, tally } from "../../model/mutant.ts";
import { Refusal } from "../../model/refusal.ts";

export const takesAnyNumberOfSockets = mutant({
  name: "takes-any-number-of-sockets",
  story: "The limit stands in discovery only.",
  breaks: ["RT-037"],
  deform: (conforming) => ({ ...conforming, hasRoom: () => true }),
});

export const takesOneSocketLess = mutant({
  name: "takes-one-socket-less",
  story: "`count + 1 < max`.",
  breaks: ["RT-037"],
  deform: (conforming) => ({
    ...conforming,
    hasRoom: (context) => conforming.audience(context).length + 1 < context.server.limits.maxConnections,
  }),
});

/** Makes room for a new socket by closing others. */
function makingRoom(howMany: (live: number) => number) {
  return (conforming: Behaviour): Behaviour => ({
    ...conforming,
    hasRoom(context) {
      const live = conforming.audience(context);
      if (live.length >= context.server.limits.maxConnections)
        for (const connection of live.slice(0, howMany(live.length)))
          conforming.closeSocket(context, connection, 4429, "too many connections");
      return true;
    },
  });
}

export const closesTheOldestSocket = mutant({
  name: "closes-the-oldest-socket-for-a-new-one",
  story: "The newest is thought to be the one that the user looks at.",
  breaks: ["RT-037"],
  deform: makingRoom(() => 1),
});

export const closesAllSocketsOfGreedyUsers = mutant({
  name: "closes-all-sockets-of-a-user-with-too-many",
  story: "Whoever has too many has a loop somewhere, and is thrown out.",
  breaks: ["RT-037"],
  deform: (conforming) => ({
    ...conforming,
    checkConnections(context) {
      const full = !conforming.hasRoom(context);
      for (const connection of full ? conforming.audience(context) : [])
        conforming.closeSocket(context, connection, 4429, "too many connections");
      if (full) throw new Refusal("RATE_LIMITED", "too many", { headers: { "retry-after": "30" } });
    },
  }),
});

export const closesSocketsTooManyWith1013 = mutant({
  name: "closes-sockets-too-many-with-1013",
  story: "The register has a code for `try again later`.",
  breaks: ["RT-037"],
  deform: (conforming) => ({
    ...closingWith(4429, 1013)(conforming),
    checkConnections: () => {},
  }),
});

export const refusesSocketsTooManyWith503 = mutant({
  name: "refuses-sockets-too-many-with-503",
  story: "The server has no room, so it is not available.",
  breaks: ["RT-037"],
  deform: (conforming) => ({
    ...conforming,
    checkConnections(context) {
      if (!conforming.hasRoom(context))
        throw new Refusal("UNAVAILABLE", "too many", { headers: { "retry-after": "30" } });
    },
  }),
});

export const countsSocketsOfAllUsers = mutant({
  name: "counts-sockets-of-all-users",
  story: "The limit of a user became that of the process.",
  breaks: ["RT-037"],
  deform: (conforming) => ({
    ...conforming,
    hasRoom: ({ server }) => server.connections.size < server.limits.maxConnections,
  }),
});

export const countsClosedSockets = mutant({
  name: "counts-closed-sockets",
  story: "The counter goes up at the opening and down nowhere.",
  breaks: ["RT-037"],
  deform: (conforming) => ({
    ...conforming,
    checkConnections(context) {
      if (tally(context, "sockets") > context.server.limits.maxConnections)
        throw new Refusal("RATE_LIMITED", "too many", { headers: { "retry-after": "30" } });
    },
  }),
});
