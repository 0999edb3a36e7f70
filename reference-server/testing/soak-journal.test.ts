import { beforeEach, describe, expect, it } from "vitest";
import { Journal, type Outcome, type Push, type Stored } from "./soak-journal.ts";

let journal: Journal;
beforeEach(() => {
  journal = new Journal();
});

const push = (key: string, ...ids: string[]): Push => ({
  key,
  writes: ids.map((id) => ({ id, stamp: Number(/\d+$/.exec(key)![0]) })),
  headBefore: journal.head,
});
const applied = ({ writes }: Push, seq: number, version = 1): Outcome[] =>
  writes.map(({ id, stamp }, index) => ({ id, stamp, outcome: "applied", seq: seq + index, version }));
const stored = ({ key, writes }: Push, seq: number, version = 1): Stored[] =>
  writes.map(({ id, stamp }, index) => ({ id, stamp, seq: seq + index, version, author: key }));
const acknowledge = (one: Push, seq: number, version = 1, replay = false): Push => {
  journal.sent(one);
  journal.answered(one, applied(one, seq, version), replay);
  return one;
};
const verdict = (...found: Stored[]): string => {
  journal.judge(found);
  return journal.violations.join("\n");
};

describe("the journal of a soak", () => {
  it("agrees with a server that keeps what it acknowledged", () => {
    const first = acknowledge(push("p1", "a", "b"), 1);
    const second = acknowledge(push("p2", "a"), 3, 2);
    expect(verdict(stored(first, 1)[1]!, ...stored(second, 3, 2))).toBe("");
  });

  it("finds an entity that is gone", () => {
    const [a] = stored(acknowledge(push("p1", "a", "b"), 1), 1);
    expect(verdict(a!)).toBe("b was acknowledged and is not there");
  });

  it("finds an older state", () => {
    const first = acknowledge(push("p1", "a"), 1);
    acknowledge(push("p2", "a"), 2, 2);
    expect(verdict(...stored(first, 1))).toMatch(/acknowledged with stamp 2, and is there with 1/);
  });

  it("finds a write that was counted twice, and one that was not counted", () => {
    const one = acknowledge(push("p1", "a"), 1);
    expect(verdict(...stored(one, 1, 2))).toBe("a has version 2 after 1 accepted writes");
    journal = new Journal();
    acknowledge(push("p1", "a"), 1);
    expect(verdict(...stored(acknowledge(push("p2", "a"), 2), 2))).toMatch(
      /version 1 after 2.*\n.*same version/,
    );
  });

  it("finds half a push, by its own items and by shared ones", () => {
    const open = push("p1", "a", "b", "shared-1");
    journal.sent(open);
    const [a, b, shared] = stored(open, 1);
    expect(verdict(a!)).toMatch(/^p1 is half there: 1 of 2 items/);
    journal.violations.length = 0;
    delete open.committed;
    expect(verdict(a!, b!)).toBe("p1 is half there: shared-1 is missing");
    journal.violations.length = 0;
    delete open.committed;
    expect(verdict(shared!)).toMatch(/^p1 is half there: shared-1 has been written/);
  });

  it("takes all or nothing of an unanswered push, and holds the repetition to it", () => {
    const stands = push("p1", "a");
    const fell = push("p2", "b");
    journal.sent(stands);
    journal.sent(fell);
    expect(verdict(...stored(stands, 1))).toBe("");
    expect([stands.committed, fell.committed]).toEqual([true, false]);
    journal.answered(stands, applied(stands, 1), true);
    journal.answered(fell, applied(fell, 2), false);
    expect(verdict(...stored(stands, 1), ...stored(fell, 2))).toBe("");
  });

  it("finds a repetition that was judged again", () => {
    const open = push("p1", "a");
    journal.sent(open);
    journal.judge(stored(open, 1));
    journal.answered(open, [{ ...applied(open, 1)[0]!, outcome: "duplicate" }], false);
    expect(journal.violations.join("\n")).toMatch(/the repetition was judged again\np1: a is duplicate/);
  });

  it("finds a replay of what was never stored, and an unanswered push that vanished again", () => {
    const open = push("p1", "a");
    journal.sent(open);
    journal.judge([]);
    journal.answered(open, applied(open, 1), true);
    expect(journal.violations[0]).toMatch(/nothing of it was stored .* answered as a replay/);
    const other = push("p2", "b");
    journal = new Journal();
    journal.sent(other);
    journal.judge(stored(other, 1));
    expect(verdict()).toBe("p2 was stored and is gone");
  });

  it("finds a seq that was given twice, one that went back, and a pull out of order", () => {
    acknowledge(push("p1", "a"), 5);
    acknowledge(push("p2", "b"), 5);
    expect(journal.violations.join("\n")).toMatch(
      /seq 5 was given to a \(p1\) and again to b\np2: b got seq 5/,
    );
    journal = new Journal();
    const [a, b] = stored(acknowledge(push("p1", "a", "b"), 1), 1);
    expect(verdict(b!, a!)).toBe("seq 1 comes after seq 2");
  });

  it("finds what nobody wrote", () => {
    expect(verdict({ id: "x", stamp: 9, seq: 1, version: 1, author: "?" })).toMatch(/which nobody wrote/);
  });

  it("finds what a reader's cursor skipped, and what it has only seen", () => {
    const all = stored(push("p1", "a", "b"), 1);
    journal.judgeReader(new Map([["a", all[0]!]]), all);
    journal.judgeReader(new Map([["a", { ...all[0]!, seq: 0 }]]), all.slice(0, 1));
    journal.judgeReader(new Map(all.map((one) => [one.id, one])), all.slice(0, 1));
    expect(journal.violations).toEqual([
      "the reader's cursor skipped b (seq 2)",
      "the reader has a at seq 0, the server at 1",
      "the reader saw 1 lost entities",
    ]);
  });

  it("lets a shared entity be superseded by what is newer, and nothing else", () => {
    const newer = acknowledge(push("p2", "shared-1"), 1);
    const older = push("p1", "shared-1");
    journal.answered(older, [{ id: "shared-1", outcome: "superseded", stamp: 2, seq: 1, version: 1 }], false);
    expect(verdict(...stored(newer, 1))).toBe("");
    journal.answered(older, [{ id: "shared-1", outcome: "superseded", stamp: 1, seq: 1, version: 1 }], false);
    expect(verdict()).toMatch(/superseded, though nothing newer/);
  });
});
