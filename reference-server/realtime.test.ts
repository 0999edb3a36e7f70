import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import type { RunningServer } from "./serve.ts";
import { goal, goals, newUser, startTestServer, tokenFor } from "./testing/harness.ts";
import { changed, openSocket } from "./testing/socket.ts";

let server: RunningServer;
beforeAll(async () => {
  server = await startTestServer({ limits: { requestBurst: null } });
});
afterAll(() => server.close());

/** The answer that refused an upgrade. */
async function refusal(path: string, protocols: string[] = []): Promise<{ status: number; json: any }> {
  const socket = new WebSocket(server.url.replace("http", "ws") + path, protocols);
  return new Promise((resolve, reject) => {
    socket.on("error", () => undefined);
    socket.on("open", () => reject(new Error("opened")));
    socket.on("unexpected-response", (_, response) => {
      const read = async () => {
        let text = "";
        for await (const chunk of response) text += String(chunk);
        resolve({ status: response.statusCode!, json: JSON.parse(text) });
      };
      read().catch(reject);
    });
  });
}

describe("opening", () => {
  test("is judged before the upgrade", async () => {
    const token = await tokenFor("alice");
    const plain = await fetch(`${server.url}/sync/ws?userId=alice&token=${token}`);
    expect([plain.status, ((await plain.json()) as any).code]).toEqual([426, "UPGRADE_REQUIRED"]);
    for (const [query, status, code] of [
      [`?token=${token}`, 400, "INVALID_REQUEST"],
      ["?userId=alice", 400, "INVALID_REQUEST"],
      ["?userId=alice&token=nonsense", 401, "TOKEN_INVALID"],
      [`?userId=alice&token=${await tokenFor("alice", { exp: 1 })}`, 401, "TOKEN_EXPIRED"],
      [`?userId=bob&token=${token}`, 403, "FORBIDDEN"],
    ] as const) {
      expect(await refusal(`/sync/ws${query}`)).toMatchObject({ status, json: { status, code } });
    }
  });

  test("takes the token from the subprotocol", async () => {
    const protocols = ["mirubato.v1", `bearer.${await tokenFor("ann")}`];
    const socket = await openSocket(server, "ann", { protocols, query: "?userId=ann" });
    expect(socket.raw.protocol).toBe("mirubato.v1");
    expect((await refusal("/sync/ws?userId=ann", ["mirubato.v1", "bearer.x"])).status).toBe(401);
  });

  test("another version is refused by name", async () => {
    const { name } = await newUser(server);
    const socket = await openSocket(server, name, { announced: false });
    socket.send({ type: "PING", protocol: "9" });
    expect(await socket.next()).toMatchObject({ type: "PONG" });
    socket.send({ type: "SYNC_REQUEST", protocol: "9" });
    expect(await socket.next()).toMatchObject({ code: "UNSUPPORTED_VERSION", supported: ["1"] });
    expect(await socket.closed).toBe(4400);
  });

  test("the exact PING is answered at once, other spellings too", async () => {
    const { name } = await newUser(server);
    const socket = await openSocket(server, name, { announced: false });
    socket.raw.send('{"type":"PING"}');
    expect(await socket.next()).toEqual({ type: "PONG" });
    socket.raw.send('{ "type": "PING" }');
    expect(await socket.next()).toMatchObject({ type: "PONG", timestamp: expect.any(String) });
  });
});

