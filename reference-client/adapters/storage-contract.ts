import { afterEach, describe, expect, it } from "vitest";
import type { OpenStorage, Storage, StoredEntity } from "../ports/storage.ts";
import type { EntityKey, LocalEdits, ReplicaState, Row } from "../replica/records.ts";

/** Makes an opener whose data no other test sees. */
export type FreshStorage = () => Promise<OpenStorage>;

const E1: EntityKey = "logbook_entry/e1";
const E2: EntityKey = "logbook_entry/e2";
const ODD: EntityKey = "repertoire_item/für elise||__proto__/\u0000\ud83c\udfb9";

const state = (revision: number): ReplicaState => ({
  revision,
  deviceId: "device-1",
  clockOffset: 0,
  requests: [],
  settings: { realtime: true, autoSync: "always", notifications: "all" },
});
const row = (seq: number, notes = "slow"): Row => ({
  item: { id: `e${seq}`, notes },
  updatedAt: 1000 + seq,
  checksum: "ab",
  version: 1,
  seq,
  seen: 1000 + seq,
});
const edits = (at: number): LocalEdits => ({
  waiting: { item: { id: "e1", n: [1, { a: null }] }, deleted: false, updatedAt: at, offset: 0, tries: 0 },
});

async function everything(storage: Storage): Promise<Map<EntityKey, StoredEntity>> {
  const all = new Map<EntityKey, StoredEntity>();
  await storage.load((batch) => {
    for (const entity of batch) {
      expect(all.has(entity.key), `${entity.key} comes twice`).toBe(false);
      all.set(entity.key, entity);
    }
  });
  return all;
}

