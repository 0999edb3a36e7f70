import type { TSchema } from "@sinclair/typebox";
import { describe, expect, test } from "vitest";
import type { EntityType } from "./collections.ts";
import { ENTITIES } from "./entities/index.ts";
import type { JsonObject } from "./json.ts";
import { SCHEMA_NAMES, SCHEMAS, type SchemaName } from "./registry.ts";
import { MAX_VIOLATIONS, validate } from "./validators.ts";

type Loose = TSchema & { type?: string | string[]; properties?: Record<string, Loose>; required?: string[] };

const schemaOf = (name: SchemaName) => SCHEMAS[name] as unknown as Loose;
const examplesOf = (name: SchemaName) => (schemaOf(name).examples ?? []) as JsonObject[];
const objects = SCHEMA_NAMES.filter(
  (name) => schemaOf(name).type === "object" && examplesOf(name).length > 0,
);
const example = (name: SchemaName) => structuredClone(examplesOf(name)[0]!);
const pointers = (name: SchemaName, value: unknown) =>
  validate(name, value).map((violation) => violation.pointer);

function target(schema: Loose): Loose {
  if (typeof schema.$ref !== "string") return schema;
  return Object.values(SCHEMAS).find((candidate) => candidate.$id === schema.$ref) as unknown as Loose;
}

/** A value of a type that the schema does not take; undefined where it takes all. */
function wrongTyped(schema: Loose): unknown {
  const types = [target(schema).type ?? []].flat();
  if (types.length === 0) return undefined;
  if (!types.includes("boolean")) return true;
  return "text";
}

describe.each(SCHEMA_NAMES)("%s", (name) => {
  test("accepts its own examples", () => {
    for (const value of examplesOf(name)) expect(validate(name, value)).toEqual([]);
  });

  test("refuses what is no value of it at all", () => {
    expect(pointers(name, undefined)).toContain("");
    expect(pointers(name, true)).toContain("");
  });
});

describe.each(objects)("%s", (name) => {
  const { properties = {}, required = [], additionalProperties } = schemaOf(name);

  test("names every required member that is missing", () => {
    for (const member of required) {
      const value = example(name);
      delete value[member];
      expect(validate(name, value), member).toContainEqual(
        expect.objectContaining({ pointer: "", keyword: "required", missing: member }),
      );
    }
  });

  test("points at a member of the wrong type", () => {
    for (const [member, schema] of Object.entries(properties)) {
      const wrong = wrongTyped(schema);
      if (wrong === undefined) continue;
      expect(pointers(name, { ...example(name), [member]: wrong }), member).toContain(`/${member}`);
    }
  });

  test("is open, or closed where it says so", () => {
    const found = pointers(name, { ...example(name), "x/unheard-of": { deep: [null] } });
    expect(found).toEqual(additionalProperties === false ? ["/x~1unheard-of"] : []);
  });
});