describe("frames", () => {
  test("that can't be understood are answered, and nothing comes of them", async () => {
    const user = await newUser(server);
    const [a, b] = [await openSocket(server, user.name), await openSocket(server, user.name)];
    for (const [text, code] of [
      ["{", "INVALID_JSON"],
      ['{"type":"PING","type":"PING"}', "INVALID_JSON"],
      ["[]", "INVALID_REQUEST"],
      ["{}", "INVALID_REQUEST"],
      ['{"type":"SYNC_REQUEST","protocol":"1","lastSeq":-1}', "INVALID_REQUEST"],
      ['{"type":"toString"}', "UNKNOWN_MESSAGE"],
      ['{"type":"ENTRY_CREATED","entry":[]}', "INVALID_ITEM"],
      ['{"type":"ENTRY_CREATED","entry":null}', "INVALID_ITEM"],
      ['{"type":"ENTITY_CHANGED","entityType":"nothing","item":{}}', "UNKNOWN_COLLECTION"],
      ['{"type":"ENTITY_CHANGED","entityType":"goal","item":{"id":"g","title":"no stamp"}}', "INCOMPLETE"],
      ['{"type":"ENTRY_DELETED","entryId":"e"}', "INCOMPLETE"],
    ] as const) {
      a.raw.send(text);
      expect(await a.next()).toMatchObject({ type: "ERROR", code, error: expect.any(String) });
    }
    a.send(changed(goal("fence")));
    expect((await b.next()).meta.entityId).toBe("fence");
    expect((await user.pull()).json.lastSeq).toBe(1);
  });

  test("close where they must", async () => {
    const { name } = await newUser(server);
    const cases: [string | Uint8Array, number][] = [
      [new Uint8Array([1]), 1003],
      [`"${"x".repeat(524_288)}"`, 1009],
      [`"${"é".repeat(262_144)}"`, 1009],
    ];
    for (const [data, code] of cases) {
      const socket = await openSocket(server, name);
      socket.raw.send(data);
      expect(await socket.closed).toBe(code);
    }
    const socket = await openSocket(server, name);
    const { _sender } = socket.raw as unknown as {
      _sender: { send: (data: Buffer, options: object) => void };
    };
    _sender.send(Buffer.from([0x22, 0xff, 0x22]), { fin: true, mask: true, binary: false, compress: false });
    expect(await socket.closed).toBe(1007);
  });
});

