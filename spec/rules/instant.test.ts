import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readVectors } from "../vectors/read-vectors.ts";
import { formatInstant, parseInstant } from "./instant.ts";

interface Case {
  name: string;
  value: unknown;
  unixMs: number | null;
  canonical: string | null;
}

describe("vectors", () => {
  test.each(readVectors<Case>("instants"))("$name", ({ value, unixMs, canonical }) => {
    expect(parseInstant(value)).toBe(unixMs ?? undefined);
    expect(unixMs === null ? null : formatInstant(unixMs)).toBe(canonical);
  });
});

const anInstant = fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 });

describe("properties", () => {
  test("the canonical text denotes the instant", () => {
    fc.assert(
      fc.property(anInstant, (unixMs) => {
        expect(parseInstant(formatInstant(unixMs))).toBe(unixMs);
      }),
    );
  });

  test("an offset moves the clock, not the instant", () => {
    const aDayInside = fc.integer({ min: -62_135_500_000_000, max: 253_402_200_000_000 });
    fc.assert(
      fc.property(aDayInside, fc.integer({ min: -1439, max: 1439 }), (unixMs, minutes) => {
        const local = formatInstant(unixMs + minutes * 60_000).slice(0, -1);
        const size = Math.abs(minutes);
        const offset = `${minutes < 0 ? "-" : "+"}${two(Math.floor(size / 60))}:${two(size % 60)}`;
        expect(parseInstant(local + offset)).toBe(unixMs);
      }),
    );
  });

  test("agrees with the language's own calendar on every day", () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date("0001-01-01"), max: new Date("9999-12-31"), noInvalidDate: true }),
        (date) => {
          expect(parseInstant(date.toISOString())).toBe(date.getTime());
        },
      ),
    );
  });

  test("no value at all makes it throw", () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        expect(() => parseInstant(value)).not.toThrow();
      }),
    );
  });
});

test("formatInstant refuses what is no instant", () => {
  for (const value of [Number.NaN, Infinity, 0.5, 253_402_300_800_000]) {
    expect(() => formatInstant(value)).toThrow(RangeError);
  }
});

function two(value: number): string {
  return String(value).padStart(2, "0");
}
