import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunningServer } from "./serve.ts";
import { goal, goals, newUser, startTestServer, type TestUser } from "./testing/harness.ts";

let server: RunningServer;
beforeAll(async () => {
  server = await startTestServer({ limits: { requestBurst: null, maxPageSize: 50 } });
});
afterAll(() => server.close());

const ids = (page: any) => page.goals.map((item: any) => item.id);

/** All pages of a walk; `between` runs after each page but the last. */
async function walk(user: TestUser, request: Record<string, unknown>, between = async () => {}) {
  const pages: any[] = [];
  for (let since = request["since"]; ; since = pages.at(-1).syncToken) {
    pages.push((await user.pull({ ...request, since })).json);
    if (!pages.at(-1).hasMore) return pages;
    await between();
  }
}

describe("full and delta", () => {
  test("full: live entities; delta: what changed, deletions included, once", async () => {
    const user = await newUser(server);
    await user.push({
      goals: goals(3),
      entries: [{ id: "e", timestamp: 1, duration: 1, type: "x", updatedAt: 1 }],
    });
    await user.push({ goals: [{ id: "g1", deletedAt: goal("", 5).updatedAt }] });
    const full = (await user.pull()).json;
    expect([ids(full), full.deleted, full.mode, full.through, full.lastSeq]).toEqual([
      ["g0", "g2"],
      [],
      "full",
      5,
      5,
    ]);
    expect(full.meta.goals.map((meta: any) => meta.entityId)).toEqual(["g0", "g2"]);

    await user.push({ goals: [goal("g0", 6), { id: "g2", deletedAt: goal("", 7).updatedAt }] });
    await user.push({ goals: [goal("g0", 8)] });
    const delta = (await user.pull({ since: full.syncToken })).json;
    expect([ids(delta), delta.deleted.map((meta: any) => meta.entityId)]).toEqual([["g0"], ["g2"]]);
    expect([delta.mode, delta.lastSeq, delta.epoch, "through" in delta]).toEqual([
      "delta",
      8,
      full.epoch,
      false,
    ]);
    const empty = (await user.pull({ since: delta.syncToken })).json;
    expect([ids(empty), empty.deleted, empty.hasMore]).toEqual([[], [], false]);
  });

  test("a full pull tells deletions stamped after it", async () => {
    const user = await newUser(server);
    const soon = new Date(Date.now() + 200_000).toISOString();
    await user.push({
      goals: [
        { id: "future", deletedAt: soon },
        { id: "past", deletedAt: 5 },
      ],
    });
    const full = (await user.pull()).json;
    expect(full.deleted.map((meta: any) => meta.entityId)).toEqual(["future"]);
    expect((await user.pull({ types: ["practice_plan"] })).json.deleted).toEqual([]);
    expect((await user.pull({ types: ["goal"] })).json.deleted).toHaveLength(1);
  });

  test("null is absent, and so is an empty body", async () => {
    const user = await newUser(server);
    await user.push({ goals: goals(2) });
    expect(ids((await user.pull({ since: null, limit: null, types: null })).json)).toHaveLength(2);
    expect(ids((await user.send("POST", "/api/sync/pull", undefined)).json)).toHaveLength(2);
    expect(ids((await user.send("POST", "/api/sync/pull", "")).json)).toHaveLength(2);
  });

  test("bad parameters are named", async () => {
    const user = await newUser(server);
    for (const [body, pointer] of [
      [{ limit: 0 }, "/limit"],
      [{ limit: 1.5 }, "/limit"],
      [{ since: 7 }, "/since"],
      [{ types: [] }, "/types"],
      [{ types: ["goals"] }, "/types/0"],
    ] as const) {
      const reply = await user.pull(body);
      expect([reply.status, reply.json.code, reply.json.errors[0].pointer]).toEqual([
        400,
        "INVALID_REQUEST",
        pointer,
      ]);
    }
  });
});

