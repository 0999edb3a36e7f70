import { serverCheck } from "../../check.ts";
import * as faulty from "./cors.mutants.ts";

export const allowedOrigin = serverCheck({
  id: "CORS-001/an-allowed-origin-is-named",
  name: "an allowed origin is named exactly, with credentials, in successes and refusals",
  brokenBy: [faulty.answersAnyOriginWithStar, faulty.forgetsCredentials, faulty.forgetsCorsOnErrors],
  needs: ["origin"],
  async run({ device, expect, http, origin }) {
    const call = { method: "POST", path: "/api/sync/pull", as: device, json: {} };
    for (const reply of [
      await http({ ...call, headers: { origin } }),
      await http({ ...call, headers: { origin, authorization: undefined } }),
      await http({ ...call, headers: { origin }, json: { limit: 0 } }),
    ]) {
      expect.header(reply, "access-control-allow-origin", origin);
      expect.header(reply, "access-control-allow-credentials", "true");
    }
  },
});

export const everyAnswer = serverCheck({
  id: "CORS-001/in-every-answer",
  name: "an allowed origin is named in every answer: of any call, to any refusal, and in replays",
  brokenBy: [
    faulty.forgetsCorsOnErrors,
    faulty.forgetsCorsOfUnknownPaths,
    faulty.forgetsCorsInReplays,
    faulty.forgetsCorsOfPublicCalls,
    faulty.forgetsCorsOnRefusedBodies,
    faulty.forgetsCorsOnRefusedCursors,
  ],
  needs: ["origin"],
  async run({ device, expect, http, origin, anEntry, unique }) {
    const key = unique("key");
    const push = { method: "POST", path: "/api/sync/push", as: device };
    const keyed = { ...push, json: { changes: { entries: [anEntry()] } } };
    const headers = { origin };
    const withKey = { origin, "x-idempotency-key": key };
    const replies = [
      [200, await http({ ...keyed, headers: withKey })],
      [200, await http({ ...keyed, headers: withKey })],
      [422, await http({ ...push, json: { changes: {} }, headers: withKey })],
      [200, await http({ path: "/api/sync/batch", as: device, json: { entities: [] }, headers })],
      [200, await http({ method: "GET", path: "/api/sync/status", as: device, headers })],
      [404, await http({ path: "/api/sync/nowhere", as: device, headers })],
      [405, await http({ method: "GET", path: "/api/sync/pull", as: device, headers })],
      [400, await http({ ...push, text: "{", headers })],
      [400, await http({ ...push, json: { changes: {} }, headers: { origin, "x-sync-protocol": "0" } })],
      [415, await http({ ...push, text: "{}", headers: { origin, "content-type": "text/plain" } })],
      [410, await http({ path: "/api/sync/pull", as: device, json: { since: "none" }, headers })],
    ] as const;
    expect.header(replies[1][1], "x-idempotent-replay", "true");
    for (const [status, reply] of replies) expect.status(reply, status);

    // A server need not have these; what it answers instead is an answer too.
    const others = ["/.well-known/mirubato-sync", "/health"].map((path) =>
      http({ method: "GET", path, headers, anyAnswer: true }),
    );
    for (const reply of [...replies.map(([, one]) => one), ...(await Promise.all(others))]) {
      expect.header(reply, "access-control-allow-origin", origin);
      expect.header(reply, "access-control-allow-credentials", "true");
    }
  },
});

export const otherOrigins = serverCheck({
  id: "CORS-002/other-origins-are-not-named",
  name: "an origin that is not on the list is not let in",
  brokenBy: [faulty.answersAnyOriginWithStar, faulty.reflectsAnyOrigin, faulty.letsNullIn],
  async run({ device, expect, http }) {
    for (const origin of [
      "https://attacker.example",
      "null",
      "http://mirubato.com.attacker.example",
      "file://",
    ]) {
      for (const method of ["POST", "OPTIONS"]) {
        const reply = await http({
          method,
          path: "/api/sync/pull",
          as: device,
          json: method === "POST" ? {} : undefined,
          headers: { origin, ...(method === "OPTIONS" ? { "access-control-request-method": "POST" } : {}) },
          anyAnswer: method === "OPTIONS",
        });
        const named = reply.headers["access-control-allow-origin"];
        expect.ok(`${origin} is not let in`, named !== origin && named !== "*", named ?? "not named");
      }
    }
    // It is the browser that refuses; a request without a browser is served as any other.
    expect.status(await http({ method: "POST", path: "/api/sync/pull", as: device, json: {} }), 200);
  },
});

