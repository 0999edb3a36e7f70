import { serverCheck } from "../../check.ts";
import * as faulty from "./http.mutants.ts";

const SYNC_CALLS = [
  ["POST", "/api/sync/pull"],
  ["POST", "/api/sync/push"],
  ["POST", "/api/sync/batch"],
] as const;

export const errorsAreProblems = serverCheck({
  id: "HTTP-001/every-error-is-a-problem-document",
  name: "errors of every kind have the media type, members and code of problem details",
  brokenBy: [faulty.answersErrorsAsPlainJson, faulty.leavesOutErrorText, faulty.problemStatusDiffers],
  async run({ device, expect, http }) {
    const json = { changes: {} };
    const post = { method: "POST", path: "/api/sync/push", as: device };
    expect.problem(
      await http({ ...post, json, headers: { authorization: undefined } }),
      401,
      "TOKEN_MISSING",
    );
    expect.problem(
      await http({ ...post, json, headers: { authorization: "Bearer x.y.z" } }),
      401,
      "TOKEN_INVALID",
    );
    expect.problem(await http({ ...post, path: "/api/sync/nowhere", json }), 404, "NOT_FOUND");
    expect.problem(await http({ ...post, method: "DELETE" }), 405, "METHOD_NOT_ALLOWED");
    expect.problem(await http({ ...post, text: "{" }), 400, "INVALID_JSON");
    expect.problem(await http({ ...post, json: {} }), 400, "INVALID_REQUEST");
    expect.problem(
      await http({ ...post, text: "a", headers: { "content-type": "text/plain" } }),
      415,
      "UNSUPPORTED_MEDIA_TYPE",
    );
    expect.problem(
      await http({ ...post, json, headers: { "x-idempotency-key": "a b" } }),
      400,
      "INVALID_IDEMPOTENCY_KEY",
    );
    expect.problem(await device.tryPull({ since: "never-issued" }), 410, "CURSOR_EXPIRED");
  },
});

export const unknownPaths = serverCheck({
  id: "HTTP-002/unknown-paths-are-404",
  name: "unknown paths are answered 404",
  brokenBy: [faulty.answersUnknownPathsWithAPage, faulty.matchesPathsByPrefix],
  async run({ device, expect, http }) {
    for (const path of [
      "/api/sync/pulls",
      "/api/sync/push/all",
      "/api/sync",
      "/nowhere",
      "/api/sync/batch/../unknown",
    ]) {
      for (const method of ["GET", "POST"]) {
        const json = method === "POST" ? { changes: {} } : undefined;
        expect.problem(await http({ method, path, as: device, json }), 404, "NOT_FOUND");
      }
    }
    expect.status(await device.tryStatus(), 200);
  },
});

export const otherMethods = serverCheck({
  id: "HTTP-003/other-methods-are-405",
  name: "a known path with another method is answered 405, naming the methods that work",
  brokenBy: [faulty.answersOtherMethodsWith404, faulty.leavesOutAllow, faulty.allowNamesTheWrongMethod],
  async run({ device, expect, http }) {
    for (const [, path] of SYNC_CALLS) {
      for (const method of ["GET", "PUT", "DELETE", "PATCH"]) {
        const reply = await http({ method, path, as: device });
        expect.problem(reply, 405, "METHOD_NOT_ALLOWED");
        expect.header(reply, "allow", /\bPOST\b/);
      }
    }
    const reply = await http({ method: "POST", path: "/api/sync/status", as: device, json: {} });
    expect.problem(reply, 405, "METHOD_NOT_ALLOWED");
    expect.header(reply, "allow", /\bGET\b/);
  },
});

export const mediaTypes = serverCheck({
  id: "HTTP-004/other-media-types-are-415",
  name: "only application/json is read, with or without parameters",
  brokenBy: [
    faulty.ignoresContentType,
    faulty.comparesContentTypeLiterally,
    faulty.acceptsAnythingWithJsonInIt,
  ],
  async run({ device, expect, http, aGoal }) {
    const text = JSON.stringify({ changes: { goals: [aGoal()] } });
    for (const type of [
      "text/plain",
      "application/x-www-form-urlencoded",
      "application/jsonp",
      "text/json; a=application/json",
    ]) {
      for (const [method, path] of SYNC_CALLS) {
        const reply = await http({ method, path, as: device, text, headers: { "content-type": type } });
        expect.problem(reply, 415, "UNSUPPORTED_MEDIA_TYPE");
      }
    }
    expect.nothing("what refused bodies left behind", await device.pull());

    for (const type of [
      "application/json",
      "application/json; charset=utf-8",
      "Application/JSON;charset=UTF-8",
    ]) {
      const body = JSON.stringify({ changes: { goals: [aGoal()] } });
      const reply = await http({
        method: "POST",
        path: "/api/sync/push",
        as: device,
        text: body,
        headers: { "content-type": type },
      });
      expect.status(reply, 200);
    }
  },
});

