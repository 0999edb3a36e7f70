import { isContested, isHot, remembering } from "../../model/lives.ts";
import { afterBuilding } from "../../model/deform.ts";
import type { Behaviour } from "../../model/behaviour.ts";
import type { Context } from "../../model/context.ts";
import { mutant } from "../../model/mutant.ts";
import type { EntityPlan } from "../../model/submission.ts";
import { rowKey } from "../../model/state.ts";
import type { Row } from "../../model/state.ts";

// Faults of what is stored, of servers that pass every check of one rule: they show only where several devices have written one entity for a while.

export const compactsAwayOfBusyEntities = mutant({
  name: "compacts-away-of-busy-entities",
  story: "The job that compacts the log drops the newest row of an entity that is written while it runs.",
  breaks: ["CONS-001"],
  deform: (conforming) => {
    const base = remembering(conforming);
    return {
      ...base,
      applyRow(context, row) {
        base.applyRow(context, row);
        const { user } = context;
        if (user.log.length < 10 || !isHot(context, row)) return;
        user.rows.delete(rowKey(row.entityType, row.entityId));
        user.log.pop();
      },
    };
  },
});

/** Another decision for contested entities. */
function deciding(
  change: (decision: Decision, plan: EntityPlan, context: Context) => Decision,
): (conforming: Behaviour) => Behaviour {
  return (conforming) => {
    const base = remembering(conforming);
    return {
      ...base,
      decide(context, plan) {
        const decision = base.decide(context, plan);
        return isContested(context, plan) ? change(decision, plan, context) : decision;
      },
    };
  };
}
type Decision = ReturnType<Behaviour["decide"]>;

export const forgetsStampsOfLongLivedEntities = mutant({
  name: "forgets-stamps-of-long-lived-entities",
  story:
    "Of entities that are written often the row moves to another table, whose copy of the stamp is not compared for equality.",
  breaks: ["CONS-002", "ORD-006"],
  deform: deciding((decision, { candidates }) => {
    const index = decision.outcomes.indexOf("duplicate");
    if (decision.winner || index < 0) return decision;
    return { winner: candidates[index], outcomes: decision.outcomes.with(index, "applied") };
  }),
});

export const keepsTheLastKeysOfAUser = mutant({
  name: "keeps-the-last-keys-of-a-user",
  story:
    "A user's idempotency records are a list that is cut when a third device has joined, as if each had few requests under way.",
  breaks: ["CONS-002"],
  deform: (conforming) => ({
    ...conforming,
    async recall(context, key) {
      const keys = [...conforming.records(context).keys()];
      if (context.user.devices.size >= 3 && keys.indexOf(key) < keys.length - 3) return undefined;
      return conforming.recall(context, key);
    },
  }),
});

/** Judges contested entities by another order. */
function judgingContestedBy(
  wins: (
    incoming: EntityPlan["candidates"][number]["stamp"],
    stored: EntityPlan["candidates"][number]["stamp"],
  ) => boolean | undefined,
): (conforming: Behaviour) => Behaviour {
  return deciding((decision, { stored, candidates }) => {
    const [only] = candidates;
    if (!stored || candidates.length !== 1 || decision.outcomes[0] === "duplicate") return decision;
    const won = wins(only!.stamp, stored.stamp);
    if (won === undefined) return decision;
    return won ? { winner: only, outcomes: ["applied"] } : { winner: undefined, outcomes: ["superseded"] };
  });
}

export const tiesByArrivalWhenBusy = mutant({
  name: "ties-by-arrival-when-busy",
  story:
    "Rows that are written often are upserted by time alone, `>=`, for the checksum is not part of their index.",
  breaks: ["CONS-003"],
  deform: judgingContestedBy((incoming, stored) =>
    incoming.updatedAt === stored.updatedAt ? true : undefined,
  ),
});

export const roundsTimesWhenBusy = mutant({
  name: "rounds-times-when-busy",
  story:
    "The index over entities that are written often keeps tenths of a second, and the later arrival wins within one.",
  breaks: ["CONS-003"],
  deform: judgingContestedBy((incoming, stored) =>
    Math.floor(incoming.updatedAt / 100) === Math.floor(stored.updatedAt / 100) ? true : undefined,
  ),
});

