import { describe, expect, test } from "vitest";
import { conforming as faithful } from "./behaviour.ts";
import { createModel } from "./model.ts";
import { deformAll, mutant, tally } from "./mutant.ts";
import type { Mutant } from "./mutant.ts";
import { rowKey } from "./state.ts";
import { NOW, peer, SECRET } from "./test-peer.ts";

const goal = (id: string, title: string, updatedAt: number) => ({ id, title, updatedAt });

const lastArrivalWins = mutant({
  name: "last-arrival-wins",
  story: "The upsert has no WHERE on the stamp.",
  breaks: ["ORD-001"],
  deform: (conforming) => ({ ...conforming, judge: () => "applied" }),
});

const letsTwinsRace = mutant({
  name: "lets-twins-race",
  story:
    "The record is looked up before the transaction begins, and nothing keeps a second request out meanwhile.",
  breaks: ["IDEM-011"],
  deform: (conforming) => ({ ...conforming, lock: (_context, task) => task() }),
});

const showsHalfAPush = mutant({
  name: "shows-half-a-push",
  story: "Each row is its own statement, without a transaction around them.",
  breaks: ["PUSH-009"],
  deform: (conforming) => ({
    ...conforming,
    async commit(context, { rows, record }) {
      for (const row of rows) {
        await conforming.persist(context, { rows: [row] });
        conforming.applyRow(context, row);
      }
      await conforming.commit(context, { rows: [], ...(record ? { record } : {}) });
    },
  }),
});

const leavesEveryThirdPageShort = mutant({
  name: "leaves-every-third-page-short",
  story: "A buffer that is reused drops its last element now and then.",
  breaks: ["PULL-010"],
  deform: (conforming) => ({
    ...conforming,
    arrange: (context, page) =>
      conforming.arrange(
        context,
        tally(context, "pull") % 3 ? page : { ...page, rows: page.rows.slice(0, -1) },
      ),
  }),
});

const losesDeletionsWhenRestarted = mutant({
  name: "loses-deletions-when-restarted",
  story: "Tombstones are kept in a set in memory only.",
  breaks: ["DEL-004"],
  deform: (conforming) => ({
    ...conforming,
    restart(server) {
      conforming.restart(server);
      for (const { rows } of server.users.values()) {
        for (const row of rows.values())
          if (row.item === null) rows.delete(rowKey(row.entityType, row.entityId));
      }
    },
  }),
});

function deviceOf(...mutants: Mutant[]) {
  const model = createModel({ secret: SECRET, now: () => NOW, behaviour: deformAll(faithful, mutants) });
  return { model, device: peer(model, "anna") };
}

describe("one fault at a time", () => {
  test("last arrival wins", async () => {
    const { device } = deviceOf(lastArrivalWins);
    await device.push({ goals: [goal("g1", "new", NOW)] });
    await device.push({ goals: [goal("g1", "old", NOW - 1)] });
    expect((await device.pull()).body.goals[0].title).toBe("old");
  });

  test("twins race where nothing locks", async () => {
    const { device } = deviceOf(letsTwinsRace);
    const twins = await Promise.all(
      [1, 2].map(() => device.push({ goals: [goal("g1", "x", NOW)] }, { key: "k" })),
    );
    expect(twins.map(({ headers }) => headers["x-idempotent-replay"])).toEqual([undefined, undefined]);
    expect(twins.map(({ body }) => body.results[0].outcome)).toEqual(["applied", "applied"]);
  });

  test("half a push shows to a pull, and stays after a failure", async () => {
    const { device } = deviceOf(showsHalfAPush);
    const many = Array.from({ length: 20 }, (_, n) => goal(`g${n}`, "x", NOW));
    const pushed = device.push({ goals: many });
    const seen: number[] = [];
    while ((seen.at(-1) ?? 0) < 20) seen.push((await device.pull()).body.goals.length);
    expect((await pushed).status).toBe(200);
    expect(seen.some((count) => count > 0 && count < 20)).toBe(true);
  });

  test("a fault of the n-th time", async () => {
    const { device } = deviceOf(leavesEveryThirdPageShort);
    await device.push({ goals: [goal("g1", "x", NOW)] });
    const counts = [];
    for (let n = 0; n < 4; n += 1) counts.push((await device.pull()).body.goals.length);
    expect(counts).toEqual([1, 1, 0, 1]);
  });
});

test("two faults at once: both show, and the rest still works", async () => {
  const { model, device } = deviceOf(lastArrivalWins, losesDeletionsWhenRestarted);
  await device.push({ goals: [{ id: "g1", deletedAt: NOW }, goal("g2", "new", NOW)] });
  await device.push({ goals: [goal("g2", "old", NOW - 1)] });
  model.restart();

  const delta = await device.pull({ since: (await device.pull()).body.syncToken });
  const again = await device.push({ goals: [goal("g1", "back", NOW - 1)] });

  expect(delta.status).toBe(200);
  expect(again.body.results[0]).toMatchObject({ outcome: "applied", meta: { version: 1, seq: 4 } });
  expect((await device.pull()).body.goals.map(({ title }: { title: string }) => title)).toEqual([
    "old",
    "back",
  ]);
  expect(model.server.lastCrash).toBeUndefined();
});

test("a mutant is named, told and blamed", () => {
  const good = { name: "a-b", story: "s", breaks: ["X-001"], deform: () => faithful };
  expect(mutant(good).name).toBe("a-b");
  expect(() => mutant({ ...good, name: "A b" })).toThrow("kebab-case");
  expect(() => mutant({ ...good, story: " " })).toThrow("story");
  expect(() => mutant({ ...good, breaks: [] })).toThrow("requirement");
});
