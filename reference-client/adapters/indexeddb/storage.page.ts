import { deleteDB, openDB } from "idb";
import { expect, it } from "vitest";
import type { ReplicaState } from "../../replica/records.ts";
import { sharedStorageContract, storageContract } from "../storage-contract.ts";
import { indexedDbStorage } from "./storage.ts";

/* Runs inside Chromium: see storage.browser.test.ts. */

let prefixes = 0;
const unique = (): string => `test-${Date.now()}-${++prefixes}`;
const fresh = async () => indexedDbStorage({ prefix: unique() });

storageContract("IndexedDB", fresh);
sharedStorageContract("IndexedDB", fresh);

const state = (revision: number): ReplicaState => ({
  revision,
  deviceId: "device-1",
  clockOffset: 0,
  requests: [],
  settings: { realtime: true, autoSync: "always", notifications: "all" },
});

it("refuses with STORAGE_BLOCKED while another tab does not let go, and removes the data when it does", async () => {
  const prefix = unique();
  const stubborn = await openDB(`${prefix}:alice`, 1, { upgrade: makeStores });
  const opener = indexedDbStorage({ prefix, patience: 1_000 });
  const storage = await opener("alice");
  await storage.transact([], () => ({ state: state(1) }));
  await expect(storage.destroy()).rejects.toMatchObject({ code: "STORAGE_BLOCKED" });
  stubborn.close();
  const anew = await opener("alice");
  expect(await anew.load(() => {})).toBeUndefined();
  await anew.close();
});

it("refuses with STORAGE_BLOCKED what can't be upgraded, and leaves it as it is", async () => {
  const prefix = unique();
  // A version 0 can't be made: a deletion under way stands for the upgrade that an older tab holds up.
  const stubborn = await openDB(`${prefix}:alice`, 1, { upgrade: makeStores });
  const deletion = deleteDB(`${prefix}:alice`);
  await expect(indexedDbStorage({ prefix, patience: 1_000 })("alice")).rejects.toMatchObject({
    code: "STORAGE_BLOCKED",
  });
  stubborn.close();
  await deletion;
});

it("lets a newer version in another tab have the database, and says so", async () => {
  const prefix = unique();
  const storage = await indexedDbStorage({ prefix })("alice");
  const begun = storage.transact([], () => ({ state: state(1) }));
  const newer = await openDB(`${prefix}:alice`, 2);
  await begun;
  expect(await newer.get("state", "state")).toEqual(state(1));
  await expect(storage.transact([], () => undefined)).rejects.toMatchObject({ code: "STORAGE_NEWER" });
  await expect(storage.load(() => {})).rejects.toMatchObject({ code: "STORAGE_NEWER" });
  await storage.close();
  newer.close();
});

it("refuses with STORAGE_NEWER what a newer version has stored", async () => {
  const prefix = unique();
  (await openDB(`${prefix}:alice`, 2, { upgrade: makeStores })).close();
  await expect(indexedDbStorage({ prefix })("alice")).rejects.toMatchObject({ code: "STORAGE_NEWER" });
});

it("ends with STORAGE_CLOSED when another tab removes the data", async () => {
  const opener = await fresh();
  const [first, second] = [await opener("alice"), await opener("alice")];
  await first.destroy();
  await expect(second.transact([], () => ({ state: state(1) }))).rejects.toMatchObject({
    code: "STORAGE_CLOSED",
  });
  // Told to who does nothing with it, too.
  expect(await second.lost).toMatchObject({ code: "STORAGE_CLOSED" });
});

it("refuses with STORAGE_CORRUPT a database that is not ours, and leaves it as it is", async () => {
  const prefix = unique();
  const theirs = await openDB(`${prefix}:alice`, 1, {
    upgrade: (database) => void database.createObjectStore("photos").put("kept", "one"),
  });
  theirs.close();
  await expect(indexedDbStorage({ prefix })("alice")).rejects.toMatchObject({ code: "STORAGE_CORRUPT" });
  const again = await openDB(`${prefix}:alice`, 1);
  expect(await again.get("photos", "one")).toBe("kept");
  again.close();
});

for (const [what, store, key, value] of [
  ["a state", "state", "state", { revision: "three" }],
  ["a row", "rows", "goal/g1", { item: "text" }],
  ["edits", "edits", "goal/g1", { sent: { item: 1 } }],
] as const)
  it(`refuses ${what} that another program wrote with STORAGE_CORRUPT, and changes nothing`, async () => {
    const prefix = unique();
    const storage = await indexedDbStorage({ prefix })("alice");
    const other = await openDB(`${prefix}:alice`, 1);
    await other.put(store, value, key);
    await expect(storage.load(() => {})).rejects.toMatchObject({ code: "STORAGE_CORRUPT" });
    const writing = storage.transact(["goal/g1"], () => ({ state: state(9), dropRows: true }));
    await expect(writing).rejects.toMatchObject({ code: "STORAGE_CORRUPT" });
    expect(await other.get(store, key)).toEqual(value);
    other.close();
    await storage.close();
  });

it("refuses with STORAGE_CORRUPT to load what names no entity", async () => {
  const prefix = unique();
  const storage = await indexedDbStorage({ prefix })("alice");
  const other = await openDB(`${prefix}:alice`, 1);
  await other.put("rows", {}, "photo/1");
  await expect(storage.load(() => {})).rejects.toMatchObject({ code: "STORAGE_CORRUPT" });
  other.close();
  await storage.close();
});

it("writes nothing of what can't be cloned, and goes on", async () => {
  const storage = await (await fresh())("alice");
  const bad = { ...state(1), deviceId: (() => {}) as unknown as string };
  await expect(storage.transact([], () => ({ dropRows: true, state: bad }))).rejects.toMatchObject({
    code: "STORAGE_FAILED",
  });
  await storage.transact([], () => ({ state: state(2) }));
  expect(await storage.load(() => {})).toEqual(state(2));
  await storage.close();
});

/** As version 1 has them. */
function makeStores(database: { createObjectStore(name: string): unknown }): void {
  for (const store of ["state", "rows", "edits"]) database.createObjectStore(store);
}

/** A text that can't be compressed. */
function noise(length: number): string {
  return Array.from({ length }, () => String.fromCharCode(0x4e00 + Math.random() * 20_000)).join("");
}

/** For what has to be done from outside. */
Object.assign(globalThis, {
  openAlice: async () => {
    const storage = await indexedDbStorage()("alice");
    const code = (error: unknown): string => (error as { code: string }).code;
    Object.assign(globalThis, {
      count: (characters = 0) =>
        storage
          .transact([], ({ state: before }) => ({
            state: { ...state((before?.revision ?? 0) + 1), deviceId: noise(characters) },
          }))
          .then(() => "written", code),
      revision: () => storage.load(() => {}).then((loaded) => loaded?.revision ?? 0, code),
    });
  },
  openCode: () =>
    indexedDbStorage()("alice").then(
      () => "opened",
      (error: { code: string }) => error.code,
    ),
});
