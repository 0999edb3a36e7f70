import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunningServer } from "./serve.ts";
import { goal, goals, newUser, startTestServer, type TestUser } from "./testing/harness.ts";
import { changed, openSocket, type TestSocket } from "./testing/socket.ts";

let server: RunningServer;
beforeAll(async () => {
  server = await startTestServer({ limits: { requestBurst: null, maxBodyBytes: 16 * 1024 * 1024 } });
});
afterAll(() => server.close());

const EMPTY_END = { type: "SYNC_RESPONSE", message: "No new data to sync" };
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

/** The seqs of everything that frames tell, in their order. Fails where a number runs ahead of what was told before it. */
function told(frames: readonly any[], from = 0): number[] {
  const seqs = new Set(range(1, from));
  const order: number[] = [];
  for (const frame of frames) {
    const { type, meta = {} } = frame;
    const metas =
      "seq" in meta
        ? [meta]
        : type === "BULK_SYNC" || type === "REPERTOIRE_BULK_SYNC"
          ? Object.values(meta).flat()
          : [];
    for (const each of metas) {
      seqs.add(each.seq);
      order.push(each.seq);
    }
    const number = frame.lastSeq ?? frame.seq ?? 0;
    expect(range(1, number).filter((seq) => !seqs.has(seq))).toEqual([]);
  }
  return order;
}

/**
 * Writes 1,200 goals, the first of them so heavy that more is on its way after the first page than may be: the catch-up pauses there
 * for more than a second, and what comes meanwhile finds it in its middle.
 */
async function pushLongLog(user: TestUser): Promise<void> {
  const note = "x".repeat(250_000);
  const heavy = goals(40, "heavy-").map((each) => ({ ...each, note }));
  await user.push({ goals: [...heavy, ...goals(360, "p0-")] });
  for (const part of range(1, 2)) await user.push({ goals: goals(400, `p${part}-`) });
}

