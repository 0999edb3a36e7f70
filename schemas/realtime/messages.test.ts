import { describe, expect, test } from "vitest";
import { ENTITY_TYPES } from "../collections.ts";
import { ERROR_CODES } from "../error-codes.ts";
import type { JsonObject } from "../json.ts";
import { SCHEMAS, type SchemaName } from "../registry.ts";
import { validate } from "../validators.ts";
import { CARRIED } from "./carried.ts";
import { CLIENT_MESSAGES } from "./client.ts";
import { SERVER_MESSAGES } from "./messages.ts";
import { sampleDeletion, sampleItem, sampleMeta } from "./samples.ts";

const told = (name: SchemaName, value: unknown) =>
  validate(name, value).map(
    (violation) => violation.pointer + (violation.missing ? ` lacks ${violation.missing}` : ""),
  );
const examplesOf = (name: string) =>
  structuredClone((SCHEMAS[name as SchemaName] as { examples?: JsonObject[] }).examples!);
const client = (type: string, change: object = {}) => ({
  ...examplesOf(`ws_${type.toLowerCase()}`)[0]!,
  ...change,
});
const server = (shape: string, change: object = {}) => ({
  ...examplesOf(`ws_server_${shape}`)[0]!,
  ...change,
});
/** As it goes over the wire: without what is undefined. */
const wire = (value: unknown) => JSON.parse(JSON.stringify(value)) as unknown;

const CLIENT_TYPES = Object.keys(CLIENT_MESSAGES);
const SERVER_TYPES = Object.keys(SERVER_MESSAGES);

describe.each<[SchemaName, readonly string[]]>([
  ["client_message", CLIENT_TYPES],
  ["server_message", [...SERVER_TYPES, "SYNC_RESPONSE"]],
])("%s", (name, types) => {
  test.each([["NEWS"], [""], ["ping"], ["__proto__"], ["constructor"], [5], [null], [["PING"]]])(
    "an unknown type is one violation, at the type: %j",
    (type) => {
      const [violation, ...others] = validate(name, { type, entry: 5, meta: "x", lastSeq: "y" });
      expect(others).toEqual([]);
      expect(violation!.pointer).toBe("/type");
    },
  );

  test("a message without a type, or none at all", () => {
    expect(told(name, { entry: {} })).toEqual([" lacks type"]);
    for (const value of [[], "PING", 5, null]) expect(told(name, value)).toEqual([""]);
  });

  test.each(types)("%s with nothing in it names the members that it lacks", (type) => {
    const violations = validate(name, { type });
    expect(violations.filter(({ keyword }) => keyword !== "required")).toEqual([]);
    const alone = name === "client_message" ? `ws_${type.toLowerCase()}` : `ws_server_${type.toLowerCase()}`;
    const shape = type === "SYNC_RESPONSE" ? "ws_server_catch_up_end" : alone;
    expect(violations).toEqual(validate(shape as SchemaName, { type }));
  });
});

