import { describe, expect, it } from "vitest";
import type { EntityKey, LocalEdits, Row } from "../replica/records.ts";
import { aRow, aWrite, KEY, toldOf, workOn } from "../testing/work.ts";
import { settle, split, type Verdict } from "./settle.ts";

const REQUEST = { key: "k1", entities: [KEY] };
const stored = (row: Row, key: EntityKey = KEY): Verdict => ({
  outcome: "applied",
  stored: { key, ...toldOf(row) },
});
const refused = (code: string, serverTime?: number): Verdict => ({
  outcome: "refused",
  refusal: { code, detail: "no" },
  ...(serverTime !== undefined && { serverTime }),
});

function settled(edits: LocalEdits, verdict: Verdict | undefined, others: Parameters<typeof workOn>[0] = {}) {
  const work = workOn({
    ...others,
    edits: { [KEY]: edits },
    state: { requests: [REQUEST], ...others.state },
  });
  settle(work, "k1", new Map(verdict && [[KEY, verdict]]), "k2");
  return work;
}

describe("an acknowledgement", () => {
  it("takes the item out of the outbox and applies what was sent under its meta (CLI-005, CLI-018)", () => {
    const verdict = stored(aRow(5, "x", 7));
    if (verdict.outcome !== "refused") verdict.stored.item = undefined;
    const work = settled({ sent: aWrite(5, "mine") }, verdict);
    expect(work.edits(KEY)).toEqual({});
    expect(work.row(KEY)).toMatchObject({ item: { title: "mine" }, checksum: "x", seq: 7 });
    expect(work.state.requests).toEqual([]);
  });

  it("that is late undoes nothing newer", () => {
    const work = settled({ sent: aWrite(5, "mine") }, stored(aRow(5, "mine", 7)), {
      rows: { [KEY]: aRow(9, "newer", 8) },
    });
    expect(work.row(KEY)?.item?.["title"]).toBe("newer");
    const below = settled({ sent: aWrite(5, "mine") }, stored(aRow(5, "mine", 7)), {
      state: { floor: { through: 7, at: 100 } },
    });
    expect(below.row(KEY)).toBeUndefined();
    expect(below.edits(KEY)).toEqual({});
  });

  it("leaves a later edit waiting, and takes it along to the id that the server gave (CLI-006)", () => {
    const to: EntityKey = "goal/g2";
    const work = settled(
      { sent: aWrite(5, "mine"), waiting: aWrite(6, "later") },
      stored(aRow(5, "mine"), to),
      {
        rows: { [to]: aRow(1, "old") },
      },
    );
    expect(work.edits(KEY)).toEqual({});
    expect(work.edits(to).waiting?.item).toMatchObject({ id: "g2", title: "later" });
    expect(work.row(to)?.item?.["title"]).toBe("mine");
  });

  it("that names not every item leaves the rest as it was sent, under a new key (CLI-008)", () => {
    const sent = aWrite(5, "mine");
    const work = settled({ sent }, undefined);
    expect(work.edits(KEY)).toEqual({ sent });
    expect(work.state.requests).toEqual([{ key: "k2", entities: [KEY] }]);
  });
});

describe("a refusal", () => {
  it("for good is a dead letter, unless a later edit carries the whole entity (CLI-029)", () => {
    expect(settled({ sent: aWrite(5, "bad") }, refused("INVALID_ITEM")).edits(KEY)).toMatchObject({
      dead: { item: { title: "bad" }, refusal: { code: "INVALID_ITEM" } },
    });
    const waiting = aWrite(6, "good");
    expect(settled({ sent: aWrite(5, "bad"), waiting }, refused("INVALID_ITEM")).edits(KEY)).toEqual({
      waiting,
    });
  });

  it("for the clock is stamped again, never below what was seen nor above the server's time (CLI-003)", () => {
    const stampedAgain = (offset: number, seen = 0): number | undefined =>
      settled({ sent: aWrite(9000, "fast", { offset: 0 }) }, refused("CLOCK_SKEW", 2000), {
        state: { clockOffset: offset },
        ...(seen > 0 && { rows: { [KEY]: { ...aRow(1, "row"), seen } } }),
      }).edits(KEY).waiting?.updatedAt;
    expect(stampedAgain(-7500)).toBe(1500);
    expect(stampedAgain(-100)).toBe(2000);
    expect(stampedAgain(-7500, 5000)).toBe(5001);
  });

  it("for the version drops the edit only if that lost (CLI-031)", () => {
    const conflict = (row: Row): LocalEdits =>
      settled({ sent: aWrite(5, "mine") }, refused("VERSION_CONFLICT"), { rows: { [KEY]: row } }).edits(KEY);
    expect(conflict(aRow(4, "older")).waiting?.item["title"]).toBe("mine");
    expect(conflict(aRow(6, "newer"))).toEqual({});
  });

  it("of a push as a whole halves it, down to one that is a dead letter (CLI-028)", () => {
    const keys: EntityKey[] = [KEY, "goal/g2", "goal/g3"];
    const edits = Object.fromEntries(keys.map((key) => [key, { sent: aWrite(5, key) }]));
    const work = workOn({ edits, state: { requests: [{ key: "k1", entities: keys }] } });
    split(work, "k1", { code: "TOO_MANY_ITEMS", detail: "no" }, ["k2", "k3"]);
    expect(work.state.requests).toEqual([
      { key: "k2", entities: keys.slice(0, 2) },
      { key: "k3", entities: keys.slice(2) },
    ]);
    split(work, "k3", { code: "BODY_TOO_LARGE", detail: "no" }, ["k4", "k5"]);
    expect(work.edits("goal/g3").dead?.refusal.code).toBe("BODY_TOO_LARGE");
    expect(work.state.requests).toHaveLength(1);
  });
});