describe("catch-up", () => {
  test("of nothing, of everything, of the rest", async () => {
    const user = await newUser(server);
    const socket = await openSocket(server, user.name);
    const [empty] = await socket.catchUp();
    expect(empty).toMatchObject({ ...EMPTY_END, lastSeq: 0, epoch: expect.any(String) });
    await user.push({
      goals: [goal("a"), { id: "b", deletedAt: 5 }],
      repertoire: [{ scoreId: "s", title: "t", status: "x", updatedAt: 1 }],
      entries: [{ id: "e", timestamp: 1, duration: 1, type: "practice", instrument: "piano", updatedAt: 1 }],
    });
    const live = [await socket.next(), await socket.next(), await socket.next(), await socket.next()];
    expect(live.map((event) => event.seq)).toEqual([1, 2, 3, 4]);

    const other = await openSocket(server, user.name);
    const all = await other.catchUp({ lastSeq: 0, epoch: empty.epoch });
    expect(all.map((frame) => [frame.type, frame.lastSeq, frame.seq])).toEqual([
      ["ENTITY_CHANGED", undefined, undefined],
      ["BULK_SYNC", 2, undefined],
      ["REPERTOIRE_BULK_SYNC", 4, undefined],
      ["SYNC_RESPONSE", 4, undefined],
    ]);
    expect(all[1]).toMatchObject({ goals: [goal("a")], entries: [{ id: "e" }] });
    expect(all[3].message).toBe("Sync complete");
    const rest = await other.catchUp({ lastSeq: 3 });
    expect(rest.map((frame) => frame.lastSeq)).toEqual([4, 4]);
    expect(await other.catchUp({ lastSeq: 4 })).toMatchObject([EMPTY_END]);
  });

  test("from a place that is not there is refused; a deployed peer gets everything", async () => {
    const user = await newUser(server);
    await user.push({ goals: goals(2) });
    const socket = await openSocket(server, user.name);
    for (const request of [{ lastSeq: 3 }, { lastSeq: 1, epoch: "another" }, { epoch: "another" }])
      expect(await socket.catchUp(request)).toMatchObject([{ type: "ERROR", code: "CURSOR_EXPIRED" }]);
    expect(told(await socket.catchUp({ lastSeq: 1 }), 1)).toEqual([2]);
    const old = () => openSocket(server, user.name, { announced: false });
    expect(told(await (await old()).catchUp({ lastSeq: 3 }))).toEqual([1, 2]);
    expect(told(await (await old()).catchUp({}))).toEqual([1, 2]);
  });

  test("by time goes by receipt; what is no time is a week", async () => {
    const user = await newUser(server);
    await user.push({ goals: [goal("before")] });
    const db = await server.database();
    await db
      .prepare("UPDATE sync_data SET received_at = received_at - 8 * 86400000 WHERE user_id = ?")
      .bind(user.name)
      .run();
    await user.push({ goals: [goal("after")] });
    const names = async (lastSyncTime: unknown) => {
      const socket = await openSocket(server, user.name, { announced: false });
      const frames = await socket.catchUp({ lastSyncTime });
      expect(frames.at(-1)).toMatchObject({ type: "SYNC_RESPONSE", lastSeq: 2 });
      return frames.flatMap((frame) => frame.goals ?? []).map((item: any) => item.id);
    };
    const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();
    expect(await names(day(-9))).toEqual(["before", "after"]);
    expect(await names(day(-1))).toEqual(["after"]);
    expect(await names("yesterday")).toEqual(["after"]);
    expect(await names(day(30))).toEqual(["after"]);
    expect(await names(null)).toEqual(["before", "after"]);
  });

  test("of 1,200 changes while others write: no gap, nothing ahead of what was told", async () => {
    const user = await newUser(server);
    await pushLongLog(user);
    await user.push({ goals: goals(50, "p1-").map(({ id }) => ({ id, deletedAt: goal("", 9).updatedAt })) });
    const [reader, writer] = [await openSocket(server, user.name), await openSocket(server, user.name)];
    for (const _ of range(1, 2)) reader.send({ type: "SYNC_REQUEST", lastSeq: 0 });
    for (const index of range(1, 60)) writer.send(changed(goal(`live${index}`)));
    const http = range(1, 10).map((index) => user.push({ goals: goals(3, `http${index}-`) }));
    reader.send(changed(goal("own"), { clientChangeId: "own" }));
    await Promise.all(http);
    const frames: any[] = [];
    while (frames.length === 0 || (frames.at(-1).seq ?? frames.at(-1).lastSeq ?? 0) < 1250 + 92) {
      frames.push(await reader.next());
      if (frames.at(-1).clientChangeId === "own") writer.send(changed(goal("last")));
    }
    const errors = frames.filter((frame) => frame.type === "ERROR");
    expect(errors).toMatchObject([{ code: "CATCH_UP_RUNNING" }]);
    // The 50 deleted ones were told as deletions only, so their first numbers are replaced, which counts as told.
    const replaced = range(401, 450);
    const metas = told([{ type: "BULK_SYNC", meta: { x: replaced.map((seq) => ({ seq })) } }, ...frames]);
    expect(new Set(metas).size).toBe(1250 + 92);
    const chunks = frames.filter((frame) => frame.type === "BULK_SYNC");
    expect(Math.max(...chunks.map((chunk) => chunk.goals?.length ?? 0))).toBeLessThanOrEqual(250);
    const end = frames.findIndex((frame) => frame.type === "SYNC_RESPONSE" && frame.epoch !== undefined);
    expect(frames.slice(0, end).filter((frame) => frame.seq !== undefined)).toEqual([]);
    const seqs = frames.slice(end).flatMap((frame) => frame.seq ?? []);
    expect(seqs).toEqual(seqs.toSorted((a: number, b: number) => a - b));
  });
});

test("an eviction in the middle of a catch-up costs nothing but time", async () => {
  const user = await newUser(server);
  await pushLongLog(user);
  const socket = await openSocket(server, user.name);
  socket.send({ type: "SYNC_REQUEST", lastSeq: 0 });
  const frames = [await socket.next()];
  await server.evict(user.name);
  socket.send({ type: "PING" });
  while (frames.at(-1).epoch === undefined) frames.push(await socket.next());
  expect(new Set(told(frames)).size).toBe(1200);
  await user.push({ goals: [goal("live")] });
  expect(await socket.next("ENTITY_CHANGED")).toMatchObject({ seq: 1201 });
});

