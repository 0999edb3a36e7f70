import { describe, expect, it } from "vitest";
import { judge, median, quantile, ratio, spread } from "./statistics.ts";

const repeated = (...values: number[]) => ({ workload: "w", subject: "s", values });

describe("quantiles", () => {
  it("lie between neighbours, whatever the order of the values", () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(quantile([10, 20, 30, 40, 50], 0.95)).toBeCloseTo(48);
    expect(quantile([7], 0.99)).toBe(7);
  });

  it("of nothing are no number", () => {
    expect(median([])).toBeNaN();
  });

  it("of operations", () => {
    const hundred = Array.from({ length: 101 }, (_, index) => index);
    expect(spread(hundred)).toEqual({ count: 101, p50: 50, p95: 95, p99: 99, max: 100 });
  });
});

describe("a ratio", () => {
  it("is taken repetition by repetition: a machine that halves its speed leaves it as it is", () => {
    expect(ratio(repeated(80, 40, 20), repeated(100, 50, 25))).toEqual({
      to: { workload: "w", subject: "s" },
      median: 0.8,
      min: 0.8,
      max: 0.8,
    });
  });

  it("tells how far the repetitions differ", () => {
    expect(ratio(repeated(1, 2, 9), repeated(2, 2, 3))).toMatchObject({ median: 1, min: 0.5, max: 3 });
  });

  it("of what was not played in the same rounds is refused", () => {
    expect(() => ratio(repeated(1), repeated(1, 2))).toThrow(RangeError);
  });
});

describe("a target", () => {
  it.each([
    [{ atLeast: 0.75 }, 0.75, "met"],
    [{ atLeast: 0.75 }, 0.749, "missed"],
    [{ atMost: 1.5 }, 1.5, "met"],
    [{ atMost: 1.5 }, 1.51, "missed"],
    [{ atMost: 1.5 }, undefined, "not measured"],
    [{ atMost: 1.5 }, NaN, "missed"],
  ])("%o by %s is %s", (bound, actual, verdict) => {
    expect(judge({ says: "", ...bound }, actual).verdict).toBe(verdict);
  });
});
