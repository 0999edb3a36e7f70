import type { JsonObject } from "../../schemas/json.ts";
import { contentOf } from "../../spec/rules/content.ts";
import { normalise } from "../../spec/rules/normalise.ts";
import { equalJson } from "../replica/equal-json.ts";
import { idMemberOf, partsOf } from "../replica/key.ts";
import type { EntityKey, LocalWrite } from "../replica/records.ts";
import { visibleItem } from "../replica/visible.ts";
import type { Work } from "../replica/work.ts";
import { stampOf, textOf } from "./stamp.ts";

/** What an edit makes of what the user sees, null standing for nothing. It may throw. */
export type Edit = (visible: JsonObject | null) => JsonObject | null;

/**
 * Writes an edit of the user into the outbox, stamped (CLI-002). It takes the place of an edit that waits and of a dead letter (CLI-019,
 * CLI-029), never of one that was sent. One that changes nothing queues nothing (CLI-016).
 */
export function edit(work: Work, key: EntityKey, make: Edit, now: number): void {
  const { sent } = work.edits(key);
  const visible = visibleItem(work.row(key), work.edits(key));
  const next = make(visible);
  if (next === null ? visible === null : visible !== null && sameContent(key, next, visible)) return;
  const updatedAt = stampOf(work, key, now);
  const write: LocalWrite = {
    item: next === null ? deletionOf(key, updatedAt) : liveItem(key, next, updatedAt),
    deleted: next === null,
    updatedAt,
    offset: work.state.clockOffset,
    tries: 0,
  };
  work.putEdits(key, { sent, waiting: write });
}

function sameContent(key: EntityKey, a: JsonObject, b: JsonObject): boolean {
  const { type } = partsOf(key);
  return equalJson(contentOf(normalise(type, a)), contentOf(normalise(type, b)));
}

function liveItem(key: EntityKey, item: JsonObject, updatedAt: number): JsonObject {
  const { updatedAt: _, deletedAt: __, ...content } = normalise(partsOf(key).type, item);
  return { ...content, updatedAt: textOf(updatedAt) };
}

function deletionOf(key: EntityKey, deletedAt: number): JsonObject {
  const { type, id } = partsOf(key);
  return { [idMemberOf(type)]: id, deletedAt: textOf(deletedAt) };
}
