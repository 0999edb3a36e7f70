import { describe, expect, test } from "vitest";
import { signJwt } from "../wire/jwt.ts";
import { createModel } from "./model.ts";
import { NOW, peer, SECRET } from "./test-peer.ts";

const SECONDS = NOW / 1000;
const HS256 = { alg: "HS256", typ: "JWT" };
const good = { sub: "anna", exp: SECONDS + 60 };
const ORIGIN = "https://app.example";

const model = createModel({ secret: SECRET, now: () => NOW, origins: [ORIGIN] });
const device = peer(model, "anna");
const ask = (authorization: string | undefined, more: Record<string, string> = {}) =>
  device.status({ headers: { authorization, ...more } });

describe("tokens", () => {
  test.each([
    ["another algorithm", signJwt({ ...HS256, alg: "HS512" }, good, SECRET), "TOKEN_INVALID"],
    ["alg none", signJwt({ alg: "none" }, good, ""), "TOKEN_INVALID"],
    ["another secret", signJwt(HS256, good, `${SECRET}!`), "TOKEN_INVALID"],
    ["no signature", `${signJwt(HS256, good, SECRET).split(".").slice(0, 2).join(".")}.`, "TOKEN_INVALID"],
    ["no exp", signJwt(HS256, { sub: "anna" }, SECRET), "TOKEN_INVALID"],
    ["exp as text", signJwt(HS256, { ...good, exp: String(SECONDS + 60) }, SECRET), "TOKEN_INVALID"],
    ["expired", signJwt(HS256, { ...good, exp: SECONDS - 31 }, SECRET), "TOKEN_EXPIRED"],
    ["nbf ahead", signJwt(HS256, { ...good, nbf: SECONDS + 31 }, SECRET), "TOKEN_INVALID"],
    ["no sub", signJwt(HS256, { exp: SECONDS + 60 }, SECRET), "TOKEN_INVALID"],
    ["a long sub", signJwt(HS256, { ...good, sub: "x".repeat(256) }, SECRET), "TOKEN_INVALID"],
    ["a refresh token", signJwt(HS256, { ...good, type: "refresh" }, SECRET), "TOKEN_INVALID"],
    ["no token at all", "no-token", "TOKEN_INVALID"],
  ])("%s: 401", async (_name, token, code) => {
    const { status, headers, body } = await ask(`Bearer ${token}`);

    expect([status, body.code]).toEqual([401, code]);
    expect(headers["www-authenticate"]).toBe('Bearer error="invalid_token"');
    expect(JSON.stringify(body)).not.toContain(token);
  });

  test.each([
    ["within the leeway", { ...good, exp: SECONDS - 30, nbf: SECONDS + 30 }],
    ["of type access, with claims that nobody knows", { ...good, type: "access", role: "x" }],
    ["a sub of 255 characters beyond the basic plane", { ...good, sub: "🎹".repeat(255) }],
  ])("%s: 200", async (_name, claims) => {
    expect((await ask(`bearer ${signJwt(HS256, claims, SECRET)}`)).status).toBe(200);
  });

  test("without a token the answer is a plain challenge", async () => {
    const { status, headers, body } = await ask(undefined);
    expect([status, body.code, headers["www-authenticate"]]).toEqual([401, "TOKEN_MISSING", "Bearer"]);
  });
});

test("the cookie counts only without Authorization and from an allowed origin (AUTH-010, AUTH-011)", async () => {
  const cookie = `a=b; auth-token=${signJwt(HS256, good, SECRET)}`;

  expect((await ask(undefined, { cookie, origin: ORIGIN })).status).toBe(200);
  expect((await ask(undefined, { cookie })).body.code).toBe("TOKEN_MISSING");
  expect((await ask(undefined, { cookie, origin: `${ORIGIN}.evil` })).body.code).toBe("TOKEN_MISSING");
  expect((await ask("Basic eDp5", { cookie, origin: ORIGIN })).body.code).toBe("TOKEN_INVALID");
});

test("users share nothing, whatever they name alike (ISO-001, ISO-002)", async () => {
  const [anna, bert] = [peer(model, "anna"), peer(model, "bert")];
  const headers = { "x-device-id": "tablet" };
  await anna.push(
    { goals: [{ id: "g1", title: "A", updatedAt: NOW, userId: "bert" }] },
    { key: "k", headers },
  );

  expect((await bert.pull()).body.goals).toEqual([]);
  expect(
    (await bert.push({ goals: [{ id: "g1", title: "B", updatedAt: NOW - 1 }] }, { key: "k" })).body,
  ).toMatchObject({
    results: [{ outcome: "applied", meta: { version: 1, seq: 1 } }],
  });
  expect((await bert.status()).body).toMatchObject({ entityCount: 1, deviceCount: 0 });
  expect((await anna.pull()).body.goals[0].title).toBe("A");
});
