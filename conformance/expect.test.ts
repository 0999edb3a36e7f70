import { describe, expect as vitest, it } from "vitest";
import { expect } from "./expect.ts";
import { Pulled } from "./pulled.ts";
import { Reply } from "./reply.ts";
import type { PullBody, PushBody } from "./shapes.ts";
import { CheckFailure, HarnessError } from "./verdict.ts";

function reply<Body>(status: number, body: unknown, headers: Record<string, string> = {}): Reply<Body> {
  const bytes = new TextEncoder().encode(typeof body === "string" ? body : JSON.stringify(body));
  return new Reply({ method: "POST", path: "/x", headers: {} }, { status, headers, body: bytes });
}
const fails = (act: () => unknown): void => vitest(act).toThrow(CheckFailure);
const PROBLEM = { "content-type": "application/problem+json" };
const refusal = { status: 401, code: "TOKEN_MISSING", error: "no" };

describe("an assertion never holds on a missing member:", () => {
  it("equal", () => {
    fails(() => expect.equal("x", undefined, null));
    fails(() => expect.equal("x", undefined, "undefined"));
    fails(() => expect.notEqual("x", undefined, 1));
    vitest(() => expect.equal("x", undefined, undefined)).toThrow(HarnessError);
  });

  it("header", () => {
    fails(() => expect.header(reply(200, {}), "retry-after", /.*/));
  });

  it("problem", () => {
    const good = reply(401, refusal, { ...PROBLEM, "www-authenticate": "Bearer" });
    expect.problem(good, 401, "TOKEN_MISSING");
    fails(() => expect.problem(good, 401, "TOKEN_INVALID"));
    fails(() => expect.problem(good, 401, "TOKEN_MISSING", { pointer: "/x" }));
    fails(() => expect.problem(reply(401, refusal, PROBLEM), 401, "TOKEN_MISSING"));
    fails(() => expect.problem(reply(401, refusal, { "www-authenticate": "Bearer" }), 401, "TOKEN_MISSING"));
    fails(() =>
      expect.problem(reply(401, {}, { ...PROBLEM, "www-authenticate": "Bearer" }), 401, "TOKEN_MISSING"),
    );
    fails(() =>
      expect.problem(
        reply(405, { status: 405, code: "METHOD_NOT_ALLOWED", error: "no" }, PROBLEM),
        405,
        "METHOD_NOT_ALLOWED",
      ),
    );
    fails(() =>
      expect.problem(
        reply(429, { status: 429, code: "RATE_LIMITED", error: "no" }, PROBLEM),
        429,
        "RATE_LIMITED",
      ),
    );
  });

  it("outcome", () => {
    const none = reply<PushBody>(200, { results: [] });
    fails(() => expect.outcome(none, 0, "applied"));
    fails(() => expect.outcomes(none, ["applied"]));
    fails(() =>
      expect.refused(
        reply<PushBody>(200, { success: false, results: [{ pointer: "/a", outcome: "refused" }] }),
        0,
        "INCOMPLETE",
      ),
    );
  });
});

describe("replayOf", () => {
  const body = { a: 1 };
  const replayed = { "x-idempotent-replay": "true" };
  it("asks for the header, the status and the body", () => {
    expect.replayOf(reply(200, body), reply(200, body, replayed));
    expect.replayOf(reply(200, body, { "x-idempotent-replay": "false" }), reply(200, body, replayed));
    fails(() => expect.replayOf(reply(200, body), reply(200, body)));
    fails(() => expect.replayOf(reply(200, body), reply(200, { a: 2 }, replayed)));
    fails(() => expect.replayOf(reply(200, body), reply(201, body, replayed)));
    fails(() => expect.replayOf(reply(200, body, replayed), reply(200, body, replayed)));
  });
});

describe("what was pulled", () => {
  const none = {
    goals: [],
    repertoire: [],
    practicePlans: [],
    planOccurrences: [],
    planTemplates: [],
    preferences: [],
  };
  const meta = (entityId: string, version: number) => ({ entityType: "logbook_entry", entityId, version });
  const page = (entries: object[], metas: object[], deleted: object[] = []) =>
    reply<PullBody>(200, { ...none, entries, meta: { ...none, entries: metas }, deleted });

  it("is what the last telling of each entity says", () => {
    const pulled = new Pulled([
      page([{ id: "a" }, { id: "b" }], [meta("a", 1), meta("b", 1)]),
      page([{ id: "b", x: 1 }], [meta("b", 2)], [meta("a", 2)]),
    ]);
    expect.liveIds(pulled, ["b"]);
    vitest(expect.live(pulled, "b").item).toEqual({ id: "b", x: 1 });
    expect.deleted(pulled, "a");
    expect.absent(pulled, "c");
    fails(() => expect.live(pulled, "a"));
    fails(() => expect.deleted(pulled, "b"));
    fails(() => expect.absent(pulled, "a"));
    fails(() => expect.nothing("changes", pulled));
  });

  it("fails where meta does not run parallel", () => {
    fails(() => new Pulled([page([{ id: "a" }], [])]));
  });
});

describe("a reply", () => {
  it("gives no body of a refusal, no problem of a success, no JSON of a web page", () => {
    fails(() => reply(500, "boom").body);
    fails(() => reply(200, {}).problem);
    fails(() => reply(200, "<html>").body);
  });
});
