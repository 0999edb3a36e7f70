import { describe, expect, test } from "vitest";
import { REQUEST_ERRORS } from "./error-codes.ts";
import { Meta } from "./meta.ts";
import { SCHEMAS, type SchemaName } from "./registry.ts";
import { validate } from "./validators.ts";

const example = (name: SchemaName) =>
  structuredClone((SCHEMAS[name] as { examples?: Record<string, unknown>[] }).examples![0]!);
const told = (name: SchemaName, value: unknown) =>
  validate(name, value).map(
    (violation) => violation.pointer + (violation.missing ? ` lacks ${violation.missing}` : ""),
  );

const [live, gone] = Meta.examples as [Record<string, unknown>, Record<string, unknown>];
const result = (change: object) => ({
  pointer: "/changes/goals/0",
  entityType: "goal",
  entityId: "g",
  outcome: "applied",
  meta: live,
  ...change,
});

describe("meta", () => {
  test.each([
    [{ ...live, checksum: "" }, "/checksum"],
    [{ ...gone, checksum: live["checksum"] }, "/checksum"],
    [{ ...live, updatedAt: "2026-11-21T11:15:00.000+01:00" }, "/updatedAt"],
    [{ ...live, updatedAt: "2026-11-21T10:15:00Z" }, "/updatedAt"],
    [{ ...gone, deletedAt: "2026-11-21" }, "/deletedAt"],
    [{ ...live, version: 0 }, "/version"],
    [{ ...live, seq: 1.5 }, "/seq"],
    [{ ...live, entityType: "entry" }, "/entityType"],
  ])("%j is wrong at %s", (value, pointer) => {
    expect(told("meta", value)).toEqual([pointer]);
  });
});

describe("result", () => {
  test.each<[object, string[]]>([
    [{}, []],
    [{ meta: undefined }, [" lacks meta"]],
    [{ outcome: "duplicate", meta: undefined }, [" lacks meta"]],
    [{ outcome: "superseded" }, [" lacks item"]],
    [{ outcome: "superseded", item: null }, []],
    [{ outcome: "superseded", item: { id: "g" } }, ["/item lacks title"]],
    [{ item: { id: "g", title: 5 } }, ["/item/title"]],
    [{ outcome: "refused", meta: undefined }, [" lacks code"]],
    [{ outcome: "refused", meta: undefined, code: "INCOMPLETE", entityType: null, entityId: null }, []],
    [{ outcome: "refused", code: "CLOCK_SKEW", meta: undefined }, [" lacks serverTime"]],
    [{ outcome: "refused", code: "NOT_FOUND" }, ["/code"]],
    [{ code: "INCOMPLETE" }, ["/code"]],
    [{ outcome: "merged" }, ["/outcome"]],
    [{ entityId: null }, ["/entityId"]],
    [{ pointer: "changes/goals/0" }, ["/pointer"]],
  ])("with %j", (change, expected) => {
    const value = JSON.parse(JSON.stringify(result(change))) as unknown;
    expect(told("result", value)).toEqual(expected);
  });
});

describe("pull_response", () => {
  test.each<[object, string[]]>([
    [{ through: undefined }, [" lacks through"]],
    [{ hasMore: true }, ["/through", "/lastSeq"]],
    [{ hasMore: true, through: undefined, lastSeq: undefined }, []],
    [{ mode: "delta" }, ["/through"]],
    [{ mode: "delta", through: undefined, lastSeq: undefined }, []],
    [{ mode: "partial", through: undefined }, ["/mode"]],
    [{ deleted: [live] }, ["/deleted/0/deletedAt"]],
    [{ deleted: [gone] }, []],
    [{ goals: [{ id: "g" }] }, ["/goals/0 lacks title"]],
    [
      { meta: {} },
      [
        "entries",
        "goals",
        "repertoire",
        "practicePlans",
        "planOccurrences",
        "planTemplates",
        "preferences",
      ].map((member) => `/meta lacks ${member}`),
    ],
  ])("with %j", (change, expected) => {
    const value = JSON.parse(JSON.stringify({ ...example("pull_response"), ...change })) as unknown;
    expect(told("pull_response", value).toSorted()).toEqual([...expected].toSorted());
  });

  test("an item's meta is that of a live entity of its type", () => {
    const value = example("pull_response") as { meta: Record<string, unknown[]> };
    value.meta["goals"] = [live];
    expect(told("pull_response", value)).toEqual(["/meta/goals/0/entityType"]);
    value.meta["goals"] = [gone];
    expect(told("pull_response", value)).toEqual(["/meta/goals/0/deletedAt"]);
  });
});

