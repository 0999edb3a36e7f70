import { describe, expect, it } from "vitest";
import type { EntityKey, LocalEdits } from "../replica/records.ts";
import { aWrite, KEY, workOn } from "../testing/work.ts";
import { bodyOf, freeze } from "./freeze.ts";

const keys = (count: number): EntityKey[] =>
  Array.from({ length: count }, (_, at): EntityKey => `goal/g${at}`);
const waiting = (of: EntityKey[], title = "t"): Record<string, LocalEdits> =>
  Object.fromEntries(of.map((key) => [key, { waiting: aWrite(5, title) }]));

describe("freezing", () => {
  it("takes 50 writes at most, in the order given, and makes them the request's (CLI-019, CLI-026)", () => {
    const all = keys(60);
    const work = workOn({ edits: waiting(all) });
    expect(freeze(work, all, "k1", 1000)).toEqual({ key: "k1", entities: all.slice(0, 50) });
    expect(work.edits("goal/g0")).toEqual({ sent: aWrite(5, "t") });
    expect(work.edits("goal/g50")).toEqual({ waiting: aWrite(5, "t") });
    expect(work.state.requests).toHaveLength(1);
  });

  it("leaves behind what has an earlier write under way (CLI-022)", () => {
    const edits = { sent: aWrite(5, "first"), waiting: aWrite(6, "second") };
    const work = workOn({ edits: { [KEY]: edits } });
    expect(freeze(work, [KEY], "k1", 1000)).toBeUndefined();
    expect(work.edits(KEY)).toEqual(edits);
  });

  it("keeps large items apart, and takes one however large", () => {
    const all = keys(3);
    const work = workOn({ edits: waiting(all, "x".repeat(400_000)) });
    expect(freeze(work, all, "k1", 1000)?.entities).toEqual(all.slice(0, 1));
  });

  it("stamps again what lies in the future of a clock that was measured since, and nothing else (CLI-004)", () => {
    const stamp = (updatedAt: number, clockOffset: number): number | undefined => {
      const work = workOn({ edits: { [KEY]: { waiting: aWrite(updatedAt, "t") } }, state: { clockOffset } });
      freeze(work, [KEY], "k1", 10_000);
      return work.edits(KEY).sent?.updatedAt;
    };
    expect(stamp(9_500, -4_000)).toBe(5_500);
    expect(stamp(5_000, -4_000)).toBe(5_000);
    expect(stamp(99_000, 0)).toBe(99_000);
  });
});

it("makes the same body of a request each time, and knows where each entity stands in it (CLI-009)", () => {
  const request = { key: "k1", entities: ["goal/b", "logbook_entry/e", "goal/a"] as EntityKey[] };
  const { body, pointers } = bodyOf(request.entities, (key) => aWrite(5, key));
  expect(Object.keys(body.changes)).toEqual(["goals", "entries"]);
  expect(body.changes.goals?.map(({ title }) => title)).toEqual(["goal/b", "goal/a"]);
  expect(Object.fromEntries(pointers)).toEqual({
    "/changes/entries/0": "logbook_entry/e",
    "/changes/goals/0": "goal/b",
    "/changes/goals/1": "goal/a",
  });
});
