import { describe, expect, it } from "vitest";
import { aRow, KEY, toldOf, workOn } from "../testing/work.ts";
import { apply, seenOf, type Told } from "./apply.ts";
import type { Row } from "./records.ts";

const told = (row: Row, others: Partial<Told> = {}): Told => ({ key: KEY, ...toldOf(row), ...others });

describe("what the server tells", () => {
  it("is applied if and only if its stamp is greater (CLI-020)", () => {
    const cases: [held: Row, told: Row, title: string | undefined][] = [
      [aRow(5, "old"), aRow(6, "new"), "new"],
      [aRow(6, "new"), aRow(5, "old", 9), "new"],
      // Of equal time the deletion, else the greater checksum.
      [aRow(5, "live"), aRow(5, null), undefined],
      [aRow(5, null), aRow(5, "live", 9), undefined],
      [aRow(5, "b"), aRow(5, "a", 9), "b"],
      [aRow(5, "a"), aRow(5, "b", 9), "b"],
    ];
    for (const [held, row, title] of cases) {
      const work = workOn({ rows: { [KEY]: held } });
      apply(work, told(row));
      expect(work.row(KEY)?.item?.["title"]).toBe(title);
    }
  });

  it("counts as seen, with its version, also when it loses (CLI-002, CLI-023)", () => {
    const work = workOn({
      rows: { [KEY]: { ...aRow(9, "kept"), seen: 9 } },
      state: { floor: { through: 20, at: 1 } },
    });
    apply(work, told(aRow(12, "late", 15), { version: 4 }));
    expect(work.row(KEY)).toMatchObject({ item: { title: "kept" }, seen: 12, version: 4 });
  });

  it("alters nothing at or below the floor of a full pull (CLI-013)", () => {
    const work = workOn({ state: { floor: { through: 7, at: 100 } } });
    apply(work, told(aRow(200, "came back", 7)));
    expect(work.row(KEY)).toBeUndefined();
    apply(work, told(aRow(200, "later", 8)));
    expect(work.row(KEY)?.item?.["title"]).toBe("later");
  });
});

it("takes what a full pull lacked for seen when it was read (CLI-002)", () => {
  const floor = { through: 7, at: 100 };
  expect(seenOf(undefined, floor)).toBe(100);
  expect(seenOf(undefined, undefined)).toBe(0);
  expect(seenOf(aRow(50, "there"), floor)).toBe(50);
  // A deletion that is kept, and may have been replaced and deleted again since.
  expect(seenOf(aRow(50, null, 7), floor)).toBe(100);
  expect(seenOf(aRow(50, null, 8), floor)).toBe(50);
});
