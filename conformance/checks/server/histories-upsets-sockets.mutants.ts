import type { Context } from "../../model/context.ts";
import { isHot, lifeOf, remembering } from "../../model/lives.ts";
import { mutant } from "../../model/mutant.ts";

export const forgetsSocketsThatCaughtUpTwice = mutant({
  name: "forgets-sockets-that-caught-up-twice",
  story:
    "The list of sockets that is restored after an eviction is written at the first catch-up, and a second one spoils the entry.",
  breaks: ["CONS-015", "RT-040"],
  deform: (conforming) => {
    const once = new WeakSet<object>();
    const twice = new WeakSet<object>();
    const forgotten = new WeakSet<object>();
    return {
      ...conforming,
      beginCatchUp(context, connection, baseline) {
        if (once.has(connection)) twice.add(connection);
        once.add(connection);
        conforming.beginCatchUp(context, connection, baseline);
      },
      evict(server) {
        conforming.evict(server);
        for (const connection of server.connections) if (twice.has(connection)) forgotten.add(connection);
      },
      audience: (context) => conforming.audience(context).filter((connection) => !forgotten.has(connection)),
    };
  },
});

export const tellsSharedRewritesThatFailed = mutant({
  name: "tells-shared-rewrites-that-failed",
  story:
    "What several devices write is told to the others beside the transaction, to save them the wait, and a failure is noticed too late.",
  breaks: ["CONS-015", "RT-014", "RT-012"],
  deform: (conforming) => {
    const base = remembering(conforming);
    return {
      ...base,
      async persist(context, transaction) {
        try {
          await base.persist(context, transaction);
        } catch (error) {
          const shared = transaction.rows.filter((row) => lifeOf(context, row).writers.size >= 2);
          if (shared.length > 0) base.fanOut(context, shared);
          throw error;
        }
      },
    };
  },
});

export const resumesAtTheHead = mutant({
  name: "resumes-at-the-head",
  story:
    "A user whose token has ended once is taken for one whose session goes on, and what was written since for told.",
  breaks: ["CONS-010", "RT-026"],
  deform: (conforming) => {
    const renewed = (user: string): string => `renewed ${user}`;
    return {
      ...conforming,
      closeSocket(context, connection, code, reason) {
        if (code === 4401) context.server.scratch.set(renewed(connection.userId), true);
        conforming.closeSocket(context, connection, code, reason);
      },
      takeChunk(context, baseline, position) {
        const again = position > 0 && context.server.scratch.has(renewed(context.user.id));
        return conforming.takeChunk(context, baseline, again ? context.user.head : position);
      },
    };
  },
});

export const countsVersionsAnew = mutant({
  name: "counts-versions-anew",
  story:
    "Revision counts are kept in memory and worked out again at the start, from a history that forgot the first write of what two devices wrote.",
  breaks: ["CONS-014"],
  deform: (conforming) => {
    const base = remembering(conforming);
    return {
      ...base,
      restart(server) {
        base.restart(server);
        for (const user of server.users.values()) {
          const context = { server, user } as Context;
          for (const row of user.rows.values()) if (isHot(context, row)) row.version -= 1;
        }
      },
    };
  },
});
