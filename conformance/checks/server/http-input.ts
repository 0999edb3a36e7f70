import { serverCheck } from "../../check.ts";
import { BODY_CALLS } from "../sync-calls.ts";
import * as faulty from "./http-input.mutants.ts";

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
      for (const [method, path] of BODY_CALLS) {
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
    for (const [method, path] of BODY_CALLS) {
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
    for (const [method, path] of BODY_CALLS) {
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