describe("from a client", () => {
  test.each(Object.entries(CARRIED))("what %s carries is not judged with it", (type, members) => {
    for (const member of Object.keys(members)) {
      const { properties } = CLIENT_MESSAGES[type as keyof typeof CLIENT_MESSAGES];
      const isList = "type" in (properties as unknown as Record<string, object>)[member]!;
      for (const odd of [5, null, "x", { id: 5 }, []]) {
        const value = client(type, { [member]: isList ? [odd] : odd });
        expect(told("client_message", value), member).toEqual([]);
      }
    }
  });

  test.each(CLIENT_TYPES)("the envelope of %s", (type) => {
    const absent = { timestamp: null, protocol: null, clientChangeId: null, deviceId: null };
    expect(told("client_message", client(type, absent))).toEqual([]);
    expect(told("client_message", client(type, { timestamp: 1_795_253_400_000, protocol: "2" }))).toEqual([]);
    const wrong = { timestamp: "today", protocol: 1, clientChangeId: 7, deviceId: {} };
    expect(told("client_message", client(type, wrong)).toSorted()).toEqual(
      Object.keys(wrong)
        .map((member) => `/${member}`)
        .toSorted(),
    );
  });

  test.each<[string, object, string[]]>([
    ["AUTH", { token: undefined }, [" lacks token"]],
    ["AUTH", { token: null }, ["/token"]],
    ["SYNC_REQUEST", { lastSeq: undefined, epoch: undefined }, []],
    ["SYNC_REQUEST", { lastSeq: null, epoch: null, lastSyncTime: null }, []],
    ["SYNC_REQUEST", { lastSeq: 0, lastSyncTime: "not long ago" }, []],
    ["SYNC_REQUEST", { lastSeq: -1 }, ["/lastSeq"]],
    ["SYNC_REQUEST", { lastSeq: 1.5, epoch: 3 }, ["/lastSeq", "/epoch"]],
    ["SYNC_REQUEST", { lastSeq: "40" }, ["/lastSeq"]],
    ["ENTRY_CREATED", { entry: undefined }, [" lacks entry"]],
    ["ENTRY_DELETED", { entryId: 5 }, ["/entryId"]],
    ["ENTRY_DELETED", { deletedAt: "today" }, []],
    ["PIECE_REMOVED", { scoreId: undefined }, [" lacks scoreId"]],
    ["PIECE_DISSOCIATED", { piece: 5 }, []],
    ["PLAN_UPDATED", { occurrences: null }, []],
    ["PLAN_UPDATED", { occurrences: {} }, ["/occurrences"]],
    ["ENTITY_CHANGED", { entityType: "lesson" }, []],
    ["ENTITY_CHANGED", { entityType: 5, item: undefined }, ["/entityType", " lacks item"]],
    ["BULK_SYNC", { entries: [], goals: null }, []],
    ["BULK_SYNC", { entries: null, goals: {} }, ["/entries", "/goals"]],
    ["REPERTOIRE_BULK_SYNC", { pieces: undefined }, [" lacks pieces"]],
  ])("%s with %j", (type, change, expected) => {
    expect(told("client_message", wire(client(type, change))).toSorted()).toEqual(expected.toSorted());
  });
});

const live = (type: (typeof ENTITY_TYPES)[number], version = 1) => sampleMeta(type, 7, version);
const gone = (type: (typeof ENTITY_TYPES)[number]) => sampleDeletion(type, 7);

