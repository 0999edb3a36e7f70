import { describe, expect, test } from "vitest";
import { createModel } from "./model.ts";
import type { ModelOptions } from "./model.ts";
import { NOW, peer, SECRET } from "./test-peer.ts";

const ORIGIN = "https://app.example";
const aModel = (options: Partial<ModelOptions> = {}) =>
  createModel({ secret: SECRET, now: () => NOW, origins: [ORIGIN], ...options });
const goals = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ id: `g${n}`, title: "x", updatedAt: NOW }));
/** A body of a size. */
const sized = (bytes: number) => ({ text: '{"changes":{}}'.padEnd(bytes, " ") });
/** An item of a size: {"id":"g","title":"é…","updatedAt":1} has 35 bytes beside the title. */
const titled = (bytes: number) => ({ id: "g", title: "é".repeat((bytes - 35) / 2), updatedAt: 1 });

describe("errors", () => {
  const device = peer(aModel(), "anna");
  const send = (headers: Record<string, string>) => device.push({}, { headers });

  test("are problem documents with code and error (HTTP-001 to HTTP-003)", async () => {
    const unknown = await device.call("/api/sync/puhs", {});
    const wrong = await device.call("/api/sync/push", undefined, { method: "PUT" });

    expect(unknown.headers["content-type"]).toBe("application/problem+json");
    expect(unknown.body).toMatchObject({
      type: "https://mirubato.com/problems/not-found",
      status: 404,
      code: "NOT_FOUND",
    });
    expect(unknown.body.error).toBe(unknown.body.title);
    expect([wrong.status, wrong.body.code, wrong.headers["allow"]]).toEqual([
      405,
      "METHOD_NOT_ALLOWED",
      "POST, OPTIONS",
    ]);
  });

  test.each([
    ["a cut body", '{"changes":'],
    ["a duplicate name", '{"changes":{},"changes":{}}'],
    ["a lone surrogate", '{"changes":{"goals":[{"id":"\\ud800"}]}}'],
    ["a number beyond binary64", '{"changes":{},"x":1e400}'],
    ["an integer beyond 2^53 - 1", '{"changes":{},"x":9007199254740992}'],
    ["depth 65", `{"changes":{},"x":${"[".repeat(64)}${"]".repeat(64)}}`],
  ])("%s is INVALID_JSON", async (_name, text) => {
    const { status, body } = await device.call("/api/sync/push", undefined, { text });
    expect([status, body.code]).toEqual([400, "INVALID_JSON"]);
  });

  test("depth 64 is not too deep", async () => {
    const text = `{"changes":{},"x":${"[".repeat(63)}${"]".repeat(63)}}`;
    expect((await device.call("/api/sync/push", undefined, { text })).status).toBe(200);
  });

  test("content types, versions and their order (HTTP-004, DISC-004)", async () => {
    expect((await send({ "content-type": "Application/JSON; charset=utf-8" })).status).toBe(200);
    expect((await send({ "content-type": "text/plain" })).body.code).toBe("UNSUPPORTED_MEDIA_TYPE");
    expect((await send({ "content-encoding": "gzip" })).status).toBe(415);
    const version = await send({ "content-type": "text/plain", "x-sync-protocol": "2" });
    expect(version.body).toMatchObject({ status: 400, code: "UNSUPPORTED_VERSION", supported: ["1"] });
  });
});

describe("limits", () => {
  test("items, body and item size, each at its edge (LIM-002 to LIM-004, LIM-007)", async () => {
    const model = aModel({
      limits: {
        maxItems: 2,
        legacyMaxItems: 3,
        maxItemBytes: 51,
        maxBodyBytes: 300,
        legacyMaxBodyBytes: 400,
      },
    });
    const [device, deployed] = [peer(model, "anna"), peer(model, "bert", { announced: false })];

    expect((await device.push({ goals: goals(2) })).status).toBe(200);
    expect((await device.push({ goals: goals(3) })).body.code).toBe("TOO_MANY_ITEMS");
    expect((await deployed.push({ goals: goals(3) })).status).toBe(200);
    expect((await device.call("/api/sync/push", undefined, sized(300))).status).toBe(200);
    expect((await device.call("/api/sync/push", undefined, sized(301))).body.code).toBe("BODY_TOO_LARGE");
    expect((await deployed.call("/api/sync/push", undefined, sized(400))).status).toBe(200);
    const { body } = await device.push({ goals: [titled(51), titled(53)] });
    expect(body.results.map((one: { code?: string }) => one.code)).toEqual([undefined, "ITEM_TOO_LARGE"]);
  });

  test("a user above the rate waits, others do not (LIM-006)", async () => {
    const model = aModel({ limits: { requestBurst: 2, requestsPerSecond: 2 } });
    const [anna, bert] = [peer(model, "anna"), peer(model, "bert")];
    await anna.status();
    await anna.status();

    const refused = await anna.status();

    expect([refused.status, refused.body.code, refused.headers["retry-after"]]).toEqual([
      429,
      "RATE_LIMITED",
      "1",
    ]);
    expect((await bert.status()).status).toBe(200);
    model.advanceClock(500);
    expect((await anna.status()).status).toBe(200);
    expect((await anna.status()).status).toBe(429);
  });
});

describe("origins", () => {
  const device = peer(aModel(), "anna");

  test("an allowed one is told, exactly; another is not (CORS-001, CORS-002, CORS-004)", async () => {
    const allowed = await device.status({ headers: { origin: ORIGIN } });
    const refused = await device.status({ headers: { origin: ORIGIN, authorization: undefined } });
    const other = await device.status({ headers: { origin: "https://app.example.evil" } });

    for (const { headers } of [allowed, refused]) {
      expect(headers).toMatchObject({
        vary: "Origin",
        "access-control-allow-origin": ORIGIN,
        "access-control-allow-credentials": "true",
        "access-control-expose-headers": "X-Idempotent-Replay, Retry-After, WWW-Authenticate",
      });
    }
    expect([other.status, other.headers["vary"]]).toEqual([200, "Origin"]);
    expect(other.headers["access-control-allow-origin"]).toBeUndefined();
    expect(allowed.headers["cache-control"]).toBe("no-store");
  });

  test("a preflight needs no token (CORS-003)", async () => {
    const { status, headers } = await device.call("/api/sync/push", undefined, {
      method: "OPTIONS",
      headers: { authorization: undefined, origin: ORIGIN, "access-control-request-method": "POST" },
    });

    expect(status).toBe(204);
    expect(headers["access-control-allow-methods"]).toContain("POST");
    expect(headers["access-control-allow-headers"]).toContain("X-Idempotency-Key");
  });
});

test("discovery and health ask for no token, and tell the limits in force", async () => {
  const device = peer(
    aModel({ limits: { maxItems: 7, requestBurst: undefined, requestsPerSecond: undefined } }),
    "anna",
  );
  const anonymous = { headers: { authorization: undefined, host: "sync.test:81" } };

  const { body } = await device.call("/.well-known/mirubato-sync", undefined, anonymous);
  const health = await device.call("/health", undefined, anonymous);

  expect(body).toMatchObject({
    protocol: "mirubato-sync",
    versions: ["1"],
    profiles: ["http", "realtime"],
    endpoints: { http: "http://sync.test:81", ws: "ws://sync.test:81/sync/ws" },
    limits: { maxItems: 7, maxBodyBytes: 1_048_576, idempotencyRetentionMs: 86_400_000 },
  });
  expect(body.limits.requestBurst).toBeUndefined();
  expect(health.body).toEqual({
    service: "mirubato-sync",
    status: "healthy",
    timestamp: "2026-03-01T10:00:00.000Z",
  });
});
