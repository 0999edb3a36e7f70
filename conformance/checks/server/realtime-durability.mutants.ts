import type { Behaviour } from "../../model/behaviour.ts";
import type { Server } from "../../model/context.ts";
import { mutant } from "../../model/mutant.ts";
import type { Row } from "../../model/state.ts";

const BUFFER = "rows of sockets that are in memory alone";

/** Remembers rows that came on sockets; `lose` forgets them as if they had been in memory alone. */
function buffering(conforming: Behaviour): Behaviour {
  return {
    ...conforming,
    applyRow(context, row) {
      conforming.applyRow(context, row);
      if (context.connection === undefined) return;
      const rows = (context.server.scratch.get(BUFFER) as Set<Row> | undefined) ?? new Set();
      context.server.scratch.set(BUFFER, rows.add(row));
    },
  };
}

function lose({ scratch, users }: Server): void {
  const lost = (scratch.get(BUFFER) as Set<Row> | undefined) ?? new Set();
  for (const user of users.values()) {
    for (const [key, row] of user.rows) {
      if (!lost.has(row)) continue;
      user.rows.delete(key);
      user.log = user.log.filter(({ seq }) => seq !== row.seq);
    }
  }
}

export const buffersWhatSocketsWrite = mutant({
  name: "buffers-what-sockets-write",
  story:
    "Mutations are gathered in memory and written every few seconds, to save round trips to the database.",
  breaks: ["RT-012", "RT-040", "PUSH-015"],
  deform: (conforming) => ({
    ...buffering(conforming),
    restart(server) {
      conforming.restart(server);
      lose(server);
    },
  }),
});

export const losesWritesWhenEvicted = mutant({
  name: "loses-writes-when-evicted",
  story: "An alarm flushes what sockets wrote, and an idle object is thrown away before it rings.",
  breaks: ["RT-012", "RT-040"],
  deform: (conforming) => ({
    ...buffering(conforming),
    evict(server) {
      conforming.evict(server);
      lose(server);
    },
  }),
});

export const countsAnewWhenEvicted = mutant({
  name: "counts-anew-when-evicted",
  story: "The counter for seq lives in a field of the object, which begins at 0.",
  breaks: ["RT-040", "ORD-021"],
  deform: (conforming) => ({
    ...conforming,
    evict(server) {
      conforming.evict(server);
      for (const user of server.users.values()) user.head = 0;
    },
  }),
});

export const leavesSocketsOpenOverARestart = mutant({
  name: "leaves-sockets-open-over-a-restart",
  story: "A proxy keeps the clients' connections while the server behind it is replaced.",
  breaks: ["RT-040", "RT-025"],
  deform: (conforming) => ({
    ...conforming,
    endSockets: (server) => server.connections.clear(),
  }),
});

export const forgetsSocketsWhenEvicted = mutant({
  name: "forgets-sockets-when-evicted",
  story: "The list of sockets is a field that is empty after the object woke up.",
  breaks: ["RT-040"],
  deform: (conforming) => ({
    ...conforming,
    evict(server) {
      conforming.evict(server);
      server.connections.clear();
    },
  }),
});

export const forgetsUsersOfSocketsWhenEvicted = mutant({
  name: "forgets-whose-silent-sockets-are-when-evicted",
  story:
    "What a socket is about is attached to it with its first message, and one that said nothing has nothing attached.",
  breaks: ["RT-040"],
  deform: (conforming) => ({
    ...conforming,
    evict(server) {
      conforming.evict(server);
      for (const connection of server.connections) {
        if (connection.announced === undefined) server.connections.delete(connection);
      }
    },
  }),
});

const ASLEEP = "asleep";

export const wakesUpForHttpOnly = mutant({
  name: "tells-nobody-until-a-push-after-an-eviction",
  story: "The sockets are looked up again where a push comes in, and nowhere else.",
  breaks: ["RT-040", "RT-016"],
  deform: (conforming) => ({
    ...conforming,
    evict(server) {
      conforming.evict(server);
      server.scratch.set(ASLEEP, true);
    },
    audience(context) {
      if (context.connection === undefined) context.server.scratch.delete(ASLEEP);
      return context.server.scratch.has(ASLEEP) ? [] : conforming.audience(context);
    },
  }),
});
