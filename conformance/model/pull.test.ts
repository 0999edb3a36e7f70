import { expect, test } from "vitest";
import { createModel } from "./model.ts";
import { NOW, peer, SECRET } from "./test-peer.ts";
import type { Told } from "./test-peer.ts";

const goal = (id: string, updatedAt = NOW) => ({ id, title: `Goal ${id}`, updatedAt });
const entry = (id: string) => ({ id, timestamp: NOW, duration: 5, type: "practice", updatedAt: NOW });
const deletion = (id: string, deletedAt = NOW + 1) => ({ id, deletedAt });
const ids = ({ body }: Told): string[] => [
  ...body.goals.map(({ id }: { id: string }) => id),
  ...body.deleted.map(({ entityId }: { entityId: string }) => `-${entityId}`),
];

function aModel() {
  return createModel({ secret: SECRET, now: () => NOW });
}

test("a full pull tells what lives; a delta what changed since, deletions included", async () => {
  const device = peer(aModel(), "anna");
  await device.push({ goals: [goal("a"), goal("b"), goal("c")] });
  await device.push({ goals: [deletion("b", NOW - 1)] });
  await device.push({ goals: [deletion("b", NOW)] });

  const full = await device.pull();
  const nothing = await device.pull({ since: full.body.syncToken });
  await device.push({ goals: [deletion("a"), goal("d")] });
  const delta = await device.pull({ since: nothing.body.syncToken });

  expect(ids(full)).toEqual(["a", "c"]);
  expect(full.body).toMatchObject({ mode: "full", through: 4, lastSeq: 4, hasMore: false });
  expect(ids(nothing)).toEqual([]);
  expect(nothing.body).toMatchObject({ mode: "delta", lastSeq: 4 });
  expect(nothing.body.through).toBeUndefined();
  expect(ids(delta)).toEqual(["d", "-a"]);
  expect(delta.body.meta.goals[0]).toMatchObject({ entityId: "d", seq: 6 });
  expect(delta.body.epoch).toBe(full.body.epoch);
});

test("the pages of a full pull take in what is written during the walk (PULL-010, PULL-012)", async () => {
  const device = peer(aModel(), "anna");
  await device.push({ goals: ["a", "b", "c", "d"].map((id) => goal(id)) });

  const first = await device.pull({ limit: 2 });
  await device.push({ goals: [deletion("a"), goal("c", NOW + 1), goal("e")] });
  const second = await device.pull({ limit: 2, since: first.body.syncToken });
  const third = await device.pull({ limit: 2, since: second.body.syncToken });
  const after = await device.pull({ since: third.body.syncToken });

  expect([first, second, third, after].map(ids)).toEqual([["a", "b"], ["d", "-a"], ["c", "e"], []]);
  expect([first, second, third].map(({ body }) => body.mode)).toEqual(["full", "full", "full"]);
  expect([first, second, third].map(({ body }) => body.hasMore)).toEqual([true, true, false]);
  expect([first, second, third].map(({ body }) => body.through)).toEqual([undefined, undefined, 7]);
  expect([first, second, third].map(({ body }) => body.lastSeq)).toEqual([undefined, undefined, 7]);
  expect(after.body.mode).toBe("delta");
});

test("a full pull tells deletions that are stamped later than it (PULL-007)", async () => {
  const device = peer(aModel(), "anna");
  await device.push({ goals: [deletion("soon", NOW + 60_000), deletion("past", NOW - 1)] });

  expect(ids(await device.pull())).toEqual(["-soon"]);
});

test("types narrow a pull, and its cursor holds for them alone (PULL-016, PULL-017)", async () => {
  const device = peer(aModel(), "anna");
  await device.push({ goals: [goal("a")], entries: [entry("e")] });

  const typed = await device.pull({ types: ["goal", "plan_template", "goal"] });
  const same = await device.pull({ types: ["plan_template", "goal"], since: typed.body.syncToken });
  const other = await device.pull({ types: ["goal"], since: typed.body.syncToken });
  const all = await device.pull({ since: typed.body.syncToken });

  expect([typed.body.goals.length, typed.body.entries.length]).toEqual([1, 0]);
  expect(typed.body).toMatchObject({ through: 2 });
  expect(typed.body.lastSeq).toBeUndefined();
  expect(same.status).toBe(200);
  expect([other.status, other.body.code, all.body.code]).toEqual([400, "CURSOR_MISMATCH", "CURSOR_MISMATCH"]);
});

test("refuses tokens that are foreign, altered, invented or ahead (PULL-018)", async () => {
  const model = aModel();
  const device = peer(model, "anna");
  await device.push({ goals: [goal("a")] });
  const { syncToken } = (await device.pull()).body;
  const foreign = (await peer(model, "bert").pull()).body.syncToken;
  const other = createModel({ secret: SECRET, now: () => NOW });
  const ahead = (await peer(other, "anna").push({ goals: [goal("a"), goal("b")] })).body.syncToken;

  for (const since of [foreign, `${syncToken}x`, syncToken.slice(1), "42", "", ahead]) {
    const { status, body } = await device.pull({ since });
    expect([since, status, body.code]).toEqual([since, 410, "CURSOR_EXPIRED"]);
  }
  expect((await device.pull({ since: syncToken })).status).toBe(200);
});

test("null is absent, an empty body is {}, wrong parameters are named (PULL-020, PULL-021)", async () => {
  const device = peer(aModel(), "anna");
  const empty = await device.call("/api/sync/pull", undefined, { method: "POST" });
  const nulls = await device.pull({ since: null, limit: null, types: null });
  expect([empty.status, nulls.status]).toEqual([200, 200]);

  for (const [query, pointer] of [
    [{ limit: 0 }, "/limit"],
    [{ limit: 1.5 }, "/limit"],
    [{ since: 5 }, "/since"],
    [{ types: [] }, "/types"],
    [{ types: "goal" }, "/types"],
    [{ types: ["goal", "song"] }, "/types/1"],
  ] as const) {
    const { status, body } = await device.pull(query);
    expect([status, body.code, body.errors[0].pointer]).toEqual([400, "INVALID_REQUEST", pointer]);
  }
});

test("the token of a push is at the head; status counts (PUSH-013, STAT-001 to STAT-004)", async () => {
  const model = aModel();
  const device = peer(model, "anna");
  const before = await device.status({ headers: { "x-device-id": "phone" } });
  const { body } = await device.push({ goals: [goal("a"), goal("b")], entries: [entry("e")] });
  await device.push({ goals: [deletion("a")] }, { headers: { "x-device-id": "tablet" } });

  const delta = await device.pull({ since: body.syncToken });
  const { body: status } = await device.status();

  expect(before.body).toMatchObject({
    lastSyncTime: null,
    entityCount: 0,
    pendingChanges: 0,
    deviceCount: 1,
  });
  expect(ids(delta)).toEqual(["-a"]);
  expect(status).toMatchObject({ entityCount: 2, deviceCount: 2, lastSyncTime: "2026-03-01T10:00:00.000Z" });
  expect(ids(await device.pull({ since: status.syncToken }))).toEqual([]);
  model.advanceClock(2_592_000_001);
  expect((await device.status()).body.deviceCount).toBe(0);
});