export const mergesNumbersWhenBusy = mutant({
  name: "merges-numbers-when-busy",
  story:
    "For entities that several devices write, the greater of two numbers is kept: nobody should lose minutes of practice.",
  breaks: ["CONS-006"],
  deform: (conforming) =>
    afterBuilding((row, stored, _winner, context) => {
      const old = stored?.item;
      if (!old || !row.item || !isHot(context, row)) return row;
      const merged = Object.entries(row.item).map(([name, value]) => {
        const before = old[name];
        return [
          name,
          typeof value === "number" && typeof before === "number" ? Math.max(value, before) : value,
        ];
      });
      return { ...row, item: Object.fromEntries(merged) as typeof row.item };
    })(remembering(conforming)),
});

export const storesTheLosersItem = mutant({
  name: "stores-the-losers-item-when-busy",
  story: "The upsert of a busy row sets its stamp by `max` and its item by what came last.",
  breaks: ["CONS-006"],
  deform: deciding((decision, { stored, candidates }) => {
    const index = decision.outcomes.indexOf("superseded");
    const loser = candidates[index];
    if (stored?.item && loser && !loser.deleted && !decision.winner) stored.item = loser.item;
    return decision;
  }),
});

export const insertsWithTheNextWrite = mutant({
  name: "inserts-with-the-next-write",
  story:
    "Inserts are collected beside updates of busy entities, to be written in one go with the user's next transaction.",
  breaks: ["CONS-008"],
  deform: (conforming) => {
    const base = remembering(conforming);
    return {
      ...base,
      async commit(context, transaction) {
        const { user, server } = context;
        const slot = `inserts ${user.id}`;
        const held = (server.scratch.get(slot) as Row[] | undefined) ?? [];
        const hot = transaction.rows.some((row) => isHot(context, row));
        const later = hot ? transaction.rows.filter(({ version }) => version === 1) : [];
        await base.commit(context, {
          ...transaction,
          rows: [...held, ...transaction.rows.filter((row) => !later.includes(row))],
        });
        user.log.sort((a, b) => a.seq - b.seq);
        server.scratch.set(slot, later);
      },
    };
  },
});

export const storesRewritesThatAreTooFarAhead = mutant({
  name: "stores-rewrites-that-are-too-far-ahead",
  story: "Rewrites are stored first and judged afterwards; for a stamp too far ahead the undoing is missing.",
  breaks: ["CONS-008"],
  deform: (conforming) => {
    const base = remembering(conforming);
    const late = new WeakSet<object>();
    return {
      ...base,
      isSkewed(context, stamp, stored) {
        const skewed = base.isSkewed(context, stamp, stored);
        const rewritten =
          stored !== undefined &&
          [...context.user.rows.values()].some((row) => row.stamp === stored && row.version >= 2);
        if (!skewed || !rewritten) return skewed;
        late.add(stamp);
        return false;
      },
      selectRows(context, judgements, rows) {
        for (const judgement of judgements) {
          if (!judgement.candidate || !late.has(judgement.candidate.stamp)) continue;
          Object.assign(judgement, {
            outcome: "refused",
            code: "CLOCK_SKEW",
            reason: "the stamp is too far ahead",
            errors: [],
          });
          Object.assign(judgement, { members: { serverTime: new Date(context.now).toISOString() } });
        }
        return base.selectRows(context, judgements, rows);
      },
    };
  },
});

export const reusesSeqAfterConflicts = mutant({
  name: "reuses-seq-after-conflicts",
  story:
    "A number is taken back when one item of a push loses on a busy entity, although another item has used it.",
  breaks: ["CONS-009"],
  deform: (conforming) => {
    const lost = new WeakSet<Context>();
    const base = deciding((decision, _plan, context) => {
      if (decision.outcomes.includes("superseded")) lost.add(context);
      return decision;
    })(conforming);
    return {
      ...base,
      nextSeq: (context, n) =>
        base.nextSeq(context, n) - (lost.has(context) && context.user.head > 0 ? 1 : 0),
    };
  },
});

export const numbersLateWritersBelow = mutant({
  name: "numbers-late-writers-below",
  story:
    "Each device takes its numbers from a block of its own, and the third one's lies below what the others have used up.",
  breaks: ["CONS-009"],
  deform: (conforming) => ({
    ...conforming,
    nextSeq(context, n) {
      const seq = conforming.nextSeq(context, n) * 1;
      const devices = [...context.user.devices.keys()];
      const third = devices.indexOf(context.request.headers["x-device-id"] ?? "") === 2;
      const used = new Set(context.user.log.map((entry) => entry.seq));
      const gap = seq - 4;
      return third && context.user.log.length >= 6 && gap > 0 && !used.has(gap)
        ? gap
        : seq + (devices.length >= 3 ? 3 : 0);
    },
  }),
});
