import { describe, expect, it } from "vitest";
import { explore, type Model } from "./explore.ts";

/** Two counters that may each be raised to 2. */
const counters = (forbidden: number): Model<{ a: number; b: number }> => ({
  name: "counters",
  initial: () => ({ a: 0, b: 0 }),
  steps: ({ a, b }) => [
    ...(a < 2 ? [{ say: "raise a", take: (state: { a: number }) => void state.a++ }] : []),
    ...(b < 2 ? [{ say: "raise b", take: (state: { b: number }) => void state.b++ }] : []),
  ],
  wrong: ({ a, b }) => (a * 10 + b === forbidden ? `${a} and ${b}` : undefined),
  wrongAtRest: () => undefined,
});

describe("the search", () => {
  it("visits every state once", () => {
    expect(explore(counters(-1))).toEqual({ states: 9, steps: 12, depth: 4, cut: false });
  });

  it("finds a shortest way to what is wrong", () => {
    const { broken } = explore(counters(21));
    expect(broken?.what).toBe("2 and 1");
    expect(broken?.trace).toHaveLength(3);
  });

  it("finds what is wrong at the start, and at rest", () => {
    expect(explore(counters(0)).broken).toEqual({ what: "0 and 0", trace: [] });
    const stuck = explore({ ...counters(-1), wrongAtRest: () => "stuck" });
    expect(stuck.broken?.trace).toHaveLength(4);
  });

  it("takes settled states for one", () => {
    const settle = (state: { a: number; b: number }): void => {
      if (state.a > state.b) [state.a, state.b] = [state.b, state.a];
    };
    expect(explore({ ...counters(-1), settle }).states).toBe(6);
  });

  it("says when it was cut short", () => {
    expect(explore(counters(-1), 3).cut).toBe(true);
  });
});
