import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunningServer } from "./serve.ts";
import { goal, newUser, startTestServer, tokenFor } from "./testing/harness.ts";
import { changed, openSocket } from "./testing/socket.ts";

const IDLE_MS = 600_000;
const LIMITS = {
  requestBurst: null,
  maxConnections: 3,
  messageBurst: 20,
  messagesPerSecond: 100,
  idleTimeoutMs: IDLE_MS,
};
let server: RunningServer;
/** How far the server's time is ahead. */
let ahead = 0;
beforeAll(async () => {
  server = await startTestServer({ limits: LIMITS });
});
afterAll(() => server.close());

const advance = async (ms: number) => {
  await server.advanceClock(ms);
  ahead += ms;
};
/** A token that is good for so many seconds of the server's time. */
const tokenOf = (user: string, seconds: number) =>
  tokenFor(user, { exp: Math.floor((Date.now() + ahead) / 1000) + seconds });

describe("the token of a socket", () => {
  test("ends it when it expires, also while the server sleeps", async () => {
    const socket = await openSocket(server, "eve", { token: await tokenOf("eve", 60) });
    await server.evict("eve");
    await advance(59_000);
    socket.send({ type: "PING" });
    await socket.next("PONG");
    await advance(61_000);
    expect(await socket.closed).toBe(4401);
  });

  test("is replaced by AUTH; a bad one changes nothing; another user's ends it", async () => {
    const socket = await openSocket(server, "ann", { token: await tokenOf("ann", 60) });
    for (const token of ["nonsense", await tokenOf("ann", -600)]) {
      socket.send({ type: "AUTH", token });
      expect(await socket.next()).toMatchObject({ type: "ERROR", code: "TOKEN_INVALID" });
    }
    socket.send({ type: "AUTH", token: await tokenOf("ann", 3600) });
    expect(await socket.next()).toMatchObject({ type: "WELCOME", connectionId: socket.id });
    await advance(300_000);
    socket.send(changed(goal("g")));
    expect(await socket.next()).toMatchObject({ outcome: "applied" });
    socket.send({ type: "AUTH", token: await tokenOf("bob", 3600) });
    expect(await socket.closed).toBe(4403);
  });
});

test("a silent socket ends, one that pings does not", async () => {
  const token = await tokenOf("idle", 86_400);
  const silent = await openSocket(server, "idle", { token });
  const pinging = await openSocket(server, "idle", { token });
  await advance(IDLE_MS - 60_000);
  pinging.raw.send('{"type":"PING"}');
  await pinging.next("PONG");
  await advance(120_000);
  expect(await silent.closed).toBe(4408);
  pinging.send(changed(goal("g")));
  expect(await pinging.next()).toMatchObject({ outcome: "applied" });
});

test("connections beyond the limit are refused, and a place that becomes free is given away", async () => {
  const token = await tokenOf("many", 3600);
  const sockets = [];
  for (let count = 0; count < 3; count++) sockets.push(await openSocket(server, "many", { token }));
  await expect(openSocket(server, "many", { token })).rejects.toThrow("429");
  sockets[0]!.raw.close();
  expect(await sockets[0]!.closed).toBe(1000);
  sockets[1]!.raw.terminate();
  sockets[2]!.send(changed(goal("g")));
  expect(await sockets[2]!.next()).toMatchObject({ outcome: "applied" });
  await openSocket(server, "many", { token });
});

describe("a flood", () => {
  test("is served at the rate that is allowed", async () => {
    const socket = await openSocket(server, "fast", { token: await tokenOf("fast", 3600) });
    for (let count = 0; count < 35; count++) socket.send(changed(goal(`g${count}`)));
    const begun = Date.now();
    for (let count = 0; count < 35; count++)
      expect(await socket.next()).toMatchObject({ outcome: "applied" });
    expect(Date.now() - begun).toBeGreaterThan(100);
  });

  test("that does not end is ended, and harms nobody else", async () => {
    const token = await tokenOf("flood", 3600);
    const flooder = await openSocket(server, "flood", { token });
    const other = await openSocket(server, "flood", { token });
    for (let count = 0; count < 500; count++) flooder.send(changed(goal(`g${count}`)));
    expect(await flooder.closed).toBe(4429);
    other.send(changed(goal("mine")));
    expect(await other.next("SYNC_RESPONSE")).toMatchObject({ outcome: "applied" });
  });
});

test("a socket that reads nothing delays nobody", async () => {
  const user = await newUser(server);
  const token = await tokenOf(user.name, 3600);
  const slow = await openSocket(server, user.name, { token });
  const [quick, writer] = [
    await openSocket(server, user.name, { token }),
    await openSocket(server, user.name, { token }),
  ];
  slow.raw.pause();
  const notes = "x".repeat(200_000);
  for (let count = 0; count < 15; count++) {
    writer.send(changed(goal(`g${count}`, 0, { notes })));
    expect(await writer.next()).toMatchObject({ outcome: "applied" });
    expect((await quick.next()).meta.seq).toBe(count + 1);
  }
  slow.raw.resume();
  for (let count = 0; count < 15; count++) expect((await slow.next()).meta.seq).toBe(count + 1);
});

test("a restart ends every socket, and loses nothing that was acknowledged", async () => {
  const first = await startTestServer();
  const socket = await openSocket(first, "user");
  socket.send(changed(goal("g")));
  expect(await socket.next()).toMatchObject({ outcome: "applied" });
  await first.close();
  expect(await socket.closed).toBe(1012);
});

test("a server that ends tells its sockets so, and does not wait for one that does not answer", async () => {
  const signals = () => ["SIGINT", "SIGTERM"].map((signal) => process.listenerCount(signal));
  const before = signals();
  const ending = await startTestServer();
  // Else the process would be gone before anybody is told.
  expect(signals()).toEqual(before);
  const [awake, asleep, deaf] = [
    await openSocket(ending, "awake"),
    await openSocket(ending, "asleep"),
    await openSocket(ending, "deaf"),
  ];
  await ending.evict("asleep");
  deaf.raw.pause();
  await ending.close();
  deaf.raw.resume();
  expect(await Promise.all([awake, asleep, deaf].map(({ closed }) => closed))).toEqual([1012, 1012, 1012]);
});

test("an object whose sockets opened at once can be thrown out of memory, and they hear on", async () => {
  const sockets = await Promise.all([1, 2, 3].map(() => openSocket(server, "at-once")));
  await server.evict("at-once");
  await (await newUser(server, "at-once")).push({ goals: [goal("g")] });
  for (const socket of sockets) expect((await socket.next("ENTITY_CHANGED")).meta.entityId).toBe("g");
});
