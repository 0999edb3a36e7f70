import { serverCheck } from "../../check.ts";
import { BODY_CALLS } from "../sync-calls.ts";
import * as faulty from "./http-order.mutants.ts";

export const pathsBeforeTokens = serverCheck({
  id: "HTTP-012/path-and-method-before-the-token",
  name: "path and method are judged before the token: without one, too, 404 is 404 and 405 is 405",
  brokenBy: [faulty.asksForTokensFirst],
  async run({ expect, http }) {
    for (const method of ["GET", "POST"]) {
      expect.problem(await http({ method, path: "/api/sync/nowhere" }), 404, "NOT_FOUND");
    }
    for (const [, path] of BODY_CALLS) {
      expect.problem(await http({ method: "DELETE", path }), 405, "METHOD_NOT_ALLOWED");
      expect.problem(await http({ method: "POST", path, json: {} }), 401, "TOKEN_MISSING");
    }
  },
});

export const tokensBeforeTypes = serverCheck({
  id: "HTTP-012/token-before-the-content-type",
  name: "who sends no token is told so, whatever else is wrong with the request",
  brokenBy: [faulty.judgesTypesBeforeTokens],
  async run({ device, expect, http }) {
    for (const [method, path] of BODY_CALLS) {
      for (const headers of [{ "content-type": "text/plain" }, { "content-encoding": "zip" }]) {
        const request = { method, path, text: "{}", headers };
        expect.problem(await http(request), 401, "TOKEN_MISSING");
        expect.problem(await http({ ...request, as: device }), 415, "UNSUPPORTED_MEDIA_TYPE");
      }
    }
  },
});

export const versionsBeforeTypes = serverCheck({
  id: "HTTP-012/version-before-the-content-type",
  name: "the version is judged before the body's type",
  brokenBy: [faulty.judgesTypesBeforeVersions],
  async run({ device, expect, http }) {
    for (const [method, path] of BODY_CALLS) {
      const request = { method, path, as: device, text: "{}" };
      const both = { "x-sync-protocol": "999", "content-type": "text/plain" };
      expect.problem(await http({ ...request, headers: both }), 400, "UNSUPPORTED_VERSION");
    }
    expect.status(await device.tryPull(), 200);
  },
});

export const emptyVersions = serverCheck({
  id: "DISC-004/empty-version",
  name: "an empty version is not none",
  brokenBy: [faulty.takesEmptyVersionsForNone],
  async run({ device, expect, http }) {
    for (const [method, path] of BODY_CALLS) {
      const empty = { "x-sync-protocol": "" };
      const reply = await http({ method, path, as: device, text: "{}", headers: empty });
      expect.problem(reply, 400, "UNSUPPORTED_VERSION");
    }
    expect.status(await device.tryPull(), 200);
  },
});

export const pathsToTheLetter = serverCheck({
  id: "HTTP-002/to-the-letter",
  name: "a path in another case, or with a slash at its end, is another path",
  brokenBy: [faulty.findsPathsWithoutCase, faulty.forgivesASlash],
  async run({ device, expect, http }) {
    for (const path of ["/api/sync/PULL", "/API/sync/pull", "/api/sync/pull/", "/api/sync/pull/x"]) {
      expect.problem(await http({ method: "POST", path, as: device, json: {} }), 404, "NOT_FOUND");
    }
    expect.status(await device.tryPull(), 200);
  },
});

export const publicPaths = serverCheck({
  id: "HTTP-003/public-paths",
  name: "discovery and health, where they are there, answer 405 to other methods than GET",
  brokenBy: [faulty.hidesPublicPathsFromOtherMethods],
  async run({ device, expect, http }) {
    for (const path of ["/.well-known/mirubato-sync", "/health"]) {
      const there = (await http({ method: "GET", path, anyAnswer: true })).status === 200;
      for (const method of ["POST", "DELETE"]) {
        const reply = await http({ method, path, as: device, ...(method === "POST" ? { json: {} } : {}) });
        if (!there) continue;
        expect.problem(reply, 405, "METHOD_NOT_ALLOWED");
        expect.header(reply, "allow", /\bGET\b/);
      }
    }
  },
});

export const kindsOfJson = serverCheck({
  id: "HTTP-004/kinds-of-json",
  name: "a type that is built on JSON is another type",
  brokenBy: [faulty.takesAnyKindOfJson],
  async run({ device, expect, http }) {
    for (const [method, path] of BODY_CALLS) {
      for (const type of ["application/merge-patch+json", "application/ld+json; charset=utf-8"]) {
        const reply = await http({ method, path, as: device, text: "{}", headers: { "content-type": type } });
        expect.problem(reply, 415, "UNSUPPORTED_MEDIA_TYPE");
      }
    }
    expect.status(await device.tryPull(), 200);
  },
});
