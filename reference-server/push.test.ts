import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunningServer } from "./serve.ts";
import { goal, newUser, startTestServer } from "./testing/harness.ts";

let server: RunningServer;
beforeAll(async () => {
  server = await startTestServer({ limits: { requestBurst: null } });
});
afterAll(() => server.close());

const outcomes = (reply: { json: { results: { outcome: string }[] } }) =>
  reply.json.results.map((result) => result.outcome);

describe("push", () => {
  test("applies items of several collections, normalised, with version and seq", async () => {
    const user = await newUser(server);
    const entry = {
      id: "e1",
      timestamp: 1_700_000_000_000,
      duration: 30,
      type: "Practice",
      updated_at: "2026-01-01T01:00:00+01:00",
    };
    const reply = await user.push({
      entries: [entry],
      goals: [goal("g1"), { id: "g2", deletedAt: "2026-01-01T00:00:00Z" }],
    });
    expect(reply.status).toBe(200);
    expect(outcomes(reply)).toEqual(["applied", "applied", "applied"]);
    expect(reply.json.results[0].meta).toMatchObject({
      version: 1,
      seq: 1,
      updatedAt: "2026-01-01T00:00:00.000Z",
      deletedAt: null,
    });
    expect(reply.json.results[0].item).toEqual({
      id: "e1",
      timestamp: 1_700_000_000_000,
      duration: 30,
      type: "practice",
      updatedAt: "2026-01-01T01:00:00+01:00",
    });
    expect(reply.json.results[1]).not.toHaveProperty("item");
    expect(reply.json.results[2].meta).toMatchObject({
      seq: 3,
      deletedAt: "2026-01-01T00:00:00.000Z",
      checksum: "",
    });
    expect(reply.json.stats).toMatchObject({
      entriesProcessed: 1,
      goalsProcessed: 2,
      duplicatesPrevented: 0,
    });
  });

  test("judges each item alone, and names what is wrong by pointer", async () => {
    const user = await newUser(server);
    const reply = await user.push({
      goals: [
        goal("ok"),
        { id: "no-title", updatedAt: 1 },
        { id: "no-stamp", title: "t" },
        "text",
        goal("wrong", 0, { title: 7 }),
        goal("far", 0, { updatedAt: Date.now() + 3_600_000 }),
        goal("unreadable", 0, { updatedAt: "2026-02-30T00:00:00Z" }),
        goal("large", 0, { description: "x".repeat(262_144) }),
        { title: "no id", updatedAt: 1 },
      ],
      "a/b": [{ id: "x" }],
    });
    expect(
      reply.json.results.map((result: any) => [result.outcome, result.code, result.errors?.[0].pointer]),
    ).toEqual([
      ["applied", undefined, undefined],
      ["refused", "INCOMPLETE", "/changes/goals/1/title"],
      ["refused", "INCOMPLETE", "/changes/goals/2/updatedAt"],
      ["refused", "INVALID_ITEM", "/changes/goals/3"],
      ["refused", "INVALID_ITEM", "/changes/goals/4/title"],
      ["refused", "CLOCK_SKEW", "/changes/goals/5/updatedAt"],
      ["refused", "INVALID_ITEM", "/changes/goals/6/updatedAt"],
      ["refused", "ITEM_TOO_LARGE", "/changes/goals/7"],
      ["refused", "INCOMPLETE", "/changes/goals/8/id"],
      ["refused", "UNKNOWN_COLLECTION", "/changes/a~1b/0"],
    ]);
    expect(reply.json.results[5].serverTime).toMatch(/Z$/);
    expect(reply.json.success).toBe(false);
    expect(reply.json.conflicts).toHaveLength(9);
    expect((await user.pull()).json.goals.map((item: any) => item.id)).toEqual(["ok"]);
  });

  test("keeps the greatest stamp, and tells the loser the winner", async () => {
    const user = await newUser(server);
    await user.push({ goals: [goal("g", 10, { title: "newer" })] });
    const older = await user.push({ goals: [goal("g", 5, { title: "older" })] });
    expect(older.json.results[0]).toMatchObject({
      outcome: "superseded",
      item: { title: "newer" },
      meta: { version: 1, seq: 1 },
    });
    const deletion = await user.push({ goals: [{ id: "g", deletedAt: goal("", 10).updatedAt }] });
    expect(deletion.json.results[0]).toMatchObject({ outcome: "applied", meta: { version: 2, seq: 2 } });
    const again = await user.push({ goals: [goal("g", 10, { title: "newer" })] });
    expect(again.json.results[0]).toMatchObject({ outcome: "superseded", item: null });
    const back = await user.push({ goals: [goal("g", 11)] });
    expect(back.json.results[0]).toMatchObject({ outcome: "applied", meta: { version: 3, seq: 3 } });
  });

  test("applies one write an entity, whatever the order inside", async () => {
    const user = await newUser(server);
    const reply = await user.push({
      goals: [goal("g", 1), goal("g", 3), goal("g", 3), goal("g", 2), goal("h", 1)],
    });
    expect(outcomes(reply)).toEqual(["superseded", "applied", "duplicate", "superseded", "applied"]);
    expect(reply.json.results.map((result: any) => [result.meta.seq, result.meta.version])).toEqual([
      [1, 1],
      [1, 1],
      [1, 1],
      [1, 1],
      [2, 1],
    ]);
  });

  test("gives deployed peers receipt stamps, and knows their repetitions by the claim", async () => {
    const user = await newUser(server);
    const deployed = { announced: false };
    const unstamped = { id: "g", title: "unstamped" };
    const first = await user.push({ goals: [unstamped] }, deployed);
    expect(first.json.results[0]).toMatchObject({
      outcome: "applied",
      item: { updatedAt: first.json.results[0].meta.updatedAt },
    });
    const later = new Date(Date.now() + 60_000).toISOString();
    await user.push({ goals: [goal("g", 0, { updatedAt: later, title: "stamped" })] });
    const repeated = await user.push({ goals: [unstamped] }, deployed);
    expect(repeated.json.results[0]).toMatchObject({ outcome: "duplicate", item: { title: "stamped" } });
    const skewed = await user.push(
      { goals: [goal("s", 0, { updatedAt: "2999-01-01T00:00:00Z" })] },
      deployed,
    );
    expect(skewed.json.results[0].outcome).toBe("applied");
    expect(Date.parse(skewed.json.results[0].meta.updatedAt)).toBeLessThan(Date.now() + 60_000);
    const twice = await user.push(
      {
        goals: [
          { id: "t", title: "a" },
          { id: "t", title: "b" },
        ],
      },
      deployed,
    );
    expect(outcomes(twice)).toEqual(["superseded", "applied"]);
  });

  test("keeps ids with U+0000, backslashes and the names of prototypes apart", async () => {
    const user = await newUser(server);
    const ids = ["a", "a\0", "a\0b", "a\\0b", "a\\", "__proto__", "constructor"];
    await user.push({ goals: ids.map((id) => goal(id)) });
    const again = await user.push({ goals: ids.map((id) => goal(id)) });
    expect(new Set(outcomes(again))).toEqual(new Set(["duplicate"]));
    expect((await user.pull()).json.goals.map((item: any) => item.id)).toEqual(ids);
    const text = `{"changes":{"goals":[{"id":"p","title":"t","updatedAt":1,"__proto__":{"polluted":true}}]}}`;
    await user.send("POST", "/api/sync/push", text);
    expect((await user.pull({ types: ["goal"] })).text).toContain('"__proto__":{"polluted":true}');
  });

  test("refuses a malformed envelope and applies nothing of it", async () => {
    const user = await newUser(server);
    for (const changes of [
      { goals: {} },
      { goals: [goal("g")], entries: "text" },
      { later: 1 },
      { ["x".repeat(256)]: [1] },
    ] as any[]) {
      const reply = await user.push(changes);
      expect([reply.status, reply.json.code]).toEqual([400, "INVALID_REQUEST"]);
    }
    expect((await user.status()).json.entityCount).toBe(0);
  });
});

