import type { EntityType } from "../../../schemas/collections.ts";
import { formatInstant } from "../../../spec/rules/instant.ts";
import type { Context } from "../context.ts";
import { entityKey } from "../store.ts";
import type { Change } from "../store.ts";

/** Stamps of the user's writes. */
export interface StampingSteps {
  /** The clock, corrected by the measured offset, Unix ms. */
  correctedNow(context: Context): number;
  /** Learns from the server's clock: `serverMs` lay between the two own moments. */
  measure(context: Context, serverMs: number, sentAt: number, receivedAt: number): void;
  /** The greatest stamp of an entity that the server is known to hold, Unix ms (CLI-002). */
  seen(context: Context, type: EntityType, id: string): number | undefined;
  /** The stamp of the entity's sent, unanswered change, Unix ms. */
  inFlight(context: Context, type: EntityType, id: string): number | undefined;
  /** The stamp of a new edit, Unix ms (CLI-002). */
  stamp(context: Context, type: EntityType, id: string): number;
  /** The stamp of a write that was refused with CLOCK_SKEW, Unix ms (CLI-003). */
  restamp(context: Context, change: Change, serverTime: number): number;
  /** Whether a change may get another stamp; `named`: it was itself refused with CLOCK_SKEW (CLI-004). */
  mayRestamp(context: Context, change: Change, named: boolean): boolean;
  /** A change with another stamp, and its item with it. */
  withStamp(context: Context, change: Change, at: number): Change;
}

export const stamping: StampingSteps = {
  correctedNow: ({ clock, store }) => Math.floor(clock.now() + store.state.offset),

  // An answer that took long says little: only what it excludes is corrected.
  measure({ store }, serverMs, sentAt, receivedAt) {
    const [least, most] = [serverMs - receivedAt, serverMs - sentAt];
    const offset = Math.min(Math.max(store.state.offset, least), most);
    if (offset !== store.state.offset) store.put({ offset });
  },

  seen({ store }, type, id) {
    const key = entityKey(type, id);
    const [row, floor] = [store.rows.get(key), store.floors.get(type)];
    const known = store.known.get(key)?.seen;
    const present = row !== undefined && row.item !== null && row.seq <= (floor?.through ?? 0);
    if (floor === undefined || present) return known;
    return Math.max(known ?? floor.at, floor.at);
  },

  inFlight(context, type, id) {
    const sent = context.behaviour
      .outbox(context)
      .filter((change) => change.sent && change.type === type && change.id === id);
    return sent.length === 0 ? undefined : Math.max(...sent.map(({ at }) => at));
  },

  stamp(context, type, id) {
    const { behaviour } = context;
    const after = [behaviour.seen(context, type, id), behaviour.inFlight(context, type, id)];
    return Math.max(behaviour.correctedNow(context), ...after.map((at) => (at ?? -Infinity) + 1));
  },

  restamp(context, change, serverTime) {
    const error = change.offset - context.store.state.offset;
    const seen = context.behaviour.seen(context, change.type, change.id) ?? -Infinity;
    return Math.max(seen + 1, Math.min(change.at - error, serverTime));
  },

  mayRestamp: (_context, change, named) => named || !change.sent,

  withStamp: ({ store }, change, at) => ({
    ...change,
    at,
    offset: store.state.offset,
    item: { ...change.item, [change.deleted ? "deletedAt" : "updatedAt"]: formatInstant(at) },
  }),
};
