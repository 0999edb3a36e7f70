import { describe, expect as vitest, it } from "vitest";
import { expect } from "./expect.ts";
import { Pulled } from "./wire/pulled.ts";
import { Reply } from "./wire/reply.ts";
import type { PullBody, PushBody } from "./wire/shapes.ts";
import { CheckFailure, HarnessError } from "./verdict.ts";

function reply<Body>(status: number, body: unknown, headers: Record<string, string> = {}): Reply<Body> {
  const bytes = new TextEncoder().encode(typeof body === "string" ? body : JSON.stringify(body));
  return new Reply({ method: "POST", path: "/x", headers: {} }, { status, headers, body: bytes });
}
const expectFailure = (act: () => unknown): void => vitest(act).toThrow(CheckFailure);
const PROBLEM = { "content-type": "application/problem+json" };
const refusal = { status: 401, code: "TOKEN_MISSING", error: "no" };

describe("an assertion never holds on a missing member:", () => {
  it("equal", () => {
    expectFailure(() => expect.equal("x", undefined, null));
    expectFailure(() => expect.equal("x", undefined, "undefined"));
    expectFailure(() => expect.notEqual("x", undefined, 1));
    vitest(() => expect.equal("x", undefined, undefined)).toThrow(HarnessError);
  });

  it("header", () => {
    expectFailure(() => expect.header(reply(200, {}), "retry-after", /.*/));
  });

  it("problem", () => {
    const good = reply(401, refusal, { ...PROBLEM, "www-authenticate": "Bearer" });
    expect.problem(good, 401, "TOKEN_MISSING");
    expectFailure(() => expect.problem(good, 401, "TOKEN_INVALID"));
    expectFailure(() => expect.problem(good, 401, "TOKEN_MISSING", { pointer: "/x" }));
    expectFailure(() => expect.problem(reply(401, refusal, PROBLEM), 401, "TOKEN_MISSING"));
    expectFailure(() =>
      expect.problem(reply(401, refusal, { "www-authenticate": "Bearer" }), 401, "TOKEN_MISSING"),
    );
    expectFailure(() =>
      expect.problem(reply(401, {}, { ...PROBLEM, "www-authenticate": "Bearer" }), 401, "TOKEN_MISSING"),
    );
    expectFailure(() =>
      expect.problem(
        reply(405, { status: 405, code: "METHOD_NOT_ALLOWED", error: "no" }, PROBLEM),
        405,
        "METHOD_NOT_ALLOWED",
      ),
    );
    expectFailure(() =>
      expect.problem(
        reply(429, { status: 429, code: "RATE_LIMITED", error: "no" }, PROBLEM),
        429,
        "RATE_LIMITED",
      ),
    );
  });

  it("outcome", () => {
    const none = reply<PushBody>(200, { results: [] });
    expectFailure(() => expect.outcome(none, 0, "applied"));
    expectFailure(() => expect.outcomes(none, ["applied"]));
    expectFailure(() =>
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
    expectFailure(() => expect.replayOf(reply(200, body), reply(200, body)));
    expectFailure(() => expect.replayOf(reply(200, body), reply(200, { a: 2 }, replayed)));
    expectFailure(() => expect.replayOf(reply(200, body), reply(201, body, replayed)));
    expectFailure(() => expect.replayOf(reply(200, body, replayed), reply(200, body, replayed)));
  });
});

const meta = (entityId: string, version: number) => ({ entityType: "logbook_entry", entityId, version });

describe("what was pulled", () => {
  const none = {
    goals: [],
    repertoire: [],
    practicePlans: [],
    planOccurrences: [],
    planTemplates: [],
    preferences: [],
  };
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
    expectFailure(() => expect.live(pulled, "a"));
    expectFailure(() => expect.deleted(pulled, "b"));
    expectFailure(() => expect.absent(pulled, "a"));
    expectFailure(() => expect.nothing("changes", pulled));
  });

  it("fails where meta does not run parallel", () => {
    expectFailure(() => new Pulled([page([{ id: "a" }], [])]));
  });
});

describe("a reply", () => {
  it("gives no body of a refusal, no problem of a success, no JSON of a web page", () => {
    expectFailure(() => reply(500, "boom").body);
    expectFailure(() => reply(200, {}).problem);
    expectFailure(() => reply(200, "<html>").body);
  });
});