describe("live events", () => {
  test("of four writers on both channels come in the order of the log, at every socket", async () => {
    const user = await newUser(server);
    const sockets: TestSocket[] = [];
    for (const _ of range(1, 4)) {
      const socket = await openSocket(server, user.name);
      await socket.catchUp({ lastSeq: 0 });
      sockets.push(socket);
    }
    const listener = await openSocket(server, user.name);
    await listener.catchUp();
    const pushes: Promise<unknown>[] = [];
    for (const round of range(1, 25)) {
      for (const [index, socket] of sockets.entries()) socket.send(changed(goal(`s${index}-${round}`)));
      pushes.push(user.push({ goals: goals(2, `h${round}-`) }));
    }
    await Promise.all(pushes);
    const frames: any[] = [];
    while (frames.length < 150) frames.push(await listener.next());
    expect(frames.map((frame) => frame.seq)).toEqual(range(1, 150));
    for (const socket of sockets) {
      const seen: any[] = [];
      while (seen.length < 150) seen.push(await socket.next());
      told(seen);
      expect(seen.filter((frame) => frame.outcome === "applied")).toHaveLength(25);
      expect(seen.every((frame) => frame.outcome === undefined || frame.lastSeq === frame.meta.seq)).toBe(
        true,
      );
    }
  });

  test("go on over an eviction, with nothing forgotten", async () => {
    const user = await newUser(server);
    const [a, b] = [await openSocket(server, user.name), await openSocket(server, user.name)];
    await a.catchUp();
    a.send(changed(goal("one")));
    expect((await a.next()).lastSeq).toBe(1);
    await b.next();
    await server.evict(user.name);
    a.send(changed(goal("two")));
    expect(await a.next()).toMatchObject({ outcome: "applied", lastSeq: 2 });
    expect(await b.next()).not.toHaveProperty("seq");
    await server.evict(user.name);
    await user.push({ goals: [goal("three")] }, { headers: { "x-connection-id": b.id } });
    expect((await a.next()).seq).toBe(3);
    await server.evict(user.name);
    a.raw.send('{"type":"PING"}');
    expect(await a.next()).toEqual({ type: "PONG" });
    await server.evict(user.name);
    await user.push({ goals: [goal("four")] });
    expect([(await a.next()).seq, (await b.next()).meta.seq]).toEqual([4, 4]);
  });

  test("that a vanished server never told are told when it is back", async () => {
    const user = await newUser(server);
    const [a, b] = [await openSocket(server, user.name), await openSocket(server, user.name)];
    await a.catchUp();
    await b.catchUp();
    await user.push({ goals: goals(2) });
    for (const socket of [a, a, b, b]) expect((await socket.next()).seq).toBeGreaterThan(0);
    // A write of another object of the same user, which this one has not seen.
    const db = await server.database();
    await db.batch([
      db
        .prepare(
          `INSERT INTO sync_data SELECT user_id, entity_type, 'unseen', 3, version, updated_at, deleted, checksum,
           '{"id":"unseen","title":"t","updatedAt":1}', NULL, NULL, NULL, received_at FROM sync_data WHERE user_id = ? AND seq = 2`,
        )
        .bind(user.name),
      db.prepare("UPDATE sync_metadata SET head = 3 WHERE user_id = ?").bind(user.name),
    ]);
    a.send(changed(goal("next")));
    const frames = [await a.next(), await a.next()];
    expect(frames).toMatchObject([
      { seq: 3, item: { id: "unseen" } },
      { outcome: "applied", lastSeq: 4 },
    ]);
    expect([await b.next(), await b.next()].map((event) => event.seq)).toEqual([3, 4]);
  });

  test("a restored database ends every socket", async () => {
    const user = await newUser(server);
    const socket = await openSocket(server, user.name);
    await user.push({ goals: goals(2) });
    await socket.catchUp();
    const db = await server.database();
    await db.prepare("UPDATE sync_metadata SET head = 1 WHERE user_id = ?").bind(user.name).run();
    await db.prepare("DELETE FROM sync_data WHERE user_id = ? AND seq = 2").bind(user.name).run();
    await user.push({ goals: [goal("new")] });
    expect(await socket.closed).toBe(1012);
  });
});
