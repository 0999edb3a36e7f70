import { expect, it } from "vitest";
import { aRow, aWrite, KEY, toldOf, workOn } from "../testing/work.ts";
import { applyPage, type PullPage } from "./pull-pages.ts";
import type { EntityKey } from "./records.ts";

const page = (others: Partial<PullPage>): PullPage => ({
  mode: "full",
  rows: [],
  syncToken: "next",
  epoch: "E",
  lastSeq: undefined,
  through: undefined,
  hasMore: false,
  timestamp: 1000,
  ...others,
});
const OTHER: EntityKey = "goal/g2";

it("removes at the end of a full pull what is not in it, up to its place, and keeps stamps of deletions (CLI-012)", () => {
  const work = workOn({
    rows: { [KEY]: aRow(5, "gone", 5), [OTHER]: aRow(9, "newer", 9), "goal/g3": aRow(4, null, 4) },
  });
  applyPage(work, page({ through: 8, lastSeq: 8 }), true, [KEY, OTHER, "goal/g3"]);
  expect(work.row(KEY)).toBeUndefined();
  expect(work.row(OTHER)?.item?.["title"]).toBe("newer");
  expect(work.row("goal/g3")?.item).toBeNull();
  expect(work.state).toMatchObject({
    floor: { through: 8, at: 1000 },
    syncToken: "next",
    lastSeq: 8,
    epoch: "E",
  });
});

it("takes no token of an unfinished full pull for a cursor (CLI-011), but every one of a delta", () => {
  const full = workOn();
  applyPage(full, page({ hasMore: true }), true, []);
  expect(full.state.syncToken).toBeUndefined();
  const delta = workOn({ state: { syncToken: "old", lastSeq: 3, epoch: "E" } });
  applyPage(delta, page({ mode: "delta", hasMore: true }), true, []);
  expect(delta.state).toMatchObject({ syncToken: "next", lastSeq: 3 });
});

it("never moves the cursor of catch-up back", () => {
  const work = workOn({ state: { lastSeq: 9, epoch: "E" } });
  applyPage(work, page({ mode: "delta", lastSeq: 7 }), true, []);
  expect(work.state.lastSeq).toBe(9);
});

it("drops rows and floor of another epoch with the first page, and keeps the outbox (CLI-050)", () => {
  const work = workOn({
    state: { epoch: "D", floor: { through: 90, at: 900 }, syncToken: "old", lastSeq: 90 },
    rows: { [KEY]: aRow(500, "of before", 80), [OTHER]: aRow(400, "of before", 70) },
    edits: { [KEY]: { waiting: aWrite(600, "mine") } },
  });
  expect(
    applyPage(
      work,
      page({ rows: [{ key: KEY, ...toldOf(aRow(300, "restored", 3)) }], hasMore: true }),
      true,
      [],
    ),
  ).toBe(true);
  expect(work.row(KEY)).toMatchObject({ item: { title: "restored" }, seen: 300 });
  expect(work.row(OTHER)).toBeUndefined();
  expect(work.edits(KEY).waiting?.item["title"]).toBe("mine");
  expect(work.state).toEqual(expect.not.objectContaining({ floor: expect.anything() }));
  expect(work.state.lastSeq).toBeUndefined();
});
