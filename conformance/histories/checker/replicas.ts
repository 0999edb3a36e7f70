import type { Stamp } from "../../../spec/rules/stamp.ts";
import { compareStamps } from "../../../spec/rules/stamp.ts";
import { isWhole } from "../record.ts";
import type { Operation, Seen } from "../record.ts";
import type { Facts } from "./facts.ts";

/** What a device holds after a pull: what its pulls told it, nothing else. */
export interface Replica {
  rows: Map<string, Seen>;
  /** Of the last pull. */
  head?: number;
  last?: Operation;
}

/** A pull of one device, and what it held before and holds after. */
export interface Step {
  read: Operation;
  replica: Replica;
  /** Entities that the pull told, with what was held of them before. */
  before: ReadonlyMap<string, Seen | undefined>;
  /** Live ones that a full pull no longer told. */
  gone: readonly Seen[];
  /** As it was before. */
  earlier: { head?: number; last?: Operation };
}

/** Plays every device's pulls in their order. `visit` sees the replica as it is then. */
export function replay({ history }: Facts, visit: (step: Step) => void): void {
  const replicas = new Map<string, Replica>();
  const pulls = history.operations.filter(({ read, channel }) => read && channel !== "catch-up");
  for (const operation of pulls.sort((a, b) => a.ended - b.ended)) {
    const { device, read } = operation;
    let replica = replicas.get(device);
    if (!replica) replicas.set(device, (replica = { rows: new Map() }));
    const earlier = {
      ...(replica.head === undefined ? {} : { head: replica.head }),
      ...(replica.last ? { last: replica.last } : {}),
    };
    const before = new Map<string, Seen | undefined>();
    const gone: Seen[] = [];
    if (isWhole(operation)) {
      const told = new Set(read!.rows.map(({ entity }) => entity));
      for (const row of replica.rows.values())
        if (!row.stamp.deleted && !told.has(row.entity)) gone.push(row);
      for (const row of read!.rows) before.set(row.entity, replica.rows.get(row.entity));
      // Deletions that are known stay known.
      for (const row of gone) replica.rows.delete(row.entity);
    } else for (const row of read!.rows) before.set(row.entity, replica.rows.get(row.entity));
    for (const row of read!.rows) replica.rows.set(row.entity, row);
    if (read!.head !== undefined) replica.head = read!.head;
    replica.last = operation;
    visit({ read: operation, replica, before, gone, earlier });
  }
}

/** Whether a replica's word on an entity covers a write with this stamp: it, or a greater one, deletions told or not. */
export function covers(facts: Facts, { read, replica }: Step, entity: string, stamp: Stamp): boolean {
  const held = replica.rows.get(entity);
  if (held && compareStamps(held.stamp, stamp) >= 0) return true;
  // A full pull need not tell deletions, and what is gone needs no telling later; a live row that is older is wrong in any case.
  const isLive = held !== undefined && !held.stamp.deleted;
  return !isLive && facts.mayBeDeleted(read.user, entity, stamp, read.ended);
}
