import { memberOf } from "../../../schemas/collections.ts";
import type { Member } from "../../../schemas/collections.ts";
import type { JsonObject } from "../../../schemas/json.ts";
import type { Context } from "../context.ts";
import { entityKey } from "../store.ts";
import type { Change, Frozen } from "../store.ts";

/** From waiting changes to a request that may be repeated. */
export interface FreezingSteps {
  /** Most items of a push: 50 at most (CLI-026). */
  batchSize(context: Context): number;
  /** How many pushes may be under way at once. */
  pushesAtOnce(context: Context): number;
  /**
   * Whether a change may go into a request now: nothing earlier of its entity is unanswered (CLI-022).
   * `preceded`: whether something is, where the caller knows.
   */
  mayGo(context: Context, change: Change, preceded?: boolean): boolean;
  /** The changes of the next request, all for one call. */
  select(context: Context): Change[];
  /** The item as a request or message carries it. */
  itemToSend(context: Context, change: Change): JsonObject;
  /** By which call a change goes. */
  callFor(context: Context, change: Change): Frozen["call"];
  /** The body of a request, and what its pointers stand for; a batch says the version that was seen last (CLI-023). */
  body(context: Context, changes: Change[], call: Frozen["call"]): Omit<Frozen, "key">;
  /** A new idempotency key. */
  newKey(context: Context): string;
  /** Makes a request of changes, and keeps it before it goes out (CLI-019). */
  freeze(context: Context, changes: Change[]): Frozen;
  /** The request as it goes out; `attempt` is 0 at first (CLI-009). */
  requestToSend(context: Context, frozen: Frozen, attempt: number): Frozen;
  /** What happens to the outbox when a request has gone out (CLI-018): nothing. */
  afterSending(context: Context, frozen: Frozen): void;
}

export const freezing: FreezingSteps = {
  batchSize: () => 20,

  pushesAtOnce: () => 1,

  mayGo(context, change, preceded) {
    const { behaviour, held, session } = context;
    if (held.has(change.n)) return false;
    const carried = [...(session?.carried.values() ?? [])];
    if (carried.some(({ n, overdue }) => n === change.n && !overdue)) return false;
    if (preceded !== undefined) return !preceded;
    return !behaviour
      .outbox(context)
      .some((other) => other.n < change.n && other.type === change.type && other.id === change.id);
  },

  select(context) {
    const { behaviour, store } = context;
    const frozen = new Set([...store.requests.values()].flatMap(({ items }) => items.map(({ n }) => n)));
    const entities = new Set<string>();
    const ready = behaviour.outbox(context).filter((change) => {
      const key = entityKey(change.type, change.id);
      const preceded = entities.has(key);
      entities.add(key);
      return !frozen.has(change.n) && behaviour.mayGo(context, change, preceded);
    });
    const call = ready[0] && behaviour.callFor(context, ready[0]);
    return ready
      .filter((change) => behaviour.callFor(context, change) === call)
      .slice(0, behaviour.batchSize(context));
  },

  itemToSend: (_context, change) => change.item,

  callFor(context, change) {
    if (!context.sendsBatches) return "push";
    return context.store.known.has(entityKey(change.type, change.id)) ? "batch" : "push";
  },

  body(context, changes, call) {
    const { behaviour, store } = context;
    if (call === "batch") {
      const entities = changes.map((change) => {
        const { type, id } = change;
        const version = store.known.get(entityKey(type, id))?.version ?? 0;
        return { id, type, data: behaviour.itemToSend(context, change), version };
      });
      const items = changes.map(({ n }, index) => ({ pointer: `/entities/${index}`, n }));
      return { call, body: JSON.stringify({ entities }), items };
    }
    const collections: Partial<Record<Member, JsonObject[]>> = {};
    const items = changes.map((change) => {
      const member = memberOf(change.type);
      const list = (collections[member] ??= []);
      list.push(behaviour.itemToSend(context, change));
      return { pointer: `/changes/${member}/${list.length - 1}`, n: change.n };
    });
    return { call, body: JSON.stringify({ changes: collections }), items };
  },

  newKey: ({ unique }) => `model-client.${unique()}`,

  freeze(context, changes) {
    const { behaviour, store } = context;
    return store.transaction(() => {
      const call = behaviour.callFor(context, changes[0]!);
      const frozen = { key: behaviour.newKey(context), ...behaviour.body(context, changes, call) };
      for (const change of changes) store.changes.set(String(change.n), { ...change, sent: true });
      store.requests.set(frozen.key, frozen);
      return frozen;
    });
  },

  requestToSend: (_context, frozen) => frozen,

  afterSending() {},
};