describe("from a server", () => {
  test.each<[string, object, string[]]>([
    ["welcome", { protocol: undefined, connectionId: undefined }, []],
    ["welcome", { lastSeq: 3 }, ["/lastSeq"]],
    ["welcome", { connectionId: "two words" }, ["/connectionId"]],
    ["pong", { timestamp: "2026-11-21T10:15:00Z" }, []],
    ["pong", { timestamp: null }, ["/timestamp"]],
    ["error", { code: "OOPS" }, ["/code"]],
    ["error", { error: "" }, ["/error"]],
    ["error", { code: "UNSUPPORTED_VERSION" }, [" lacks supported"]],
    ["error", { code: "CLOCK_SKEW" }, [" lacks serverTime"]],
    ["catch_up_end", { epoch: undefined }, []],
    ["catch_up_end", { lastSeq: undefined }, [" lacks lastSeq"]],
    ["acknowledgement", { clientChangeId: undefined, lastSeq: undefined }, []],
    ["acknowledgement", { outcome: undefined }, [" lacks outcome"]],
    ["acknowledgement", { meta: undefined }, [" lacks meta"]],
    ["acknowledgement", { outcome: "refused" }, ["/outcome"]],
    ["acknowledgement", { outcome: "superseded" }, [" lacks item"]],
    ["acknowledgement", { outcome: "superseded", item: null, meta: gone("goal") }, []],
    ["acknowledgement", { item: { id: "entry-1" }, meta: live("goal") }, ["/item lacks title"]],
    ["acknowledgement", { meta: { ...live("goal"), checksum: "" } }, ["/meta/checksum"]],
    ["acknowledgement", { outcome: undefined, meta: undefined, results: [] }, []],
    [
      "acknowledgement",
      { results: [{ pointer: "/entries/0" }] },
      ["entityId", "entityType", "meta", "outcome"].map((m) => `/results/0 lacks ${m}`),
    ],
    [
      "entry_created",
      { entry: { id: "e" } },
      ["duration", "timestamp", "type"].map((m) => `/entry lacks ${m}`),
    ],
    ["entry_created", { seq: undefined }, []],
    ["entry_created", { seq: 0 }, ["/seq"]],
    ["entry_created", { meta: undefined }, [" lacks meta"]],
    ["entry_created", { meta: live("goal") }, ["/meta/entityType"]],
    ["entry_created", { meta: gone("logbook_entry") }, ["/meta/deletedAt", "/meta/version"]],
    ["entry_created", { meta: live("logbook_entry", 2) }, ["/meta/version"]],
    ["entry_updated", { meta: live("logbook_entry", 1) }, ["/meta/version"]],
    ["entry_deleted", { meta: live("logbook_entry") }, ["/meta/deletedAt"]],
    ["entry_deleted", { entryId: "" }, ["/entryId"]],
    ["piece_added", { piece: null }, ["/piece"]],
    ["piece_updated", { meta: live("logbook_entry", 2) }, ["/meta/entityType"]],
    ["piece_removed", { meta: gone("goal") }, ["/meta/entityType"]],
    ["plan_created", { meta: live("practice_plan", 2) }, ["/meta/version"]],
    ["plan_created", { occurrences: [] }, ["/meta lacks plan", "/meta lacks occurrences"]],
    [
      "plan_created",
      { occurrences: [{ id: "o" }], meta: { plan: live("practice_plan"), occurrences: [live("goal")] } },
      ["/occurrences/0 lacks planId", "/meta/occurrences/0/entityType"],
    ],
    ["plan_occurrence_completed", { meta: live("practice_plan") }, ["/meta/entityType"]],
    ["entity_changed", { item: { id: "g" } }, ["/item lacks title"]],
    ["entity_changed", { item: null }, ["/meta/deletedAt"]],
    ["entity_changed", { meta: gone("goal") }, ["/meta/deletedAt"]],
    ["entity_changed", { meta: live("practice_plan") }, ["/meta/entityType"]],
    ["entity_changed", { entityType: "lesson" }, ["/entityType"]],
    ["entity_changed", { entityType: "logbook_entry", item: null, meta: gone("logbook_entry") }, ["/item"]],
    [
      "entity_changed",
      { entityType: "repertoire_item", item: null, meta: gone("repertoire_item") },
      ["/item"],
    ],
    ["bulk_sync", { lastSeq: undefined }, [" lacks lastSeq"]],
    ["bulk_sync", { meta: {} }, ["/meta lacks entries", "/meta lacks goals"]],
    ["bulk_sync", { entries: [], goals: undefined, meta: { entries: [] } }, []],
    ["bulk_sync", { goals: [{ id: "g" }] }, ["/goals/0 lacks title"]],
    [
      "bulk_sync",
      { meta: { entries: [live("goal")], goals: [gone("goal")] } },
      ["/meta/entries/0/entityType", "/meta/goals/0/deletedAt"],
    ],
    ["bulk_sync", { deleted: [gone("goal"), live("goal")] }, ["/deleted/1/deletedAt"]],
    ["bulk_sync", { preferences: [sampleItem("user_preferences")] }, ["/meta lacks preferences"]],
    ["bulk_sync", { entries: Array.from({ length: 251 }, () => sampleItem("logbook_entry")) }, ["/entries"]],
    ["repertoire_bulk_sync", { meta: { pieces: [live("goal")] } }, ["/meta/pieces/0/entityType"]],
    ["repertoire_bulk_sync", { meta: { repertoire: [] } }, ["/meta lacks pieces"]],
  ])("%s with %j", (shape, change, expected) => {
    expect(told("server_message", wire(server(shape, change))).toSorted()).toEqual(expected.toSorted());
  });

  test.each(ERROR_CODES)("ERROR may carry %s", (code) => {
    const value = server("error", { code, supported: ["1"], serverTime: "2026-11-21T10:15:00.000Z" });
    expect(told("server_message", value)).toEqual([]);
  });

  test.each(ENTITY_TYPES)("ENTITY_CHANGED tells a live %s", (entityType) => {
    const value = server("entity_changed", {
      entityType,
      item: sampleItem(entityType),
      meta: live(entityType),
    });
    expect(told("server_message", value)).toEqual([]);
    expect(told("server_message", { ...value, item: {} }).length).toBeGreaterThan(0);
  });

  test("a message of many wrong items costs no more than the greatest number of violations", () => {
    const pieces = Array.from({ length: 250 }, () => ({}));
    expect(validate("server_message", server("repertoire_bulk_sync", { pieces })).length).toBe(20);
  });
});
