import { isHot, lifeOf, remembering } from "../../model/lives.ts";
import { mutant } from "../../model/mutant.ts";
import { rowKey } from "../../model/state.ts";
import type { Row } from "../../model/state.ts";

export const tellsNoLosersAgain = mutant({
  name: "tells-no-losers-again",
  story:
    "A socket whose write was superseded is marked as out of date for that entity, and the mark is never taken away.",
  breaks: ["CONS-010"],
  deform: (conforming) => ({
    ...conforming,
    acknowledge(context, connection, judgements) {
      for (const { outcome, candidate } of judgements)
        if (outcome === "superseded" && candidate)
          connection.memory.set(`stale ${candidate.entityType}/${candidate.entityId}`, true);
      conforming.acknowledge(context, connection, judgements);
    },
    sendEvent(context, connection, rows) {
      const fresh = rows.filter((row) => !connection.memory.has(`stale ${row.entityType}/${row.entityId}`));
      if (fresh.length > 0) conforming.sendEvent(context, connection, fresh);
    },
  }),
});

export const coalescesForSlowReaders = mutant({
  name: "coalesces-for-slow-readers",
  story:
    "For a reader that is behind, an event of an entity that has one in the queue is left out; the wrong one of the two.",
  breaks: ["CONS-010"],
  deform: (conforming) => ({
    ...conforming,
    sendEvent(context, connection, rows) {
      const waiting = connection.unsent > 0 && rows.every(({ version }) => version > 1);
      if (!waiting) conforming.sendEvent(context, connection, rows);
    },
  }),
});

export const catchesUpFromTheBestPlace = mutant({
  name: "catches-up-from-the-best-place",
  story:
    "A device that comes back is caught up from where the user's most recent socket is, once the log is long enough to save something.",
  breaks: ["CONS-011"],
  deform: (conforming) => ({
    ...conforming,
    baselineOf(context, connection, message) {
      const baseline = conforming.baselineOf(context, connection, message);
      const best = Math.max(...context.behaviour.audience(context).map(({ watermark }) => watermark ?? 0));
      return baseline.after > 0 && context.user.log.length >= 8
        ? { ...baseline, after: Math.max(baseline.after, best) }
        : baseline;
    },
  }),
});

export const leavesOutOfTheDead = mutant({
  name: "leaves-out-of-the-dead",
  story:
    "What a socket wrote to a busy entity is kept with the connection, so a catch-up does not find it when that has ended.",
  breaks: ["CONS-011"],
  deform: (conforming) => {
    const base = remembering(conforming);
    return {
      ...base,
      applyRow(context, row) {
        base.applyRow(context, row);
        if (context.connection)
          context.server.scratch.set(
            `by ${context.user.id} ${row.entityType}/${row.entityId} ${row.seq}`,
            context.connection,
          );
      },
      isInCatchUp(context, row, baseline) {
        const author = context.server.scratch.get(
          `by ${context.user.id} ${row.entityType}/${row.entityId} ${row.seq}`,
        ) as { open: boolean } | undefined;
        const dead = author !== undefined && !author.open && row.version >= 2;
        return !dead && base.isInCatchUp(context, row, baseline);
      },
    };
  },
});

export const judgesFromTheSocketsCache = mutant({
  name: "judges-from-the-sockets-cache",
  story:
    "A connection remembers the rows that it wrote, and judges its next write of them by that, whatever HTTP has stored since.",
  breaks: ["CONS-012"],
  deform: (conforming) => ({
    ...conforming,
    applyRow(context, row) {
      conforming.applyRow(context, row);
      context.connection?.memory.set(`row ${rowKey(row.entityType, row.entityId)}`, row);
    },
    findRow(context, entityType, entityId) {
      const cached = context.connection?.memory.get(`row ${rowKey(entityType, entityId)}`) as Row | undefined;
      return cached ?? conforming.findRow(context, entityType, entityId);
    },
  }),
});

export const appliesAgainOverHttp = mutant({
  name: "applies-again-over-http",
  story: "Whether a change is known is looked up by channel, once its entity has been written on both.",
  breaks: ["CONS-012"],
  deform: (conforming) => {
    const base = remembering(conforming);
    return {
      ...base,
      decide(context, plan) {
        const decision = base.decide(context, plan);
        const { bySocket, writers } = lifeOf(context, plan);
        const again =
          decision.outcomes[0] === "duplicate" &&
          context.connection === undefined &&
          bySocket &&
          writers.size >= 2;
        return again && plan.candidates.length === 1
          ? { winner: plan.candidates[0], outcomes: ["applied"] }
          : decision;
      },
    };
  },
});

export const tellsTheLosersItem = mutant({
  name: "tells-the-losers-item",
  story:
    "Events of busy entities are made from the request, not from what was stored, so a superseded item goes out beside the winner's stamp.",
  breaks: ["CONS-013"],
  deform: (conforming) => {
    const base = remembering(conforming);
    return {
      ...base,
      pushAnswer(context, judgements, head) {
        for (const { outcome, candidate } of judgements) {
          if (outcome !== "superseded" || !candidate || candidate.deleted || !isHot(context, candidate))
            continue;
          const stored = base.findRow(context, candidate.entityType, candidate.entityId)!;
          if (stored.item === null) continue;
          for (const connection of base.audience(context))
            if (!connection.catchingUp)
              base.send(context, connection, base.eventFrame(context, [{ ...stored, item: candidate.item }]));
        }
        return base.pushAnswer(context, judgements, head);
      },
    };
  },
});
