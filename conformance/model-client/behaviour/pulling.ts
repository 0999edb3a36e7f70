import { ENTITY_TYPES } from "../../../schemas/collections.ts";
import type { JsonObject } from "../../../schemas/json.ts";
import { parseInstant } from "../../../spec/rules/instant.ts";
import type { Context } from "../context.ts";
import { entityKey } from "../store.ts";
import type { State } from "../store.ts";
import { deletions } from "../told.ts";
import type { Told } from "../told.ts";
import { itemsOfPage } from "./answers.ts";

/** A pull, page by page. */
export interface Walk {
  full: boolean;
  /** The entities of its pages so far. */
  entities: Set<string>;
  pages: number;
}

/** A valid answer to a pull. */
export interface Page {
  body: JsonObject;
  epoch: string;
  syncToken: string;
  last: boolean;
  told: Told[];
}

/** Pulls, and what they do to cursor and confirmed layer. */
export interface PullingSteps {
  /** Where the next pull begins; undefined: a full one. */
  pullFrom(context: Context): string | undefined;
  /** The body of a pull. */
  pullBody(context: Context, since: string | undefined): JsonObject;
  /** Most entities of a page. */
  pageSize(context: Context): number;
  /** Takes in a page, in one transaction with the cursor (CLI-010). */
  applyPage(context: Context, walk: Walk, page: Page): void | Promise<void>;
  /** What the cursor becomes with a page: nothing where it stays (CLI-010, CLI-011). */
  cursorOfPage(context: Context, walk: Walk, page: Page): Partial<State> | undefined;
  /** Whether a page is of another history than what is confirmed (CLI-050). */
  isNewEpoch(context: Context, page: Page): boolean;
  /** Drops what was confirmed of the earlier epoch. */
  dropEpoch(context: Context, epoch: string): void;
  /** At the last page of a full pull: removes what is gone (CLI-012). */
  removeAbsent(context: Context, walk: Walk, page: Page): void;
  /** At the last page of a full pull: from now on nothing older alters anything (CLI-013). */
  raiseFloors(context: Context, walk: Walk, page: Page): void;
  /** On CURSOR_EXPIRED and CURSOR_MISMATCH (CLI-014). */
  forgetCursor(context: Context): void;
  /** Whether an answer belongs to the data from before a restore (CLI-050). */
  isFromBefore(context: Context, generation: number): boolean;
}

export const pulling: PullingSteps = {
  pullFrom: ({ store }) => store.state.token ?? undefined,

  pullBody: (context, since) => ({
    limit: context.behaviour.pageSize(context),
    ...(since === undefined ? {} : { since }),
  }),

  pageSize: () => 25,

  applyPage(context, walk, page) {
    const { behaviour, store } = context;
    store.transaction(() => {
      if (behaviour.isNewEpoch(context, page)) behaviour.dropEpoch(context, page.epoch);
      for (const told of page.told) {
        walk.entities.add(entityKey(told.meta.entityType, told.meta.entityId));
        behaviour.applyTold(context, told, walk.full ? "full-pull" : "pull");
      }
      if (walk.full && page.last) {
        behaviour.removeAbsent(context, walk, page);
        behaviour.raiseFloors(context, walk, page);
      }
      store.put({ epoch: page.epoch, ...behaviour.cursorOfPage(context, walk, page) });
    });
  },

  cursorOfPage({ store }, walk, { syncToken, last, body }) {
    if (walk.full && !last) return undefined;
    const head = last ? Number(body["lastSeq"] ?? 0) : 0;
    // Live events may have brought it further meanwhile.
    return { token: syncToken, ...(last ? { seq: Math.max(store.state.seq ?? 0, head) } : {}) };
  },

  isNewEpoch: ({ store }, { epoch }) => store.state.epoch !== null && store.state.epoch !== epoch,

  dropEpoch({ store }, epoch) {
    for (const table of [store.rows, store.known, store.floors]) table.clear();
    store.put({ epoch, token: null, seq: null, generation: store.state.generation + 1 });
  },

  removeAbsent({ store }, walk, { body }) {
    const through = Number(body["through"]);
    for (const [key, row] of store.rows)
      if (row.seq <= through && row.item !== null && !walk.entities.has(key)) store.rows.delete(key);
  },

  raiseFloors({ store }, _walk, { body }) {
    const floor = { through: Number(body["through"]), at: parseInstant(body["timestamp"])! };
    for (const type of ENTITY_TYPES) store.floors.set(type, floor);
  },

  forgetCursor: ({ store }) => store.put({ token: null, seq: null }),

  isFromBefore: ({ store }, generation) => store.state.generation !== generation,
};

/** A valid body of a pull, taken apart. */
export function pageOf(body: JsonObject): Page {
  return {
    body,
    epoch: body["epoch"] as string,
    syncToken: body["syncToken"] as string,
    last: body["hasMore"] === false,
    told: [...itemsOfPage(body), ...deletions(body["deleted"])],
  };
}
