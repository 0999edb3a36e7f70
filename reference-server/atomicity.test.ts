import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunningServer } from "./serve.ts";
import { goal, goals, newUser, startTestServer } from "./testing/harness.ts";

let server: RunningServer;
beforeAll(async () => {
  server = await startTestServer({ limits: { requestBurst: null } });
});
afterAll(() => server.close());

const outcomes = (reply: { json: { results: { outcome: string }[] } }) =>
  reply.json.results.map((result) => result.outcome);

describe("atomicity", () => {
  test("a fault in the middle of the write leaves nothing, answers 503, and passes", async () => {
    const user = await newUser(server);
    await user.push({ goals: [goal("before")] });
    const db = await server.database();
    await db
      .prepare(
        "CREATE TRIGGER fault BEFORE INSERT ON sync_data WHEN NEW.entity_id = 'boom' BEGIN SELECT RAISE(ABORT, 'fault'); END",
      )
      .run();
    const changes = { goals: [...goals(20), goal("boom"), ...goals(20, "h")] };
    const failed = await user.push(changes, { key: "k" });
    expect([failed.status, failed.json.code, failed.headers.get("retry-after")]).toEqual([
      503,
      "UNAVAILABLE",
      "2",
    ]);
    const pulled = await user.pull();
    expect(pulled.json.goals.map((item: any) => item.id)).toEqual(["before"]);
    expect(pulled.json.lastSeq).toBe(1);
    const records = await db
      .prepare("SELECT count(*) AS n FROM idempotency_records WHERE user_id = ?")
      .bind(user.name)
      .first("n");
    expect(records).toBe(0);

    await db.prepare("DROP TRIGGER fault").run();
    const retried = await user.push(changes, { key: "k" });
    expect(retried.headers.get("x-idempotent-replay")).toBeNull();
    expect(retried.json.results).toHaveLength(41);
    expect((await user.pull()).json.lastSeq).toBe(42);
  });

  test("a fault that is asked for strikes once, whoever writes next", async () => {
    const user = await newUser(server);
    await server.failNextWrite();
    const changes = { goals: goals(3) };
    expect((await user.push(changes, { key: "k" })).json.code).toBe("UNAVAILABLE");
    expect((await user.pull()).json.lastSeq).toBe(0);
    expect(outcomes(await user.push(changes, { key: "k" }))).toEqual(["applied", "applied", "applied"]);
  });

  test("four devices at once: every seq once, without a gap", async () => {
    const user = await newUser(server);
    const devices = ["a", "b", "c", "d"];
    const replies = await Promise.all(
      devices.flatMap((device) =>
        [0, 1, 2, 3, 4].map((round) =>
          user.push({ goals: goals(5, `${device}${round}-`) }, { device, key: `${device}${round}` }),
        ),
      ),
    );
    const seqs = replies.flatMap((reply) => reply.json.results.map((result: any) => result.meta.seq));
    expect(seqs.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
    const { goals: items, meta, lastSeq } = (await user.pull()).json;
    expect([items.length, lastSeq]).toEqual([100, 100]);
    expect(meta.goals.map((each: any) => each.seq)).toEqual(
      Array.from({ length: 100 }, (_, index) => index + 1),
    );
    expect((await user.status()).json).toMatchObject({ deviceCount: 4, entityCount: 100 });
  });

  test("an evicted object has lost nothing", async () => {
    const user = await newUser(server);
    const first = await user.push({ goals: [goal("g")] }, { key: "k" });
    await server.evict(user.name);
    const replay = await user.push({ goals: [goal("g")] }, { key: "k" });
    expect(replay.headers.get("x-idempotent-replay")).toBe("true");
    expect(replay.text).toBe(first.text);
    await server.evict(user.name);
    expect((await user.push({ goals: [goal("h")] })).json.results[0].meta.seq).toBe(2);
  });
});
