import { expect, test } from "vitest";
import type { EntityRef, Identity, Row } from "./ports.ts";
import { WriteCache } from "./write-cache.ts";

const at = (head: number, epoch = "e"): Identity => ({ epoch, cursorKey: "k", head, lastWrite: null });
const ref = (entityId: string): EntityRef => ({ entityType: "goal", entityId });
const row = (entityId: string, seq = 1, item = "{}"): Row => ({
  ...ref(entityId),
  seq,
  version: 1,
  updatedAt: seq,
  deleted: false,
  checksum: "c",
  item,
  claim: null,
});
const seqs = (cache: WriteCache, ...ids: string[]) => cache.view(ids.map(ref))?.rows.map(({ seq }) => seq);

test("knows nothing at first, and what was read and written from then on", () => {
  const cache = new WriteCache();
  expect(cache.view([])).toBeUndefined();
  cache.read([ref("a")], { identity: at(1), rows: [row("a")] });
  expect(seqs(cache, "a")).toEqual([1]);
  cache.wrote(at(3), [row("a", 2), row("b", 3)]);
  expect(cache.view(["b", "a"].map(ref))).toEqual({ identity: at(3), rows: [row("b", 3), row("a", 2)] });
});

test("rows are those of one state: another head or epoch drops them", () => {
  for (const other of [at(4), at(2), at(3, "other")]) {
    const cache = new WriteCache();
    cache.read([], { identity: at(3), rows: [] });
    cache.wrote(at(3), [row("a", 3)]);
    cache.read([], { identity: at(3), rows: [] });
    expect(seqs(cache, "a")).toEqual([3]);
    cache.read([], { identity: other, rows: [] });
    expect(cache.view([ref("a")])).toEqual({ identity: other, rows: [] });
  }
});

test("takes an unknown entity for what the last ones were", () => {
  const cache = new WriteCache();
  cache.read([ref("a")], { identity: at(9), rows: [row("a")] });
  expect(seqs(cache, "unknown")).toBeUndefined();
  expect(seqs(cache, "a")).toEqual([1]);
  cache.read([ref("a")], { identity: at(9), rows: [row("a")] });
  expect(seqs(cache, "unknown")).toBeUndefined();
  cache.read(["a", "b"].map(ref), { identity: at(9), rows: [row("a")] });
  expect(seqs(cache, "unknown")).toEqual([]);
});

test("is bounded, in text and in rows, and keeps what was used last", () => {
  const cache = new WriteCache();
  cache.read([], { identity: at(0), rows: [] });
  const long = "x".repeat(400_000);
  cache.wrote(at(1), [row("a", 1, long), row("b", 2, long)]);
  cache.wrote(at(3), [row("a", 3, long)]);
  cache.wrote(at(4), [row("c", 4, long)]);
  expect([seqs(cache, "a"), seqs(cache, "b"), seqs(cache, "c")]).toEqual([[3], [], [4]]);
  cache.wrote(at(5), [row("d", 5, "x".repeat(2_000_000))]);
  expect(seqs(cache, "a", "c", "d")).toEqual([]);
  const many = Array.from({ length: 10_000 }, (_, index) => row(`r${index}`, index));
  cache.wrote(at(10_000), many);
  expect(cache.view(many)!.rows.length).toBeLessThanOrEqual(4_096);
  expect(seqs(cache, "r0", "r9999")).toEqual([9_999]);
});