describe("batch", () => {
  test("judges duplicates before versions, versions before stamps", async () => {
    const user = await newUser(server);
    await user.push({ goals: [goal("g", 1)] });
    await user.push({ goals: [goal("g", 2, { title: "second" })] });
    const entity = (second: number, version?: unknown, more = {}) => ({
      id: "g",
      type: "goal",
      data: goal("g", second, more),
      version,
    });
    const reply = await user.batch([
      entity(3, 1),
      entity(2, 1, { title: "second" }),
      entity(1, 2),
      { ...entity(4), checksum: "0".repeat(64) },
      { ...entity(4), id: "other" },
      entity(4, -1),
      { id: "x", type: "unknown", data: {} },
    ]);
    expect(reply.json.results.map((result: any) => [result.outcome, result.code])).toEqual([
      ["refused", "VERSION_CONFLICT"],
      ["duplicate", undefined],
      ["superseded", undefined],
      ["refused", "CHECKSUM_MISMATCH"],
      ["refused", "INVALID_ITEM"],
      ["refused", "INVALID_ITEM"],
      ["refused", "UNKNOWN_COLLECTION"],
    ]);
    expect(reply.json).toMatchObject({ uploaded: 0, downloaded: 1, success: false });
    expect(reply.json.conflicts).toEqual([
      {
        entityId: "g",
        entityType: "goal",
        localVersion: 1,
        remoteVersion: 2,
        server: goal("g", 2, { title: "second" }),
      },
    ]);
  });

  test("names what an element lacks, and the author of a template", async () => {
    const user = await newUser(server);
    const template = { id: "t", title: "t", schedule: { kind: "single" }, authorId: "mallory", updatedAt: 1 };
    const reply = await user.batch([
      { id: "g", data: goal("g") },
      { id: "g", type: "goal", data: null },
      { id: "g", type: "goal", data: [] },
      { id: "g", type: "goal", data: { ...goal("g"), id: null } },
      { type: "plan_template", data: template, id: null, version: null },
    ]);
    expect(
      reply.json.results.map((result: any) => [result.outcome, result.code, result.errors?.[0].pointer]),
    ).toEqual([
      ["refused", "INCOMPLETE", "/entities/0/type"],
      ["refused", "INCOMPLETE", "/entities/1/data"],
      ["refused", "INVALID_ITEM", "/entities/2/data"],
      ["refused", "INVALID_ITEM", "/entities/3/data/id"],
      ["applied", undefined, undefined],
    ]);
    expect(reply.json.results[4].item).toEqual({ ...template, authorId: user.name });
  });

  test("takes the id from beside the data", async () => {
    const user = await newUser(server);
    const { id: _, ...data } = goal("g");
    const piece = { title: "Für Elise", status: "learning", updatedAt: 1 };
    const reply = await user.batch([
      { id: "g", type: "goal", data, version: 0 },
      { id: "My-Piece", type: "repertoire_item", data: piece },
      { id: "gone", type: "goal", data: { deletedAt: 5 } },
    ]);
    expect(reply.json.results.map((result: any) => [result.outcome, result.entityId])).toEqual([
      ["applied", "g"],
      ["applied", "my-piece"],
      ["applied", "gone"],
    ]);
  });
});
