import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readVectors } from "../vectors/read-vectors.ts";
import { aStamp } from "../vectors/arbitraries.ts";
import { compareStamps, type Stamp } from "./stamp.ts";

interface Case {
  name: string;
  a: Stamp;
  b: Stamp;
  order: "less" | "equal" | "greater";
}

const SIGN = { less: -1, equal: 0, greater: 1 } as const;

describe("vectors", () => {
  test.each(readVectors<Case>("stamps"))("$name", ({ a, b, order }) => {
    expect(compareStamps(a, b)).toBe(SIGN[order]);
    expect(compareStamps(b, a)).toBe(0 - SIGN[order]);
  });
});

describe("a total order", () => {
  test("total and antisymmetric", () => {
    fc.assert(
      fc.property(aStamp, aStamp, (a, b) => {
        expect([-1, 0, 1]).toContain(compareStamps(a, b));
        expect(compareStamps(a, b) + compareStamps(b, a)).toBe(0);
      }),
    );
  });

  test("transitive", () => {
    fc.assert(
      fc.property(aStamp, aStamp, aStamp, (a, b, c) => {
        fc.pre(compareStamps(a, b) <= 0 && compareStamps(b, c) <= 0);
        expect(compareStamps(a, c)).toBeLessThanOrEqual(0);
      }),
    );
  });

  test("equal if and only if all three parts are", () => {
    fc.assert(
      fc.property(aStamp, aStamp, (a, b) => {
        const same = a.updatedAt === b.updatedAt && a.deleted === b.deleted && a.checksum === b.checksum;
        expect(compareStamps(a, b) === 0).toBe(same);
      }),
    );
  });
});
