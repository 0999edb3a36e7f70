import { expect, test } from "vitest";
import { MemoryStorage } from "../../adapters/memory.ts";
import { goal, goals } from "../../testing/harness.ts";
import { LocalRealtime } from "../../testing/local-sockets.ts";
import { changed } from "../../testing/socket.ts";
import { StorageError, type Commit, type PageQuery, type PageView, type Visit } from "../ports.ts";

/** Fails, or waits, where a test says so. */
class TroubledStorage extends MemoryStorage {
  beforePage: (query: PageQuery) => void | Promise<void> = () => undefined;
  afterCommit: () => void = () => undefined;

  override async readPage(visit: Visit, query: PageQuery): Promise<PageView> {
    await this.beforePage(query);
    return super.readPage(visit, query);
  }

  override async commit(write: Commit): Promise<"committed" | "moved"> {
    const outcome = await super.commit(write);
    this.afterCommit();
    return outcome;
  }
}

const seqs = (frames: any[]) => frames.map((frame) => frame.seq ?? frame.lastSeq);

test("what was committed and not told before the object vanished is told by the next one", async () => {
  const storage = new TroubledStorage();
  const realtime = new LocalRealtime(storage);
  const [a, b] = [await realtime.open(), await realtime.open()];
  await realtime.send(a, { type: "SYNC_REQUEST" });
  await realtime.push({ goals: goals(2) });
  expect(seqs(a.take())).toEqual([1, 2]);
  expect(b.take()).toHaveLength(2);
  storage.afterCommit = () => {
    throw new Error("gone");
  };
  expect(await realtime.push({ goals: [goal("unseen")] })).toBe(500);
  storage.afterCommit = () => undefined;
  realtime.vanish();
  expect((await realtime.send(b, { type: "PING" })).map((frame) => frame.meta?.seq)).toEqual([undefined, 3]);
  expect(seqs(a.take())).toEqual([3]);
  await realtime.push({ goals: [goal("next")] });
  expect([seqs(a.take()), b.take().map((frame) => frame.meta.seq)]).toEqual([[4], [4]]);
});

test("an object that wakes up for an alarm makes up for what was missed", async () => {
  const storage = new TroubledStorage();
  const realtime = new LocalRealtime(storage);
  const a = await realtime.open();
  await realtime.send(a, { type: "SYNC_REQUEST" });
  storage.afterCommit = () => {
    throw new Error("gone");
  };
  await realtime.push({ goals: [goal("unseen")] });
  realtime.vanish();
  await realtime.sweep();
  expect(seqs(a.take())).toEqual([1]);
});

test("a catch-up goes on where it was when the object vanished", async () => {
  const storage = new TroubledStorage();
  const realtime = new LocalRealtime(storage);
  for (let part = 0; part < 3; part++) await realtime.push({ goals: goals(250, `p${part}-`) });
  const a = await realtime.open();
  const reached = Promise.withResolvers<void>();
  storage.beforePage = async ({ after, limit }) => {
    if (after !== 500 || limit === 0) return;
    reached.resolve();
    await new Promise(() => undefined);
  };
  void realtime.send(a, { type: "SYNC_REQUEST", lastSeq: 0 });
  await reached.promise;
  expect(seqs(a.take())).toEqual([250, 500]);
  storage.beforePage = () => undefined;
  realtime.vanish();
  await realtime.push({ goals: [goal("meanwhile")] });
  await realtime.settle();
  expect(seqs(a.take())).toEqual([750, 751, 751]);
});

test("a socket whose state is lost is closed, and the others are not", async () => {
  const realtime = new LocalRealtime(new MemoryStorage());
  const [a, b] = [await realtime.open(), await realtime.open()];
  a.state = undefined;
  realtime.vanish();
  await realtime.push({ goals: [goal("g")] });
  expect([a.closedWith, b.closedWith]).toEqual([1012, undefined]);
  expect(b.take()).toHaveLength(1);
});

test("where the log can't be read, a catch-up ends with its socket", async () => {
  const storage = new TroubledStorage();
  const realtime = new LocalRealtime(storage);
  await realtime.push({ goals: goals(3) });
  const [a, b] = [await realtime.open(), await realtime.open()];
  storage.beforePage = ({ limit }) => {
    if (limit === 250) throw new StorageError("down");
  };
  await realtime.send(a, { type: "SYNC_REQUEST" });
  storage.beforePage = () => {
    throw new StorageError("down");
  };
  expect(await realtime.send(b, { type: "SYNC_REQUEST" })).toMatchObject([{ code: "UNAVAILABLE" }]);
  expect([a.closedWith, b.closedWith]).toEqual([1012, undefined]);
});

test("what can't be stored is told to nobody", async () => {
  const storage = new TroubledStorage();
  const realtime = new LocalRealtime(storage);
  const [a, b] = [await realtime.open(), await realtime.open()];
  const commit = storage.commit.bind(storage);
  storage.commit = () => Promise.reject(new StorageError("down"));
  expect(await realtime.send(a, changed(goal("g"), { clientChangeId: "c" }))).toMatchObject([
    { type: "ERROR", code: "UNAVAILABLE", clientChangeId: "c" },
  ]);
  storage.commit = commit;
  expect(await realtime.send(a, changed(goal("g")))).toMatchObject([
    { outcome: "applied", meta: { seq: 1 } },
  ]);
  expect(b.take()).toHaveLength(1);
});

test("chunks have at most 250 entities and some 512 KiB, and name no number before all up to it was told", async () => {
  const realtime = new LocalRealtime(new MemoryStorage());
  const notes = "x".repeat(200_000);
  await realtime.push({ goals: [0, 1, 2, 3].map((index) => goal(`big${index}`, 0, { notes })) });
  await realtime.push({ goals: goals(300) });
  const piece = (id: string) => ({ scoreId: id, title: "t", status: "s", updatedAt: 1 });
  await realtime.push({ repertoire: [piece("s1")], goals: [goal("after")] });
  await realtime.push({ goals: goals(10).map(({ id }) => ({ id, deletedAt: goal("", 9).updatedAt })) });
  const a = await realtime.open();
  const frames = await realtime.send(a, { type: "SYNC_REQUEST", lastSeq: 0 });
  const chunks = frames.filter((frame) => frame.type.endsWith("BULK_SYNC"));
  const sizes = chunks.map((frame) => (frame.goals ?? frame.pieces).length);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(250);
  expect(sizes[0]).toBe(2);
  expect(chunks.find((frame) => frame.pieces)?.lastSeq).toBeGreaterThan(305);
  for (const [index, frame] of frames.entries()) {
    if (frame.lastSeq === undefined) continue;
    const later = frames
      .slice(index + 1)
      .flatMap((next) => (next.meta?.seq ? [next.meta] : Object.values(next.meta ?? {}).flat()));
    expect(later.filter((meta: any) => meta.seq <= frame.lastSeq)).toEqual([]);
  }
});

test("a connection to which more is sent than anybody reads is closed, and catches up when it is back", async () => {
  const realtime = new LocalRealtime(new MemoryStorage());
  const a = await realtime.open();
  const notes = "x".repeat(250_000);
  for (let round = 0; round < 40; round++) {
    await realtime.push({ goals: [0, 1, 2, 3].map((index) => goal(`g${index}`, round, { notes })) });
    if (round === 20) expect(a.closedWith).toBeUndefined();
  }
  expect(a.closedWith).toBe(1012);
  const b = await realtime.open();
  const frames = await realtime.send(b, { type: "SYNC_REQUEST", lastSeq: 0 });
  expect(frames.at(-1)).toMatchObject({ message: "Sync complete", lastSeq: 160 });
});
