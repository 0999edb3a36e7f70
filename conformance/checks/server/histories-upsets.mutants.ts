import type { Behaviour } from "../../model/behaviour.ts";
import type { Context, Server } from "../../model/context.ts";
import { isHot, lifeOf, remembering } from "../../model/lives.ts";
import { mutant } from "../../model/mutant.ts";
import { rowKey } from "../../model/state.ts";
import type { Row } from "../../model/state.ts";

const BEHIND = "rows that are written behind";
type Behind = Map<Row, { user: string; before: Row }>;

/** Remembers rows that are in memory alone, with what the store still has; `lose` goes back to that. */
function writingBehind(
  conforming: Behaviour,
  isBehind: (context: Context, row: Row, before: Row) => boolean,
): Behaviour {
  const base = remembering(conforming);
  return {
    ...base,
    applyRow(context, row) {
      base.applyRow(context, row);
      const { before } = lifeOf(context, row);
      if (before && isBehind(context, row, before))
        behind(context.server).set(row, { user: context.user.id, before });
    },
  };
}

function behind({ scratch }: Server): Behind {
  const rows = (scratch.get(BEHIND) as Behind | undefined) ?? new Map();
  scratch.set(BEHIND, rows);
  return rows as Behind;
}

function lose(server: Server): void {
  for (const user of server.users.values()) {
    for (const [key, row] of user.rows) {
      const lost = behind(server).get(row);
      if (!lost || lost.user !== user.id) continue;
      user.rows.set(key, lost.before);
      user.log = user.log.filter(({ seq }) => seq !== row.seq);
    }
  }
}

export const keepsRewritesInMemory = mutant({
  name: "keeps-rewrites-in-memory",
  story: "An entity that is rewritten often is written to disk by a timer, and the process ends before it.",
  breaks: ["CONS-014", "PUSH-015"],
  deform: (conforming) => {
    const base = writingBehind(conforming, isHot);
    return {
      ...base,
      restart(server) {
        base.restart(server);
        lose(server);
      },
    };
  },
});

export const writesReturnsBehind = mutant({
  name: "writes-second-writers-behind",
  story:
    "A second device's write of an entity goes into the object's memory and is flushed when the first comes back; eviction takes it.",
  breaks: ["CONS-014", "RT-040"],
  deform: (conforming) => {
    const base = writingBehind(
      conforming,
      (context, row) => lifeOf(context, row).writers.size === 2 && row.version > 1,
    );
    return {
      ...base,
      evict(server) {
        base.evict(server);
        lose(server);
      },
    };
  },
});

export const keepsHalfOfWhatFailed = mutant({
  name: "keeps-half-of-what-failed",
  story:
    "Inserts share a transaction, updates are written one by one, and those before the one that fails stay.",
  breaks: ["PUSH-009"],
  deform: (conforming) => ({
    ...conforming,
    async persist(context, transaction) {
      try {
        await conforming.persist(context, transaction);
      } catch (error) {
        const written = transaction.rows.slice(0, -1).filter(({ version }) => version > 1);
        for (const row of written) context.behaviour.applyRow(context, row);
        throw error;
      }
    },
  }),
});

export const keepsTheStampOfWhatFailed = mutant({
  name: "keeps-the-stamp-of-what-failed",
  story:
    "Stamps are in an index beside the items, without a transaction around both: after a failure the new stamp stands beside the old item, and the retry is taken for a duplicate.",
  breaks: ["PUSH-009"],
  deform: (conforming) => ({
    ...conforming,
    async persist(context, transaction) {
      try {
        await conforming.persist(context, transaction);
      } catch (error) {
        for (const row of transaction.rows) {
          const stored = context.behaviour.findRow(context, row.entityType, row.entityId);
          if (stored?.item && row.item) context.behaviour.applyRow(context, { ...row, item: stored.item });
        }
        throw error;
      }
    },
  }),
});

export const undoesOneTooMany = mutant({
  name: "undoes-one-too-many",
  story:
    "Savepoints are counted by request and not by transaction, so the rollback of a write that fails goes back to before the one that was acknowledged last.",
  breaks: ["CONS-014"],
  deform: (conforming) => {
    const base = remembering(conforming);
    const last = (context: Context): { rows: Row[]; before: (Row | undefined)[] } | undefined =>
      context.server.scratch.get(`savepoint ${context.user.id}`) as ReturnType<typeof last>;
    return {
      ...base,
      async persist(context, transaction) {
        try {
          await base.persist(context, transaction);
        } catch (error) {
          const { rows = [], before = [] } = last(context) ?? {};
          rows.forEach((row, n) => {
            const key = rowKey(row.entityType, row.entityId);
            const old = before[n];
            if (context.user.rows.get(key) !== row) return;
            if (old) context.user.rows.set(key, old);
            else context.user.rows.delete(key);
            context.user.log = context.user.log.filter(({ seq }) => seq !== row.seq);
          });
          throw error;
        }
        const before = transaction.rows.map((row) => base.findRow(context, row.entityType, row.entityId));
        context.server.scratch.set(`savepoint ${context.user.id}`, { rows: transaction.rows, before });
      },
    };
  },
});

export const losesSocketRewritesOfARestart = mutant({
  name: "loses-socket-rewrites-of-a-restart",
  story:
    "What a socket writes over an entity that came by HTTP is held back for the next push, and a restart forgets it.",
  breaks: ["CONS-015", "RT-040"],
  deform: (conforming) => {
    const base = writingBehind(conforming, (context) => context.connection !== undefined);
    return {
      ...base,
      restart(server) {
        base.restart(server);
        lose(server);
      },
    };
  },
});
