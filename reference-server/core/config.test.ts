import { expect, test } from "vitest";
import { REFERENCE_LIMITS } from "../../schemas/limits.ts";
import { DEVELOPMENT_SECRET } from "../../spec/development-secret.ts";
import { ConfigError, readLimits, readOrigins, readSecret } from "./config.ts";

test("limits are merged over the defaults", () => {
  expect(readLimits(undefined, true)).toEqual(REFERENCE_LIMITS);
  expect(readLimits('{"maxItems": 7}', false)).toEqual({ ...REFERENCE_LIMITS, maxItems: 7 });
  expect(readLimits('{"requestBurst": null}', true)).not.toHaveProperty("requestsPerSecond");
  expect(readLimits('{"maxItems": 9000}', true)).toMatchObject({ maxItems: 9000, legacyMaxItems: 9000 });
});

test.each([
  ["{", "not JSON"],
  ["[]", "JSON object"],
  ['{"maxItem": 1}', 'no limit "maxItem"'],
  ['{"maxItems": "7"}', 'maxItems must be a whole number of items, at least 1; got "7"'],
  ['{"maxItems": 0}', "maxItems"],
  ['{"maxItems": null}', "maxItems"],
  ['{"maxItemBytes": 524289}', "at most 524288"],
  ['{"tokenLeewayMs": 60001}', "at most 60000"],
  ['{"requestsPerSecond": 0}', "above 0"],
  ['{"maxItems": 7, "legacyMaxItems": 6}', "legacyMaxItems must be at least maxItems"],
])("limits %s are refused by name", (text, message) => {
  expect(() => readLimits(text, false)).toThrow(ConfigError);
  expect(() => readLimits(text, false)).toThrow(message);
});

test("production keeps to the protocol's minimums", () => {
  expect(() => readLimits('{"maxItems": 499}', true)).toThrow("at least 500 in production");
});

test("origins are exact", () => {
  expect(readOrigins(" https://a.example, http://localhost:1 ")).toEqual(
    new Set(["https://a.example", "http://localhost:1"]),
  );
  for (const bad of ["*", "https://*.example", "https://a.example/", "a.example"])
    expect(() => readOrigins(bad)).toThrow(ConfigError);
});

test("secrets are long enough, and never repeated", () => {
  expect(readSecret("x".repeat(32), true)).toHaveLength(32);
  expect(() => readSecret(undefined, false)).toThrow("not set");
  expect(() => readSecret("short-secret", false)).toThrow("at least 32");
  expect(() => readSecret("short-secret", false)).not.toThrow("short-secret");
});

test("the public secret is for a server that only this machine can reach", () => {
  expect(() => readSecret(DEVELOPMENT_SECRET, false)).not.toThrow();
  expect(() => readSecret(DEVELOPMENT_SECRET, true)).toThrow("public development secret");
});