describe("requests", () => {
  test.each<[SchemaName, unknown, string[]]>([
    ["pull_request", { since: null, limit: null, types: null }, []],
    ["pull_request", { limit: 0 }, ["/limit"]],
    ["pull_request", { limit: 1.5 }, ["/limit"]],
    ["pull_request", { since: 5 }, ["/since"]],
    ["pull_request", { types: [] }, ["/types"]],
    ["pull_request", { types: ["goal", "entries"] }, ["/types/1"]],
    ["pull_request", [], [""]],
    ["push_request", {}, [" lacks changes"]],
    ["push_request", { changes: null }, ["/changes"]],
    ["push_request", { changes: { goals: {}, entries: null, lessons: [1] } }, ["/changes/goals"]],
    ["push_request", { changes: { lessons: {} } }, ["/changes/lessons"]],
    ["push_request", { changes: { goals: [1, null, "x"] } }, []],
    ["push_request", { changes: { ["x".repeat(255)]: [1] } }, []],
    ["push_request", { changes: { ["x".repeat(256)]: [1] } }, ["/changes"]],
    [
      "push",
      { changes: { goals: [{ id: "g" }, { id: "h", deletedAt: 5 }] } },
      ["/changes/goals/0 lacks title"],
    ],
    ["push", { changes: { goals: [{ id: "h", deletedAt: "x" }] } }, ["/changes/goals/0/deletedAt"]],
    ["batch_request", { entities: [1] }, []],
    ["batch_request", { entities: {} }, ["/entities"]],
    ["batch_item", { type: "goal", data: {}, version: -1 }, ["/version"]],
    ["batch_item", { type: "goal", data: [], version: null, checksum: null }, ["/data"]],
    ["batch", { entities: [{ type: "goal", data: { id: "g" } }] }, ["/entities/0/data lacks title"]],
    ["request_headers", { "x-idempotency-key": "a b" }, ["/x-idempotency-key"]],
    ["request_headers", { "x-idempotency-key": "k".repeat(256) }, ["/x-idempotency-key"]],
    ["response_headers", { "retry-after": "soon" }, ["/retry-after"]],
    ["response_headers", { "www-authenticate": 'Bearer error="invalid_token"', "retry-after": "1" }, []],
    ["response_headers", { "www-authenticate": "Basic" }, ["/www-authenticate"]],
    ["response_headers", { "content-type": "application/problem+json; charset=utf-8" }, []],
    ["response_headers", { "content-type": "text/html" }, ["/content-type"]],
  ])("%s %j", (name, value, expected) => {
    expect(told(name, value)).toEqual(expected);
  });
});

describe("other answers", () => {
  test.each(REQUEST_ERRORS)("problem $code goes with $status alone", ({ code, status }) => {
    const value = { ...example("problem"), code, status, supported: ["1"] };
    expect(told("problem", value)).toEqual([]);
    expect(told("problem", { ...value, status: status === 400 ? 404 : 400 })).toEqual(["/status"]);
  });

  test.each<[SchemaName, object, string[]]>([
    ["problem", { code: "UNSUPPORTED_VERSION" }, [" lacks supported"]],
    ["problem", { code: "OOPS" }, ["/code"]],
    ["problem", { errors: [{ pointer: "limit", code: "x", detail: "y" }] }, ["/errors/0/pointer"]],
    ["push_response", { success: false }, ["/conflicts"]],
    ["status_response", { lastSyncTime: "today" }, ["/lastSyncTime"]],
    ["status_response", { pendingChanges: 1 }, ["/pendingChanges"]],
    ["discovery_response", { profiles: ["realtime"] }, ["/profiles", "/endpoints lacks ws"]],
    ["discovery_response", { protocol: "other" }, ["/protocol"]],
    [
      "discovery_response",
      { limits: { tokenLeewayMs: 60_001, maxItems: 3, unheardOf: "x" } },
      ["/limits/tokenLeewayMs"],
    ],
    ["discovery_response", { limits: { requestBurst: 1 } }, ["/limits lacks requestsPerSecond"]],
    ["config_file", { concurency: 4 }, ["/concurency"]],
    ["config_file", { jwtSecret: "s" }, ["/jwtSecret"]],
    ["result_file", { requirements: [1] }, ["/requirements/0"]],
  ])("%s with %j", (name, change, expected) => {
    expect(told(name, { ...example(name), ...change }).toSorted()).toEqual([...expected].toSorted());
  });

  test("instants: the calendar counts", () => {
    const good = [
      "2024-02-29T00:00:00Z",
      "2000-02-29t23:59:59.123456789z",
      "0001-01-01T00:00:00-00:00",
      "9999-12-31T23:59:59.999+23:59",
      0,
      -1,
    ];
    const bad = [
      "2023-02-29T00:00:00Z",
      "1900-02-29T00:00:00Z",
      "2026-04-31T00:00:00Z",
      "0000-01-01T00:00:00Z",
      "2026-11-21 10:00:00Z",
      "2026-11-21T10:00:60Z",
      "2026-11-21T24:00:00Z",
      "2026-11-21T10:00Z",
      "2026-11-21T10:00:00",
      "2026-11-21T10:00:00+0100",
      "2026-13-01T00:00:00Z",
      "",
      1.5,
      253_402_300_800_000,
    ];
    expect(good.filter((value) => validate("instant", value).length > 0)).toEqual([]);
    expect(bad.filter((value) => validate("instant", value).length === 0)).toEqual([]);
  });

  test("a violation tells what would be right, and never repeats the value", () => {
    const [violation] = validate("config_file", { jwtSecretEnv: "not a name: s3cret" });
    expect(violation!.pointer).toBe("/jwtSecretEnv");
    expect(violation!.detail).not.toContain("s3cret");
    expect(validate("pull_request", { limit: "x" })[0]!.detail).toBe("must be a whole number or null");
  });
});
