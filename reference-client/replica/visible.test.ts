import { expect, it } from "vitest";
import { aRow, aWrite } from "../testing/work.ts";
import type { LocalEdits } from "./records.ts";
import { visibleItem } from "./visible.ts";

const refusal = { code: "INVALID_ITEM", detail: "no" };

it("lays edits and dead letters over what is confirmed (CLI-024)", () => {
  const title = (row: ReturnType<typeof aRow> | undefined, edits?: LocalEdits) =>
    visibleItem(row, edits)?.["title"];
  expect(title(undefined)).toBeUndefined();
  expect(title(aRow(5, "row"))).toBe("row");
  expect(title(aRow(5, "row"), { waiting: aWrite(6, "edit") })).toBe("edit");
  expect(title(aRow(5, "row"), { sent: aWrite(6, "sent"), waiting: aWrite(7, "later") })).toBe("later");
  expect(title(aRow(5, "row"), { dead: { ...aWrite(6, "dead"), refusal } })).toBe("dead");
  expect(title(aRow(5, "row"), { waiting: aWrite(6, null) })).toBeUndefined();
});

it("ranks an edit below a row of equal time and kind, and above an older one (CLI-007)", () => {
  const over = (row: ReturnType<typeof aRow>, write: ReturnType<typeof aWrite>) =>
    visibleItem(row, { waiting: write })?.["title"];
  expect(over(aRow(5, "row"), aWrite(5, "edit"))).toBe("row");
  expect(over(aRow(5, "row"), aWrite(5, null))).toBeUndefined();
  expect(over(aRow(5, null), aWrite(5, "edit"))).toBeUndefined();
  expect(over(aRow(6, "row"), aWrite(5, "edit"))).toBe("row");
});
