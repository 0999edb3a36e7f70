import { describe, expect, it } from "vitest";
import { judge } from "./judge.ts";
import { became, Made, seen, written } from "./made.ts";

const [first, second, other] = [
  written("goal/g", 10, "a"),
  written("goal/g", 20, "b"),
  written("goal/h", 10, "c"),
];
const gone = written("goal/g", 30);
const rows = {
  first: seen(first, 1, 1),
  second: seen(second, 2, 2),
  gone: seen(gone, 3, 3),
  other: seen(other, 1, 2),
};

const properties = ({ history }: Made): string[] => judge(history).map(({ property }) => property);

describe("a history that a server can have", () => {
  it("is one of writes, replays, conflicts, deletions and reads of all kinds", () => {
    const made = new Made();
    made.push("A1", [first, became("applied", rows.first)]);
    made.pull("A2", "full pull", [rows.first], { head: 1 });
    made.push("A2", [second, became("applied", rows.second)]);
    made.push("A1", [first, became("superseded", rows.second)]);
    made.push("A2", [second, became("duplicate", rows.second)]);
    made.pull("A1", "delta pull", [rows.second], { head: 2 });
    made.push("A1", [gone, became("applied", rows.gone)]);
    made.pull("A2", "delta pull", [rows.gone], { head: 3 });
    made.pull("A2", "full pull", [], { head: 3, final: true });
    made.pull("A1", "full pull", [], { head: 3, final: true });
    expect(judge(made.history)).toEqual([]);
  });

  it("may have an unanswered write take effect, or not, but for everybody", () => {
    for (const end of [[rows.first], [rows.second]]) {
      const made = new Made();
      made.push("A1", [first, became("applied", rows.first)]);
      made.unanswered("A1", second);
      made.pull("A1", "full pull", end, { final: true });
      made.pull("A2", "full pull", end, { final: true });
      expect(judge(made.history)).toEqual([]);
    }
  });

  it("may tell a pull beside a write either state, and deletions only to deltas", () => {
    const made = new Made();
    made.push("A1", [first, became("applied", rows.first)]);
    const write = made.push("A1", [second, became("applied", rows.second)]);
    const read = made.pull("A2", "full pull", [rows.first]);
    read.began = write.began;
    made.unanswered("A1", gone);
    made.pull("A2", "full pull", [], { final: true });
    expect(judge(made.history)).toEqual([]);
  });

  it("may leave a replaced change and a socket's own out of what is told there", () => {
    const made = new Made();
    made.push("A1", [first, became("applied", rows.first)]);
    made.push("A2", [second, became("applied", rows.second)]);
    const socket = made.socket(
      "A3",
      { type: "SYNC_REQUEST", rows: [], asked: 0 },
      { type: "SYNC_RESPONSE", rows: [rows.second], number: 2 },
    );
    socket.toTheEnd = true;
    made.add("A3", "mutation", {
      writes: [gone],
      results: [became("applied", rows.gone)],
      socket: socket.id,
    });
    socket.frames.push({ at: 99, type: "SYNC_RESPONSE", rows: [], number: 3 });
    made.pull("A1", "full pull", [], { final: true });
    expect(judge(made.history)).toEqual([]);
  });
});

describe("a history close to the border", () => {
  it("may judge a copy of an unanswered write later, once", () => {
    const made = new Made();
    made.unanswered("A1", first).request = 1;
    made.push("A2", [second, became("applied", rows.second)]);
    made.push("A1", [first, became("superseded", rows.second)]).request = 1;
    made.pull("A1", "full pull", [rows.second], { final: true, head: 2 });
    expect(judge(made.history)).toEqual([]);
  });

  it("may tell two users of one id and one moment, each of their own", () => {
    const made = new Made();
    const theirs = written("goal/g", 10, "z");
    made.push("A1", [first, became("applied", rows.first)]);
    made.push("B1", [theirs, became("applied", seen(theirs, 1, 1))]);
    made.pull("A1", "full pull", [rows.first], { final: true, head: 1 });
    made.pull("B1", "full pull", [seen(theirs, 1, 1)], { final: true, head: 1 });
    expect(judge(made.history)).toEqual([]);
  });

  it("may apply one item of a push and refuse the other, which nobody is told of then", () => {
    const made = new Made();
    made.push("A1", [first, became("applied", rows.first)], [other, { outcome: "refused" }]);
    made.pull("A2", "full pull", [rows.first], { final: true, head: 1 });
    expect(judge(made.history)).toEqual([]);
  });

  it("may leave out of a socket what came by it, and number nothing before a catch-up", () => {
    const made = new Made();
    made.push("A1", [first, became("applied", rows.first)]);
    made.socket("A2", { type: "ENTITY_CHANGED", rows: [rows.first] });
    made.pull("A1", "full pull", [rows.first], { final: true, head: 1 });
    expect(judge(made.history)).toEqual([]);
  });
});

