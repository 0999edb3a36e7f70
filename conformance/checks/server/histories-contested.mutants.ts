import type { Behaviour } from "../../model/behaviour.ts";
import type { Context } from "../../model/context.ts";
import { afterBuilding } from "../../model/deform.ts";
import { isContested, lifeOf, remembering, writerOf } from "../../model/lives.ts";
import { mutant } from "../../model/mutant.ts";
import { rowKey } from "../../model/state.ts";
import type { Row } from "../../model/state.ts";

// Faults that need what nobody sets up by hand: three writers of one entity, with some of them losing, and what they do next.

type Named = Pick<Row, "entityType" | "entityId">;

/** A set that the server keeps: of things that happened to a user. */
function notes(context: Context, name: string): Set<string> {
  const { scratch } = context.server;
  const slot = `${name} ${context.user.id}`;
  if (!scratch.has(slot)) scratch.set(slot, new Set<string>());
  return scratch.get(slot) as Set<string>;
}
const noteOf = ({ entityType, entityId, seq }: Named & { seq: number }): string =>
  `${rowKey(entityType, entityId)} ${seq}`;

/** Calls `lost` where a write of a contested entity was superseded, `stored` being what it met. */
function afterLosses(
  conforming: Behaviour,
  lost: (context: Context, stored: Row, loser: Row["item"]) => void,
): Behaviour {
  const base = remembering(conforming);
  return {
    ...base,
    decide(context, plan) {
      const decision = base.decide(context, plan);
      const { stored, candidates } = plan;
      if (stored && !decision.winner && decision.outcomes[0] === "superseded" && isContested(context, plan))
        lost(context, stored, candidates[0]!.deleted ? null : candidates[0]!.item);
      return decision;
    },
  };
}

export const dropsFromTheIndexOfTheLiving = mutant({
  name: "drops-from-the-index-of-the-living",
  story:
    "An upsert that loses is taken for a deletion by the index of live rows, which has the entities that have been through enough hands.",
  breaks: ["CONS-001"],
  deform: (conforming) => {
    const base = afterLosses(conforming, (context, stored) => notes(context, "dropped").add(noteOf(stored)));
    return {
      ...base,
      isOfWalk: (context, row, walk) =>
        base.isOfWalk(context, row, walk) &&
        !(walk.mode === "full" && notes(context, "dropped").has(noteOf(row))),
    };
  },
});

export const countsVersionsForAllUsers = mutant({
  name: "counts-versions-for-all-users",
  story:
    "Entities with much traffic get their versions from a counter in a cache, by type and id, which another user has in common.",
  breaks: ["CONS-002"],
  deform: (conforming) => {
    const base = remembering(conforming);
    return {
      ...base,
      nextVersion(context, plan) {
        const version = base.nextVersion(context, plan);
        if (!isContested(context, plan)) return version;
        const { scratch } = context.server;
        const slot = `version of ${rowKey(plan.entityType, plan.entityId)}`;
        const next = Math.max(version, ((scratch.get(slot) as number | undefined) ?? 0) + 1);
        scratch.set(slot, next);
        return next;
      },
    };
  },
});

export const believesTheSameDevice = mutant({
  name: "believes-the-same-device",
  story:
    "What a device sends later is its later word: for an entity with several writers its own writes are taken in order of arrival.",
  breaks: ["CONS-003"],
  deform: (conforming) => {
    const base = remembering(conforming);
    return {
      ...base,
      decide(context, plan) {
        const decision = base.decide(context, plan);
        const [only] = plan.candidates;
        const own = lifeOf(context, plan).last === writerOf(context);
        return plan.candidates.length === 1 &&
          decision.outcomes[0] === "superseded" &&
          own &&
          isContested(context, plan)
          ? { winner: only, outcomes: ["applied"] }
          : decision;
      },
    };
  },
});

