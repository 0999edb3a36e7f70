import { expect, test } from "vitest";
import { validate } from "../../../schemas/validators.ts";
import { createModel } from "../model.ts";
import { NOW, peer, SECRET } from "../test-peer.ts";

const aModel = (options: object = {}) => createModel({ secret: SECRET, now: () => NOW, ...options });
const ENTRY = { id: "e1", timestamp: NOW, duration: 30, type: "practice" };
const iso = (ms: number): string => new Date(ms).toISOString();

test("a mutation is stored, acknowledged, and told to every other socket of the user", async () => {
  const model = aModel();
  const [anna, berta] = [peer(model, "anna"), peer(model, "berta")];
  const [writer, other, stranger] = [await anna.connect(), await anna.connect(), await berta.connect()];

  const entry = { ...ENTRY, updatedAt: iso(NOW), instrument: "PIANO", "x-more": { a: 1 } };
  writer.send({ type: "ENTRY_CREATED", protocol: "1", clientChangeId: "c1", entry });

  const ack = await writer.next();
  const event = await other.next();
  const stored = { ...entry, instrument: "piano" };
  const meta = { entityType: "logbook_entry", entityId: "e1", version: 1, seq: 1, updatedAt: iso(NOW) };
  expect(ack).toMatchObject({ type: "SYNC_RESPONSE", clientChangeId: "c1", outcome: "applied", meta });
  expect(ack.item).toEqual(stored);
  expect(event).toMatchObject({ type: "ENTRY_CREATED", entry: stored, meta });
  expect([ack, event].map((frame) => "seq" in frame || "lastSeq" in frame)).toEqual([false, false]);
  expect([ack, event].flatMap((frame) => validate("server_message", frame))).toEqual([]);
  expect((await anna.pull()).body.entries).toEqual([stored]);
  expect(stranger.frames).toEqual([]);
});

test("superseded and duplicate are acknowledged and told to nobody else; a deployed sender gets the winner", async () => {
  const model = aModel();
  const anna = peer(model, "anna");
  await anna.push({ entries: [{ ...ENTRY, updatedAt: NOW, notes: "won" }] });
  const [deployed, announced, other] = [await anna.connect(), await anna.connect(), await anna.connect()];
  const older = { ...ENTRY, updatedAt: NOW - 1 };

  deployed.send({ type: "ENTRY_UPDATED", clientChangeId: "c1", entry: older });
  const [ack, winner] = [await deployed.next(), await deployed.next()];
  announced.send({ type: "ENTRY_UPDATED", protocol: "1", clientChangeId: "c2", entry: older });
  const same = { ...ENTRY, updatedAt: NOW, notes: "won" };
  announced.send({ type: "ENTRY_UPDATED", clientChangeId: "c3", entry: same });

  expect(ack).toMatchObject({ clientChangeId: "c1", outcome: "superseded", item: { notes: "won" } });
  expect(winner).toMatchObject({ type: "ENTRY_CREATED", entry: { notes: "won" }, meta: { seq: 1 } });
  expect(winner).not.toHaveProperty("seq");
  expect(await announced.next()).toMatchObject({ clientChangeId: "c2", outcome: "superseded" });
  expect(await announced.next()).toMatchObject({ clientChangeId: "c3", outcome: "duplicate" });
  expect(other.frames).toEqual([]);
});

test("a refused mutation is answered by ERROR, and so is one that could not be stored", async () => {
  const model = aModel();
  const anna = peer(model, "anna");
  const [writer, other] = [await anna.connect(), await anna.connect()];
  const entry = { ...ENTRY, updatedAt: NOW };
  const refused = async (message: object) => {
    writer.send({ protocol: "1", clientChangeId: "c1", type: "ENTRY_CREATED", ...message });
    const { type, code, clientChangeId, serverTime } = await writer.next();
    return [type, code, clientChangeId, serverTime];
  };

  expect(await refused({ entry: { id: "e1" } })).toEqual(["ERROR", "INCOMPLETE", "c1", undefined]);
  expect(await refused({ entry: ENTRY })).toEqual(["ERROR", "INCOMPLETE", "c1", undefined]);
  expect(await refused({ entry: { ...entry, updatedAt: NOW + 300_001 } })).toEqual([
    "ERROR",
    "CLOCK_SKEW",
    "c1",
    iso(NOW),
  ]);
  expect(await refused({ type: "ENTITY_CHANGED", entityType: "score", item: {} })).toEqual([
    "ERROR",
    "UNKNOWN_COLLECTION",
    "c1",
    undefined,
  ]);
  model.failNextWrite();
  expect(await refused({ entry })).toEqual(["ERROR", "UNAVAILABLE", "c1", undefined]);
  expect((await anna.pull()).body.entries).toEqual([]);
  expect(other.frames).toEqual([]);
});

