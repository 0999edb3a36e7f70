import { expect, test } from "vitest";
import { createModel } from "./model.ts";
import { NOW, peer, SECRET } from "./test-peer.ts";

const element = (title: string, updatedAt: number, more: object = {}) => ({
  id: "g1",
  type: "goal",
  data: { id: "g1", title, updatedAt },
  ...more,
});

async function aDeviceWithVersion2() {
  const device = peer(createModel({ secret: SECRET, now: () => NOW }), "anna");
  await device.batch([element("first", NOW - 20)]);
  await device.batch([element("second", NOW - 10, { version: 1 })]);
  return device;
}

test("a version below the stored one is a conflict that shows what is stored (BATCH-002)", async () => {
  const device = await aDeviceWithVersion2();

  const { body } = await device.batch([element("mine", NOW, { version: 1 })]);

  expect(body).toMatchObject({ success: false, uploaded: 0, downloaded: 1 });
  expect(body.conflicts).toEqual([
    {
      entityId: "g1",
      entityType: "goal",
      localVersion: 1,
      remoteVersion: 2,
      server: { id: "g1", title: "second", updatedAt: NOW - 10 },
    },
  ]);
  expect(body.results[0]).toMatchObject({
    pointer: "/entities/0",
    outcome: "refused",
    code: "VERSION_CONFLICT",
  });
});

test("a duplicate comes before the version, last write wins after it (BATCH-004, BATCH-005)", async () => {
  const device = await aDeviceWithVersion2();

  const { body } = await device.batch([
    element("second", NOW - 10, { version: 1 }),
    element("older", NOW - 15, { version: 2 }),
    element("newer", NOW, { version: 2 }),
    element("no precondition", NOW + 1, { version: null }),
  ]);

  expect(body.results.map((one: { outcome: string }) => one.outcome)).toEqual([
    "duplicate",
    "superseded",
    "superseded",
    "applied",
  ]);
  expect(body.results[3].meta.version).toBe(3);
  const again = await device.batch([element("no precondition", NOW + 1, { version: 0 })]);
  expect(again.body).toMatchObject({ success: true, uploaded: 0, conflicts: [] });
  expect(again.body.results[0].outcome).toBe("duplicate");
});

test("the server's side of a conflict with a deletion is null (BATCH-003)", async () => {
  const device = await aDeviceWithVersion2();
  await device.batch([{ id: "g1", type: "goal", data: { deletedAt: NOW } }]);

  const { body } = await device.batch([element("mine", NOW + 1, { version: 2 })]);

  expect(body).toMatchObject({ downloaded: 0 });
  expect(body.conflicts[0]).toMatchObject({ remoteVersion: 3, server: null });
});

test("elements are refused one by one, each for its reason", async () => {
  const device = await aDeviceWithVersion2();

  const { body } = await device.batch([
    "no object",
    { id: "x", type: "song", data: {} },
    element("a", NOW, { id: "other" }),
    element("a", NOW, { version: -1 }),
    element("a", NOW, { version: 1.5 }),
    element("a", NOW, { checksum: "0".repeat(64) }),
    { id: "g9", type: "goal" },
    element("A", NOW, { checksum: "282c75054b4f0d515ea9af9e8e4ba17ec9485c086f43c8dcfbeb05d24e6ea853" }),
  ]);

  expect(
    body.results.map((one: { code?: string; errors?: { pointer: string }[] }) => [
      one.code,
      one.errors?.[0]?.pointer,
    ]),
  ).toEqual([
    ["INVALID_ITEM", "/entities/0"],
    ["UNKNOWN_COLLECTION", "/entities/1/type"],
    ["INVALID_ITEM", "/entities/2/id"],
    ["INVALID_ITEM", "/entities/3/version"],
    ["INVALID_ITEM", "/entities/4/version"],
    ["CHECKSUM_MISMATCH", "/entities/5/checksum"],
    ["INCOMPLETE", "/entities/6/data"],
    [undefined, undefined],
  ]);
  expect(body).toMatchObject({ success: false, uploaded: 1 });
});

test("data without an id takes that of the frame; a score id is normalised there too", async () => {
  const device = peer(createModel({ secret: SECRET, now: () => NOW }), "anna");

  const { body } = await device.batch([
    { id: "g7", type: "goal", data: { title: "Scales", updatedAt: NOW } },
    { id: " Moonlight Sonata-Beethoven ", type: "repertoire_item", data: { deletedAt: NOW } },
  ]);

  expect(body.results.map((one: { meta: { entityId: string } }) => one.meta.entityId)).toEqual([
    "g7",
    "moonlight sonata-beethoven",
  ]);
  expect(body.results[0].item).toEqual({ id: "g7", title: "Scales", updatedAt: NOW });
});

test("a malformed envelope is refused as a whole (BATCH-011)", async () => {
  const device = await aDeviceWithVersion2();
  for (const entities of [undefined, null, {}, "x"]) {
    const { status, body } = await device.batch(entities);
    expect([status, body.code, body.errors[0].pointer]).toEqual([400, "INVALID_REQUEST", "/entities"]);
  }
});
