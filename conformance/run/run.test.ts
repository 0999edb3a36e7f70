import { describe, expect, it } from "vitest";
import type { Requirement } from "../../spec/requirements.ts";
import { validate } from "../../schemas/validators.ts";
import { serverCheck } from "../check.ts";
import type { ServerCheckDefinition } from "../check.ts";
import type { FoundCheck } from "../discover-checks.ts";
import type { Dial } from "../drivers/socket.ts";
import type { HttpResponse, Transport } from "../drivers/transport.ts";
import { mutant } from "../model/mutant.ts";
import { createRedactor } from "../wire/redaction.ts";
import { run } from "./run.ts";
import type { RunOptions } from "./run.ts";
import { declaredDiscovery } from "../subject/subject.ts";
import type { Subject } from "../subject/subject.ts";
import { secretTokenSource } from "../wire/tokens.ts";
import { CouldNotRun, exitStatus } from "../verdict.ts";

const SECRET = "the-secret-of-these-tests";
const some = mutant({ name: "some", story: "Any.", breaks: ["RUN-001"], deform: (conforming) => conforming });
const check = (definition: Partial<ServerCheckDefinition> & { id: string }): FoundCheck => ({
  ...serverCheck({ name: "a check", brokenBy: [some], run: async () => {}, ...definition }),
  area: "run",
});
const requirement = (id: string, more: Partial<Requirement> = {}): Requirement => {
  return {
    id,
    role: "server",
    level: "MUST",
    profile: "http",
    text: "A server MUST.",
    file: "spec/run.md",
    line: 1,
    ...more,
  };
};

const json = (status: number, value: unknown, type = "application/json"): HttpResponse => {
  return { status, headers: { "content-type": type }, body: new TextEncoder().encode(JSON.stringify(value)) };
};
const nothing = {
  entries: [],
  goals: [],
  repertoire: [],
  practicePlans: [],
  planOccurrences: [],
  planTemplates: [],
  preferences: [],
};
const EMPTY_PULL = {
  ...nothing,
  deleted: [],
  meta: nothing,
  mode: "full",
  syncToken: "t0",
  epoch: "e0",
  lastSeq: 0,
  through: 0,
  hasMore: false,
  timestamp: new Date().toISOString(),
};
const NOT_FOUND = {
  type: "https://mirubato.com/problems/not-found",
  title: "There is nothing here",
  status: 404,
  detail: "no",
  code: "NOT_FOUND",
  error: "There is nothing here",
};
/** Answers a pull as an empty server does, everything else with 404. */
const emptyServer: Transport = async ({ path }) =>
  path === "/api/sync/pull" ? json(200, EMPTY_PULL) : json(404, NOT_FOUND, "application/problem+json");

const silent: Transport = (request) =>
  request.path === "/silence" ? new Promise(() => {}) : emptyServer(request);

const bad: Transport = async (request) =>
  request.path === "/api/sync/status" ? json(200, { entityCount: "many" }) : emptyServer(request);

function subjectOf(transport: Transport, more: Partial<Subject> = {}): Subject {
  return {
    description: "a stub",
    transport,
    tokens: secretTokenSource(SECRET),
    discovery: declaredDiscovery(),
    clockOffsetMs: 0,
    redactor: createRedactor(),
    requestTimeoutMs: 500,
    ...more,
  };
}

async function results(checks: FoundCheck[], more: Partial<RunOptions> = {}) {
  const requirements = [...new Set(checks.map((one) => one.requirement))].map((id) => requirement(id));
  const options = {
    subjects: [subjectOf(emptyServer)] as const,
    checks,
    requirements,
    seed: "s",
    concurrency: 1,
    rerun: () => "again",
    ...more,
  };
  const { result } = await run(options);
  expect(validate("result_file", JSON.parse(JSON.stringify(result)))).toEqual([]);
  const told = Object.fromEntries(
    result.checks.map(({ id, verdict, message }) => [id, `${verdict}: ${message}`]),
  );
  return { result, told, status: exitStatus(result.requirements, result.summary.checks.passed) };
}