test("the envelope's timestamp stamps what has no stamp, deletions too", async () => {
  const anna = peer(aModel(), "anna");
  const live = await anna.connect();
  const stampOf = async (message: object) => {
    live.send({ protocol: "1", clientChangeId: "c", ...message });
    const { outcome, meta } = await live.next();
    return [outcome, meta.entityId, meta.updatedAt, meta.deletedAt];
  };

  expect(await stampOf({ type: "ENTRY_CREATED", timestamp: iso(NOW - 9), entry: ENTRY })).toEqual([
    "applied",
    "e1",
    iso(NOW - 9),
    null,
  ]);
  expect(
    await stampOf({
      type: "ENTRY_UPDATED",
      timestamp: iso(NOW - 1),
      entry: { ...ENTRY, updatedAt: iso(NOW - 5) },
    }),
  ).toEqual(["applied", "e1", iso(NOW - 5), null]);
  expect(await stampOf({ type: "ENTRY_DELETED", timestamp: NOW - 4, entryId: "e1" })).toEqual([
    "applied",
    "e1",
    iso(NOW - 4),
    iso(NOW - 4),
  ]);
  expect(await stampOf({ type: "PIECE_REMOVED", timestamp: NOW - 4, scoreId: "b||A" })).toEqual([
    "applied",
    "b||a",
    iso(NOW - 4),
    iso(NOW - 4),
  ]);
});

test("a deployed peer that stamps nothing at all gets receipt stamps", async () => {
  const live = await peer(aModel(), "anna").connect();

  live.send({ type: "ENTRY_CREATED", clientChangeId: "c1", entry: ENTRY });
  live.send({ type: "ENTRY_DELETED", clientChangeId: "c2", entryId: "e1" });

  expect(await live.next()).toMatchObject({ outcome: "applied", meta: { updatedAt: iso(NOW) } });
  expect(await live.next()).toMatchObject({
    outcome: "applied",
    meta: { updatedAt: iso(NOW + 1), deletedAt: iso(NOW + 1) },
  });
});

test("each type of change travels in its message, and several entities have results", async () => {
  const model = aModel();
  const anna = peer(model, "anna");
  const [writer, other] = [await anna.connect(), await anna.connect()];
  const updatedAt = NOW;
  const plan = { id: "p1", title: "Plan", schedule: { kind: "single" }, updatedAt };
  const occurrence = { id: "o1", planId: "p1", status: "completed", updatedAt };
  const piece = { scoreId: "elise", title: "Für Elise", status: "learning", updatedAt };

  writer.send({
    type: "PLAN_CREATED",
    clientChangeId: "c1",
    plan,
    occurrences: [occurrence, { id: "o2", updatedAt }],
  });
  writer.send({
    type: "BULK_SYNC",
    clientChangeId: "c2",
    entries: [{ ...ENTRY, updatedAt }],
    goals: [{ id: "g1", title: "Goal", updatedAt }],
  });
  writer.send({ type: "REPERTOIRE_BULK_SYNC", clientChangeId: "c3", pieces: [piece] });
  writer.send({
    type: "PLAN_OCCURRENCE_COMPLETED",
    clientChangeId: "c4",
    occurrence: { ...occurrence, updatedAt: NOW + 1 },
  });
  writer.send({
    type: "PLAN_UPDATED",
    clientChangeId: "c5",
    plan: { id: "p1", deletedAt: NOW + 1 },
  });
  writer.send({ type: "PIECE_DISSOCIATED", clientChangeId: "c6", scoreId: "elise", deletedAt: NOW + 1 });

  const acks = [await writer.next(), await writer.next(), await writer.next()];
  expect(acks[0].results).toMatchObject([
    { pointer: "/plan", outcome: "applied", entityId: "p1" },
    { pointer: "/occurrences/0", outcome: "applied", entityId: "o1" },
    { pointer: "/occurrences/1", outcome: "refused", entityId: "o2", code: "INCOMPLETE" },
  ]);
  expect(acks[1].results.map(({ pointer }: { pointer: string }) => pointer)).toEqual([
    "/entries/0",
    "/goals/0",
  ]);
  expect(acks[2].results).toHaveLength(1);
  const events = await other.through("PIECE_REMOVED");
  expect(events.map(({ type }) => type)).toEqual([
    "PLAN_CREATED",
    "ENTRY_CREATED",
    "ENTITY_CHANGED",
    "PIECE_ADDED",
    "PLAN_OCCURRENCE_COMPLETED",
    "ENTITY_CHANGED",
    "PIECE_REMOVED",
  ]);
  expect(events[0]).toMatchObject({
    plan: { id: "p1" },
    occurrences: [{ id: "o1" }],
    meta: { plan: { seq: 1 }, occurrences: [{ seq: 2 }] },
  });
  expect(events[5]).toMatchObject({ entityType: "practice_plan", item: null, meta: { entityId: "p1" } });
  expect(events[6]).toMatchObject({ scoreId: "elise", meta: { version: 2 } });
  expect([...acks, ...events].flatMap((frame) => validate("server_message", frame))).toEqual([]);
});