export const notJson = serverCheck({
  id: "HTTP-005/what-is-not-json-is-refused",
  name: "a body that is not JSON is refused",
  brokenBy: [faulty.takesBrokenJsonForEmpty, faulty.parsesLeniently],
  async run({ device, expect, http }) {
    for (const [method, path] of SYNC_CALLS) {
      for (const text of [
        "{",
        "{'changes': {}}",
        '{"changes": {},}',
        "undefined",
        '{"changes": {}} {}',
        "{changes: {}}",
        "// none\n{}",
        "NaN",
      ]) {
        expect.problem(await http({ method, path, as: device, text }), 400, "INVALID_JSON");
      }
    }
    expect.status(
      await http({ method: "POST", path: "/api/sync/push", as: device, text: '\n { "changes" : { } }\t' }),
      200,
    );
  },
});

export const pointersName = serverCheck({
  id: "HTTP-006/pointers-name-the-member",
  name: "a body that does not fit its schema is refused with a pointer to the member",
  brokenBy: [faulty.leavesOutPointers, faulty.pointsAtTheBody],
  async run({ device, expect, http }) {
    const cases: [string, unknown, string][] = [
      ["/api/sync/push", { changes: 5 }, "/changes"],
      ["/api/sync/push", { changes: { goals: "all" } }, "/changes/goals"],
      ["/api/sync/push", { changes: { entries: [], "a/b~c": true } }, "/changes/a~1b~0c"],
      ["/api/sync/batch", { entities: {} }, "/entities"],
      ["/api/sync/pull", { limit: "ten" }, "/limit"],
    ];
    for (const [path, json, pointer] of cases) {
      const reply = await http({ method: "POST", path, as: device, json });
      expect.problem(reply, 400, "INVALID_REQUEST", { pointer });
    }
    expect.status(
      await http({ method: "POST", path: "/api/sync/pull", as: device, json: { limit: 10 } }),
      200,
    );
  },
});

const LONG = "x".repeat(5_000);
const HOSTILE_BODIES: readonly string[] = [
  "null",
  "0",
  '""',
  "[]",
  "[[[[]]]]",
  '{"changes":null}',
  '{"changes":{"entries":[null]}}',
  '{"changes":{"entries":[{"id":null}]}}',
  '{"changes":{"entries":[{"id":{}}]}}',
  '{"changes":{"entries":[{"id":"a","updatedAt":{}}]}}',
  '{"changes":{"entries":[{"id":"a","deletedAt":true}]}}',
  '{"changes":{"entries":[{"id":"a","deletedAt":1e300}]}}',
  '{"changes":{"entries":[{"id":"a","timestamp":[],"duration":{},"type":null,"pieces":{"0":1}}]}}',
  '{"changes":{"entries":[{"id":"a","pieces":[null,1,{"id":5}],"goalIds":[{}],"metadata":[]}]}}',
  '{"changes":{"repertoire":[{"scoreId":[],"title":7}]}}',
  '{"changes":{"repertoire":[{"title":"t","composer":{"name":"x"},"status":"learning","updatedAt":1}]}}',
  '{"changes":{"practicePlans":[{"id":"p","title":"t","schedule":[],"updatedAt":1}]}}',
  '{"changes":{"toString":[{}],"constructor":[{"id":"c"}],"__proto__":[{"id":"p"}]}}',
  '{"entities":[{"id":1,"type":2,"data":3,"checksum":4,"version":{}}]}',
  '{"entities":[{"id":"a","type":"goal","data":{"id":"a","title":"t","updatedAt":"' + LONG + '"}}]}',
  '{"entities":[{"id":"' + LONG + '","type":"goal","data":{"title":"t"}}]}',
  '{"entities":[{"type":"goal"},{"id":"a"},{"data":{}}]}',
  '{"since":{}}',
  '{"since":""}',
  '{"since":"' + LONG + '"}',
  '{"since":"%00%ff","limit":1e9}',
  '{"since":"\\u0000","types":["goal"]}',
  '{"limit":-0.5,"types":{}}',
  '{"types":["__proto__"]}',
];

