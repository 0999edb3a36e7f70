import { isDeepStrictEqual } from "node:util";
import type { EntityType } from "../../../schemas/collections.ts";
import type { JsonObject } from "../../../schemas/json.ts";
import { contentOf } from "../../../spec/rules/content.ts";
import type { Context } from "../context.ts";
import { entityKey } from "../store.ts";
import type { Change } from "../store.ts";

/** The user's writes, until they are sent. */
export interface WritingSteps {
  /** Everything that is not acknowledged, oldest first. */
  outbox(context: Context): Change[];
  /** Whether an edit leaves the entity as it is (CLI-016). Null: not there. */
  changesNothing(context: Context, before: JsonObject | null, after: JsonObject | null): boolean;
  /** A write as it will be sent. `item` null: a deletion. */
  makeChange(context: Context, type: EntityType, id: string, item: JsonObject | null): Change;
  /** Puts a write into the outbox, before the call that made it resolves (CLI-015, CLI-017). */
  enqueue(context: Context, change: Change): void | Promise<void>;
  /** Whether a later write takes the place of one that waits (CLI-019). */
  coalesces(context: Context, waiting: Change, next: Change): boolean;
  /** Whether a deletion and what waits of its entity cancel each other, and nothing is sent (CLI-021). */
  cancels(context: Context, waiting: Change[], deletion: Change): boolean;
  /** Whether a newer edit takes the place of its entity's dead letter (CLI-029). */
  replacesDeadLetter(context: Context, change: Change): boolean;
}

export const writing: WritingSteps = {
  outbox: ({ store }) => [...store.changes.values()].sort((a, b) => a.n - b.n),

  changesNothing(_context, before, after) {
    if (before === null || after === null) return before === after;
    return isDeepStrictEqual(contentOf(before), contentOf(after));
  },

  makeChange(context, type, id, item) {
    const { behaviour, store } = context;
    const n = store.state.nextChange;
    store.put({ nextChange: n + 1 });
    const named: JsonObject = type === "repertoire_item" ? { scoreId: id } : { id };
    const change = { n, type, id, item: item ?? named, at: 0, deleted: item === null };
    const at = behaviour.stamp(context, type, id);
    return behaviour.withStamp(context, { ...change, offset: 0, sent: false, tries: 0 }, at);
  },

  enqueue(context, change) {
    const { behaviour, store } = context;
    const waiting = behaviour
      .outbox(context)
      .filter(({ type, id }) => type === change.type && id === change.id);
    if (change.deleted && behaviour.cancels(context, waiting, change)) {
      for (const { n } of waiting) store.changes.delete(String(n));
      return;
    }
    for (const other of waiting)
      if (behaviour.coalesces(context, other, change)) store.changes.delete(String(other.n));
    store.changes.set(String(change.n), change);
    if (behaviour.replacesDeadLetter(context, change)) store.dead.delete(entityKey(change.type, change.id));
  },

  coalesces: (_context, waiting) => !waiting.sent,

  // What was never sent could be forgotten; that the entity is gone is worth a line all the same.
  cancels: () => false,

  replacesDeadLetter: () => true,
};
