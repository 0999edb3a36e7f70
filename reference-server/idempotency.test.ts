import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunningServer } from "./serve.ts";
import { goal, goals, newUser, startTestServer, type Reply } from "./testing/harness.ts";

let server: RunningServer;
beforeAll(async () => {
  server = await startTestServer({ limits: { requestBurst: null } });
});
afterAll(() => server.close());

const isReplay = (reply: Reply) => reply.headers.get("x-idempotent-replay") === "true";

describe("replay", () => {
  test("same key and body: the first answer to the byte, and no effect", async () => {
    const user = await newUser(server);
    const first = await user.push({ goals: [goal("g", 1)] }, { key: "k" });
    await user.push({ goals: [goal("g", 2, { title: "later" })] });
    const replay = await user.push({ goals: [goal("g", 1)] }, { key: "k", device: "another" });
    expect(isReplay(first)).toBe(false);
    expect([isReplay(replay), replay.status, replay.text]).toEqual([true, 200, first.text]);
    expect((await user.pull()).json).toMatchObject({ lastSeq: 2, goals: [{ title: "later" }] });
  });

  test("another spelling of the same JSON is the same body, anything else is not", async () => {
    const user = await newUser(server);
    const post = (text: string) => user.send("POST", "/api/sync/push", text, { key: "k" });
    await post('{"changes":{"goals":[{"id":"g","title":"é","updatedAt":1}]}}');
    const spelled = await post('{ "changes": {"goals": [{"updatedAt":1, "title":"\\u00e9", "id":"g"}]}}');
    expect(isReplay(spelled)).toBe(true);
    const other = await post('{"changes":{"goals":[{"id":"g","title":"é","updatedAt":1}]},"unknown":1}');
    expect([other.status, other.json.code, isReplay(other)]).toEqual([422, "IDEMPOTENCY_KEY_REUSED", false]);
  });

  test("twenty at once are applied once", async () => {
    const user = await newUser(server);
    const replies = await Promise.all(
      Array.from({ length: 20 }, () => user.push({ goals: goals(10) }, { key: "twin" })),
    );
    expect(replies.map((reply) => reply.status)).toEqual(replies.map(() => 200));
    expect(replies.filter((reply) => !isReplay(reply))).toHaveLength(1);
    expect(new Set(replies.map((reply) => reply.text)).size).toBe(1);
    expect((await user.pull()).json.lastSeq).toBe(10);
  });

  test("the scope of a key is user and endpoint", async () => {
    const [user, other] = [await newUser(server), await newUser(server)];
    await user.push({ goals: [goal("g")] }, { key: "k" });
    expect(isReplay(await other.push({ goals: [goal("g")] }, { key: "k" }))).toBe(false);
    const batch = await user.batch([{ id: "g", type: "goal", data: goal("g", 9) }], { key: "k" });
    expect([batch.status, batch.json.uploaded]).toEqual([200, 1]);
  });

  test("an answer of more than 2 MB is kept and replayed whole", async () => {
    const user = await newUser(server);
    for (let index = 0; index < 12; index++) {
      await user.push({ goals: [goal(`g${index}`, 10, { description: "é😀".repeat(40_000) })] });
    }
    const older = { goals: Array.from({ length: 12 }, (_, index) => goal(`g${index}`, 1)) };
    const first = await user.push(older, { key: "large" });
    expect(new TextEncoder().encode(first.text).length).toBeGreaterThan(2_000_000);
    expect(first.json.results.every((result: any) => result.outcome === "superseded")).toBe(true);
    const replay = await user.push(older, { key: "large" });
    expect([isReplay(replay), replay.text === first.text]).toEqual([true, true]);
  });
});

describe("what is recorded", () => {
  test("refusals of announced peers are: envelope, JSON, number of items, items", async () => {
    const user = await newUser(server);
    const bodies = [
      "{",
      '{"changes":1}',
      JSON.stringify({ changes: { goals: goals(501) } }),
      '{"changes":{"goals":[{"id":"g"}]}}',
    ];
    for (const [index, body] of bodies.entries()) {
      const first = await user.send("POST", "/api/sync/push", body, { key: `k${index}` });
      const again = await user.send("POST", "/api/sync/push", body, { key: `k${index}` });
      expect([first.status, isReplay(first)]).toEqual([[400, 400, 413, 200][index], false]);
      expect([again.status, isReplay(again), again.text]).toEqual([first.status, true, first.text]);
      expect(again.headers.get("content-type")).toBe(first.headers.get("content-type"));
      const other = await user.push({ goals: [goal("g")] }, { key: `k${index}` });
      expect(other.json.code).toBe("IDEMPOTENCY_KEY_REUSED");
    }
  });

  test("refusals of deployed peers are not", async () => {
    const user = await newUser(server);
    const changes = { goals: [goal("ok"), { id: "bad" }] };
    const deployed = { key: "k", announced: false };
    expect((await user.push(changes, deployed)).json.success).toBe(false);
    const again = await user.push(changes, deployed);
    expect([isReplay(again), again.json.results[0].outcome]).toEqual([false, "duplicate"]);
    await user.push({ goals: [goal("ok", 9)] }, { key: "good", announced: false });
    expect(isReplay(await user.push({ goals: [goal("ok", 9)] }, { key: "good", announced: false }))).toBe(
      true,
    );
  });

  test("keys of a wrong form are refused before anything is looked at", async () => {
    const user = await newUser(server);
    for (const key of ["", "a b", "x".repeat(256), "tab\tkey"]) {
      const reply = await user.push({ goals: [goal("g")] }, { key });
      expect([reply.status, reply.json.code]).toEqual([400, "INVALID_IDEMPOTENCY_KEY"]);
    }
    const two = await user.push({ goals: [goal("g")] }, { key: "a", headers: { "idempotency-key": "b" } });
    expect(two.json.code).toBe("INVALID_IDEMPOTENCY_KEY");
    expect((await user.status()).json.entityCount).toBe(0);
    await user.push({ goals: [goal("g")] }, { key: "x".repeat(255) });
    expect(
      isReplay(await user.push({ goals: [goal("g")] }, { headers: { "idempotency-key": "x".repeat(255) } })),
    ).toBe(true);
  });

  test("records expire, and the stamp still knows the repetition", async () => {
    const brief = await startTestServer({ limits: { idempotencyRetentionMs: 60_000 } });
    try {
      const user = await newUser(brief);
      await user.push({ goals: [goal("g")] }, { key: "k" });
      await brief.advanceClock(59_000);
      expect(isReplay(await user.push({ goals: [goal("g")] }, { key: "k" }))).toBe(true);
      await brief.advanceClock(5_000);
      const late = await user.push({ goals: [goal("g")] }, { key: "k" });
      expect([isReplay(late), late.json.results[0].outcome]).toEqual([false, "duplicate"]);
      expect(isReplay(await user.push({ goals: [goal("g")] }, { key: "k" }))).toBe(true);
    } finally {
      await brief.close();
    }
  });
});
