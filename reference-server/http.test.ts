import { SignJWT, UnsecuredJWT } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunningServer } from "./serve.ts";
import { fetchReply, goal, goals, newUser, SECRET, startTestServer, tokenFor } from "./testing/harness.ts";

const ORIGIN = "https://app.example";
let server: RunningServer;
const lines: string[] = [];
beforeAll(async () => {
  server = await startTestServer({
    limits: { requestBurst: null },
    origins: [ORIGIN],
    log: (line) => lines.push(line),
  });
});
afterAll(() => server.close());

const status = (headers: Record<string, string>) => fetchReply(server, "/api/sync/status", { headers });
const seconds = () => Math.floor(Date.now() / 1000);

describe("paths and methods", () => {
  test("health and discovery need no token", async () => {
    expect((await fetchReply(server, "/health")).json).toMatchObject({
      service: "mirubato-sync",
      status: "healthy",
    });
    const { json } = await fetchReply(server, "/.well-known/mirubato-sync");
    expect(json).toMatchObject({
      protocol: "mirubato-sync",
      versions: ["1"],
      profiles: ["http", "realtime"],
      endpoints: { http: server.url, ws: `${server.url.replace("http", "ws")}/sync/ws` },
    });
    expect(json.limits).toMatchObject({ maxItems: 500, maxBodyBytes: 1_048_576, tokenLeewayMs: 30_000 });
    expect(json.limits).not.toHaveProperty("requestBurst");
  });

  test("unknown paths are 404, other methods 405 with Allow", async () => {
    for (const path of ["/", "/api/sync/pul", "/api/sync/push/", "/api/sync"]) {
      expect((await fetchReply(server, path)).json).toMatchObject({ status: 404, code: "NOT_FOUND" });
    }
    const reply = await fetchReply(server, "/api/sync/push", { method: "DELETE" });
    expect([reply.status, reply.json.code, reply.headers.get("allow")]).toEqual([
      405,
      "METHOD_NOT_ALLOWED",
      "POST, OPTIONS",
    ]);
    expect((await fetchReply(server, "/health", { method: "HEAD" })).status).toBe(200);
  });
});

describe("tokens", () => {
  test("a missing one is told apart from a bad one", async () => {
    const missing = await status({});
    expect([missing.status, missing.json.code, missing.headers.get("www-authenticate")]).toEqual([
      401,
      "TOKEN_MISSING",
      "Bearer",
    ]);
    expect((await fetchReply(server, `/api/sync/status?token=${await tokenFor("u")}`)).json.code).toBe(
      "TOKEN_MISSING",
    );
  });

  test("bad ones are refused without being repeated", async () => {
    const key = new TextEncoder().encode(SECRET);
    const signed = (claims: object, alg = "HS256") =>
      new SignJWT({ ...claims }).setProtectedHeader({ alg }).sign(key);
    const good = await tokenFor("u");
    const bad: [string, string][] = [
      [await tokenFor("u", {}, "another secret of thirty-two bytes!!"), "TOKEN_INVALID"],
      [new UnsecuredJWT({}).setSubject("u").setExpirationTime("1h").encode(), "TOKEN_INVALID"],
      [await signed({ sub: "u", exp: seconds() + 60 }, "HS512"), "TOKEN_INVALID"],
      [await signed({ sub: "u" }), "TOKEN_INVALID"],
      [await signed({ sub: "u", exp: "2999-01-01" }), "TOKEN_INVALID"],
      [await signed({ exp: seconds() + 60 }), "TOKEN_INVALID"],
      [await signed({ sub: "", exp: seconds() + 60 }), "TOKEN_INVALID"],
      [await signed({ sub: 7, exp: seconds() + 60 }), "TOKEN_INVALID"],
      [await signed({ sub: "\ud800", exp: seconds() + 60 }), "TOKEN_INVALID"],
      [await signed({ sub: "x".repeat(256), exp: seconds() + 60 }), "TOKEN_INVALID"],
      [await tokenFor("u", { nbf: seconds() + 600 }), "TOKEN_INVALID"],
      [await tokenFor("u", { type: "refresh" }), "TOKEN_INVALID"],
      [await tokenFor("u", { exp: seconds() - 40 }), "TOKEN_EXPIRED"],
      [good.slice(0, -4), "TOKEN_INVALID"],
      [`${good} ${good}`, "TOKEN_INVALID"],
    ];
    for (const [token, code] of bad) {
      const reply = await status({ authorization: `Bearer ${token}` });
      expect([token, reply.status, reply.json.code]).toEqual([token, 401, code]);
      expect(reply.headers.get("www-authenticate")).toContain('error="invalid_token"');
      expect(reply.text).not.toContain(token.slice(-20));
    }
    expect((await status({ authorization: "Bearer " })).json.code).toBe("TOKEN_INVALID");
    expect((await status({ authorization: `Basic ${btoa("a:b")}` })).json.code).toBe("TOKEN_INVALID");
    expect(lines.join("\n")).not.toContain(good.slice(-20));
  });

  test("good ones pass: any case of the scheme, leeway, access type, longest sub", async () => {
    for (const token of [
      await tokenFor("u", { exp: seconds() - 20 }),
      await tokenFor("u", { nbf: seconds() + 20 }),
      await tokenFor("u", { type: "access" }),
      await tokenFor("😀".repeat(255)),
    ]) {
      expect((await status({ authorization: `bEARER ${token}` })).status).toBe(200);
    }
  });

  test("the cookie counts from an allowed origin, without Authorization, only", async () => {
    const cookie = `theme=dark; auth-token=${await tokenFor("cookie-user")}`;
    expect((await status({ cookie, origin: ORIGIN })).status).toBe(200);
    expect((await status({ cookie })).json.code).toBe("TOKEN_MISSING");
    expect((await status({ cookie, origin: "https://evil.example" })).json.code).toBe("TOKEN_MISSING");
    expect((await status({ cookie, origin: ORIGIN, authorization: "Bearer x" })).json.code).toBe(
      "TOKEN_INVALID",
    );
  });
});