describe("entities", () => {
  // From the table of spec/data.md, by hand.
  const required: Record<EntityType, string[]> = {
    logbook_entry: ["id", "timestamp", "duration", "type"],
    repertoire_item: ["scoreId", "title", "status"],
    goal: ["id", "title"],
    practice_plan: ["id", "title", "schedule"],
    plan_occurrence: ["id", "planId"],
    plan_template: ["id", "title", "schedule"],
    user_preferences: ["id"],
  };

  test.each(Object.entries(required))("%s lacks exactly its required members when empty", (type, members) => {
    const violations = validate(type as EntityType, {});
    expect(violations.map((violation) => violation.missing).toSorted()).toEqual([...members].toSorted());
  });

  test.each(Object.keys(ENTITIES) as EntityType[])(
    "%s takes null and empty deletedAt, and ms as its stamp",
    (type) => {
      for (const deletedAt of [null, ""]) {
        expect(validate(type, { ...example(type), deletedAt, updatedAt: 1_772_358_000_000 })).toEqual([]);
      }
      expect(pointers(type, { ...example(type), updatedAt: "yesterday" })).toEqual(["/updatedAt"]);
      expect(pointers(type, { ...example(type), updatedAt: "2026-11-21T10:15:00" })).toEqual(["/updatedAt"]);
    },
  );

  test.each([
    ["logbook_entry", { duration: 1.5 }, "/duration"],
    ["logbook_entry", { duration: -1 }, "/duration"],
    ["logbook_entry", { instrument: "" }, "/instrument"],
    ["logbook_entry", { id: "" }, "/id"],
    ["logbook_entry", { id: "x".repeat(256) }, "/id"],
    ["logbook_entry", { pieces: [{ title: "a" }, { composer: "b" }] }, "/pieces/1"],
    ["logbook_entry", { pieces: [{ title: "a", tempo: "fast" }] }, "/pieces/0/tempo"],
    ["logbook_entry", { tags: ["a", 1] }, "/tags/1"],
    ["goal", { targetValue: "1" }, "/targetValue"],
    ["practice_plan", { schedule: {} }, "/schedule"],
    ["practice_plan", { schedule: { kind: "weekly" } }, "/schedule/kind"],
    ["plan_template", { schedule: { kind: null } }, "/schedule/kind"],
    ["plan_occurrence", { planId: 7 }, "/planId"],
    ["user_preferences", { theme: "sepia" }, "/theme"],
    ["repertoire_item", { scoreId: "" }, "/scoreId"],
  ] as const)("%s with %j is wrong at %s", (type, change, pointer) => {
    expect(pointers(type, { ...example(type), ...change })).toEqual([pointer]);
  });

  test.each([
    ["logbook_entry", { type: "jam", mood: "wistful" }],
    [
      "logbook_entry",
      { mood: null, notes: null, pieces: [{ title: "a", composer: null, measures: null, tempo: null }] },
    ],
    ["logbook_entry", { duration: 0, id: "😀".repeat(255) }],
    ["repertoire_item", { status: "resting", composer: null }],
    ["goal", { type: "streak", status: "paused", targetValue: null, targetDate: 1_772_358_000_000 }],
    ["practice_plan", { visibility: "friends", status: "paused", schedule: { kind: "single", extra: 1 } }],
    ["plan_occurrence", { status: "moved", segments: [1, "a", null], metrics: 7 }],
  ] as const)("%s with %j is fine", (type, change) => {
    expect(validate(type, { ...example(type), ...change })).toEqual([]);
  });

  test("a deletion needs one id and an instant, and nothing else of it counts", () => {
    expect(validate("deletion", { id: "a", deletedAt: 0, duration: "x", scoreId: 5 })).toEqual([]);
    expect(validate("deletion", { id: 5, deletedAt: 0, scoreId: "a" })).toEqual([]);
    expect(validate("deletion", { deletedAt: 0 }).map((violation) => violation.missing)).toEqual(["id"]);
    expect(pointers("deletion", { id: "", deletedAt: 0 })).toEqual(["/id"]);
    expect(pointers("deletion", { id: "a", deletedAt: "" })).toEqual(["/deletedAt"]);
  });
});

describe("hostile values", () => {
  test.each<[SchemaName, unknown]>([
    ["logbook_entry", { ...example("logbook_entry"), goalIds: Array(300_000).fill(1) }],
    ["push_request", { changes: Object.fromEntries(Array.from({ length: 50_000 }, (_, i) => [`m${i}`, 1])) }],
    ["push_response", { ...example("push_response"), results: Array.from({ length: 50_000 }, () => ({})) }],
    ["config_file", Object.fromEntries(Array.from({ length: 50_000 }, (_, i) => [`m${i}`, 1]))],
  ])("%s: never more than the greatest number of violations", (name, value) => {
    expect(validate(name, value)).toHaveLength(MAX_VIOLATIONS);
  });

  test("members named like parts of JavaScript are data", () => {
    const value = JSON.parse('{"id":"g","title":"t","__proto__":{"title":1},"constructor":1}') as unknown;
    expect(validate("goal", value)).toEqual([]);
    expect(validate("goal", JSON.parse('{"__proto__":{"id":"g","title":"t"}}')).length).toBe(2);
  });
});
