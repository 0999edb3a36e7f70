import { describe, expect, it, onTestFinished } from "vitest";
import { memoryStorage } from "../adapters/memory/storage.ts";
import { SyncClient } from "../client.ts";
import type { Surroundings } from "../ports/surroundings.ts";
import type { Options } from "../options.ts";
import type { Fetch, SocketEvents } from "../ports/transport.ts";
import { FakeClock } from "../testing/fake-clock.ts";
import { answer, problem } from "../testing/wire.ts";
import { realtime } from "./connection.ts";

const META = { entityType: "goal", version: 1, deletedAt: null, checksum: "ab" };
const event = (id: string, seq: number, numbered = true): object => ({
  type: "ENTITY_CHANGED",
  ...(numbered && { seq }),
  entityType: "goal",
  item: { id, title: id },
  meta: { ...META, entityId: id, seq, updatedAt: new Date(seq * 1000).toISOString() },
});
const EMPTY = {
  entries: [],
  meta: {},
  deleted: [],
  mode: "full",
  syncToken: "t",
  epoch: "E",
  hasMore: false,
};
const pulled = (lastSeq: number, epoch = "E") =>
  answer(200, { ...EMPTY, epoch, lastSeq, through: lastSeq, timestamp: "2026-01-01T00:00:00.000Z" });
const welcome = { type: "WELCOME", message: "hello", connectionId: "c1" };
const end = (lastSeq: number, epoch = "E"): object => ({
  type: "SYNC_RESPONSE",
  message: "done",
  lastSeq,
  epoch,
});

/** A client whose server is this test. */
async function connect(
  pull: Fetch = async () => pulled(5),
  { clock = new FakeClock(), ...options }: Partial<Options> & { clock?: FakeClock } = {},
) {
  const sockets: (SocketEvents & { sent: any[]; over: boolean; address: string; protocols: string[] })[] = [];
  const calls: string[] = [];
  const tokens = ["first-token", "second-token"];
  const client = await SyncClient.open({
    url: "http://server",
    user: "alice",
    token: () => tokens[0],
    storage: memoryStorage(),
    clock,
    random: { fraction: () => 0.5, unique: () => crypto.randomUUID() },
    fetch: async (url, request) => {
      calls.push(url.split("/").at(-1)!);
      return url.endsWith("status") ? problem(503, "UNAVAILABLE") : pull(url, request);
    },
    realtime: realtime({
      openSocket: (address, protocols, events) => {
        const socket = { ...events, sent: [] as Record<string, unknown>[], over: false, address, protocols };
        sockets.push(socket);
        return {
          send: (text) => void socket.sent.push(JSON.parse(text)),
          close: () => void (socket.over = true),
        };
      },
    }),
    ...options,
  });
  onTestFinished(() => client.close());
  await clock.pass(0);
  const server = {
    clock,
    sockets,
    calls,
    client,
    tokens,
    get socket() {
      return sockets.at(-1)!;
    },
    async say(...messages: object[]) {
      for (const message of messages) server.socket.received(JSON.stringify(message));
      await clock.pass(0);
    },
    async greet() {
      server.socket.opened();
      await server.say(welcome);
    },
    requests: () =>
      server.socket.sent.filter(({ type }) => type === "SYNC_REQUEST").map(({ lastSeq }) => lastSeq),
  };
  return server;
}