describe("pages", () => {
  test("a walk sees what is written during it, and ends consistent", async () => {
    const user = await newUser(server);
    await user.push({ goals: [...goals(10), { id: "old", deletedAt: 1 }] });
    let round = 0;
    const pages = await walk(user, { limit: 4 }, async () => {
      round += 1;
      if (round === 1)
        await user.push({
          goals: [
            goal("g0", 50, { title: "again" }),
            goal("new"),
            { id: "g9", deletedAt: goal("", 60).updatedAt },
          ],
        });
    });
    expect(pages.map((page) => page.mode)).toEqual(pages.map(() => "full"));
    expect(pages.every((page) => ids(page).length + page.deleted.length <= 4)).toBe(true);
    expect(pages.slice(0, -1).every((page) => !("through" in page) && !("lastSeq" in page))).toBe(true);
    expect(pages.at(-1)).toMatchObject({ through: 14, lastSeq: 14 });
    expect(pages.flatMap(ids)).toEqual(["g0", "g1", "g2", "g3", "g4", "g5", "g6", "g7", "g8", "g0", "new"]);
    expect(pages.flatMap((page) => page.deleted.map((meta: any) => meta.entityId))).toEqual(["g9"]);
    expect((await user.pull({ since: pages.at(-1).syncToken })).json.goals).toEqual([]);
  });

  test("delta pages, and pages of several types, hold everything once and in order", async () => {
    const user = await newUser(server);
    const start = (await user.pull()).json.syncToken;
    const plans = Array.from({ length: 9 }, (_, index) => ({ id: `o${index}`, planId: "p", updatedAt: 1 }));
    await user.push({
      goals: goals(9),
      planOccurrences: plans,
      preferences: [{ id: "preferences", updatedAt: 1 }],
    });
    const delta = await walk(user, { since: start, limit: 5 });
    expect(delta.map((page) => page.mode)).toEqual(["delta", "delta", "delta", "delta"]);
    expect(delta.flatMap(ids)).toEqual(goals(9).map((each) => each.id));
    const typed = await walk(user, { types: ["plan_occurrence", "goal", "goal"], limit: 4 });
    expect(typed.flatMap((page) => page.planOccurrences)).toHaveLength(9);
    expect(typed.flatMap(ids)).toHaveLength(9);
    expect(typed.flatMap((page) => page.preferences)).toEqual([]);
    expect(typed.at(-1)).toMatchObject({ through: 19, hasMore: false });
    expect("lastSeq" in typed.at(-1)).toBe(false);
  });

  test("a limit above maxPageSize is served as that; none is one answer", async () => {
    const user = await newUser(server);
    await user.push({ goals: goals(60) });
    expect((await user.pull({ limit: 1000 })).json).toMatchObject({ hasMore: true, goals: { length: 50 } });
    expect((await user.pull()).json).toMatchObject({ hasMore: false, goals: { length: 60 } });
  });
});

describe("tokens", () => {
  test("altered, foreign and invented ones are 410, other types 400", async () => {
    const [user, other] = [await newUser(server), await newUser(server)];
    await user.push({ goals: goals(3) });
    const token: string = (await user.pull()).json.syncToken;
    const typed: string = (await user.pull({ types: ["goal", "repertoire_item"] })).json.syncToken;
    const [payload = "", code = ""] = token.split(".");
    const moved = btoa(
      atob(payload.replaceAll("-", "+").replaceAll("_", "/")).replace('"s":3', '"s":1'),
    ).replaceAll("=", "");
    const forged = [
      `${moved}.${code}`,
      `${token}A`,
      `${token}.x`,
      token.slice(0, -1),
      payload,
      "",
      "x.y",
      token.toLowerCase(),
      `${token} `,
    ];
    for (const since of [...forged, (await other.pull()).json.syncToken]) {
      const reply = await user.pull({ since });
      expect([since, reply.status, reply.json.code]).toEqual([since, 410, "CURSOR_EXPIRED"]);
    }
    for (const [since, types] of [
      [token, ["goal"]],
      [typed, undefined],
      [typed, ["goal"]],
    ]) {
      expect((await user.pull({ since, types })).json.code).toBe("CURSOR_MISMATCH");
    }
    expect((await user.pull({ since: typed, types: ["repertoire_item", "goal", "goal"] })).status).toBe(200);
  });

  test("a restored store is recognised: new epoch, old tokens 410", async () => {
    const user = await newUser(server);
    await user.push({ goals: [goal("kept")] });
    const old = (await user.pull()).json;
    await user.push({ goals: [goal("lost")] });
    const lost = (await user.pull()).json;
    const db = await server.database();
    await db.batch([
      db.prepare("DELETE FROM sync_data WHERE user_id = ? AND seq > 1").bind(user.name),
      db.prepare("UPDATE sync_metadata SET head = 1 WHERE user_id = ?").bind(user.name),
    ]);
    await server.evict(user.name);

    const restored = await Promise.all([
      user.pull(),
      user.pull(),
      user.push({ goals: [goal("new")] }),
      user.pull(),
    ]);
    const epochs = new Set([0, 1, 3].map((index) => restored[index]!.json.epoch));
    expect([epochs.size, epochs.has(old.epoch)]).toEqual([1, false]);
    for (const since of [old.syncToken, lost.syncToken])
      expect((await user.pull({ since })).status).toBe(410);
    const full = (await user.pull()).json;
    expect([ids(full), full.lastSeq, epochs.has(full.epoch)]).toEqual([["kept", "new"], 2, true]);
    expect((await user.pull({ since: restored[2].json.syncToken })).json.goals).toEqual([]);
  });
});

test("no user sees, changes or counts what another has", async () => {
  const [user, other] = [await newUser(server), await newUser(server)];
  await user.push(
    { goals: [goal("g", 5, { title: "mine", userId: other.name })] },
    { key: "k", device: "d" },
  );
  await other.push(
    { goals: [goal("g", 9, { title: "theirs", user_id: user.name })] },
    { key: "k", device: "d" },
  );
  expect((await user.pull()).json.goals).toMatchObject([{ title: "mine" }]);
  expect((await other.pull()).json.goals).toMatchObject([{ title: "theirs" }]);
  expect((await user.status()).json).toMatchObject({ entityCount: 1, deviceCount: 1 });
});
