import { serverCheck } from "../../check.ts";
import { syncCalls } from "../sync-calls.ts";
import * as faulty from "./auth-credentials.mutants.ts";

export const everyCallNeedsAToken = serverCheck({
  id: "AUTH-001/every-call-needs-a-token",
  name: "each sync call without a token is refused with TOKEN_MISSING",
  brokenBy: [
    faulty.leavesPullOpen,
    faulty.leavesPushOpen,
    faulty.leavesBatchOpen,
    faulty.leavesStatusOpen,
    faulty.callsMissingTokensInvalid,
    faulty.keepsItsSchemeToItself,
  ],
  async run({ device, expect, http, anEntry, aGoal }) {
    for (const call of syncCalls({ anEntry, aGoal })) {
      const refused = await http({ ...call, as: device, headers: { authorization: undefined } });
      expect.problem(refused, 401, "TOKEN_MISSING");
      expect.status(await http({ ...call, as: device }), 200);
    }
  },
});

export const tokenBeforeBody = serverCheck({
  id: "AUTH-001/nobody-is-told-about-the-body",
  name: "without a token nothing else about the request is judged",
  brokenBy: [faulty.parsesBeforeItAsksForTokens],
  async run({ device, expect, http }) {
    const push = { method: "POST", path: "/api/sync/push", as: device };
    const broken = { ...push, text: '{"changes": {' };
    expect.problem(await http(broken), 400, "INVALID_JSON");

    const withoutToken = { authorization: undefined };
    expect.problem(await http({ ...broken, headers: withoutToken }), 401, "TOKEN_MISSING");
    const unsupported = await http({
      ...push,
      json: { changes: {} },
      headers: { ...withoutToken, "x-sync-protocol": "0" },
    });
    expect.problem(unsupported, 401, "TOKEN_MISSING");
  },
});

export const anyCaseOfTheScheme = serverCheck({
  id: "AUTH-010/scheme-in-any-case",
  name: "the scheme Bearer is compared without regard to case",
  brokenBy: [faulty.comparesTheSchemeExactly],
  async run({ device, expect, http }) {
    for (const scheme of ["Bearer", "bearer", "BEARER"]) {
      const headers = { authorization: `${scheme} ${device.token}` };
      expect.status(await http({ path: "/api/sync/status", as: device, headers }), 200);
    }
  },
});

export const otherSchemes = serverCheck({
  id: "AUTH-010/other-schemes-are-refused",
  name: "an Authorization header that is no bearer token is refused, whatever it carries",
  brokenBy: [faulty.takesAnyScheme, faulty.takesTheSecondWord, faulty.callsOtherSchemesMissing],
  async run({ device, expect, http }) {
    const values = [
      `Basic ${Buffer.from("user:password").toString("base64")}`,
      `Basic ${device.token}`,
      `Token ${device.token}`,
      device.token,
      "Bearer",
      `Bearer ${device.token} ${device.token}`,
    ];
    for (const authorization of values) {
      const refused = await http({ path: "/api/sync/status", as: device, headers: { authorization } });
      expect.problem(refused, 401, "TOKEN_INVALID");
    }
    expect.status(await http({ path: "/api/sync/status", as: device }), 200);
  },
});

export const headerDecidesAlone = serverCheck({
  id: "AUTH-010/header-decides-alone",
  name: "beside an Authorization header the cookie counts for nothing",
  brokenBy: [faulty.fallsBackToTheCookie, faulty.ignoresOtherSchemes, faulty.prefersTheCookie],
  needs: ["origin"],
  async run({ device, expect, http, tokens, origin }) {
    const status = { path: "/api/sync/status", as: device };
    const wrong = await tokens.wrongSecret();
    const goodCookie = { origin, cookie: `auth-token=${device.token}` };

    // The cookie is good: alone it would get in.
    expect.status(await http({ ...status, headers: { ...goodCookie, authorization: undefined } }), 200);
    for (const authorization of [`Bearer ${wrong}`, `Basic ${device.token}`, "Bearer"]) {
      expect.status(await http({ ...status, headers: { ...goodCookie, authorization } }), 401);
    }
    // And a bad cookie spoils no good header.
    expect.status(await http({ ...status, headers: { origin, cookie: `auth-token=${wrong}` } }), 200);
  },
});

