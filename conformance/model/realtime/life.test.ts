import { expect, test } from "vitest";
import { createModel } from "../model.ts";
import { NOW, peer, SECRET } from "../test-peer.ts";

const aModel = (options: object = {}) => createModel({ secret: SECRET, now: () => NOW, ...options });
const ENTRY = { id: "e1", timestamp: NOW, duration: 30, type: "practice", updatedAt: NOW };

test("silence ends a socket after the advertised time, and PING breaks it", async () => {
  const model = aModel({ limits: { idleTimeoutMs: 60_000 } });
  const anna = peer(model, "anna");
  const [quiet, pinging] = [await anna.connect(), await anna.connect()];

  model.advanceClock(59_999);
  pinging.socket.send('{"type":"PING"}');
  await pinging.next();
  model.advanceClock(1);

  expect(await quiet.closed()).toBe(4408);
  expect(model.server.connections.size).toBe(1);
  pinging.socket.terminate();
  expect(await pinging.closed()).toBe(1006);
  expect(model.server.connections.size).toBe(0);
});

test("an expired token ends a socket within a minute, unless AUTH brought another", async () => {
  const model = aModel({ limits: { idleTimeoutMs: 1e9 } });
  const anna = peer(model, "anna");
  const [expiring, renewed, failing] = [await anna.connect(), await anna.connect(), await anna.connect()];

  renewed.send({ type: "AUTH", token: anna.token({ exp: NOW / 1000 + 9_999 }) });
  failing.send({ type: "AUTH", token: anna.token({ exp: NOW / 1000 - 60 }) });
  expect(await renewed.next()).toMatchObject({ type: "WELCOME" });
  expect(await failing.next()).toMatchObject({ type: "ERROR", code: "TOKEN_INVALID" });
  model.advanceClock(3_600_000 - 1);
  failing.socket.send('{"type":"PING"}');
  expect(await failing.next()).toMatchObject({ type: "PONG" });
  model.advanceClock(60_001);

  expect([await expiring.closed(), await failing.closed()]).toEqual([4401, 4401]);
  renewed.socket.send('{"type":"PING"}');
  expect(await renewed.next()).toMatchObject({ type: "PONG" });
});

test("AUTH with the token of another user ends the socket", async () => {
  const model = aModel();
  const live = await peer(model, "anna").connect();

  live.send({ type: "AUTH", token: peer(model, "berta").token() });

  expect(await live.closed()).toBe(4403);
});

test("real time ends a socket too", async () => {
  const model = createModel({ secret: SECRET, limits: { idleTimeoutMs: 20 } });

  const live = await peer(model, "anna").connect();

  expect(await live.closed()).toBe(4408);
});

test("a restart closes all sockets with 1012; an eviction closes none and forgets no watermark", async () => {
  const model = aModel();
  const anna = peer(model, "anna");
  const live = await anna.connect();
  live.send({ type: "SYNC_REQUEST", protocol: "1" });
  await live.through("SYNC_RESPONSE");

  model.evict();
  await anna.push({ entries: [ENTRY] });
  expect(await live.next()).toMatchObject({ type: "ENTRY_CREATED", seq: 1 });
  model.restart();

  expect(await live.closed()).toBe(1012);
  expect(model.server.connections.size).toBe(0);
});

test("a socket that its client closes is gone", async () => {
  const model = aModel();
  const live = await peer(model, "anna").connect();

  live.socket.close(1000, "done");

  expect(await live.closed()).toBe(1000);
  expect(model.server.connections.size).toBe(0);
});
