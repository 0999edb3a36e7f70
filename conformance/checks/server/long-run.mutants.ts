import { canonicalJson } from "../../../spec/rules/canonical-json.ts";
import { rowKey } from "../../model/state.ts";
import type { Row } from "../../model/state.ts";
import type { Context } from "../../model/context.ts";
import { mutant, tally } from "../../model/mutant.ts";

// Faults that a few requests do not show: now and then, from the n-th on, or beside other work.

export const losesEveryTwentiethPush = mutant({
  name: "loses-every-twentieth-push",
  story:
    "Writes go through a pool of connections, one of which points to a database that was taken out of service.",
  breaks: ["PULL-005", "PUSH-009"],
  deform: (conforming) => ({
    ...conforming,
    async commit(context, transaction) {
      if (tally(context, "commit") % 20 === 0) return;
      await conforming.commit(context, transaction);
    },
  }),
});

export const losesEveryTwentiethRecord = mutant({
  name: "loses-every-twentieth-record",
  story: "The cache of the records throws one away now and then, to make room for others.",
  breaks: ["IDEM-002", "IDEM-016"],
  deform: (conforming) => ({
    ...conforming,
    saveRecord(context, key, record) {
      if (tally(context, "record") % 20 !== 0) conforming.saveRecord(context, key, record);
    },
  }),
});

export const replaysAnotherKeysAnswer = mutant({
  name: "replays-another-keys-answer",
  story: "Keys are found by a hash of five bits, and nobody compares the keys that share one.",
  breaks: ["IDEM-006", "IDEM-002"],
  deform: (conforming) => ({
    ...conforming,
    recordKey: (_context, key) =>
      String([...key].reduce((sum, one) => (sum * 31 + one.charCodeAt(0)) % 32, 7)),
  }),
});

const agesAsText = (context: Context, answeredAt: number): boolean =>
  String(context.server.now() - answeredAt) > String(context.server.limits.idempotencyRetentionMs);

export const comparesAgesAsText = mutant({
  name: "compares-ages-as-text",
  story: "The store keeps texts, and 9000 comes after 86400000.",
  breaks: ["IDEM-016"],
  deform: (conforming) => ({
    ...conforming,
    isExpired: (context, { answeredAt }) => agesAsText(context, answeredAt),
  }),
});

export const comparesSeqsAsText = mutant({
  name: "compares-seqs-as-text",
  story: "The column for seq was made as text, and 10 comes before 9.",
  breaks: ["PULL-002", "PULL-005"],
  deform: (conforming) => ({
    ...conforming,
    rowsAfter: (context, seq) =>
      conforming.rowsAfter(context, 0).filter((row) => String(row.seq) > String(seq)),
  }),
});

export const countsAtMost250 = mutant({
  name: "counts-at-most-250",
  story: "The count is the length of a query's answer, and the query has a limit.",
  breaks: ["STAT-001"],
  deform: (conforming) => ({
    ...conforming,
    statusAnswer(context) {
      const answer = conforming.statusAnswer(context);
      return { ...answer, entityCount: Math.min(250, answer["entityCount"] as number) };
    },
  }),
});

const SNAPSHOT = "rows as they were when live items were read";

export const readsDeletionsLater = mutant({
  name: "reads-deletions-later",
  story:
    "A pull reads the live items, then asks a second table for the deletions; a push can come in between.",
  breaks: ["PULL-011"],
  deform: (conforming) => {
    const snapshots = (context: Context): Map<Context, Row[]> => {
      const known = context.server.volatile.get(SNAPSHOT) as Map<Context, Row[]> | undefined;
      const map = known ?? new Map<Context, Row[]>();
      context.server.volatile.set(SNAPSHOT, map);
      return map;
    };
    return {
      ...conforming,
      async beforeRead(context) {
        if (context.endpoint === "pull") snapshots(context).set(context, [...context.user.rows.values()]);
        for (let turns = 0; turns < 4; turns += 1) await conforming.beforeRead(context);
      },
      rowsAfter(context, seq) {
        const then = snapshots(context).get(context) ?? [];
        snapshots(context).delete(context);
        const live = then.filter((row) => row.item !== null && row.seq > seq);
        const told = new Set(live.map((row) => rowKey(row.entityType, row.entityId)));
        const deleted = conforming
          .rowsAfter(context, seq)
          .filter((row) => row.item === null && !told.has(rowKey(row.entityType, row.entityId)));
        return [...live, ...deleted].toSorted((a, b) => a.seq - b.seq);
      },
    };
  },
});

export const unstampedLoseWithinAPush = mutant({
  name: "unstamped-lose-within-a-push",
  story:
    "Of a push's items of one entity the latest is found before stamps are given, so one without a stamp is the oldest.",
  breaks: ["PUSH-010", "ORD-012"],
  deform: (conforming) => ({
    ...conforming,
    decide(context, plan) {
      const stamped = plan.candidates.filter(({ claim }) => claim === undefined);
      if (stamped.length === 0 || stamped.length === plan.candidates.length)
        return conforming.decide(context, plan);
      const { winner } = conforming.decide(context, { ...plan, candidates: stamped });
      return {
        winner,
        outcomes: plan.candidates.map((one) => (one === winner ? "applied" : "superseded")),
      };
    },
  }),
});

export const lastUnstampedWins = mutant({
  name: "last-of-stamped-and-unstamped-wins",
  story: "Where an item of a push has no stamp the order in the list decides.",
  breaks: ["PUSH-010"],
  deform: (conforming) => ({
    ...conforming,
    decide(context, plan) {
      const mixed = new Set(plan.candidates.map(({ claim }) => claim === undefined)).size > 1;
      if (!mixed) return conforming.decide(context, plan);
      const winner = plan.candidates.at(-1);
      return {
        winner,
        outcomes: plan.candidates.map((one) => (one === winner ? "applied" : "superseded")),
      };
    },
  }),
});

export const storesWhatTwinsHaveInCommon = mutant({
  name: "takes-neighbours-for-twins",
  story:
    "Requests that come in at once are merged by a fingerprint of their first item's members, names alone.",
  breaks: ["PULL-005", "PUSH-009"],
  deform: (conforming) => {
    const slot = (context: Context, rows: readonly Row[]): string =>
      `neighbour ${context.user.id} ${canonicalJson(Object.keys(rows[0]?.item ?? {}))}`;
    return {
      ...conforming,
      async commit(context, transaction) {
        const { volatile } = context.server;
        const name = slot(context, transaction.rows);
        const others = context.server.locks.has(conforming.lockName(context)) && volatile.get(name);
        if (typeof others === "number" && others === context.now && transaction.rows.length > 0) return;
        volatile.set(name, context.now);
        await conforming.commit(context, transaction);
      },
    };
  },
});
