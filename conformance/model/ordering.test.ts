import { describe, expect, test } from "vitest";
import { createModel } from "./model.ts";
import { NOW, peer, SECRET } from "./test-peer.ts";

const goal = (title: string, updatedAt?: unknown, id = "g1") => ({
  id,
  title,
  ...(updatedAt === undefined ? {} : { updatedAt }),
});
const deletion = (deletedAt: unknown, id = "g1") => ({ id, deletedAt });
const outcomes = ({ body }: { body: { results: { outcome: string }[] } }) =>
  body.results.map(({ outcome }) => outcome);

function aModel() {
  return createModel({ secret: SECRET, now: () => NOW });
}

describe("last write wins", () => {
  test.each([
    ["the later instant", goal("A", "2026-03-01T08:00:00Z"), goal("B", "2026-03-01T10:30:00+02:00"), "B"],
    ["the earlier offset", goal("A", "2026-03-01T09:00:00Z"), goal("B", "2026-03-01T10:00:00+02:00"), "A"],
    ["milliseconds as a number", goal("A", NOW - 1), goal("B", "2026-03-01T10:00:00Z"), "B"],
    ["cut, not rounded", goal("A", "2026-03-01T09:00:00.001Z"), goal("B", "2026-03-01T09:00:00.0009Z"), "A"],
    ["a deletion at the same time", goal("A", NOW), deletion(NOW), undefined],
    ["a later return", deletion(NOW), goal("A", NOW + 1), "A"],
  ])("%s decides, whatever the order of arrival", async (_name, first, second, winner) => {
    for (const order of [
      [first, second],
      [second, first],
    ]) {
      const device = peer(aModel(), "anna");
      for (const item of order) await device.push({ goals: [item] });
      expect((await device.pull()).body.goals[0]?.title).toBe(winner);
    }
    for (const order of [
      [first, second],
      [second, first],
    ]) {
      const device = peer(aModel(), "anna");
      const { body } = await device.push({ goals: order });
      expect(body.results.map((one: { outcome: string }) => one.outcome).toSorted()).toEqual([
        "applied",
        "superseded",
      ]);
      expect(body.results.map((one: { meta: { version: number } }) => one.meta.version)).toEqual([1, 1]);
      expect((await device.pull()).body.goals[0]?.title).toBe(winner);
    }
  });

  test("of equal times the greater checksum wins (ORD-005)", async () => {
    // sha256 of {"id":"g1","title":"A"} begins with 282c, of {"id":"g1","title":"B"} with 6965.
    const pulled = [];
    for (const order of ["AB", "BA"]) {
      const device = peer(aModel(), "anna");
      for (const title of order) await device.push({ goals: [goal(title, NOW)] });
      const { goals, meta } = (await device.pull()).body;
      pulled.push([goals[0].title, meta.goals[0].version]);
    }
    expect(pulled).toEqual([
      ["B", 2],
      ["B", 1],
    ]);
  });

  test("a superseded sender is told the winner; null for a deletion (ORD-018, ORD-019)", async () => {
    const device = peer(aModel(), "anna");
    await device.push({ goals: [goal("A", NOW), deletion(NOW, "g2")] });

    const { body } = await device.push({ goals: [goal("B", NOW - 1), goal("B", NOW - 1, "g2")] });

    expect(body.results[0]).toMatchObject({
      outcome: "superseded",
      item: { title: "A" },
      meta: { version: 1, seq: 1 },
    });
    expect(body.results[1]).toMatchObject({
      outcome: "superseded",
      item: null,
      meta: { seq: 2, checksum: "" },
    });
  });

  test("version goes on over deletion and return, and a duplicate changes nothing (DEL-005, ORD-006)", async () => {
    const device = peer(aModel(), "anna");
    await device.push({ goals: [goal("A", NOW)] });
    await device.push({ goals: [deletion(NOW + 1)] });
    await device.push({ goals: [goal("A", NOW + 2)] });

    const { body } = await device.push({ goals: [goal("A", NOW + 2), goal("A", NOW + 2)] });

    expect(outcomes({ body })).toEqual(["duplicate", "duplicate"]);
    expect(body.results[0].meta).toMatchObject({ version: 3, seq: 3, updatedAt: "2026-03-01T10:00:00.002Z" });
    expect(body.stats.duplicatesPrevented).toBe(2);
  });
});

describe("an announced peer", () => {
  test("is refused without a stamp, and with one too far ahead (ORD-010, ORD-014)", async () => {
    const device = peer(aModel(), "anna");

    const { body } = await device.push({
      goals: [goal("A"), goal("A", NOW + 300_001), deletion(NOW + 300_001), goal("A", NOW + 300_000, "g2")],
    });

    expect(body.results.map((one: { code?: string }) => one.code)).toEqual([
      "INCOMPLETE",
      "CLOCK_SKEW",
      "CLOCK_SKEW",
      undefined,
    ]);
    expect(body.results[1].serverTime).toBe("2026-03-01T10:00:00.000Z");
    expect(body.results[2].errors[0].pointer).toBe("/changes/goals/2/deletedAt");
    expect(body.conflicts.map((one: { code: string }) => one.code)).toEqual([
      "INCOMPLETE",
      "CLOCK_SKEW",
      "CLOCK_SKEW",
    ]);
  });
});

describe("a deployed peer", () => {
  test("gets a receipt stamp, written into what is stored (ORD-012)", async () => {
    const model = aModel();
    await peer(model, "anna").push({ goals: [goal("A", NOW + 60_000)] });

    const { body } = await peer(model, "anna", { announced: false }).push({ goals: [goal("B"), goal("C")] });

    expect(outcomes({ body })).toEqual(["superseded", "applied"]);
    expect(body.results[1].item).toEqual({ id: "g1", title: "C", updatedAt: "2026-03-01T10:01:00.002Z" });
    expect(body.results[1].meta).toMatchObject({ version: 2, updatedAt: "2026-03-01T10:01:00.002Z" });
  });

  test("that repeats its latest claim is a duplicate, also after others have written (ORD-013)", async () => {
    const model = aModel();
    const deployed = peer(model, "anna", { announced: false });
    await deployed.push({ goals: [goal("A")] });
    await peer(model, "anna").push({ goals: [goal("B", NOW + 5)] });

    const { body } = await deployed.push({ goals: [goal("A")] });

    expect(body.results[0]).toMatchObject({
      outcome: "duplicate",
      meta: { version: 2 },
      item: { title: "B" },
    });
    expect((await deployed.pull()).body.goals[0].title).toBe("B");
  });

  test("with a stamp too far ahead gets a receipt stamp, deletions too (ORD-016)", async () => {
    const deployed = peer(aModel(), "anna", { announced: false });

    const { body } = await deployed.push({
      goals: [goal("A", "2027-01-01T00:00:00Z"), deletion(NOW * 2, "g2")],
    });
    const again = await deployed.push({ goals: [goal("A", "2027-01-01T00:00:00Z")] });

    expect(outcomes({ body })).toEqual(["applied", "applied"]);
    expect(body.results[0].item.updatedAt).toBe("2026-03-01T10:00:00.000Z");
    expect(body.results[1]).toMatchObject({ item: null, meta: { deletedAt: "2026-03-01T10:00:00.000Z" } });
    expect(outcomes(again)).toEqual(["duplicate"]);
  });
});
