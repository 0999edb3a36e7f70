import { expect, it } from "vitest";
import { judge } from "../histories/checker/judge.ts";
import type { Property } from "../histories/checker/words.ts";
import type { Simulator } from "../simulator/simulator.ts";
import type { Meta } from "../wire/shapes.ts";
import { type Carried, historyOf, type Lived } from "./life-history.ts";

const quiet = { requests: [], sockets: [] } as unknown as Simulator;
const GOAL = "goal/g";

/** The server took a write of the goal: its n-th. */
function metaOf(n: number): Meta {
  return {
    entityType: "goal",
    entityId: "g",
    version: n,
    seq: n,
    updatedAt: new Date(1_000 * n).toISOString(),
    deletedAt: null,
    checksum: String(n).repeat(64),
  };
}

/** Another device wrote it, from moment `began` on. */
function written(n: number, began: number, mark = `mark ${n}`): Carried {
  const items = [
    { entity: GOAL, mark, updatedAt: 1_000 * n, result: { outcome: "applied" as const, meta: metaOf(n) } },
  ];
  return { device: "another device", channel: "push", began, ended: began + 1, items };
}

const listed = (began: number, mark: string, final = false): Lived["lists"][number] => ({
  device: "client 1",
  began,
  ended: began + 1,
  items: [{ entity: GOAL, mark }],
  final,
});

/** Two writes of one goal, at 10 and 20, the second by a client's user; everything was read at 100. */
function found(lists: Lived["lists"], more: Partial<Lived> = {}): Property[] {
  const life: Lived = {
    edits: [{ device: "client 1", entity: GOAL, mark: "mark 2", began: 19 }],
    elsewhere: [written(1, 10), written(2, 25)],
    lists,
    stored: { began: 100, ended: 101, metas: [metaOf(2)] },
    ...more,
  };
  return judge(historyOf([life], quiet)).map(({ property }) => property);
}

it("has nothing against a client that shows each write as it comes, its user's own at once", () => {
  expect(found([listed(12, "mark 1"), listed(22, "mark 2"), listed(102, "mark 2", true)])).toEqual([]);
});

it("has nothing against an edit that is on its way, and loses", () => {
  const edits = [{ device: "client 1", entity: GOAL, mark: "own", began: 29 }];
  expect(found([listed(30, "own"), listed(102, "mark 2", true)], { edits })).toEqual([]);
});

it("finds a client that goes back to what it showed before", () => {
  expect(
    found([listed(22, "mark 2"), listed(30, "mark 1"), listed(40, "mark 2"), listed(102, "mark 2", true)]),
  ).toContain("sessions");
});

it("finds a client that shows something older at rest", () => {
  expect(found([listed(102, "mark 1", true)])).toEqual(
    expect.arrayContaining(["greatest-stamp", "nothing-lost"]),
  );
});

it("finds a client that still shows at rest what never reached the server", () => {
  const edits = [{ device: "client 1", entity: GOAL, mark: "own", began: 29 }];
  expect(found([listed(102, "own", true)], { edits })).toContain("greatest-stamp");
});

it("finds a client that shows what nobody wrote", () => {
  expect(found([listed(30, "a stranger's"), listed(102, "mark 2", true)])).toContain("no-invention");
});

it("finds one edit that took effect twice, under two stamps", () => {
  const elsewhere = [written(1, 10), written(2, 25), written(3, 35, "mark 2")];
  const stored = { began: 100, ended: 101, metas: [metaOf(3)] };
  expect(found([], { elsewhere, stored })).toContain("one-effect");
});

it("tells the operations that contradict each other, by the names of the clients", () => {
  const life: Lived = {
    edits: [],
    elsewhere: [written(1, 10), written(2, 20)],
    lists: [listed(22, "mark 2"), listed(30, "mark 1")],
    stored: { began: 100, ended: 101, metas: [metaOf(2)] },
  };
  const [violation] = judge(historyOf([life], quiet)).filter(({ property }) => property === "sessions");
  expect(violation!.message).toMatch(
    /^client 1 had read goal\/g \(version 2.*\), then list #4 of client 1 told it goal\/g \(version 1.*its reads went back$/,
  );
  expect(violation!.operations.map(({ who }) => who)).toEqual(["client 1", "client 1"]);
});
