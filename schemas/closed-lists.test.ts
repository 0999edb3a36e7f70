import { expect, test } from "vitest";
import {
  COLLECTIONS,
  ENTITY_TYPES,
  isEntityType,
  isMember,
  memberOf,
  MEMBERS,
  SNAKE_CASE,
} from "./collections.ts";
import { ERROR_CODES, problemType, requestError } from "./error-codes.ts";
import { effectiveLimits, LIMIT_NAMES, LIMITS, REFERENCE_LIMITS, type Limit } from "./limits.ts";

test("members and entity types name each other", () => {
  expect(ENTITY_TYPES).toHaveLength(7);
  for (const member of MEMBERS) expect(memberOf(COLLECTIONS[member])).toBe(member);
  for (const odd of ["__proto__", "constructor", "entry", "", 1, null]) {
    expect(isMember(odd)).toBe(false);
    expect(isEntityType(odd)).toBe(false);
  }
});

test("each snake-case spelling becomes its camel-case twin", () => {
  expect(Object.keys(SNAKE_CASE)).toHaveLength(16);
  for (const [snake, camel] of Object.entries(SNAKE_CASE)) {
    expect(camel).toBe(snake.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()));
  }
});

test("no code twice; each request-level one has a type and a status", () => {
  expect(new Set(ERROR_CODES).size).toBe(ERROR_CODES.length);
  expect(requestError("TOKEN_MISSING").status).toBe(401);
  expect(problemType("TOKEN_MISSING")).toBe("https://mirubato.com/problems/token-missing");
});

test("the reference's limits are ones that a production server may have", () => {
  expect(new Set(LIMIT_NAMES).size).toBe(LIMITS.length);
  for (const { name, minimum = 0, maximum = Infinity, reference } of LIMITS as readonly Limit[]) {
    expect(reference, name).toBeGreaterThanOrEqual(minimum);
    expect(reference, name).toBeLessThanOrEqual(maximum);
  }
  expect(REFERENCE_LIMITS.legacyMaxBodyBytes).toBeGreaterThanOrEqual(REFERENCE_LIMITS.maxBodyBytes);
});

test("what is not advertised has its default; limits for deployed peers follow the ordinary ones", () => {
  const limits = effectiveLimits({ maxItems: 7 });
  expect(limits.maxItems).toBe(7);
  expect(limits.legacyMaxItems).toBe(7);
  expect(limits.legacyMaxBodyBytes).toBe(1_048_576);
  expect(limits.maxDepth).toBe(32);
  expect(limits.requestBurst).toBeUndefined();
});
