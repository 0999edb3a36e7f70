import { expect, test } from "vitest";
import { createModel } from "../model.ts";
import { NOW, peer, SECRET, socketOf } from "../test-peer.ts";

const aModel = (options: object = {}) => createModel({ secret: SECRET, now: () => NOW, ...options });

async function refusal(model: ReturnType<typeof aModel>, path: string, protocols?: string[]) {
  const answer = await model.dial({ path, headers: {}, ...(protocols ? { protocols } : {}) });
  if (!("status" in answer)) return { status: 101 };
  const { code } = JSON.parse(new TextDecoder().decode(answer.body));
  return { status: answer.status, code };
}

test("judges a request for a socket before the upgrade", async () => {
  const model = aModel({ limits: { maxConnections: 2 } });
  const anna = peer(model, "anna");
  const good = `userId=anna&token=${anna.token()}`;

  expect(await refusal(model, `/sync/ws?token=${anna.token()}`)).toEqual({
    status: 400,
    code: "INVALID_REQUEST",
  });
  expect(await refusal(model, "/sync/ws?userId=anna")).toEqual({ status: 400, code: "INVALID_REQUEST" });
  expect(await refusal(model, "/sync/ws?userId=anna&token=x")).toEqual({
    status: 401,
    code: "TOKEN_INVALID",
  });
  expect(await refusal(model, `/sync/ws?userId=anna&token=${anna.token({ exp: NOW / 1000 - 31 })}`)).toEqual({
    status: 401,
    code: "TOKEN_EXPIRED",
  });
  expect(await refusal(model, `/sync/ws?userId=berta&token=${anna.token()}`)).toEqual({
    status: 403,
    code: "FORBIDDEN",
  });
  expect(await refusal(model, `/sync?${good}`)).toEqual({ status: 404, code: "NOT_FOUND" });
  expect([
    await refusal(model, `/sync/ws?${good}`),
    await refusal(model, `/sync/ws?${good}`),
    await refusal(model, `/sync/ws?${good}`),
  ]).toEqual([{ status: 101 }, { status: 101 }, { status: 429, code: "RATE_LIMITED" }]);
  expect(await anna.call(`/sync/ws?${good}`, undefined)).toMatchObject({
    status: 426,
    body: { code: "UPGRADE_REQUIRED" },
    headers: { upgrade: "websocket" },
  });
});

test("counts sockets that are opened at once, too", async () => {
  const model = aModel({ limits: { maxConnections: 2 } });
  const path = `/sync/ws?userId=anna&token=${peer(model, "anna").token()}`;

  await Promise.all([1, 2, 3, 4].map(() => refusal(model, path)));

  expect(model.server.connections.size).toBe(2);
});

test("takes the token among the subprotocols, and selects the one it speaks", async () => {
  const model = aModel();
  const token = peer(model, "anna").token();

  const named = await socketOf(model.dial, "/sync/ws?userId=anna", ["mirubato.v1", `bearer.${token}`]);
  const plain = await socketOf(model.dial, `/sync/ws?userId=anna&token=${token}`);

  expect([named.socket.protocol, plain.socket.protocol]).toEqual(["mirubato.v1", ""]);
});

test("greets each socket by an id of its own, and names no place in the log", async () => {
  const model = aModel({ random: () => 0.5 });
  const path = `/sync/ws?userId=anna&token=${peer(model, "anna").token()}`;

  const greetings = [
    await (await socketOf(model.dial, path)).next(),
    await (await socketOf(model.dial, path)).next(),
  ];

  expect(greetings.map(({ type }) => type)).toEqual(["WELCOME", "WELCOME"]);
  expect(greetings[0].connectionId).not.toBe(greetings[1].connectionId);
  expect(greetings[0]).not.toHaveProperty("lastSeq");
});

test("refuses another version with ERROR and 4400, in the first message that is no PING", async () => {
  const live = await peer(aModel(), "anna").connect();

  live.send({ type: "PING" });
  live.send({ type: "SYNC_REQUEST", protocol: "9" });

  expect(await live.next()).toMatchObject({ type: "PONG" });
  expect(await live.next()).toMatchObject({ type: "ERROR", code: "UNSUPPORTED_VERSION", supported: ["1"] });
  expect(await live.closed()).toBe(4400);
});

test("a server without the profile has no socket, and does not say it has", async () => {
  const model = aModel({ profiles: ["http"] });

  expect(await refusal(model, "/sync/ws?userId=anna&token=x")).toEqual({ status: 404, code: "NOT_FOUND" });
  const { body } = await peer(model, "anna").call("/.well-known/mirubato-sync", undefined);
  expect(body.profiles).toEqual(["http"]);
  expect(body.endpoints).not.toHaveProperty("ws");
  expect(body.limits).not.toHaveProperty("maxMessageBytes");
});
