import { describe, expect, test } from "vitest";
import { createModel } from "./model.ts";
import { NOW, peer, SECRET } from "./test-peer.ts";

const goal = (id: string, title: string, updatedAt: unknown) => ({ id, title, updatedAt });

function aModel() {
  return createModel({ secret: SECRET, now: () => NOW });
}

describe("push", () => {
  test("applies a new item, and tells its meta with the checksum of the prose", async () => {
    const device = peer(aModel(), "anna");

    const { status, headers, body } = await device.push({
      goals: [goal("g1", "Scales", "2026-03-01T09:00:00Z")],
    });

    expect(status).toBe(200);
    expect(headers["content-type"]).toBe("application/json");
    expect(body.success).toBe(true);
    expect(body.results).toEqual([
      {
        pointer: "/changes/goals/0",
        entityType: "goal",
        entityId: "g1",
        outcome: "applied",
        meta: {
          entityType: "goal",
          entityId: "g1",
          version: 1,
          seq: 1,
          updatedAt: "2026-03-01T09:00:00.000Z",
          deletedAt: null,
          checksum: "dd7c2aefa49b61a934a222c843f8cdb473dd4218fa4e651a6799db66ce6dc3fc",
        },
      },
    ]);
    expect(body.stats).toMatchObject({ goalsProcessed: 1, entriesProcessed: 0, duplicatesPrevented: 0 });
  });

  test("answers a repeated request with the first answer, and changes nothing", async () => {
    const device = peer(aModel(), "anna");
    const first = await device.push({ goals: [goal("g1", "Scales", "2026-03-01T09:00:00Z")] }, { key: "k1" });
    await device.push({ goals: [goal("g1", "Thirds", "2026-03-01T09:30:00Z")] });

    const again = await device.push({ goals: [goal("g1", "Scales", "2026-03-01T09:00:00Z")] }, { key: "k1" });
    const other = await device.push({ goals: [goal("g1", "Sixths", "2026-03-01T09:00:00Z")] }, { key: "k1" });

    expect(again.body).toEqual(first.body);
    expect(again.headers["x-idempotent-replay"]).toBe("true");
    expect(first.headers["x-idempotent-replay"]).toBeUndefined();
    expect([other.status, other.body.code]).toEqual([422, "IDEMPOTENCY_KEY_REUSED"]);
    expect((await device.pull()).body.goals[0].title).toBe("Thirds");
  });

  test("refuses items one by one, with pointers, and applies the others (PUSH-001 to PUSH-007)", async () => {
    const device = peer(aModel(), "anna");

    const { body } = await device.push({
      entries: [
        { id: "e1", timestamp: NOW, duration: 30, updatedAt: NOW },
        { id: "e2", timestamp: NOW, duration: "30", type: "practice", updatedAt: NOW },
        "e3",
        { timestamp: NOW, duration: 30, type: "practice", updatedAt: NOW },
        { id: "e5", timestamp: NOW, duration: 30, type: "practice", updatedAt: "yesterday" },
        { id: "e6", timestamp: NOW, duration: 30, type: "practice", updated_at: NOW, goal_ids: [5] },
      ],
      songs: [{ id: "s1" }],
      goals: [goal("g1", "Scales", NOW), { id: "", title: "x", updatedAt: NOW }],
      preferences: null,
    });

    expect(
      body.results.map(
        (one: { pointer: string; entityId: string; code?: string; errors?: { pointer: string }[] }) => [
          one.pointer,
          one.entityId,
          one.code,
          one.errors?.[0]?.pointer,
        ],
      ),
    ).toEqual([
      ["/changes/entries/0", "e1", "INCOMPLETE", "/changes/entries/0/type"],
      ["/changes/entries/1", "e2", "INVALID_ITEM", "/changes/entries/1/duration"],
      ["/changes/entries/2", null, "INVALID_ITEM", "/changes/entries/2"],
      ["/changes/entries/3", null, "INCOMPLETE", "/changes/entries/3/id"],
      ["/changes/entries/4", "e5", "INVALID_ITEM", "/changes/entries/4/updatedAt"],
      ["/changes/entries/5", "e6", "INVALID_ITEM", "/changes/entries/5/goal_ids/0"],
      ["/changes/songs/0", null, "UNKNOWN_COLLECTION", "/changes/songs/0"],
      ["/changes/goals/0", "g1", undefined, undefined],
      ["/changes/goals/1", null, "INVALID_ITEM", "/changes/goals/1/id"],
    ]);
    expect(body.success).toBe(false);
    expect(body.conflicts).toHaveLength(8);
    expect(body.results[6].entityType).toBeNull();
    expect((await device.status()).body.entityCount).toBe(1);
  });

  test("normalises, keeps what it does not know, and says what differs (NORM-001, NORM-003, DATA-002)", async () => {
    const device = peer(aModel(), "anna");
    const entry = {
      id: "e1",
      timestamp: "2026-03-01T10:00:00+01:00",
      duration: 30,
      type: "Practice",
      instrument: "PIANO",
      goal_ids: ["g1"],
      pieces: [{ title: "Für Elise", composer: "Beethoven", color: { a: [1] } }],
      updated_at: NOW,
      version: 99,
      seq: 99,
      user_id: "bert",
      x: null,
    };

    const { body } = await device.push({ entries: [entry] });

    const stored = {
      id: "e1",
      timestamp: "2026-03-01T10:00:00+01:00",
      duration: 30,
      type: "practice",
      instrument: "piano",
      goalIds: ["g1"],
      pieces: [{ id: "für elise-beethoven", title: "Für Elise", composer: "Beethoven", color: { a: [1] } }],
      updatedAt: NOW,
      x: null,
    };
    expect(body.results[0].item).toEqual(stored);
    expect(body.results[0].meta).toMatchObject({ version: 1, seq: 1 });
    const pulled = await device.pull();
    expect(pulled.body.entries).toEqual([stored]);
    const back = await device.push({ entries: pulled.body.entries });
    expect(back.body.results[0]).toMatchObject({ outcome: "duplicate" });
    expect(back.body.results[0].item).toBeUndefined();
  });

  test("refuses a malformed envelope as a whole (PUSH-004)", async () => {
    const device = peer(aModel(), "anna");
    const good = [goal("g1", "Scales", NOW)];
    for (const changes of [undefined, null, [], { goals: good, entries: {} }, { goals: good, songs: 1 }]) {
      const { status, body } = await device.push(changes);
      expect([status, body.code]).toEqual([400, "INVALID_REQUEST"]);
    }
    expect((await device.status()).body.entityCount).toBe(0);
    expect((await device.push({})).body).toMatchObject({ success: true, results: [] });
  });

  test("takes __proto__ as data (DATA-011)", async () => {
    const device = peer(aModel(), "anna");
    const text = `{"changes":{"goals":[{"id":"g1","title":"a","updatedAt":${NOW},"__proto__":{"polluted":true}}]}}`;

    const { body } = await device.call("/api/sync/push", undefined, { text });

    expect(body.results[0].outcome).toBe("applied");
    expect(Object.hasOwn((await device.pull()).body.goals[0], "__proto__")).toBe(true);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});