describe("mutations", () => {
  test("are stored, acknowledged, and told to all other sockets of the user alone", async () => {
    const user = await newUser(server);
    const [a, b] = [await openSocket(server, user.name), await openSocket(server, user.name)];
    const stranger = await newUser(server);
    const other = await openSocket(server, stranger.name);
    const entry = {
      id: "e",
      timestamp: 5,
      duration: 10,
      type: "Practice",
      instrument: "PIANO",
      x: { unknown: 1 },
      updatedAt: 7,
    };
    a.send({ type: "ENTRY_CREATED", clientChangeId: "c", entry });
    const stored = { ...entry, type: "practice", instrument: "piano" };
    const ack = await a.next();
    expect(ack).toMatchObject({ type: "SYNC_RESPONSE", clientChangeId: "c", message: "Mutation applied" });
    expect(ack).toMatchObject({ outcome: "applied", item: stored, meta: { seq: 1, version: 1 } });
    expect(ack).not.toHaveProperty("lastSeq");
    const event = await b.next();
    expect(event).toMatchObject({ type: "ENTRY_CREATED", entry: stored, meta: ack.meta });
    expect(event).not.toHaveProperty("seq");

    a.send({ type: "ENTRY_CREATED", clientChangeId: "c", entry });
    expect(await a.next()).toMatchObject({ outcome: "duplicate", meta: { version: 1 } });
    a.send({ type: "ENTRY_DELETED", entryId: "e", timestamp: "2026-01-01T00:00:00Z", clientChangeId: "d" });
    expect(await a.next()).toMatchObject({ outcome: "applied", meta: { version: 2, seq: 2 } });
    expect(await b.next()).toMatchObject({ type: "ENTRY_DELETED", entryId: "e", meta: { version: 2 } });
    a.send({ type: "ENTRY_UPDATED", clientChangeId: "e", entry });
    expect(await a.next()).toMatchObject({ outcome: "superseded", item: null, meta: { version: 2 } });
    expect((await user.pull()).json.lastSeq).toBe(2);

    await stranger.push({ goals: [goal("g")] });
    expect((await other.next()).meta.entityId).toBe("g");
    expect([a.frames, b.frames, other.frames]).toEqual([[], [], []]);
  });

  test("each type of entity has its message, both ways", async () => {
    const { name } = await newUser(server);
    const [a, b] = [await openSocket(server, name), await openSocket(server, name)];
    const at = "2026-01-01T00:00:00.000Z";
    const piece = { scoreId: "s", title: "t", status: "learning", updatedAt: 1 };
    const plan = { id: "p", title: "t", schedule: { kind: "single" }, updatedAt: 1 };
    const occurrence = { id: "o", planId: "p", status: "completed", updatedAt: 1 };
    const sent: [object, string, object][] = [
      [{ type: "PIECE_ADDED", piece }, "PIECE_ADDED", { piece }],
      [
        { type: "PIECE_UPDATED", piece: { ...piece, updatedAt: 2 } },
        "PIECE_UPDATED",
        { meta: { version: 2 } },
      ],
      [{ type: "PIECE_DISSOCIATED", scoreId: "s", timestamp: at }, "PIECE_REMOVED", { scoreId: "s" }],
      [{ type: "PLAN_CREATED", plan }, "PLAN_CREATED", { plan }],
      [{ type: "PLAN_OCCURRENCE_COMPLETED", occurrence }, "PLAN_OCCURRENCE_COMPLETED", { occurrence }],
      [{ type: "PLAN_UPDATED", plan: { id: "p", deletedAt: at } }, "ENTITY_CHANGED", { item: null }],
      [changed(goal("g")), "ENTITY_CHANGED", { entityType: "goal", item: goal("g") }],
    ];
    for (const [message, type, members] of sent) {
      a.send(message);
      expect(await a.next()).toMatchObject({ outcome: "applied" });
      expect(await b.next()).toMatchObject({ type, ...members });
    }
  });

  test("with several entities are answered by results", async () => {
    const { name } = await newUser(server);
    const [a, b] = [await openSocket(server, name), await openSocket(server, name)];
    a.send({ type: "BULK_SYNC", clientChangeId: "c", entries: [], goals: [goal("g"), 5, goal("h")] });
    const { results } = await a.next();
    expect(results.map((result: any) => [result.pointer, result.outcome])).toEqual([
      ["/goals/0", "applied"],
      ["/goals/1", "refused"],
      ["/goals/2", "applied"],
    ]);
    expect([await b.next(), await b.next()].map((event) => event.meta.entityId)).toEqual(["g", "h"]);
    a.send({ type: "BULK_SYNC", entries: [] });
    expect((await a.next()).results).toEqual([]);
  });

  test("without a stamp have the envelope's time, or of deployed peers the server's", async () => {
    const user = await newUser(server);
    const { updatedAt: _, ...item } = goal("g");
    const a = await openSocket(server, user.name);
    const timestamp = "2026-01-01T00:00:00Z";
    a.send(changed(item, { timestamp }));
    expect(await a.next()).toMatchObject({ outcome: "applied", item: { ...item, updatedAt: timestamp } });
    const old = await openSocket(server, user.name, { announced: false });
    old.send({ type: "ENTRY_DELETED", entryId: "e" });
    const { meta } = await old.next();
    expect(Math.abs(Date.parse(meta.deletedAt) - Date.now())).toBeLessThan(60_000);
    old.send({ type: "ENTRY_DELETED", entryId: "e" });
    expect(await old.next()).toMatchObject({ outcome: "duplicate" });
  });

  test("a deployed peer is told what won over its write, as an event", async () => {
    const user = await newUser(server);
    await user.push({ goals: [goal("g", 9)] });
    const old = await openSocket(server, user.name, { announced: false });
    old.send(changed(goal("g", 1)));
    expect(await old.next()).toMatchObject({ outcome: "superseded", item: goal("g", 9) });
    const event = await old.next();
    expect(event).toMatchObject({ type: "ENTITY_CHANGED", item: goal("g", 9) });
    expect(event).not.toHaveProperty("seq");
  });

  test("that can't be stored are refused, nobody is told, and the next one is served", async () => {
    const user = await newUser(server);
    const [a, b] = [await openSocket(server, user.name), await openSocket(server, user.name)];
    await server.failNextWrite();
    a.send(changed(goal("lost"), { clientChangeId: "c" }));
    expect(await a.next()).toMatchObject({ type: "ERROR", code: "UNAVAILABLE", clientChangeId: "c" });
    a.send(changed(goal("kept")));
    expect(await a.next()).toMatchObject({ outcome: "applied", meta: { seq: 1 } });
    expect((await b.next()).meta.entityId).toBe("kept");
    expect(b.frames).toEqual([]);
  });

  test("HTTP writes are told, but not to the socket that they name", async () => {
    const user = await newUser(server);
    const [a, b] = [await openSocket(server, user.name), await openSocket(server, user.name)];
    await user.push({ goals: goals(3) }, { headers: { "x-connection-id": a.id } });
    expect([await b.next(), await b.next(), await b.next()].map((event) => event.meta.seq)).toEqual([
      1, 2, 3,
    ]);
    await user.batch([{ id: "h", type: "goal", data: goal("h") }]);
    expect([(await a.next()).meta.seq, (await b.next()).meta.seq]).toEqual([4, 4]);
    expect(a.frames).toEqual([]);
  });
});
