import { equalJson } from "../../replica/equal-json.ts";
import type { Json } from "../../../schemas/json.ts";

/*
 * As much of vitest as the storage contract uses, so that the same file holds an adapter to it inside a page, where `transact` can call its
 * plan at once. The bundle for the page takes this instead of vitest.
 */

type Body = () => unknown;

/** What the page has to run, by name. */
const tests = new Map<string, Body>();
const afterwards: Body[] = [];
const groups: string[] = [];

export function describe(name: string, body: () => void): void {
  groups.push(name);
  body();
  groups.pop();
}

export function it(name: string, body: Body): void {
  tests.set([...groups, name].join(" > "), body);
}

export function afterEach(body: Body): void {
  afterwards.push(body);
}

const holds = (fits: boolean, what: string, actual: unknown, expected: unknown, hint?: string): void => {
  if (fits) return;
  throw new Error(`${hint ?? "expected"} ${what}: ${shown(expected)}, got ${shown(actual)}`);
};

export function expect(actual: unknown, hint?: string) {
  return {
    toBe: (expected: unknown) => holds(Object.is(actual, expected), "the same", actual, expected, hint),
    toEqual: (expected: unknown) => holds(alike(actual, expected), "equal", actual, expected, hint),
    toBeUndefined: () => holds(actual === undefined, "nothing", actual, undefined, hint),
    toBeGreaterThan: (least: number) => holds((actual as number) > least, "more than", actual, least, hint),
    toMatchObject: (expected: object) => {
      const names = Object.keys(expected);
      const picked = Object.fromEntries(
        names.map((name) => [name, (actual as Record<string, unknown>)?.[name]]),
      );
      holds(alike(picked, expected), "to match", actual, expected, hint);
    },
    get rejects() {
      const reason = (actual as Promise<unknown>).then(
        (value) => {
          throw new Error(`expected a rejection, got ${shown(value)}`);
        },
        (error: unknown) => error,
      );
      return {
        toBe: async (expected: unknown) => expect(await reason, hint).toBe(expected),
        toMatchObject: async (expected: object) => expect(await reason, hint).toMatchObject(expected),
      };
    },
  };
}

function alike(actual: unknown, expected: unknown): boolean {
  return equalJson(actual as Json, expected as Json);
}

function shown(value: unknown): string {
  return value instanceof Error ? String(value) : (JSON.stringify(value) ?? String(value));
}

Object.assign(globalThis, {
  testNames: () => [...tests.keys()],
  runTest: async (name: string): Promise<string> => {
    try {
      await tests.get(name)!();
      return "passed";
    } finally {
      for (const body of afterwards) await body();
    }
  },
});
