import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readVectors } from "../vectors/read-vectors.ts";
import { aStamp } from "../vectors/arbitraries.ts";
import { judge, type Judgement } from "./merge.ts";
import type { Stamp } from "./stamp.ts";

interface Case {
  name: string;
  stored: Stamp | null;
  incoming: Stamp;
  outcome: Judgement;
}

describe("vectors", () => {
  test.each(readVectors<Case>("merge"))("$name", ({ stored, incoming, outcome }) => {
    expect(judge(stored ?? undefined, incoming)).toBe(outcome);
  });
});

function merge(stored: Stamp | undefined, incoming: Stamp): Stamp {
  return stored === undefined || judge(stored, incoming) === "applied" ? incoming : stored;
}

function arrive(writes: Stamp[]): Stamp | undefined {
  return writes.reduce<Stamp | undefined>(merge, undefined);
}

describe("properties", () => {
  test("idempotent: a write that comes again is a duplicate while nothing else won", () => {
    fc.assert(
      fc.property(fc.option(aStamp, { nil: undefined }), aStamp, (stored, incoming) => {
        const after = merge(stored, incoming);
        expect(judge(after, incoming)).not.toBe("applied");
        expect(merge(after, incoming)).toEqual(after);
        expect(judge(after, after)).toBe("duplicate");
      }),
    );
  });

  test("commutative", () => {
    fc.assert(
      fc.property(aStamp, aStamp, (a, b) => {
        expect(merge(a, b)).toEqual(merge(b, a));
      }),
    );
  });

  test("associative", () => {
    fc.assert(
      fc.property(aStamp, aStamp, aStamp, (a, b, c) => {
        expect(merge(merge(a, b), c)).toEqual(merge(a, merge(b, c)));
      }),
    );
  });

  test("replicas converge under any order of arrival and any duplication", () => {
    const aHistory = fc.array(aStamp, { minLength: 1, maxLength: 12 });
    const twoArrivals = aHistory.chain((writes) => {
      const everyOneOrMore = fc
        .array(fc.constantFrom(...writes), { maxLength: 12 })
        .chain((again) =>
          fc.shuffledSubarray([...writes, ...again], { minLength: writes.length + again.length }),
        );
      return fc.tuple(everyOneOrMore, everyOneOrMore);
    });
    fc.assert(
      fc.property(twoArrivals, ([one, other]) => {
        expect(arrive(one)).toEqual(arrive(other));
      }),
    );
  });
});