export const cookieFromAllowedOrigin = serverCheck({
  id: "AUTH-011/cookie-from-an-allowed-origin",
  name: "the cookie of a page on the allow-list stands for the token",
  brokenBy: [faulty.knowsNoCookies, faulty.readsTheFirstCookieOnly],
  needs: ["origin"],
  async run({ device, newDevice, expect, http, origin, anEntry }) {
    const entry = anEntry();
    const headers = { origin, authorization: undefined };
    const pushed = await http({
      path: "/api/sync/push",
      as: device,
      json: { changes: { entries: [entry] } },
      headers: { ...headers, cookie: `auth-token=${device.token}` },
    });
    expect.status(pushed, 200);
    expect.live(await newDevice().pull(), entry["id"] as string);

    const cookie = `theme=dark; auth-token=${device.token}; consent=1`;
    const amongOthers = await http({
      path: "/api/sync/status",
      as: device,
      headers: { ...headers, cookie },
    });
    expect.status(amongOthers, 200);
  },
});

export const cookieFromElsewhere = serverCheck({
  id: "AUTH-011/cookie-from-elsewhere-counts-for-nothing",
  name: "a cookie without Origin, or from a foreign or opaque one, gets nobody in and writes nothing",
  brokenBy: [faulty.takesCookiesFromAnywhere, faulty.takesCookiesWithoutOrigin, faulty.takesTheNullOrigin],
  async run({ device, newDevice, expect, http, anEntry }) {
    const cookie = `auth-token=${device.token}`;
    for (const origin of [undefined, "https://evil.example", "null"]) {
      const forged = await http({
        path: "/api/sync/push",
        as: device,
        json: { changes: { entries: [anEntry()] } },
        headers: { authorization: undefined, cookie, origin },
      });
      expect.status(forged, 401);
      const read = await http({
        path: "/api/sync/status",
        as: device,
        headers: { authorization: undefined, cookie, origin },
      });
      expect.status(read, 401);
    }
    // The same token is good in its place.
    expect.nothing("what other pages wrote", await newDevice().pull());
  },
});

export const cookieFromLookAlikes = serverCheck({
  id: "AUTH-011/origins-that-look-alike",
  name: "an origin that only begins or ends as an allowed one lets no cookie in",
  brokenBy: [
    faulty.comparesTheBeginningOfOrigins,
    faulty.comparesTheEndOfOrigins,
    faulty.takesCookiesFromAnywhere,
  ],
  needs: ["origin"],
  async run({ device, expect, http, origin }) {
    const [scheme, host] = origin.split("://") as [string, string];
    const headers = { authorization: undefined, cookie: `auth-token=${device.token}` };
    for (const other of [`${origin}.evil.example`, `${scheme}://evil${host}`]) {
      const refused = await http({
        path: "/api/sync/status",
        as: device,
        headers: { ...headers, origin: other },
      });
      expect.status(refused, 401);
    }
    expect.status(await http({ path: "/api/sync/status", as: device, headers: { ...headers, origin } }), 200);
  },
});

export const cookieByItsName = serverCheck({
  id: "AUTH-011/cookie-by-its-exact-name",
  name: "a cookie whose name only ends in auth-token is another cookie",
  brokenBy: [faulty.findsTheCookieByItsEnding],
  needs: ["origin"],
  async run({ device, expect, http, origin }) {
    const status = { path: "/api/sync/status", as: device };
    const headers = { origin, authorization: undefined };
    const other = await http({
      ...status,
      headers: { ...headers, cookie: `old-auth-token=${device.token}` },
    });
    expect.status(other, 401);
    const right = await http({ ...status, headers: { ...headers, cookie: `auth-token=${device.token}` } });
    expect.status(right, 200);
  },
});

export const cookieIsVerified = serverCheck({
  id: "AUTH-003/cookie-is-verified-too",
  name: "a token in the cookie is verified like one in the header",
  brokenBy: [faulty.believesCookiesUnverified],
  needs: ["origin"],
  async run({ device, expect, http, tokens, origin }) {
    const headers = { origin, authorization: undefined };
    const status = { path: "/api/sync/status", as: device };
    for (const token of [await tokens.wrongSecret(), await tokens.tampered("somebody-else")]) {
      expect.status(await http({ ...status, headers: { ...headers, cookie: `auth-token=${token}` } }), 401);
    }
    const good = await http({ ...status, headers: { ...headers, cookie: `auth-token=${device.token}` } });
    expect.status(good, 200);
  },
});

export const tokenInTheQuery = serverCheck({
  id: "AUTH-012/token-in-the-query",
  name: "a token in the query is no token",
  brokenBy: [faulty.takesTokenParameter, faulty.takesAccessTokenParameter],
  async run({ device, newDevice, expect, http, anEntry }) {
    const headers = { authorization: undefined };
    for (const parameter of ["token", "access_token", "jwt", "auth-token"]) {
      const query = `?${parameter}=${device.token}`;
      expect.status(await http({ path: `/api/sync/status${query}`, as: device, headers }), 401);
      const json = { changes: { entries: [anEntry()] } };
      expect.status(await http({ path: `/api/sync/push${query}`, as: device, json, headers }), 401);
    }
    expect.nothing("what was written by tokens in the query", await newDevice().pull());
  },
});
