import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readVectors } from "../vectors/read-vectors.ts";
import { aText } from "../vectors/arbitraries.ts";
import { normaliseScoreId, scoreIdFrom } from "./score-id.ts";

describe("vectors: derived", () => {
  test.each(
    readVectors<{ name: string; title: string; composer?: string | null; id: string }>("score-ids-derived"),
  )("$name", ({ title, composer, id }) => {
    expect(scoreIdFrom(title, composer)).toBe(id);
    expect(normaliseScoreId(id)).toBe(id);
  });
});

describe("vectors: present", () => {
  test.each(readVectors<{ name: string; id: string; normalised: string }>("score-ids-present"))(
    "$name",
    ({ id, normalised }) => {
      expect(normaliseScoreId(id)).toBe(normalised);
      expect(normaliseScoreId(normalised)).toBe(normalised);
    },
  );
});

describe("properties", () => {
  test("normalising again changes nothing", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          aText,
          aText.map((text) => `score_${text}`),
        ),
        (id) => {
          const once = normaliseScoreId(id);
          expect(normaliseScoreId(once)).toBe(once);
        },
      ),
    );
  });

  test("a derived id is normal already", () => {
    fc.assert(
      fc.property(aText, fc.option(aText), (title, composer) => {
        const id = scoreIdFrom(title, composer);
        fc.pre(title.trim() !== "");
        expect(normaliseScoreId(id)).toBe(id);
      }),
    );
  });

  test("case and surrounding white space of title and composer do not matter", () => {
    fc.assert(
      fc.property(aText, aText, (title, composer) => {
        expect(scoreIdFrom(` ${title.toLowerCase()}\t`, `\u00a0${composer.toLowerCase()} `)).toBe(
          scoreIdFrom(title, composer),
        );
      }),
    );
  });
});