export const neverAServerError = serverCheck({
  id: "HTTP-007/bad-input-is-no-server-error",
  name: "hostile bodies and headers are never answered with a 5xx, and harm nothing",
  brokenBy: [
    faulty.crashesOnNullItems,
    faulty.crashesOnOddDates,
    faulty.crashesOnLongIds,
    faulty.crashesOnStrangeTokens,
  ],
  async run({ device, expect, http, aGoal }) {
    const goal = aGoal();
    await device.push({ goals: [goal] });
    const check = async (request: Parameters<typeof http>[0]): Promise<void> => {
      const reply = await http(request);
      expect.ok(
        `${request.method} ${request.path} with ${request.text?.slice(0, 120)} is no server error`,
        reply.status < 500,
        reply.summary,
      );
    };
    for (const [method, path] of SYNC_CALLS) {
      await Promise.all(HOSTILE_BODIES.map((text) => check({ method, path, as: device, text })));
    }
    const headers: Record<string, string>[] = [
      { authorization: "Bearer" },
      { authorization: "Bearer ...." },
      { authorization: `Bearer ${LONG}` },
      { authorization: "Bearer bnVsbA.bnVsbA.bnVsbA" },
      { "x-device-id": LONG },
      { "x-sync-protocol": LONG },
      { "x-idempotency-key": LONG },
      { "x-connection-id": LONG },
      { origin: "null" },
      { cookie: "auth-token=%" },
    ];
    await Promise.all(
      headers.map((extra) =>
        check({ method: "POST", path: "/api/sync/push", as: device, text: '{"changes":{}}', headers: extra }),
      ),
    );
    expect.live(await device.pull(), goal["id"] as string);
  },
});

export const unknownMembers = serverCheck({
  id: "HTTP-008/unknown-members-are-ignored",
  name: "members of a request that the server does not know are ignored",
  brokenBy: [faulty.refusesUnknownMembers],
  async run({ device, expect, http, aGoal }) {
    const [pushed, batched] = [aGoal(), aGoal()];
    const post = (path: string, json: unknown) => http({ method: "POST", path, as: device, json });
    const future = { options: { compress: true }, hint: "x" };
    expect.status(
      await post("/api/sync/push", { changes: { goals: [pushed] }, lastSyncToken: null, ...future }),
      200,
    );
    const entity = { id: batched["id"], type: "goal", data: batched, priority: 3 };
    expect.status(await post("/api/sync/batch", { entities: [entity], ...future }), 200);
    expect.status(await post("/api/sync/pull", { ...future }), 200);
    expect.liveIds(await device.pull(), [pushed["id"], batched["id"]] as string[]);
  },
});

export const answersFitTheirSchema = serverCheck({
  id: "HTTP-009/answers-fit-their-schema",
  name: "every successful answer is valid under its schema and declared as JSON",
  brokenBy: [
    faulty.leavesOutStats,
    faulty.tellsVersionsAsText,
    faulty.declaresJsonAsText,
    faulty.leavesOutAnEmptyCollection,
  ],
  async run({ device, deployedDevice, expect, anEntry, aGoal, aDeletion, edited }) {
    const [entry, goal] = [anEntry(), aGoal()];
    // Every answer is held against the schema of its call as it comes in.
    const replies = [
      await device.push({ entries: [entry, edited(entry)], goals: [goal] }),
      await device.push(
        { entries: [anEntry({ duration: -1 })], goals: [aDeletion(goal)] },
        { invalid: "on purpose" },
      ),
      await device.batch([{ id: goal["id"] as string, type: "goal", data: edited(goal), version: 1 }]),
      await deployedDevice().push({ goals: [aGoal({ updatedAt: undefined })] }),
      await device.pull(),
      await device.pull({ limit: 1 }),
      await device.status(),
    ];
    for (const reply of replies) expect.header(reply, "content-type", /^application\/json\b/i);
  },
});

export const notStored = serverCheck({
  id: "HTTP-010/answers-are-not-for-caches",
  name: "answers to authenticated requests are not for caches",
  brokenBy: [faulty.allowsCaching],
  async run({ device, expect, aGoal }) {
    for (const reply of [
      await device.pull(),
      await device.push({ goals: [aGoal()] }),
      await device.status(),
    ]) {
      expect.header(reply, "cache-control", /\bno-store\b/i);
    }
  },
});

export const failingStore = serverCheck({
  id: "HTTP-011/a-failing-store-is-503",
  name: "while its store fails the server says so, and asks to come back",
  brokenBy: [faulty.acknowledgesFailedWrites, faulty.recordsServerErrors],
  needs: ["control:fail-next-write"],
  async run({ device, expect, control, aGoal }) {
    const goal = aGoal();
    const push = device.preparePush({ goals: [goal] });
    await control.failNextWrite();
    const failed = await push.send();
    expect.problem(failed, 503, "UNAVAILABLE");
    expect.header(failed, "retry-after", /^\d+$/);

    expect.outcome(await push.send(), 0, "applied");
    expect.live(await device.pull(), goal["id"] as string);
  },
});
