import { MEMBERS, memberOf } from "../../../schemas/collections.ts";
import type { JsonObject } from "../../../schemas/json.ts";
import { formatInstant } from "../../../spec/rules/instant.ts";
import type { Context } from "../context.ts";
import type { Row } from "../state.ts";
import type { Page, Walk } from "./pull.ts";

/** How rows and the head are told, in pulls and in results. */
export interface TellingSteps {
  /** An item as answers tell it; null for a deletion. */
  tellItem(context: Context, row: Row): JsonObject | null;
  /** A row's `meta`. */
  tellMeta(context: Context, row: Row): JsonObject;
  /** The epoch as answers tell it. */
  tellEpoch(context: Context): string;
  /** `mode` as the answer tells it. */
  tellMode(context: Context, walk: Walk): string;
  /** The head as a pull tells it. */
  tellHead(context: Context): number;
  /** The members `through` and `lastSeq`, where they belong. */
  tellProgress(context: Context, walk: Walk, page: Page): JsonObject;
  /** The collections, `deleted` and `meta` of a page. */
  arrange(context: Context, page: Page): JsonObject;
  /** The answer's body. */
  pullAnswer(context: Context, walk: Walk, page: Page): JsonObject;
}

export const telling: TellingSteps = {
  tellItem: (_context, { item }) => item,

  tellMeta: (_context, { entityType, entityId, version, seq, stamp }) => ({
    entityType,
    entityId,
    version,
    seq,
    updatedAt: formatInstant(stamp.updatedAt),
    deletedAt: stamp.deleted ? formatInstant(stamp.updatedAt) : null,
    checksum: stamp.checksum,
  }),

  tellEpoch: ({ user }) => user.epoch,

  tellMode: (_context, { mode }) => mode,

  tellHead: ({ user }) => user.head,

  tellProgress(context, { mode, types }, { hasMore }): JsonObject {
    if (hasMore) return {};
    const head = context.behaviour.tellHead(context);
    return { ...(types === null ? { lastSeq: head } : {}), ...(mode === "full" ? { through: head } : {}) };
  },

  arrange(context, { rows }) {
    const { behaviour } = context;
    const items: Record<string, JsonObject[]> = Object.fromEntries(MEMBERS.map((member) => [member, []]));
    const meta: Record<string, JsonObject[]> = Object.fromEntries(MEMBERS.map((member) => [member, []]));
    const deleted: JsonObject[] = [];
    for (const row of rows) {
      const item = behaviour.tellItem(context, row);
      if (item === null) {
        deleted.push(behaviour.tellMeta(context, row));
        continue;
      }
      items[memberOf(row.entityType)]!.push(item);
      meta[memberOf(row.entityType)]!.push(behaviour.tellMeta(context, row));
    }
    return { ...items, deleted, meta };
  },

  pullAnswer(context, walk, page) {
    const { behaviour } = context;
    return {
      ...behaviour.arrange(context, page),
      mode: behaviour.tellMode(context, walk),
      syncToken: behaviour.encodeCursor(context, behaviour.cursorAfter(context, walk, page)),
      epoch: behaviour.tellEpoch(context),
      ...behaviour.tellProgress(context, walk, page),
      hasMore: page.hasMore,
      timestamp: formatInstant(walk.readAt),
    };
  },
};