describe("the cursor", () => {
  it("moves by live events only after the end of a catch-up, by chunks at once (CLI-038)", async () => {
    const server = await connect();
    await server.greet();
    expect(server.requests()).toEqual([5]);
    await server.say(event("a", 9), { type: "BULK_SYNC", entries: [], meta: {}, lastSeq: 7 });
    expect(server.client.get("goal", "a")).toBeDefined();
    server.socket.closed(1006, "");
    await server.clock.pass(1000);
    await server.greet();
    expect(server.requests()).toEqual([7]);
    await server.say(end(9), event("b", 10), event("c", 12, false));
    expect(server.client.status).toBe("connected");
    expect(server.client.get("goal", "c")).toBeDefined();
    server.socket.closed(1012, "");
    await server.clock.pass(1000);
    await server.greet();
    // Not 12: that event carried no place.
    expect(server.requests()).toEqual([10]);
  });

  it("starts anew by HTTP where the server has other data (CLI-014)", async () => {
    const server = await connect();
    await server.greet();
    await server.say({ type: "ERROR", code: "CURSOR_EXPIRED", error: "no" });
    expect(server.requests()).toEqual([5, 5]);
    await server.say(end(3, "F"));
    expect(server.client.status).not.toBe("connected");
    expect(server.calls.filter((call) => call === "pull").length).toBeGreaterThanOrEqual(3);
  });

  it("is not moved past what cannot be read: the connection begins again", async () => {
    const server = await connect();
    await server.greet();
    await server.say(end(5), { ...event("a", 6), meta: null });
    expect(server.socket.over).toBe(true);
    await server.clock.pass(1000);
    await server.greet();
    expect(server.requests()).toEqual([5]);
  });
});

