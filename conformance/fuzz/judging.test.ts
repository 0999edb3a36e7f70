import { describe, expect, test } from "vitest";
import type { Json } from "../../schemas/json.ts";
import type { Pulled } from "../wire/pulled.ts";
import type { Meta } from "../wire/shapes.ts";
import { Ledger } from "./ledger.ts";
import { shrinkJson } from "./shrink.ts";
import { growthOf } from "../testing/resident.ts";

const metaOf = (seq: number, change: Partial<Meta> = {}): Meta => ({
  entityType: "goal",
  entityId: "g",
  version: seq,
  seq,
  updatedAt: "2026-03-01T10:00:00.000Z",
  deletedAt: null,
  checksum: `c${seq}`,
  ...change,
});
const pulled = (...metas: Meta[]): Pulled =>
  ({
    final: metas.map((meta) => ({ ...meta, item: meta.deletedAt === null ? {} : null, meta })),
  }) as unknown as Pulled;

describe("what was answered, compared with what is stored", () => {
  const kinds = (ledger: Ledger, states: Parameters<Ledger["contradictions"]>[0]): string[] =>
    ledger.contradictions(states).map(({ kind }) => kind);
  const ledger = new Ledger();
  ledger.add([
    { outcome: "applied", meta: metaOf(2) },
    { outcome: "refused" },
    { outcome: "applied", meta: metaOf(3) },
  ]);

  test("the newest acknowledged state agrees, in whatever order it was told", () => {
    expect(
      kinds(ledger, { before: pulled(metaOf(1)), changes: pulled(metaOf(3)), after: pulled(metaOf(3)) }),
    ).toEqual([]);
  });

  test("an older state, or none, is a loss", () => {
    const lost = "an acknowledged write that is not there";
    expect(kinds(ledger, { before: pulled(), changes: pulled(metaOf(2)), after: pulled(metaOf(2)) })).toEqual(
      [lost, lost],
    );
    expect(kinds(ledger, { before: pulled(), changes: pulled(), after: pulled() })).toEqual([lost, lost]);
  });

  test("a newer state, another entity, or a deletion that nobody acknowledged, is an invention", () => {
    const invented = "an effect of nothing acknowledged";
    const other = metaOf(4, { entityId: "other" });
    expect(
      kinds(ledger, { before: pulled(), changes: pulled(metaOf(9)), after: pulled(metaOf(9)) }),
    ).toContain(invented);
    expect(
      kinds(ledger, { before: pulled(), changes: pulled(metaOf(3), other), after: pulled(metaOf(3), other) }),
    ).toContain(invented);
    const gone = metaOf(4, { deletedAt: "2026-03-01T10:00:00.000Z" });
    expect(kinds(ledger, { before: pulled(), changes: pulled(gone), after: pulled() })).toContain(invented);
  });

  test("only what was applied is known, as it was told", () => {
    expect(ledger.knows(metaOf(2))).toBe(true);
    expect(ledger.knows(metaOf(2, { checksum: "another" }))).toBe(false);
    expect(ledger.knows(metaOf(7))).toBe(false);
  });
});

test("the smallest value that still fails is found", async () => {
  const fails = async (value: Json): Promise<boolean> => JSON.stringify(value).includes('"bad":7');
  const value = { a: [1, 2, 3, 4, 5, { x: 1, bad: 7, y: { z: 1 } }], b: "text" };
  expect(await shrinkJson(value, fails, performance.now() + 5_000)).toEqual({ a: [{ bad: 7 }] });
});

describe("memory", () => {
  const samples = (miB: (n: number) => number) =>
    Array.from({ length: 100 }, (_, n) => ({ inputs: n * 1_000, miB: miB(n) }));

  test("that levels off is bounded, that goes on growing is not", () => {
    expect(growthOf(samples((n) => 300 + Math.min(n, 20)))?.bounded).toBe(true);
    expect(growthOf(samples((n) => 300 + 10 * n))?.bounded).toBe(false);
  });

  test("of a short run nothing is said", () => {
    expect(growthOf(samples(() => 1).slice(0, 10))).toBeUndefined();
  });
});
