import type { EntityType } from "../../../schemas/collections.ts";
import type { Context, Server } from "../context.ts";
import { hasArrived } from "../turns.ts";
import { ConnectionLost, StorageFailure } from "../refusal.ts";
import { rowKey } from "../state.ts";
import type { IdempotencyRecord, Row, Transaction } from "../state.ts";
import type { Candidate, EntityPlan, Judgement } from "../submission.ts";

/** Who waits for whom, what is read, what is written, and when others see it. */
export interface StorageSteps {
  /** Runs `task` once no other of the same `lockName` runs. Without it, requests interleave where they await the store. */
  lock<T>(context: Context, task: () => Promise<T>): Promise<T>;
  /** Whose requests wait for each other. */
  lockName(context: Context): string;
  /** Waiting for the store before reading: other requests run meanwhile, unless locked out. */
  beforeRead(context: Context): Promise<void>;
  /** An entity's stored row, deletions included. */
  findRow(context: Context, entityType: EntityType, entityId: string): Row | undefined;
  /** What becomes of the items of one entity: the greatest stamp is applied, once. In order of `plan.candidates`; `row` is not yet known. */
  decide(
    context: Context,
    plan: EntityPlan,
  ): { winner: Candidate | undefined; outcomes: Judgement["outcome"][] };
  /** Which of the rows that a request is to write are written; the last step before the answer is made. */
  selectRows(context: Context, judgements: readonly Judgement[], rows: Row[]): Row[];
  /** The version of an entity's next write. */
  nextVersion(context: Context, plan: EntityPlan): number;
  /** The seq of the n-th row of a transaction, n from 0. */
  nextSeq(context: Context, n: number): number;
  /** The row that a winner becomes. */
  buildRow(context: Context, plan: EntityPlan, winner: Candidate, seq: number): Row;
  /** Rows and record become durable, then visible, together. */
  commit(context: Context, transaction: Transaction): Promise<void>;
  /** Waiting for the store to take a transaction; throws StorageFailure when it does not. Nothing is visible yet. */
  persist(context: Context, transaction: Transaction): Promise<void>;
  /** One row becomes visible: state, log and head. */
  applyRow(context: Context, row: Row): void;
  /** The record becomes visible. */
  saveRecord(context: Context, key: string, record: IdempotencyRecord): void;
  /** After a commit: what else learns of the rows (profile `realtime`). */
  afterCommit(context: Context, rows: readonly Row[]): void;
  /** The process ends and starts again: what was only in memory is gone. */
  restart(server: Server): void;
}

export const storage: StorageSteps = {
  async lock(context, task) {
    const { locks } = context.server;
    const name = context.behaviour.lockName(context);
    hasArrived(context);
    const mine = (locks.get(name) ?? Promise.resolve()).then(task);
    const end = mine.catch(() => undefined);
    locks.set(name, end);
    try {
      return await mine;
    } finally {
      if (locks.get(name) === end) locks.delete(name);
    }
  },

  lockName: ({ user }) => user.id,

  async beforeRead(context) {
    await context.server.turn(context);
  },

  findRow: ({ user }, entityType, entityId) => user.rows.get(rowKey(entityType, entityId)),

  decide(context, { stored, candidates }) {
    const { behaviour } = context;
    let winner: Candidate | undefined;
    for (const candidate of candidates) {
      const top = winner?.stamp ?? stored?.stamp;
      if (behaviour.judge(context, top, candidate.stamp) === "applied") winner = candidate;
    }
    const final = winner?.stamp ?? stored?.stamp;
    const outcomes = candidates.map((candidate) => {
      if (candidate === winner) return "applied";
      return behaviour.judge(context, final, candidate.stamp) === "duplicate" ? "duplicate" : "superseded";
    });
    return { winner, outcomes };
  },

  selectRows: (_context, _judgements, rows) => rows,

  nextVersion: (_context, { stored }) => (stored?.version ?? 0) + 1,

  nextSeq: ({ user }, n) => user.head + 1 + n,

  buildRow(context, plan, winner, seq) {
    const { behaviour } = context;
    const claim = behaviour.keepClaim(context, plan, winner);
    return {
      entityType: winner.entityType,
      entityId: winner.entityId,
      item: winner.deleted ? null : winner.item,
      stamp: winner.stamp,
      version: behaviour.nextVersion(context, plan),
      seq,
      writtenAt: context.server.now(),
      ...(claim === undefined ? {} : { claim }),
    };
  },

  async commit(context, transaction) {
    const { behaviour } = context;
    await behaviour.persist(context, transaction);
    for (const row of transaction.rows) behaviour.applyRow(context, row);
    const { record } = transaction;
    if (record) behaviour.saveRecord(context, record.key, record.record);
    behaviour.afterCommit(context, transaction.rows);
  },

  async persist(context) {
    const { server, life } = context;
    // A write takes longer than a read: a request that is not locked out reads what was before it.
    for (let n = 0; n < 3; n += 1) await server.turn(context);
    if (server.life !== life) throw new ConnectionLost("the server ended before the transaction was stored");
    if (server.writesToFail === 0) return;
    server.writesToFail -= 1;
    throw new StorageFailure("the store did not take the transaction");
  },

  applyRow({ user }, row) {
    user.rows.set(rowKey(row.entityType, row.entityId), row);
    user.log.push({ seq: row.seq, entityType: row.entityType, entityId: row.entityId });
    user.head = Math.max(user.head, row.seq);
    user.lastWriteAt = row.writtenAt;
  },

  saveRecord(context, key, record) {
    context.behaviour.records(context).set(key, record);
  },

  afterCommit() {},

  restart(server) {
    server.volatile.clear();
    server.buckets.clear();
    server.inFlight.clear();
    server.locks.clear();
  },
};
