import type { Behaviour } from "../../model/behaviour.ts";
import type { Context } from "../../model/context.ts";
import { mutant } from "../../model/mutant.ts";
import type { Connection } from "../../model/realtime/connection.ts";
import { CloseSocket, Refusal } from "../../model/refusal.ts";

/** Counts a user's sockets that have gone, of which this is true, as if they lived. */
const countingGone =
  (isCounted: (gone: Connection) => boolean) =>
  (conforming: Behaviour): Behaviour => ({
    ...conforming,
    greet(context, connection) {
      const slot = `sockets ${context.user.id}`;
      const all = (context.server.volatile.get(slot) ?? new Set()) as Set<Connection>;
      context.server.volatile.set(slot, all.add(connection));
      conforming.greet(context, connection);
    },
    checkConnections(context) {
      conforming.checkConnections(context);
      const all = (context.server.volatile.get(`sockets ${context.user.id}`) ?? new Set()) as Set<Connection>;
      const counted = [...all].filter((one) => one.open || isCounted(one));
      if (counted.length >= context.server.limits.maxConnections)
        throw new Refusal("RATE_LIMITED", "too many", { headers: { "retry-after": "30" } });
    },
  });

export const countsLostSockets = mutant({
  name: "counts-lost-sockets",
  story:
    "The count goes down where a close frame comes; a connection that breaks off runs into the handler of errors.",
  breaks: ["RT-037"],
  deform: countingGone(({ memory }) => memory.get("closed") === 1006),
});

export const countsLostSocketsThatWrote = mutant({
  name: "counts-lost-sockets-that-wrote",
  story: "What waits for the writes of a socket keeps it in the list, and nobody takes it out after them.",
  breaks: ["RT-037"],
  deform: (conforming) => {
    const counting = countingGone(
      ({ memory }) => memory.get("wrote") === true && memory.get("closed") === 1006,
    )(conforming);
    return {
      ...counting,
      async settle(context, connection, judgements, rows) {
        connection.memory.set("wrote", true);
        await conforming.settle(context, connection, judgements, rows);
      },
    };
  },
});

/** Counts the messages of all sockets of a user together. */
const sharing =
  (instead: () => void, factor: number) =>
  (conforming: Behaviour): Behaviour => ({
    ...conforming,
    async interceptMessage(context, connection, message) {
      if (count(context) <= factor * (context.server.limits.messageBurst ?? Infinity))
        return conforming.interceptMessage(context, connection, message);
      instead();
      return true;
    },
  });

function count({ server, user }: Context): number {
  const slot = `messages ${user.id}`;
  const sum = ((server.volatile.get(slot) as number | undefined) ?? 0) + 1;
  server.volatile.set(slot, sum);
  return sum;
}

export const sharesTheBurst = mutant({
  name: "closes-beyond-a-burst-that-all-sockets-share",
  story: "The budget is kept by user, as that of HTTP is.",
  breaks: ["RT-041", "RT-038"],
  deform: sharing(() => {
    throw new CloseSocket(4429, "too many messages");
  }, 2),
});

export const dropsBeyondASharedBurst = mutant({
  name: "drops-beyond-a-burst-that-all-sockets-share",
  story: "One queue for all sockets of a user, and what does not go in is dropped.",
  breaks: ["RT-041", "RT-038", "RT-013"],
  deform: sharing(() => {}, 1),
});

export const sharesTheBurstOfPings = mutant({
  name: "closes-for-pings-on-several-sockets",
  story: "PINGs are counted by user, so that nobody keeps a server awake with many tabs.",
  breaks: ["RT-041", "RT-034"],
  deform: (conforming) => ({
    ...conforming,
    pong(context, connection) {
      if (count(context) <= 2 * (context.server.limits.messageBurst ?? Infinity))
        return conforming.pong(context, connection);
      conforming.closeSocket(context, connection, 4429, "too many messages");
    },
  }),
});
