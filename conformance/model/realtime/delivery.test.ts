import { expect, test } from "vitest";
import { validate } from "../../../schemas/validators.ts";
import { conforming } from "../behaviour.ts";
import { createModel } from "../model.ts";
import { NOW, peer, SECRET } from "../test-peer.ts";

const aModel = (options: object = {}) => createModel({ secret: SECRET, now: () => NOW, ...options });
const anEntry = (n: number, at = NOW) => ({
  id: `e${n}`,
  timestamp: NOW,
  duration: n,
  type: "practice",
  updatedAt: at,
});
const numbers = (count: number) => Array.from({ length: count }, (_, n) => n + 1);
/** Every seq that a frame tells of, its own apart. */
// oxlint-disable-next-line typescript/no-explicit-any
const told = ({ meta = {} }: any): number[] =>
  "seq" in meta
    ? [meta.seq]
    : Object.values(meta)
        .flat()
        .map((one) => (one as { seq: number }).seq);

test("HTTP writes reach every live socket but the one that the push names", async () => {
  const anna = peer(aModel(), "anna");
  const [named, other] = [await anna.connect(), await anna.connect()];
  named.send({ type: "SYNC_REQUEST", protocol: "1" });
  other.send({ type: "SYNC_REQUEST", protocol: "1" });
  await named.through("SYNC_RESPONSE");
  await other.through("SYNC_RESPONSE");
  const id = [...(await connections(anna, named))][0]!;

  await anna.push({ entries: [anEntry(1), anEntry(2)] }, { headers: { "x-connection-id": id } });
  await anna.push({ entries: [anEntry(3)] });

  expect([await other.next(), await other.next(), await other.next()].map(({ seq }) => seq)).toEqual([
    1, 2, 3,
  ]);
  expect(await named.next()).toMatchObject({ type: "ENTRY_CREATED", seq: 3 });
});

async function connections(anna: ReturnType<typeof peer>, live: Awaited<ReturnType<typeof anna.connect>>) {
  live.send({ type: "AUTH", token: anna.token() });
  return [(await live.next()).connectionId as string];
}

test("a catch-up tells all types and deletions in chunks of 250, its numbers never ahead of what was told", async () => {
  const anna = peer(aModel(), "anna");
  const piece = (n: number) => ({ scoreId: `s${n}`, title: "T", status: "learning", updatedAt: NOW });
  for (const n of numbers(3)) {
    await anna.push({
      entries: numbers(150).map((m) => anEntry(n * 1_000 + m)),
      repertoire: numbers(100).map((m) => piece(n * 1_000 + m)),
      goals: numbers(3).map((m) => ({ id: `g${n}-${m}`, title: "G", updatedAt: NOW })),
    });
  }
  await anna.push({ entries: [{ id: "e1001", deletedAt: NOW + 1 }] });
  const live = await anna.connect();

  live.send({ type: "SYNC_REQUEST", protocol: "1" });
  const frames = await live.through("SYNC_RESPONSE");

  const seen = new Set<number>([1]);
  for (const frame of frames) {
    for (const seq of told(frame)) seen.add(seq);
    for (const seq of numbers(frame.lastSeq ?? 0)) expect(seen.has(seq)).toBe(true);
    expect(frame).not.toHaveProperty("seq");
    expect(told(frame).length).toBeLessThanOrEqual(250);
  }
  expect(seen.size).toBe(760);
  expect(frames.map(({ type, lastSeq }) => [type, lastSeq])).toEqual([
    ["BULK_SYNC", 150],
    ["REPERTOIRE_BULK_SYNC", 251],
    ["BULK_SYNC", 403],
    ["REPERTOIRE_BULK_SYNC", 501],
    ["BULK_SYNC", 501],
    ["REPERTOIRE_BULK_SYNC", 751],
    ["ENTRY_DELETED", undefined],
    ["BULK_SYNC", 751],
    ["REPERTOIRE_BULK_SYNC", 760],
    ["SYNC_RESPONSE", 760],
  ]);
  expect(frames.at(-1)).toMatchObject({ message: "Sync complete", epoch: (await anna.pull()).body.epoch });
  expect(frames.flatMap((frame) => validate("server_message", frame))).toEqual([]);
});

