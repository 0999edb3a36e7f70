import { isHot, lifeOf, remembering, writerOf } from "../../model/lives.ts";
import type { Behaviour } from "../../model/behaviour.ts";
import type { Context } from "../../model/context.ts";
import { mutant, tally } from "../../model/mutant.ts";

// Faults of what is read. They, too, show only where several devices have written one entity for a while.

/** What a delta leaves out. */
function deltasWithout(
  leavesOut: (context: Context, row: { entityType: never; entityId: string }) => boolean,
): (conforming: Behaviour) => Behaviour {
  return (conforming) => {
    const base = remembering(conforming);
    return {
      ...base,
      isOfWalk: (context, row, walk) =>
        base.isOfWalk(context, row, walk) && !(walk.mode === "delta" && leavesOut(context, row as never)),
    };
  };
}

export const sparesDevicesTheirOwn = mutant({
  name: "spares-devices-their-own-when-busy",
  story:
    "A delta leaves out what the device itself wrote last, as if it had to hold it: others' copies of busy entities have come between.",
  breaks: ["CONS-004"],
  deform: deltasWithout(
    (context, row) => isHot(context, row) && [...lifeOf(context, row).writers][0] === writerOf(context),
  ),
});

export const skipsReturnedInDeltas = mutant({
  name: "skips-returned-in-deltas",
  story:
    "The delta's query joins the table of deletions, so an entity that came back and was rewritten is not found by it.",
  breaks: ["CONS-004"],
  deform: deltasWithout((context, row) => lifeOf(context, row).returns > 0 && isHot(context, row)),
});

/** Some pulls are answered by a copy of the data that has not seen the last write yet. */
function lagging(when: (context: Context) => boolean): (conforming: Behaviour) => Behaviour {
  return (conforming) => {
    const lags = new WeakSet<Context>();
    return {
      ...conforming,
      startWalk(context, query) {
        if (context.user.devices.size >= 3 && context.user.log.length >= 6 && when(context))
          lags.add(context);
        return conforming.startWalk(context, query);
      },
      rowsAfter(context, seq) {
        const rows = conforming.rowsAfter(context, seq);
        return lags.has(context) ? rows.filter((row) => row.seq < context.user.head) : rows;
      },
      tellHead: (context) => conforming.tellHead(context) - (lags.has(context) ? 1 : 0),
    };
  };
}

export const alternatesBetweenReplicas = mutant({
  name: "alternates-between-replicas",
  story: "With several devices on, every third pull goes to a read replica, which is one transaction behind.",
  breaks: ["CONS-005"],
  deform: lagging((context) => tally(context, "pulls") % 3 === 0),
});

export const readsFromReplicaBesideWrites = mutant({
  name: "reads-from-replica-beside-writes",
  story: "While a user has a write under way, pulls are answered by a read replica so as not to wait for it.",
  breaks: ["CONS-005"],
  deform: lagging(({ server, user }) => server.locks.has(user.id)),
});

export const sharesHotRows = mutant({
  name: "shares-hot-rows",
  story:
    "Entities that are read often are cached by their id and version, which two users may have in common.",
  breaks: ["CONS-007", "ISO-002"],
  deform: (conforming) => {
    const base = remembering(conforming);
    return {
      ...base,
      tellItem(context, row) {
        const item = base.tellItem(context, row);
        if (item === null || !isHot(context, row)) return item;
        const name = `hot ${row.entityType}/${row.entityId} ${row.version}`;
        const { scratch } = context.server;
        if (!scratch.has(name)) scratch.set(name, item);
        return scratch.get(name) as typeof item;
      },
    };
  },
});
