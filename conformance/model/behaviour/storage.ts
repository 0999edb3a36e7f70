import type { Context, Server } from "../context.ts";
import { ConnectionLost, StorageFailure } from "../refusal.ts";
import { rowKey } from "../state.ts";
import type { IdempotencyRecord, Row, Transaction } from "../state.ts";
import { hasArrived } from "../turns.ts";

/** Who waits for whom, what becomes durable, and when others see it. */
export interface StorageSteps {
  /** Runs `task` once no other of the same `lockName` runs. Without it, requests interleave where they await the store. */
  lock<T>(context: Context, task: () => Promise<T>): Promise<T>;
  /** Whose requests wait for each other. */
  lockName(context: Context): string;
  /** Waiting for the store before reading: other requests run meanwhile, unless locked out. */
  beforeRead(context: Context): Promise<void>;
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

  afterCommit(context, rows) {
    if (rows.length > 0) context.behaviour.fanOut(context, rows);
  },

  restart(server) {
    server.behaviour.endSockets(server);
    server.volatile.clear();
    server.buckets.clear();
    server.inFlight.clear();
    server.locks.clear();
  },
};