describe("origins", () => {
  test("listed ones are answered exactly, on success and error; others get nothing", async () => {
    const user = await newUser(server);
    for (const reply of [
      await user.status({ headers: { origin: ORIGIN } }),
      await status({ origin: ORIGIN }),
    ]) {
      expect(reply.headers.get("access-control-allow-origin")).toBe(ORIGIN);
      expect(reply.headers.get("access-control-allow-credentials")).toBe("true");
      expect(reply.headers.get("access-control-expose-headers")).toBe(
        "X-Idempotent-Replay, Retry-After, WWW-Authenticate",
      );
      expect(reply.headers.get("vary")).toContain("Origin");
    }
    for (const origin of [`${ORIGIN}.evil`, "null", "https://app.example:8443"]) {
      const reply = await user.status({ headers: { origin } });
      expect([reply.status, reply.headers.get("access-control-allow-origin")]).toEqual([200, null]);
    }
  });

  test("preflight", async () => {
    const ask = (origin: string) =>
      fetchReply(server, "/api/sync/push", {
        method: "OPTIONS",
        headers: { origin, "access-control-request-method": "POST" },
      });
    const listed = await ask(ORIGIN);
    expect([listed.status, listed.headers.get("access-control-allow-origin")]).toEqual([204, ORIGIN]);
    expect(listed.headers.get("access-control-allow-methods")).toContain("POST");
    expect(listed.headers.get("access-control-allow-headers")).toContain("X-Idempotency-Key");
    expect((await ask("https://evil.example")).headers.get("access-control-allow-headers")).toBeNull();
  });
});