test("what is written during a catch-up is told in it or after it, once it has ended, with no gap", async () => {
  const anna = peer(aModel(), "anna");
  await anna.push({ entries: numbers(500).map((n) => anEntry(n)) });
  const live = await anna.connect();

  live.send({ type: "SYNC_REQUEST", protocol: "1" });
  live.send({ type: "SYNC_REQUEST", clientChangeId: "second" });
  live.send({ type: "ENTRY_UPDATED", clientChangeId: "own", entry: anEntry(1, NOW + 1) });
  const writes = Promise.all(numbers(20).map((n) => anna.push({ entries: [anEntry(n + 500)] })));
  const frames = await live.through("SYNC_RESPONSE");
  while (!frames.some(({ message }) => message === "Sync complete")) frames.push(await live.next());
  await writes;
  await anna.push({ entries: [anEntry(999)] });
  while (frames.at(-1).seq !== 522) frames.push(await live.next());

  const seen = new Set<number>([1]);
  for (const frame of frames) {
    for (const seq of told(frame)) seen.add(seq);
    for (const seq of numbers(frame.lastSeq ?? frame.seq ?? 0)) expect(seen.has(seq)).toBe(true);
  }
  const end = frames.findIndex(({ message }) => message === "Sync complete");
  expect(frames.slice(0, end).filter(({ type }) => type === "ENTRY_CREATED")).toEqual([]);
  expect(frames.filter(({ clientChangeId }) => clientChangeId !== undefined)).toMatchObject([
    { type: "ERROR", code: "CATCH_UP_RUNNING", clientChangeId: "second" },
    { type: "SYNC_RESPONSE", clientChangeId: "own", outcome: "applied" },
  ]);
});

test("the watermark, not the seq of the change, is what an acknowledgement tells", async () => {
  const anna = peer(aModel(), "anna");
  await anna.push({ entries: [anEntry(1)] });
  const live = await anna.connect();
  const ack = async (n: number) => {
    live.send({ type: "ENTRY_CREATED", clientChangeId: `c${n}`, entry: anEntry(n) });
    const { lastSeq } = await live.next();
    return lastSeq;
  };

  expect(await ack(2)).toBeUndefined();
  live.send({ type: "SYNC_REQUEST", lastSeq: 2 });
  expect(await live.next()).toMatchObject({ message: "No new data to sync", lastSeq: 2 });
  expect(await ack(3)).toBe(3);
  live.send({ type: "ENTRY_CREATED", entry: anEntry(4) });
  expect(await live.next()).not.toHaveProperty("lastSeq");
});

test("another epoch and a place ahead of the head are refused; deployed peers start anew", async () => {
  const model = aModel();
  const anna = peer(model, "anna");
  await anna.push({ entries: [anEntry(1)] });
  model.advanceClock(8 * 86_400_000);
  await anna.push({ entries: [anEntry(2)] });
  const [announced, deployed] = [await anna.connect(), await anna.connect()];
  const bulk = async (message: object) => {
    deployed.send({ type: "SYNC_REQUEST", ...message });
    return (await deployed.through("SYNC_RESPONSE")).flatMap(({ entries = [] }) =>
      entries.map(({ id }: { id: string }) => id),
    );
  };

  announced.send({ type: "SYNC_REQUEST", protocol: "1", lastSeq: 3 });
  announced.send({ type: "SYNC_REQUEST", lastSeq: 1, epoch: "another" });
  expect(await announced.next()).toMatchObject({ type: "ERROR", code: "CURSOR_EXPIRED" });
  expect(await announced.next()).toMatchObject({ type: "ERROR", code: "CURSOR_EXPIRED" });
  expect(await bulk({ lastSeq: 3 })).toEqual(["e1", "e2"]);
  expect(await bulk({})).toEqual(["e1", "e2"]);
  expect(await bulk({ lastSyncTime: "2026-03-05T00:00:00Z" })).toEqual(["e2"]);
  expect(await bulk({ lastSyncTime: "2026-03-01T10:00:00Z" })).toEqual(["e1", "e2"]);
  expect(await bulk({ lastSyncTime: "yesterday" })).toEqual(["e2"]);
  expect(await bulk({ lastSyncTime: "2999-01-01T00:00:00Z" })).toEqual(["e2"]);
});

test("a reader that stands still delays nobody, and is closed when too much waits for it", async () => {
  const model = aModel({ behaviour: { ...conforming, queueLimit: () => 500 } });
  const anna = peer(model, "anna");
  const [slow, other] = [await anna.connect(), await anna.connect()];
  slow.socket.pause();

  await anna.push({ entries: numbers(500).map((n) => anEntry(n)) });
  for (const _ of numbers(500)) await other.next();
  expect(slow.frames).toEqual([]);
  slow.socket.resume();
  for (const _ of numbers(500)) await slow.next();

  slow.socket.pause();
  await anna.push({ entries: numbers(500).map((n) => anEntry(n, NOW + 1)) });
  expect(model.server.connections.size).toBe(2);
  await anna.push({ entries: [anEntry(501)] });
  expect(model.server.connections.size).toBe(1);
  slow.socket.resume();
  expect(await slow.closed()).toBe(1013);
});
