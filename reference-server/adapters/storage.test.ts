import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Commit, Row, Storage, Visit } from "../core/ports.ts";
import type { RunningServer } from "../serve.ts";
import { startTestServer } from "../testing/harness.ts";
import { D1Storage } from "./d1.ts";
import { MemoryStorage } from "./memory.ts";

let server: RunningServer;
let database: D1Database;
beforeAll(async () => {
  server = await startTestServer();
  database = await server.database();
});
afterAll(() => server.close());

let count = 0;

describe.each([
  ["memory", (): Storage => new MemoryStorage()],
  ["D1", (): Storage => new D1Storage(database)],
])("storage contract: %s", (_, open) => {
  let storage: Storage;
  let visit: Visit;
  beforeEach(() => {
    storage = open();
    visit = visitOf(`user-${++count}`);
  });

  const openWrite = (key: string | null = null, entities: Row[] = [], recordedSince = 0) =>
    storage.openWrite(visit, { endpoint: "push", key, recordedSince, entities });
  const commit = (rows: Row[], head: number, more: Partial<Commit> = {}) =>
    storage.commit({
      visit,
      expected: { epoch: visit.fresh.epoch, head: head - rows.length },
      head,
      rows,
      record: null,
      recordedSince: 0,
      ...more,
    });
  const at = (now: number): Visit => ({ ...visit, now });
  const page = (query: Partial<Parameters<Storage["readPage"]>[1]> = {}) =>
    storage.readPage(visit, { after: 0, types: undefined, limit: undefined, full: undefined, ...query });

  test("a user begins empty, with the identity that was offered first", async () => {
    const first = await openWrite("k");
    expect(first).toEqual({ identity: { ...visit.fresh, head: 0, lastWrite: null }, record: null, rows: [] });
    const again = await storage.readPage(visitOf(visit.user, "another"), {
      after: 0,
      types: undefined,
      limit: undefined,
      full: undefined,
    });
    expect(again).toEqual({ identity: first.identity, rows: [] });
  });

  test("gives back what was committed: rows, claims, head and record", async () => {
    await openWrite();
    const rows = [
      row("a\0\\0b", 1, { claim: { updatedAt: null, deleted: false, checksum: "c" } }),
      row("d", 2, {
        deleted: true,
        item: null,
        checksum: "",
        claim: { updatedAt: -5, deleted: true, checksum: "" },
      }),
    ];
    const record = {
      endpoint: "push",
      key: "k",
      fingerprint: "f",
      status: 413,
      body: `x${"é😀".repeat(400_000)}`,
    } as const;
    expect(await commit(rows, 2, { record })).toBe("committed");
    const view = await openWrite("k", [...rows, row("unknown", 3)]);
    expect(view.identity).toEqual({ ...visit.fresh, head: 2, lastWrite: 1_000 });
    expect(view.record).toEqual(record);
    expect(view.rows).toEqual(rows);
    expect(
      (await storage.openWrite(visit, { endpoint: "batch", key: "k", recordedSince: 0, entities: [] }))
        .record,
    ).toBeNull();
  });

  test("a write that was judged by another head, epoch or key is not there at all", async () => {
    await openWrite();
    const record = { endpoint: "push", key: "k", fingerprint: "f", status: 200, body: "{}" } as const;
    await commit([row("a", 1)], 1, { record });
    expect(await commit([row("b", 2)], 2, { expected: { epoch: visit.fresh.epoch, head: 0 } })).toBe("moved");
    expect(await commit([row("b", 2)], 2, { expected: { epoch: "old", head: 1 } })).toBe("moved");
    expect(await commit([row("b", 2)], 2, { record })).toBe("moved");
    const { identity, rows } = await page();
    expect([identity.head, rows.map((each) => each.entityId)]).toEqual([1, ["a"]]);
  });

  test("a write for a user who is not there is not there either", async () => {
    expect(await commit([row("a", 1)], 1)).toBe("moved");
    expect(await page()).toEqual({ identity: { ...visit.fresh, head: 0, lastWrite: null }, rows: [] });
  });

  test("a row that does not follow the stored one voids the write: by its version, or by its stamp", async () => {
    await openWrite();
    const next = (more: Partial<Row>) => row("a", 2, { version: 2, updatedAt: 10, checksum: "c", ...more });
    const record = { endpoint: "push", key: "k", fingerprint: "f", status: 200, body: "{}" } as const;
    await commit([row("a", 1, { updatedAt: 10, checksum: "b" })], 1);
    for (const wrong of [
      { version: 1 },
      { version: 3 },
      { checksum: "a" },
      { checksum: "b" },
      { updatedAt: 9 },
    ]) {
      const rows = [next(wrong), row("b", 3)];
      expect(await commit(rows, 3, { record })).toBe("moved");
    }
    const { identity, rows } = await page();
    expect([identity.head, rows]).toMatchObject([1, [{ entityId: "a", seq: 1, checksum: "b" }]]);
    expect((await openWrite("k")).record).toBeNull();
    expect(await commit([next({ deleted: true, item: null, checksum: "" })], 2, { record })).toBe(
      "committed",
    );
    expect((await page()).rows).toMatchObject([{ seq: 2, deleted: true }]);
  });

  test("a write notes its device", async () => {
    await openWrite();
    const by = (device: string) => ({ ...visit, device, deviceRefreshMs: 60 });
    await commit([row("a", 1)], 1, { visit: by("one") });
    await commit([row("b", 2)], 2, { visit: by("two") });
    await commit([row("c", 3)], 3, { visit: by("two") });
    expect(await storage.readStatus(visit, 1_000)).toMatchObject({ deviceCount: 2 });
  });

  test("records expire, and an expired key is free again", async () => {
    await openWrite();
    const record = { endpoint: "push", key: "k", fingerprint: "f", status: 200, body: "first" } as const;
    await commit([], 0, { record, visit: at(100) });
    expect((await openWrite("k", [], 100)).record?.body).toBe("first");
    expect((await openWrite("k", [], 101)).record).toBeNull();
    const second = { record: { ...record, body: "second" }, visit: at(300), recordedSince: 101 };
    expect(await commit([], 0, second)).toBe("committed");
    expect((await openWrite("k", [], 101)).record?.body).toBe("second");
  });

  test("pages: in order, after, by type, limited; full ones without old deletions", async () => {
    await openWrite();
    const rows = [
      row("1", 1),
      row("2", 2, { deleted: true, item: null, checksum: "" }),
      row("3", 3, { entityType: "practice_plan" }),
      row("4", 4, { deleted: true, item: null, checksum: "", updatedAt: 9_999 }),
      row("5", 5),
      row("6", 6, { deleted: true, item: null, checksum: "" }),
      row("7", 7, { deleted: true, item: null, checksum: "", updatedAt: 9_999 }),
    ];
    await commit(rows, 7);
    const seqs = async (query: Parameters<typeof page>[0]) =>
      (await page(query)).rows.map((each) => each.seq);
    expect(await seqs({})).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(await seqs({ after: 2, limit: 2 })).toEqual([3, 4]);
    expect(await seqs({ types: ["practice_plan", "goal"], limit: 3 })).toEqual([1, 2, 3]);
    expect(await seqs({ types: ["practice_plan"] })).toEqual([3]);
    const full = { startHead: 5, startedAt: 5_000 };
    expect(await seqs({ full })).toEqual([1, 3, 4, 5, 6, 7]);
    expect(await seqs({ full, after: 1, limit: 2 })).toEqual([3, 4]);
    expect(await seqs({ full, types: ["goal", "practice_plan"], after: 3 })).toEqual([4, 5, 6, 7]);
  });

  test("pages by time of receipt", async () => {
    await openWrite();
    await commit([row("1", 1), row("2", 2)], 2, { visit: at(100) });
    await commit([row("3", 3), row("1", 4, { version: 2, updatedAt: 20 })], 4, { visit: at(200) });
    const seqs = async (query: Parameters<typeof page>[0]) =>
      (await page(query)).rows.map((each) => each.seq);
    expect(await seqs({ receivedSince: 100 })).toEqual([2, 3, 4]);
    expect(await seqs({ receivedSince: 101 })).toEqual([3, 4]);
    expect(await seqs({ receivedSince: 101, after: 3, limit: 5 })).toEqual([4]);
    expect(await seqs({ receivedSince: 201 })).toEqual([]);
    expect(await page({ limit: 0 })).toMatchObject({ rows: [], identity: { head: 4 } });
  });

  test("status counts live entities and devices of the window", async () => {
    await openWrite();
    await commit([row("1", 1), row("2", 2, { deleted: true, item: null, checksum: "" })], 2);
    await storage.readStatus({ ...visit, device: "old", now: 100 }, 0);
    const see = (now: number) =>
      storage.readStatus({ ...visit, device: "new", now, deviceRefreshMs: 50 }, 200);
    expect(await see(180)).toMatchObject({ entityCount: 1, deviceCount: 0 });
    expect(await see(210)).toMatchObject({ deviceCount: 0 });
    expect(await see(230)).toMatchObject({ deviceCount: 1 });
  });

  test("another identity is given once", async () => {
    await openWrite();
    const fresh = { epoch: "new", cursorKey: "key" };
    expect(await storage.replaceIdentity(visit.user, visit.fresh.epoch, fresh)).toMatchObject(fresh);
    expect(
      await storage.replaceIdentity(visit.user, visit.fresh.epoch, { epoch: "newer", cursorKey: "k" }),
    ).toMatchObject(fresh);
  });
});

function visitOf(user: string, epoch = `epoch of ${user}`): Visit {
  return { user, now: 1_000, device: null, deviceRefreshMs: 0, fresh: { epoch, cursorKey: "a2V5" } };
}

function row(entityId: string, seq: number, more: Partial<Row> = {}): Row {
  return {
    entityType: "goal",
    entityId,
    seq,
    version: 1,
    updatedAt: 10,
    deleted: false,
    checksum: "c",
    item: '{"id":"\\u0000"}',
    claim: null,
    ...more,
  };
}