describe("a history that no conforming server has", () => {
  const bad = (what: string, property: string, build: (made: Made) => void): void =>
    it(`${what}: ${property}`, () => {
      const made = new Made();
      build(made);
      expect(properties(made)).toContain(property);
      for (const { message, operations } of judge(made.history)) {
        expect(message).not.toMatch(/undefined|\[object|NaN|Infinity/);
        expect(operations.length).toBeGreaterThan(0);
      }
    });
  const wrote = (made: Made): void => void made.push("A1", [first, became("applied", rows.first)]);

  bad("an acknowledged write is in no pull any more", "nothing-lost", (made) => {
    wrote(made);
    made.pull("A2", "full pull", [], { final: true });
  });
  bad("what an answer called stored is lost", "nothing-lost", (made) => {
    made.unanswered("A2", second);
    made.push("A1", [first, became("superseded", seen(second, 1, 1))]);
    made.pull("A2", "full pull", [], { final: true });
  });
  bad("a pull is behind an acknowledgement before it", "sessions", (made) => {
    wrote(made);
    made.pull("A2", "full pull", []);
    made.pull("A2", "full pull", [rows.first], { final: true });
  });
  bad("a device's reads go back", "sessions", (made) => {
    made.unanswered("A1", first);
    made.unanswered("A1", second);
    made.pull("A2", "full pull", [rows.second]);
    made.pull("A2", "full pull", [rows.first]);
  });
  bad("a pull ends before the one before it", "sessions", (made) => {
    wrote(made);
    made.pull("A2", "full pull", [rows.first], { head: 5 });
    made.pull("A2", "delta pull", [], { head: 4 });
  });
  bad("a write has two seqs", "one-effect", (made) => {
    wrote(made);
    made.pull("A2", "full pull", [seen(first, 1, 7)]);
  });
  bad("two answers say applied", "one-effect", (made) => {
    wrote(made);
    wrote(made);
  });
  bad("an entity has more versions than writes", "one-effect", (made) => {
    made.push("A1", [first, became("applied", seen(first, 2, 2))]);
  });
  bad("one request has two answers", "one-effect", (made) => {
    made.push("A1", [first, became("applied", rows.first)]).request = 1;
    made.push("A1", [first, became("duplicate", rows.first)]).request = 1;
  });
  bad("a smaller stamp stands at the end", "greatest-stamp", (made) => {
    wrote(made);
    made.push("A1", [second, became("applied", rows.second)]);
    made.pull("A2", "full pull", [rows.first], { final: true });
  });
  bad("a smaller stamp takes a greater one's place", "greatest-stamp", (made) => {
    made.push("A1", [second, became("applied", seen(second, 1, 1))]);
    made.push("A1", [first, became("applied", seen(first, 2, 2))]);
  });
  bad("devices end with different states", "greatest-stamp", (made) => {
    made.unanswered("A1", first);
    made.pull("A1", "full pull", [rows.first], { final: true });
    made.pull("A2", "full pull", [], { final: true });
  });
  bad("a cursor passes a change that was not told", "gap-free-cursors", (made) => {
    wrote(made);
    made.pull("A2", "full pull", [rows.first], { head: 1 });
    made.push("A1", [other, became("applied", rows.other)]);
    made.pull("A2", "delta pull", [], { head: 2 });
  });
  bad("deltas do not make what a full pull tells", "gap-free-cursors", (made) => {
    wrote(made);
    made.pull("A2", "full pull", []);
    made.pull("A2", "delta pull", [], { final: true });
    made.pull("A2", "full pull", [rows.first], { final: true });
  });
  bad("a state has content that nobody wrote", "no-invention", (made) => {
    wrote(made);
    made.pull("A2", "full pull", [{ ...rows.first, item: { value: "z" } }]);
  });
  bad("a write is read before it began", "no-invention", (made) => {
    made.pull("A2", "full pull", [rows.first]);
    wrote(made);
  });
  bad("a user reads what another wrote", "isolation", (made) => {
    wrote(made);
    made.pull("B1", "full pull", [rows.first]);
  });
  bad("a refused write takes effect", "all-or-nothing", (made) => {
    made.add("A1", "push", { writes: [first], outcome: "fail", why: "answered 401" });
    made.pull("A2", "full pull", [rows.first]);
  });
  bad("half of a push is seen", "all-or-nothing", (made) => {
    const write = made.push(
      "A1",
      [first, became("applied", rows.first)],
      [other, became("applied", rows.other)],
    );
    made.pull("A2", "full pull", [rows.first]).began = write.began;
  });
  bad("a refused item of a push that was applied is told", "all-or-nothing", (made) => {
    made.push("A1", [first, became("applied", rows.first)], [other, { outcome: "refused" }]);
    made.pull("A2", "full pull", [rows.first, rows.other], { final: true, head: 2 });
  });
  bad("a catch-up ends before what was told to others", "gap-free-delivery", (made) => {
    wrote(made);
    const socket = made.socket("A2", { type: "SYNC_REQUEST", rows: [], asked: 0 });
    made.add("A2", "catch-up", { socket: socket.id, read: { rows: [], pages: 1, head: 0 } });
  });
  bad("a socket was never told of a deletion", "replicas-agree", (made) => {
    wrote(made);
    const socket = made.socket(
      "A2",
      { type: "SYNC_REQUEST", rows: [], asked: 0 },
      { type: "ENTITY_CHANGED", rows: [rows.first] },
    );
    socket.toTheEnd = true;
    made.push("A1", [gone, became("applied", seen(gone, 2, 2))]);
    made.pull("A1", "full pull", [], { final: true });
  });
  bad("versions fall while seqs rise", "one-order", (made) => {
    made.unanswered("A1", first);
    made.unanswered("A1", second);
    made.pull("A2", "full pull", [seen(first, 2, 1)]);
    made.pull("A2", "delta pull", [seen(second, 1, 2)]);
  });
  bad("two changes share a seq", "one-order", (made) => {
    wrote(made);
    made.push("A1", [other, became("applied", seen(other, 1, 1))]);
  });
  bad("a later write stands before an earlier one", "one-order", (made) => {
    made.push("A1", [first, became("applied", seen(first, 1, 9))]);
    made.push("A2", [other, became("applied", seen(other, 1, 4))]);
  });
  bad("a number runs ahead of what was told", "gap-free-delivery", (made) => {
    wrote(made);
    made.push("A1", [other, became("applied", rows.other)]);
    made.socket(
      "A2",
      { type: "SYNC_REQUEST", rows: [], asked: 0 },
      { type: "SYNC_RESPONSE", rows: [rows.other], number: 2 },
    );
  });
  bad("events come out of order", "gap-free-delivery", (made) => {
    made.unanswered("A1", first, other);
    made.socket(
      "A2",
      { type: "SYNC_REQUEST", rows: [], asked: 0 },
      { type: "ENTITY_CHANGED", rows: [rows.other], number: 2 },
      { type: "ENTITY_CHANGED", rows: [rows.first], number: 1 },
    );
  });
  bad("a socket stays open and deaf", "replicas-agree", (made) => {
    wrote(made);
    made.socket("A2", { type: "SYNC_REQUEST", rows: [], asked: 0 }).deaf = "waited in vain";
  });
  bad("a socket was told an older state last", "replicas-agree", (made) => {
    wrote(made);
    const socket = made.socket(
      "A2",
      { type: "SYNC_REQUEST", rows: [], asked: 0 },
      { type: "ENTITY_CHANGED", rows: [rows.first] },
    );
    socket.toTheEnd = true;
    made.push("A1", [second, became("applied", rows.second)]);
    made.pull("A1", "full pull", [rows.second], { final: true });
  });
  bad("a socket is told what nobody wrote", "no-invention-on-sockets", (made) => {
    made.socket("A2", { type: "ENTITY_CHANGED", rows: [rows.first] });
  });
});