describe("bodies", () => {
  const push = "/api/sync/push";

  test("are JSON in UTF-8, and declared so", async () => {
    const user = await newUser(server);
    for (const type of ["text/plain", "application/json; charset=latin1", "application/jsonp"]) {
      const reply = await user.send("POST", push, "{}", { headers: { "content-type": type } });
      expect([type, reply.status, reply.json.code]).toEqual([type, 415, "UNSUPPORTED_MEDIA_TYPE"]);
    }
    const encoded = await user.send("POST", push, "{}", { headers: { "content-encoding": "gzip" } });
    expect(encoded.status).toBe(415);
    const ok = await user.send("POST", push, '{"changes":{}}', {
      headers: { "content-type": 'Application/JSON; charset="UTF-8"' },
    });
    expect(ok.json).toMatchObject({ success: true, results: [] });
    for (const body of [
      "",
      "{",
      '{"a":1,"a":2}',
      '{"changes":{"goals":[{"id":"\\ud800"}]}}',
      "[1e400]",
      "\ufeff{}",
      "[".repeat(65),
    ]) {
      expect((await user.send("POST", push, body)).json.code).toBe("INVALID_JSON");
    }
    expect((await user.send("POST", push, new Uint8Array([0x22, 0xff, 0x22]))).json.code).toBe(
      "INVALID_JSON",
    );
  });

  test("have limits: bytes and items, larger ones for deployed peers", async () => {
    const user = await newUser(server);
    const body = (bytes: number) => `{"changes":{},"x":"${"y".repeat(bytes - 21)}"}`.padEnd(bytes);
    expect((await user.send("POST", push, body(1_048_576))).status).toBe(200);
    expect((await user.send("POST", push, body(1_048_577))).json.code).toBe("BODY_TOO_LARGE");
    expect((await user.send("POST", push, body(1_048_577), { announced: false })).status).toBe(200);
    expect((await user.send("POST", push, body(5_000_000), { announced: false })).json.code).toBe(
      "BODY_TOO_LARGE",
    );
    expect((await user.push({ goals: goals(500) })).status).toBe(200);
    expect((await user.push({ goals: goals(250), entries: goals(251) })).json.code).toBe("TOO_MANY_ITEMS");
    expect((await user.push({ goals: goals(5000) }, { announced: false })).json.stats.goalsProcessed).toBe(
      5000,
    );
    expect((await user.push({ goals: goals(5001) }, { announced: false })).json.code).toBe("TOO_MANY_ITEMS");
  });

  test("are judged in the order of the specification", async () => {
    const user = await newUser(server);
    const wrong = { "x-sync-protocol": "2", "content-type": "text/plain", "x-idempotency-key": "a b" };
    const large = "x".repeat(2_000_000);
    const version = await user.send("POST", push, large, { headers: wrong });
    expect(version.json).toMatchObject({ status: 400, code: "UNSUPPORTED_VERSION", supported: ["1"] });
    const { "x-sync-protocol": _, ...typed } = wrong;
    expect((await user.send("POST", push, large, { headers: typed })).json.code).toBe(
      "UNSUPPORTED_MEDIA_TYPE",
    );
    expect((await user.send("POST", push, large, { key: "a b" })).json.code).toBe("BODY_TOO_LARGE");
    expect((await user.send("POST", push, "{", { key: "a b" })).json.code).toBe("INVALID_IDEMPOTENCY_KEY");
    expect((await fetchReply(server, push, { method: "POST", body: large, headers: wrong })).json.code).toBe(
      "TOKEN_MISSING",
    );
  });
});

test("the rate of a user is limited, and recovers", async () => {
  const slow = await startTestServer({ limits: { requestBurst: 3, requestsPerSecond: 0.5 } });
  try {
    const [user, other] = [await newUser(slow), await newUser(slow)];
    const replies = await Promise.all(
      [0, 1, 2, 3].map((index) => user.push({ goals: [goal(`g${index}`)] }, { key: `k${index}` })),
    );
    const refused = replies.find((reply) => reply.status !== 200)!;
    expect([refused.status, refused.json.code]).toEqual([429, "RATE_LIMITED"]);
    expect(refused.headers.get("retry-after")).toBe("2");
    expect((await other.status()).status).toBe(200);
    await slow.advanceClock(2_000);
    expect((await user.status()).json.entityCount).toBe(3);
  } finally {
    await slow.close();
  }
});

test("a failing store is 503 for reads too, and its reason stays in the log", async () => {
  const user = await newUser(server);
  const db = await server.database();
  await db.prepare("ALTER TABLE sync_metadata RENAME TO hidden").run();
  try {
    for (const reply of [await user.pull(), await user.status(), await user.push({ goals: [goal("g")] })]) {
      expect([reply.status, reply.json.code, reply.headers.get("retry-after")]).toEqual([
        503,
        "UNAVAILABLE",
        "2",
      ]);
      expect(reply.text).not.toContain("sync_metadata");
    }
  } finally {
    await db.prepare("ALTER TABLE hidden RENAME TO sync_metadata").run();
  }
  expect(lines.some((line) => line.includes("storage failed"))).toBe(true);
  expect((await user.pull()).status).toBe(200);
});
