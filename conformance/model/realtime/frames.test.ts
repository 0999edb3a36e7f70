import { expect, test } from "vitest";
import { createModel } from "../model.ts";
import { NOW, peer, SECRET } from "../test-peer.ts";

const aModel = (options: object = {}) => createModel({ secret: SECRET, now: () => NOW, ...options });
const ENTRY = { id: "e1", timestamp: NOW, duration: 30, type: "practice", updatedAt: NOW };

test("bad messages are answered by ERROR and leave the socket open", async () => {
  const live = await peer(aModel(), "anna").connect();
  const asked = async (text: string) => {
    live.socket.send(text);
    const { type, code, clientChangeId } = await live.next();
    return [type, code, clientChangeId];
  };

  expect(await asked("{")).toEqual(["ERROR", "INVALID_JSON", undefined]);
  expect(await asked('{"type":"PING","type":"PING"}')).toEqual(["ERROR", "INVALID_JSON", undefined]);
  expect(await asked("[]")).toEqual(["ERROR", "INVALID_REQUEST", undefined]);
  expect(await asked("{}")).toEqual(["ERROR", "INVALID_REQUEST", undefined]);
  expect(await asked('{"type":"HELLO","clientChangeId":"a"}')).toEqual(["ERROR", "UNKNOWN_MESSAGE", "a"]);
  expect(await asked('{"type":"WELCOME"}')).toEqual(["ERROR", "UNKNOWN_MESSAGE", undefined]);
  expect(await asked('{"type":"constructor"}')).toEqual(["ERROR", "UNKNOWN_MESSAGE", undefined]);
  expect(await asked('{"type":"ENTRY_DELETED","clientChangeId":"b"}')).toEqual([
    "ERROR",
    "INVALID_REQUEST",
    "b",
  ]);
  expect(await asked('{"type":"BULK_SYNC","entries":7}')).toEqual(["ERROR", "INVALID_REQUEST", undefined]);
  expect(await asked('{"type":"PING"}')).toEqual(["PONG", undefined, undefined]);
});

test("frames that are none close the socket", async () => {
  const model = aModel({ limits: { maxMessageBytes: 100 } });
  const anna = peer(model, "anna");
  const closing = async (...frame: [string | Uint8Array, "text"?]) => {
    const live = await anna.connect();
    live.socket.send(...frame);
    return live.closed();
  };

  expect(await closing(new Uint8Array([123, 125]))).toBe(1003);
  expect(await closing(new Uint8Array([0xff]), "text")).toBe(1007);
  expect(await closing(`{"type":"PING","x":"${"é".repeat(50)}"}`)).toBe(1009);
  expect(model.server.connections.size).toBe(0);
});

test("answers PING out of turn, whoever sends it first", async () => {
  const live = await peer(aModel(), "anna").connect();

  live.send({ type: "ENTRY_CREATED", clientChangeId: "c1", entry: ENTRY });
  live.send({ type: "PING" });

  expect((await live.next()).type).toBe("PONG");
  expect(await live.next()).toMatchObject({ type: "SYNC_RESPONSE", clientChangeId: "c1" });
});

test("closes on a flood, after it slowed down, and serves a burst", async () => {
  const model = aModel({ limits: { messageBurst: 3, messagesPerSecond: 1_000 } });
  const anna = peer(model, "anna");
  const [burst, flood] = [await anna.connect(), await anna.connect()];

  for (let n = 0; n < 8; n += 1) burst.send({ type: "SYNC_REQUEST", clientChangeId: "x".repeat(n) });
  for (let n = 0; n < 14; n += 1) flood.send({ type: "AUTH", token: "" });

  for (let n = 0; n < 8; n += 1) await burst.next();
  expect(await flood.closed()).toBe(4429);
});
