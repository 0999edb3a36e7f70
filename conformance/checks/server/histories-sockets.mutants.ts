import type { Context } from "../../model/context.ts";
import { isHot, lifeOf, remembering } from "../../model/lives.ts";
import { mutant } from "../../model/mutant.ts";
import type { Connection } from "../../model/realtime/connection.ts";
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

export const reusesPlacesOfSockets = mutant({
  name: "reuses-places-of-sockets",
  story:
    "A user's sockets are kept by number, and the next number is how many there are: after one has ended, that of another which lives.",
  breaks: ["CONS-010"],
  deform: (conforming) => {
    const placesOf = ({ server, user }: Context): Map<number, Connection> => {
      const slot = `places of sockets of ${user.id}`;
      if (!server.scratch.has(slot)) server.scratch.set(slot, new Map());
      return server.scratch.get(slot) as Map<number, Connection>;
    };
    return {
      ...conforming,
      beginCatchUp(context, connection, baseline) {
        const places = placesOf(context);
        for (const [place, { open }] of places) if (!open) places.delete(place);
        if (!connection.memory.has("placed")) places.set(places.size, connection);
        connection.memory.set("placed", true);
        conforming.beginCatchUp(context, connection, baseline);
      },
      audience(context) {
        const placed = new Set(placesOf(context).values());
        return conforming.audience(context).filter((one) => !one.memory.has("placed") || placed.has(one));
      },
    };
  },
});

export const leavesOutHttpOverSocket = mutant({
  name: "leaves-out-http-over-socket",
  story:
    "The log of a socket's writes is its own table, and a row that HTTP has overwritten is in neither of the two that a catch-up joins.",
  breaks: ["CONS-011"],
  deform: (conforming) => {
    const base = remembering(conforming);
    return {
      ...base,
      applyRow(context, row) {
        const life = lifeOf(context, row);
        const over = life.bySocket && context.connection === undefined && life.writers.size >= 2;
        base.applyRow(context, row);
        context.server.scratch.set(
          `over ${context.user.id} ${row.entityType}/${row.entityId}`,
          over ? row.seq : 0,
        );
      },
      isInCatchUp: (context, row, baseline) =>
        context.server.scratch.get(`over ${context.user.id} ${row.entityType}/${row.entityId}`) !== row.seq &&
        base.isInCatchUp(context, row, baseline),
    };
  },
});

export const deltasMissSocketOverHttp = mutant({
  name: "deltas-miss-socket-over-http",
  story:
    "What a socket wrote over another device's push is an update in the socket's log alone, and a delta reads updates from the log of pushes.",
  breaks: ["CONS-012"],
  deform: (conforming) => {
    const base = remembering(conforming);
    return {
      ...base,
      applyRow(context, row) {
        const life = lifeOf(context, row);
        const over = context.connection !== undefined && life.writers.size > 0 && !life.bySocket;
        base.applyRow(context, row);
        context.server.scratch.set(
          `missed ${context.user.id} ${row.entityType}/${row.entityId}`,
          over ? row.seq : 0,
        );
      },
      isOfWalk: (context, row, walk) =>
        base.isOfWalk(context, row, walk) &&
        !(
          walk.mode === "delta" &&
          context.server.scratch.get(`missed ${context.user.id} ${row.entityType}/${row.entityId}`) ===
            row.seq
        ),
    };
  },
});

export const catchesUpWithDrafts = mutant({
  name: "catches-up-with-drafts",
  story:
    "While its socket lives, an item that was written there over another is a draft in its memory; later a catch-up finds the item of before beside the new meta.",
  breaks: ["CONS-013"],
  deform: (conforming) => {
    const base = remembering(conforming);
    return {
      ...base,
      applyRow(context, row) {
        base.applyRow(context, row);
        context.server.scratch.set(
          `draft ${context.user.id} ${row.entityType}/${row.entityId}`,
          context.connection && {
            seq: row.seq,
            by: context.connection,
            item: lifeOf(context, row).before?.item,
          },
        );
      },
      bulkFrame(context, rows) {
        const shown = rows.map((row) => {
          const draft = context.server.scratch.get(
            `draft ${context.user.id} ${row.entityType}/${row.entityId}`,
          ) as { seq: number; by: Connection; item: Row["item"] | undefined } | undefined;
          const stale = draft && draft.seq === row.seq && !draft.by.open && row.item && draft.item;
          return stale ? { ...row, item: stale } : row;
        });
        return base.bulkFrame(context, shown);
      },
    };
  },
});