describe("the connection", () => {
  it("names the user in the address and the token beside it", async () => {
    const { socket } = await connect();
    expect(socket.address).toBe("ws://server/sync/ws?userId=alice");
    expect(socket.protocols).toEqual(["mirubato.v1", "bearer.first-token"]);
  });

  it("asks status when the handshake never opened, and waits longer each time, until it was of use (CLI-033, CLI-036)", async () => {
    const server = await connect();
    for (const wait of [500, 1000, 2000]) {
      server.socket.closed(1006, "");
      await server.clock.pass(0);
      const before = server.sockets.length;
      await server.clock.pass(wait - 1);
      expect(server.sockets).toHaveLength(before);
      await server.clock.pass(1);
      expect(server.sockets).toHaveLength(before + 1);
    }
    expect(server.calls.filter((call) => call === "status")).toHaveLength(3);
    // WELCOME alone is not of use.
    await server.greet();
    server.socket.closed(1006, "");
    await server.clock.pass(3999);
    expect(server.sockets).toHaveLength(4);
    await server.clock.pass(1);
    await server.greet();
    await server.say({ type: "PONG" });
    server.socket.closed(1006, "");
    await server.clock.pass(500);
    expect(server.sockets).toHaveLength(6);
  });

  it("gives up a handshake that takes too long, and a socket that went silent (CLI-040)", async () => {
    const server = await connect();
    await server.clock.pass(15_000);
    expect(server.socket.over).toBe(true);
    await server.clock.pass(1000);
    await server.greet();
    await server.say(end(5));
    await server.clock.pass(30_000);
    expect(server.socket.sent.at(-1)).toEqual({ type: "PING" });
    await server.clock.pass(10_000);
    expect(server.sockets[1]!.over).toBe(true);
    expect(server.client.status).toBe("reconnecting");
  });

  it("waits for another token after 4401 (CLI-035)", async () => {
    const server = await connect();
    await server.greet();
    server.socket.closed(4401, "");
    await server.clock.pass(120_000);
    expect(server.sockets).toHaveLength(1);
    server.tokens.shift();
    await server.clock.pass(30_000);
    expect(server.socket.protocols[1]).toBe("bearer.second-token");
  });

  it("comes back 30 s after 4429, and not at all after 4400", async () => {
    const server = await connect();
    await server.greet();
    server.socket.closed(4429, "");
    await server.clock.pass(29_999);
    expect(server.sockets).toHaveLength(1);
    await server.clock.pass(1);
    await server.greet();
    server.socket.closed(4400, "");
    await server.clock.pass(100_000);
    expect(server.sockets).toHaveLength(2);
    // HTTP goes on, and is what the status tells.
    expect(server.client.status).toBe("connected");
    expect(server.calls.filter((call) => call === "pull").length).toBeGreaterThan(3);
  });

  it("polls every 30 s while there is no socket, and not while there is one (CLI-039)", async () => {
    const server = await connect();
    const pulls = (): number => server.calls.filter((call) => call === "pull").length;
    expect(pulls()).toBe(1);
    await server.clock.pass(31_000);
    expect(pulls()).toBe(2);
    while (server.socket.over) await server.clock.pass(100);
    await server.greet();
    await server.say(end(5));
    for (let time = 0; time < 100; time += 20) {
      await server.say({ type: "PONG" });
      await server.clock.pass(20_000);
    }
    expect(pulls()).toBe(2);
  });

  it("tries at once when the network may be back, and asks whether the socket lives", async () => {
    let changed = (): void => {};
    let online = true;
    const surroundings: Surroundings = {
      online: () => online,
      metered: () => false,
      listen: (listener) => {
        changed = listener;
        return () => {};
      },
    };
    const server = await connect(undefined, { surroundings });
    await server.greet();
    await server.say(end(5));
    changed();
    await server.clock.pass(0);
    expect(server.socket.sent.at(-1)).toEqual({ type: "PING" });
    await server.clock.pass(10_000);
    for (let time = 0; time < 4; time++) {
      await server.clock.pass(10_000);
      server.socket.closed(1006, "");
    }
    await server.clock.pass(0);
    const before = server.sockets.length;
    online = false;
    changed();
    await server.clock.pass(0);
    expect(server.sockets).toHaveLength(before);
    online = true;
    changed();
    await server.clock.pass(0);
    expect(server.sockets).toHaveLength(before + 1);
  });

  it("waits before it tries again with a server that refuses every cursor", async () => {
    const server = await connect();
    await server.greet();
    const refusal = { type: "ERROR", code: "CURSOR_EXPIRED", error: "no" };
    await server.say(refusal);
    await server.say(refusal);
    expect(server.socket.over).toBe(false);
    await server.say(refusal);
    expect(server.socket.over).toBe(true);
  });

  it("that is there again has what waits sent at once, and not again and again to a server that refuses it", async () => {
    let refuses = true;
    const at: number[] = [];
    const server = await connect(async (url) => {
      if (!url.endsWith("push")) return pulled(5);
      at.push(server.clock.monotonic());
      if (refuses) return problem(503, "UNAVAILABLE");
      return answer(200, { results: [], timestamp: "2026-01-01T00:00:00.000Z" });
    });
    await server.greet();
    await server.say(end(5));
    await server.client.create("goal", { title: "Scales" });
    const next: (number | null)[] = [];
    server.client.on("nextAttempt", (time) => next.push(time));
    await server.clock.pass(20_000);
    expect(at).toEqual([1000, 1500, 2500, 4500, 8500, 16_500]);
    expect(next.at(-1)).toBe(server.clock.wall + 31_500);
    expect(server.client.nextAttemptAt).toBe(server.clock.wall + 31_500);
    for (let time = 0; time < 3; time++) {
      server.socket.closed(1006, "");
      await server.clock.pass(0);
      expect(server.client.nextAttemptAt).toBe(server.clock.now() + 500);
      await server.clock.pass(500);
      await server.greet();
      await server.say(end(5));
    }
    // Sent when the first was of use; then it waits its time.
    expect(at.slice(6)).toEqual([20_500]);
    refuses = false;
    await server.clock.pass(15_000);
    expect(at.slice(7, 8)).toEqual([35_500]);
    expect(server.client.nextAttemptAt).not.toBe(server.clock.wall + 35_500);
  });

  it("waits until the date that the server gave, by the server's clock, and a day at most", async () => {
    const headers = { date: "Wed, 21 Oct 2026 07:28:00 GMT", "retry-after": "Wed, 21 Oct 2026 07:28:40 GMT" };
    const pulls: number[] = [];
    const told = [headers, { "retry-after": "99999999999" }];
    const clock = new FakeClock();
    const pull = async () => {
      pulls.push(clock.monotonic());
      const next = told.shift();
      return next ? problem(503, "UNAVAILABLE", next) : pulled(5);
    };
    await connect(pull, { clock, settings: { realtime: false } });
    await clock.pass(90_000_000);
    expect(pulls.slice(0, 3)).toEqual([0, 40_000, 86_440_000]);
  });

  it("leaves no timer and no socket when the client is closed (CLI-047)", async () => {
    const server = await connect();
    await server.greet();
    await server.say(end(5));
    await server.client.close();
    await server.client.close();
    expect(server.clock.timers).toBe(0);
    expect(server.socket.over).toBe(true);
  });
});