describe("a run", () => {
  it("gives each requirement the worst verdict of its checks", async () => {
    const { result, status } = await results([
      check({ id: "RUN-001/good" }),
      check({ id: "RUN-001/bad", run: async (context) => context.expect.equal("a value", 1, 2) }),
      check({ id: "RUN-002/good" }),
    ]);
    expect(result.requirements.map(({ id, verdict }) => [id, verdict])).toEqual([
      ["RUN-001", "failed"],
      ["RUN-002", "passed"],
    ]);
    expect(result.summary.checks).toMatchObject({ passed: 2, failed: 1 });
    expect(result.checks[1]).toMatchObject({
      message: "a value is not as expected",
      expected: 2,
      actual: 1,
      rerun: "again",
    });
    expect(status).toBe(1);
  });

  it("warns of a SHOULD", async () => {
    const checks = [
      check({ id: "RUN-001/bad", run: async (context) => context.expect.fail("no") }),
      check({ id: "RUN-002/good" }),
    ];
    const requirements = [requirement("RUN-001", { level: "SHOULD" }), requirement("RUN-002")];
    const { result, status } = await results(checks, { requirements });
    expect(result.requirements.map(({ verdict }) => verdict)).toEqual(["warned", "passed"]);
    expect(status).toBe(0);
  });

  it("does not apply what was not declared, and says what would be needed", async () => {
    const { told, status } = await results([
      check({ id: "RUN-001/control", needs: ["control:restart"] }),
      check({ id: "RUN-002/limit", needs: ["limit:requestBurst"] }),
      check({ id: "RUN-003/origin", needs: ["origin"] }),
    ]);
    expect(told["RUN-001/control"]).toMatch(/^not-applicable: .*--control command that offers "restart"/);
    expect(told["RUN-002/limit"]).toMatch(/^not-applicable: .*advertises no limit requestBurst/);
    expect(told["RUN-003/origin"]).toMatch(/^not-applicable: .*give --origin/);
    expect(status).toBe(3);
  });

  it("does not apply checks of profiles that the server does not claim, unless they are asked for", async () => {
    const checks = [check({ id: "RUN-001/live" })];
    const requirements = [requirement("RUN-001", { profile: "rooms" })];
    expect((await results(checks, { requirements })).told).toEqual({
      "RUN-001/live": "not-applicable: the server does not claim profile rooms",
    });
    const { told } = await results(checks, { requirements, profiles: ["rooms"] });
    expect(told["RUN-001/live"]).toBe("passed: null");
  });

  it("says why no check on sockets can run, and runs those of http", async () => {
    const checks = [check({ id: "RUN-001/live" }), check({ id: "RUN-002/good" })];
    const requirements = [requirement("RUN-001", { profile: "realtime" }), requirement("RUN-002")];
    const ends = async (dial: Dial): Promise<Record<string, string>> => {
      const subject = subjectOf(emptyServer, { dial, messageTimeoutMs: 50 });
      return (await results(checks, { subjects: [subject], requirements, profiles: ["http", "realtime"] }))
        .told;
    };
    const refused = await ends(async () => json(404, NOT_FOUND, "application/problem+json"));
    expect(refused["RUN-001/live"]).toMatch(
      /^could-not-run: a WebSocket with a good token was answered 404 NOT_FOUND .*Give its address by --ws-url/,
    );
    expect(refused["RUN-002/good"]).toBe("passed: null");
    const nobody = await ends(() => Promise.reject(Object.assign(new Error("no"), { code: "ECONNREFUSED" })));
    expect(nobody["RUN-001/live"]).toBe(
      "could-not-run: the WebSocket at /sync/ws: connection refused: nothing listens there",
    );
  });

  it("stops at the first failure with failFast", async () => {
    const checks = [
      check({ id: "RUN-001/bad", run: async (context) => context.expect.fail("no") }),
      check({ id: "RUN-002/good" }),
    ];
    const { told, status } = await results(checks, { failFast: true });
    expect(told["RUN-002/good"]).toMatch(
      /could-not-run: not run: --fail-fast ended the run after RUN-001\/bad had failed/,
    );
    expect(status).toBe(1);
  });

  it("ends at its deadline, and when it is interrupted, with a valid result", async () => {
    const forever = check({ id: "RUN-001/forever", run: () => new Promise(() => {}) });
    const { told } = await results([forever, check({ id: "RUN-002/good" })], { deadlineMs: 50 });
    expect(
      Object.values(told).every((one) => /could-not-run: not done when the deadline of 0.05 s/.test(one)),
    ).toBe(true);
    const interrupt = new AbortController();
    const starts = check({
      id: "RUN-001/starts",
      run: () => new Promise(() => interrupt.abort(new CouldNotRun("stopped"))),
    });
    expect((await results([starts], { signal: interrupt.signal })).told).toEqual({
      "RUN-001/starts": "could-not-run: stopped",
    });
  });

  it("ends a check that does not end", async () => {
    const { told } = await results([
      check({ id: "RUN-001/slow", timeoutMs: 30, run: () => new Promise(() => {}) }),
    ]);
    expect(told["RUN-001/slow"]).toBe("could-not-run: the check did not end within 0.03 s");
  });

  it("tells a request without an answer, a fault of its own, and what never arose apart", async () => {
    const { told } = await results(
      [
        check({ id: "RUN-001/silence", run: async ({ http }) => void (await http({ path: "/silence" })) }),
        check({
          id: "RUN-002/own-fault",
          run: async ({ device, anEntry }) =>
            void (await device.push({ entries: [anEntry({ duration: -1 })] })),
        }),
        check({ id: "RUN-003/never", run: async ({ inconclusive }) => inconclusive("no twin was seen") }),
        check({ id: "RUN-004/undeclared", run: async ({ control }) => control.restart() }),
      ],
      { subjects: [subjectOf(silent)] },
    );
    expect(told["RUN-001/silence"]).toBe("could-not-run: GET /silence: no answer within 0.5 s");
    expect(told["RUN-002/own-fault"]).toMatch(
      /could-not-run: the suite is at fault: the suite sent \/api\/sync\/push with \/changes\/entries\/0.*\/duration must be 0 or more/,
    );
    expect(told["RUN-003/never"]).toBe("inconclusive: no twin was seen");
    expect(told["RUN-004/undeclared"]).toMatch(
      /the suite is at fault: RUN-004\/undeclared uses control verb "restart"/,
    );
  });

  it("holds every answer against its schema, and blames", async () => {
    const { result } = await results(
      [check({ id: "RUN-001/any", run: async ({ device }) => void (await device.tryStatus()) })],
      { subjects: [subjectOf(bad)] },
    );
    expect(result.checks[0]).toMatchObject({ verdict: "failed" });
    expect(result.checks[0]!.message).toMatch(
      /the 200 answer to GET \/api\/sync\/status breaks schema status_response \(HTTP-009\)/,
    );
    expect(JSON.stringify(result.checks[0]!.actual)).toMatch(
      /entityCount: \\"many\\" \(must be a whole number\)/,
    );
  });

  it("gives each check a fresh user, and the same items for the same seed", async () => {
    const users: string[] = [];
    const ids: unknown[] = [];
    const one = check({
      id: "RUN-001/fresh",
      run: async ({ device, stranger, anEntry }) => {
        users.push(device.user, (await stranger()).user);
        ids.push(anEntry()["id"]);
      },
    });
    await results([one]);
    await results([one]);
    expect(new Set(users).size).toBe(4);
    expect(ids[0]).toBe(ids[1]);
  });

  it("passes nothing where the server's clock cannot be the reason: it follows that clock", async () => {
    const ahead = { ...EMPTY_PULL, timestamp: new Date(Date.now() + 3_600_000).toISOString() };
    const transport: Transport = async (request) =>
      request.path === "/api/sync/pull" ? json(200, ahead) : emptyServer(request);
    let now = 0;
    await results([check({ id: "RUN-001/clock", run: async (context) => void (now = context.now()) })], {
      subjects: [subjectOf(transport)],
    });
    expect(Math.abs(now - Date.now() - 3_600_000)).toBeLessThan(5_000);
  });

  it("puts no secret into the result", async () => {
    const echo: Transport = async (request) =>
      request.path === "/echo"
        ? json(500, { echo: request.headers["authorization"], secret: SECRET })
        : emptyServer(request);
    const redactor = createRedactor();
    redactor.concealPhrase(SECRET);
    const leaking = check({
      id: "RUN-001/leak",
      run: async (context) => {
        const { http, device } = context;
        const reply = await http({ path: "/echo", as: device, anyAnswer: true });
        context.expect.equal(`what ${device.token} got`, reply.json, { echo: device.token });
      },
    });
    const { result } = await results([leaking], { subjects: [subjectOf(echo, { redactor })] });
    expect(result.checks[0]!.verdict).toBe("failed");
    expect(JSON.stringify(result)).not.toMatch(/eyJ|the-secret-of-these-tests/);
    const tokens = { mint: async () => "opaque-operators-token" };
    const opaque = await results([leaking], { subjects: [subjectOf(echo, { redactor, tokens })] });
    expect(JSON.stringify(opaque.result)).not.toMatch(/opaque-operators-token|the-secret-of-these-tests/);
  });
});