export const countsAnswersAsTold = mutant({
  name: "counts-answers-as-told",
  story:
    "A device whose write lost has the winner from its answer, so its next delta spares it that row: but a cursor stands for what pulls told.",
  breaks: ["CONS-004"],
  deform: (conforming) => {
    const base = afterLosses(conforming, (context, stored) =>
      notes(context, "told").add(`${writerOf(context)} ${noteOf(stored)}`),
    );
    return {
      ...base,
      isOfWalk: (context, row, walk) =>
        base.isOfWalk(context, row, walk) &&
        !(walk.mode === "delta" && notes(context, "told").has(`${writerOf(context)} ${noteOf(row)}`)),
    };
  },
});

export const readsFromReplicaAfterLosses = mutant({
  name: "reads-from-replica-after-losses",
  story:
    "A pull waits for the replica to have the user's last write, unless that was superseded; then what came before it is missing, too.",
  breaks: ["CONS-005"],
  deform: (conforming) => {
    const lags = new WeakSet<Context>();
    const base = afterLosses(conforming, (context) => notes(context, "lost").add("last"));
    return {
      ...base,
      applyRow(context, row) {
        base.applyRow(context, row);
        notes(context, "lost").delete("last");
      },
      startWalk(context, query) {
        if (notes(context, "lost").has("last")) lags.add(context);
        return base.startWalk(context, query);
      },
      rowsAfter(context, seq) {
        const rows = base.rowsAfter(context, seq);
        return lags.has(context) ? rows.filter((row) => row.seq < context.user.head) : rows;
      },
      tellHead: (context) => base.tellHead(context) - (lags.has(context) ? 1 : 0),
    };
  },
});

export const mixesContentAtTies = mutant({
  name: "mixes-content-at-ties",
  story:
    "Two writes of one millisecond are merged member by member once an entity has several writers, under the stamp of the greater.",
  breaks: ["CONS-006"],
  deform: (conforming) => {
    const merged = (first: Row["item"], second: Row["item"]): Row["item"] => {
      if (!first || !second) return first;
      const halves = Object.keys(first).map((name, n) => [name, (n % 2 === 0 ? first : second)[name]]);
      return Object.fromEntries(halves.filter(([, value]) => value !== undefined)) as Row["item"];
    };
    const base = afterLosses(conforming, (_context, stored, loser) => {
      if (loser && stored.item && loser["updatedAt"] === stored.item["updatedAt"])
        stored.item = merged(stored.item, loser);
    });
    return afterBuilding((row, stored, _winner, context) =>
      stored && stored.stamp.updatedAt === row.stamp.updatedAt && isContested(context, row)
        ? { ...row, item: merged(row.item, stored.item) }
        : row,
    )(base);
  },
});

export const showsLosersTheirOwn = mutant({
  name: "shows-losers-their-own",
  story:
    "What a device wrote last is laid over what it pulls until somebody else has written again, so that its user does not see a jump.",
  breaks: ["CONS-006"],
  deform: (conforming) => {
    const base = afterLosses(conforming, (context, stored, loser) => {
      if (loser && stored.item)
        context.server.scratch.set(`own ${context.user.id} ${writerOf(context)} ${noteOf(stored)}`, loser);
    });
    return {
      ...base,
      tellItem(context, row) {
        const own = context.server.scratch.get(
          `own ${context.user.id} ${writerOf(context)} ${noteOf(row)}`,
        ) as Row["item"] | undefined;
        return context.endpoint === "pull" && own && row.item ? own : base.tellItem(context, row);
      },
    };
  },
});

export const countsHandsNotWrites = mutant({
  name: "counts-hands-not-writes",
  story:
    "The version of an entity that several write counts how often it changed hands: a second write by the same device overwrites the revision.",
  breaks: ["CONS-009"],
  deform: (conforming) => {
    const base = remembering(conforming);
    return {
      ...base,
      nextVersion: (context, plan) =>
        isContested(context, plan) && lifeOf(context, plan).last === writerOf(context)
          ? plan.stored!.version
          : base.nextVersion(context, plan),
    };
  },
});
