import { deepStrictEqual as deepEqual } from "node:assert";
import type { OpenStorage, Storage } from "../../ports/storage.ts";
import type { EntityKey, ReplicaState, Row } from "../../replica/records.ts";

/** How many entities the counting goes round. */
const ROUND = 7;

const keyOf = (at: number): EntityKey => `goal/g${at % ROUND}`;

const rowOf = (at: number): Row => ({
  item: { id: `g${at % ROUND}`, title: `line\n${"♪".repeat(at % 9)}` },
  updatedAt: at,
  checksum: "ab",
  version: 1,
  seq: at,
  seen: at,
});

const stateOf = (revision: number): ReplicaState => ({
  revision,
  deviceId: "device-1",
  clockOffset: 0,
  requests: [],
  settings: { realtime: true, autoSync: "always", notifications: "all" },
});

/** Adds one to the count that a storage holds; part of the count is in the state, part in a row. Resolves with it when it is durable. */
export async function count(storage: Storage): Promise<number> {
  let counted = 0;
  await storage.transact([], ({ state }) => {
    counted = (state?.revision ?? 0) + 1;
    return { state: stateOf(counted), rows: new Map([[keyOf(counted), rowOf(counted)]]) };
  });
  return counted;
}

/** Opens what was counted in, and returns the count. All of it must be of one moment. */
export async function countIn(opener: OpenStorage): Promise<number> {
  const storage = await opener("alice");
  const rows = new Map<EntityKey, Row | undefined>();
  const state = await storage.load((batch) => {
    for (const { key, row } of batch) rows.set(key, row);
  });
  await storage.close();
  const counted = state?.revision ?? 0;
  const expected = new Map<EntityKey, Row>();
  for (let at = Math.max(1, counted - ROUND + 1); at <= counted; at++) expected.set(keyOf(at), rowOf(at));
  deepEqual(rows, expected);
  return counted;
}