export const lookalikes = serverCheck({
  id: "CORS-002/lookalikes-of-an-allowed-origin-are-not-named",
  name: "the list of origins is exact: no prefix, suffix, other scheme or port",
  brokenBy: [faulty.comparesOriginsByPrefix, faulty.comparesOriginsBySuffix, faulty.ignoresSchemeAndPort],
  needs: ["origin"],
  async run({ device, expect, http, origin }) {
    const { protocol, host } = new URL(origin);
    const other = protocol === "https:" ? "http:" : "https:";
    const candidates = [
      `${origin}.attacker.example`,
      `${protocol}//evil${host}`,
      `${other}//${host}`,
      `${origin.replace(/:\d+$/, "")}:4431`,
    ];
    for (const candidate of candidates) {
      const reply = await http({
        method: "POST",
        path: "/api/sync/pull",
        as: device,
        json: {},
        headers: { origin: candidate },
      });
      const named = reply.headers["access-control-allow-origin"];
      expect.ok(`${candidate} is not let in`, named !== candidate && named !== "*", named ?? "not named");
    }
    const reply = await http({
      method: "POST",
      path: "/api/sync/pull",
      as: device,
      json: {},
      headers: { origin },
    });
    expect.header(reply, "access-control-allow-origin", origin);
  },
});

const REQUEST_HEADERS = [
  "authorization",
  "content-type",
  "x-sync-protocol",
  "x-device-id",
  "x-idempotency-key",
  "idempotency-key",
  "x-connection-id",
];

export const preflight = serverCheck({
  id: "CORS-003/preflights-are-answered",
  name: "a preflight is answered without a token, allowing the method and all headers of the protocol",
  brokenBy: [
    faulty.demandsTokensOfPreflights,
    faulty.forgetsAHeaderInPreflights,
    faulty.answersPreflightsAsOtherMethods,
  ],
  needs: ["origin"],
  async run({ expect, http, origin }) {
    for (const [path, method] of [
      ["/api/sync/pull", "POST"],
      ["/api/sync/push", "POST"],
      ["/api/sync/batch", "POST"],
      ["/api/sync/status", "GET"],
    ] as const) {
      const reply = await http({
        method: "OPTIONS",
        path,
        headers: {
          origin,
          "access-control-request-method": method,
          "access-control-request-headers": REQUEST_HEADERS.join(","),
        },
        anyAnswer: true,
      });
      expect.ok(
        `the preflight of ${path} is answered 204 or 200`,
        [200, 204].includes(reply.status),
        reply.summary,
      );
      expect.header(reply, "access-control-allow-origin", origin);
      const list = (name: string): string[] => (reply.headers[name] ?? "").toLowerCase().split(/\s*,\s*/);
      expect.ok(
        `${method} is allowed`,
        list("access-control-allow-methods").includes(method.toLowerCase()),
        list("access-control-allow-methods"),
      );
      const allowed = list("access-control-allow-headers");
      expect.equal(
        "headers that are not allowed",
        REQUEST_HEADERS.filter((name) => !allowed.includes(name)),
        [],
      );
    }
  },
});

export const exposed = serverCheck({
  id: "CORS-004/reply-headers-are-exposed",
  name: "the reply headers of the protocol can be read by scripts of an allowed origin",
  brokenBy: [faulty.exposesNothing],
  needs: ["origin"],
  async run({ device, expect, http, origin }) {
    const reply = await http({
      method: "POST",
      path: "/api/sync/pull",
      as: device,
      json: {},
      headers: { origin },
    });
    const exposedHeaders = (reply.headers["access-control-expose-headers"] ?? "")
      .toLowerCase()
      .split(/\s*,\s*/);
    expect.equal(
      "reply headers that are not exposed",
      ["x-idempotent-replay", "retry-after", "www-authenticate"].filter(
        (name) => !exposedHeaders.includes(name),
      ),
      [],
    );
  },
});

export const variesByOrigin = serverCheck({
  id: "CORS-005/answers-vary-by-origin",
  name: "answers say that they depend on the origin, also those without one",
  brokenBy: [faulty.doesNotVary],
  async run({ device, expect, http }) {
    const call = { method: "POST", path: "/api/sync/pull", as: device, json: {} };
    for (const headers of [{}, { origin: "https://attacker.example" }]) {
      expect.header(await http({ ...call, headers }), "vary", /\borigin\b/i);
    }
  },
});
