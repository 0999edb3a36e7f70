import type { JsonObject } from "../../schemas/json.ts";
import type { LocalEdits, LocalWrite, Row } from "./records.ts";

/**
 * What the user sees of an entity: the confirmed row with edit or dead letter laid over it (CLI-024). null: nothing.
 *
 * An older row never hides an edit; one of equal time and kind does, for an unacknowledged write ranks below it (CLI-007).
 */
export function visibleItem(row: Row | undefined, edits: LocalEdits | undefined): JsonObject | null {
  const edit = topEdit(edits);
  if (edit !== undefined && beats(edit, row)) return edit.deleted ? null : edit.item;
  return row?.item ?? null;
}

/** The latest edit of an entity. */
export function topEdit(edits: LocalEdits | undefined): LocalWrite | undefined {
  return edits?.waiting ?? edits?.sent ?? edits?.dead;
}

/** Whether an unacknowledged write ranks above a row, by time and kind (CLI-007). */
export function beats(edit: LocalWrite, row: Row | undefined): boolean {
  if (row === undefined) return true;
  if (edit.updatedAt === row.updatedAt) return edit.deleted && row.item !== null;
  return edit.updatedAt > row.updatedAt;
}