/** Holds an adapter to the contract of `Storage`: the same tests for memory, files and IndexedDB. */
export function storageContract(name: string, fresh: FreshStorage): void {
  describe(`storage: ${name}`, () => {
    const opened: Storage[] = [];
    afterEach(async () => {
      for (const storage of opened.splice(0)) await storage.close();
    });
    const open = async (opener: OpenStorage, user = "alice"): Promise<Storage> => {
      const storage = await opener(user);
      opened.push(storage);
      return storage;
    };

    it("has nothing at first", async () => {
      const storage = await open(await fresh());
      expect((await everything(storage)).size).toBe(0);
      await storage.transact([E1], (current) => {
        expect(current.state).toBeUndefined();
        expect(current.rows.size + current.edits.size).toBe(0);
        return undefined;
      });
    });

    it("keeps what was committed until it is opened again", async () => {
      const opener = await fresh();
      const storage = await open(opener);
      await storage.transact([], () => ({
        state: state(1),
        rows: new Map([
          [E1, row(1)],
          [ODD, row(2, "\u2028 \ud83c\udfb5")],
        ]),
        edits: new Map([
          [E1, edits(5)],
          [E2, edits(6)],
        ]),
      }));
      await storage.close();
      const again = await open(opener);
      const all = await everything(again);
      expect(all.get(E1)).toEqual({ key: E1, row: row(1), edits: edits(5) });
      expect(all.get(E2)).toEqual({ key: E2, edits: edits(6) });
      expect(all.get(ODD)).toEqual({ key: ODD, row: row(2, "\u2028 \ud83c\udfb5") });
      expect(await again.load(() => {})).toEqual(state(1));
    });

    it("reads in a transaction what was asked for, and no more", async () => {
      const storage = await open(await fresh());
      await storage.transact([], () => ({
        state: state(1),
        rows: new Map([
          [E1, row(1)],
          [E2, row(2)],
        ]),
        edits: new Map([[E2, edits(7)]]),
      }));
      await storage.transact([E1, ODD], (current) => {
        expect(current.state).toEqual(state(1));
        expect([...current.rows]).toEqual([[E1, row(1)]]);
        expect(current.edits.size).toBe(0);
        return undefined;
      });
    });

    it("replaces, removes by null, and leaves the rest", async () => {
      const storage = await open(await fresh());
      await storage.transact([], () => ({
        rows: new Map([
          [E1, row(1)],
          [E2, row(2)],
        ]),
        edits: new Map([[E1, edits(1)]]),
      }));
      await storage.transact([], () => ({
        rows: new Map([[E2, row(3)]]),
        edits: new Map<EntityKey, LocalEdits | null>([
          [E1, null],
          [ODD, null],
        ]),
      }));
      const all = await everything(storage);
      expect([...all.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1))).toEqual([
        { key: E1, row: row(1) },
        { key: E2, row: row(3) },
      ]);
    });

    it("drops all rows before it writes new ones, and leaves the edits", async () => {
      const storage = await open(await fresh());
      await storage.transact([], () => ({
        rows: new Map([
          [E1, row(1)],
          [E2, row(2)],
        ]),
        edits: new Map([[E1, edits(1)]]),
      }));
      await storage.transact([], () => ({ dropRows: true, rows: new Map([[E2, row(9)]]) }));
      const all = await everything(storage);
      expect(all.get(E1)).toEqual({ key: E1, edits: edits(1) });
      expect(all.get(E2)).toEqual({ key: E2, row: row(9) });
    });

    it("writes nothing when the plan throws, and goes on", async () => {
      const storage = await open(await fresh());
      const failure = new Error("the plan fails");
      const failing = storage.transact([], () => {
        throw failure;
      });
      await expect(failing).rejects.toBe(failure);
      await storage.transact([], () => ({ state: state(4) }));
      expect(await storage.load(() => {})).toEqual(state(4));
    });

    it("does transactions one after the other, in the order in which they were begun", async () => {
      const storage = await open(await fresh());
      const order: number[] = [];
      const count = async (index: number): Promise<void> => {
        await storage.transact([E1], ({ state: before, rows }) => {
          const revision = (before?.revision ?? 0) + 1;
          expect(rows.get(E1)?.seq ?? 0).toBe(revision - 1);
          return { state: state(revision), rows: new Map([[E1, row(revision)]]) };
        });
        order.push(index);
      };
      const counts = Array.from({ length: 50 }, (_, index) => count(index));
      await Promise.all(counts);
      expect(order).toEqual(counts.map((_, index) => index));
      expect((await storage.load(() => {}))?.revision).toBe(50);
    });

    it("is not changed by what is done to objects that went in or came out", async () => {
      const storage = await open(await fresh());
      const written = row(1);
      await storage.transact([], () => ({ rows: new Map([[E1, written]]) }));
      written.item!["notes"] = "changed later";
      await storage.load((batch) => {
        batch[0]!.row!.item!["notes"] = "changed by a reader";
      });
      expect((await everything(storage)).get(E1)?.row).toEqual(row(1));
    });

    it("loads thousands, in batches that wait for each other", async () => {
      const storage = await open(await fresh());
      const many = Array.from({ length: 3000 }, (_, at): [EntityKey, Row] => [`goal/g${at}`, row(at + 1)]);
      await storage.transact([], () => ({ rows: new Map(many) }));
      let batches = 0;
      let inside = false;
      let entities = 0;
      await storage.load(async (batch) => {
        expect(inside).toBe(false);
        inside = true;
        batches++;
        entities += batch.length;
        await Promise.resolve();
        inside = false;
      });
      expect(entities).toBe(3000);
      expect(batches).toBeGreaterThan(2);
    });

    it("keeps users apart", async () => {
      const opener = await fresh();
      const alice = await open(opener, "alice");
      await alice.transact([], () => ({ state: state(1), rows: new Map([[E1, row(1)]]) }));
      const others = ["bob", "Alice", "alice/1", "..", "ali\u0000ce", "ă\ud83c\udfb9"];
      for (const user of others) {
        const other = await open(opener, user);
        expect((await everything(other)).size, user).toBe(0);
        await other.transact([], () => ({ rows: new Map([[E2, row(2)]]) }));
      }
      expect([...(await everything(alice)).keys()]).toEqual([E1]);
    });

    it("refuses with STORAGE_CLOSED once it is closed, and may be closed twice", async () => {
      const storage = await open(await fresh());
      const begun = storage.transact([], () => ({ state: state(1) }));
      await storage.close();
      await storage.close();
      await begun;
      await expect(storage.transact([], () => undefined)).rejects.toMatchObject({ code: "STORAGE_CLOSED" });
      await expect(storage.load(() => {})).rejects.toMatchObject({ code: "STORAGE_CLOSED" });
    });

    it("destroys one user's data, and no other's", async () => {
      const opener = await fresh();
      const [alice, bob] = [await open(opener, "alice"), await open(opener, "bob")];
      for (const storage of [alice, bob])
        await storage.transact([], () => ({ state: state(1), rows: new Map([[E1, row(1)]]) }));
      await alice.destroy();
      expect((await everything(await open(opener, "alice"))).size).toBe(0);
      expect((await everything(bob)).size).toBe(1);
    });
  });
}

/** For adapters whose place may be open several times at once, as by tabs. */
export function sharedStorageContract(name: string, fresh: FreshStorage): void {
  it(`storage: ${name}: lets two openings count together without losing one`, async () => {
    const opener = await fresh();
    const tabs = [await opener("alice"), await opener("alice")];
    const counts = Array.from({ length: 40 }, (_, index) =>
      tabs[index % 2]!.transact([], ({ state: before }) => ({ state: state((before?.revision ?? 0) + 1) })),
    );
    await Promise.all(counts);
    expect((await tabs[0]!.load(() => {}))?.revision).toBe(40);
    for (const tab of tabs) await tab.close();
  });
}

/** For adapters whose place is one process's alone. */
export function lockedStorageContract(name: string, fresh: FreshStorage): void {
  it(`storage: ${name}: refuses a second opening with STORAGE_LOCKED while the first is there`, async () => {
    const opener = await fresh();
    const first = await opener("alice");
    await expect(opener("alice")).rejects.toMatchObject({ code: "STORAGE_LOCKED" });
    await first.close();
    await (await opener("alice")).close();
  });
}
