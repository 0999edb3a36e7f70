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
});
