import { compareStamps } from "../../../spec/rules/stamp.ts";
import type { Stamp } from "../../../spec/rules/stamp.ts";
import type { Context } from "../context.ts";
import { entityKey } from "../store.ts";
import type { Row } from "../store.ts";
import { stampOf } from "../told.ts";
import type { Told, Way } from "../told.ts";

/** From what the server tells to the confirmed layer. */
export interface ApplyingSteps {
  /** Takes in what was told of one entity, whichever way it came (CLI-020). Part of a transaction. */
  applyTold(context: Context, told: Told, way: Way): void;
  /** The stamp of what was told (CLI-006). */
  stampTold(context: Context, told: Told, way: Way): Stamp;
  /** Whether it replaces what is confirmed. */
  wins(context: Context, incoming: Stamp, confirmed: Row, way: Way): boolean;
  /** Whether a full pull has covered it already, so that it alters nothing (CLI-013). */
  isBelowFloor(context: Context, told: Told, way: Way): boolean;
  /** Learns stamp and version of a row, also of one that loses (CLI-002, CLI-023). */
  learn(context: Context, told: Told, way: Way): void;
  /** What a deletion leaves in the confirmed layer: its stamp (CLI-020). */
  putRow(context: Context, row: Row): void;
  /** What else a remote change does: nothing to the outbox (CLI-024), and it is not sent on (CLI-025). */
  afterApplying(context: Context, told: Told, way: Way): void;
}

export const applying: ApplyingSteps = {
  applyTold(context, told, way) {
    const { behaviour, store } = context;
    const { entityType: type, entityId: id, version, seq } = told.meta;
    behaviour.learn(context, told, way);
    if (!behaviour.isBelowFloor(context, told, way)) {
      const stamp = behaviour.stampTold(context, told, way);
      const confirmed = store.rows.get(entityKey(type, id));
      if (confirmed === undefined || behaviour.wins(context, stamp, confirmed, way))
        behaviour.putRow(context, { type, id, item: told.item, stamp, version, seq });
    }
    behaviour.afterApplying(context, told, way);
  },

  stampTold: (_context, { meta }) => stampOf(meta),

  wins: (_context, incoming, confirmed) => compareStamps(incoming, confirmed.stamp) > 0,

  isBelowFloor: ({ store }, { meta }) => meta.seq <= (store.floors.get(meta.entityType)?.through ?? 0),

  learn({ store }, { meta }) {
    const key = entityKey(meta.entityType, meta.entityId);
    const known = store.known.get(key) ?? { seen: -Infinity, version: 0 };
    store.known.set(key, {
      seen: Math.max(known.seen, stampOf(meta).updatedAt),
      version: Math.max(known.version, meta.version),
    });
  },

  putRow: ({ store }, row) => void store.rows.set(entityKey(row.type, row.id), row),

  afterApplying() {},
};
