import type { JsonObject } from "../../../schemas/json.ts";
import type { Behaviour } from "../../model/behaviour.ts";
import { mutant } from "../../model/mutant.ts";
import type { Row } from "../../model/state.ts";

export const metaInOrderOfIds = mutant({
  name: "meta-in-order-of-ids",
  story: "Items come from one query and their meta from another, which has an ORDER BY of its own.",
  breaks: ["PULL-003", "PULL-006"],
  deform: (conforming) => ({
    ...conforming,
    arrange: sortingMeta(conforming, (meta) => String(meta["entityId"])),
  }),
});

export const metaInOrderOfStamps = mutant({
  name: "meta-in-order-of-stamps",
  story: "The meta are read through the index over updatedAt, the items through that over seq.",
  breaks: ["PULL-003", "PULL-006"],
  deform: (conforming) => ({
    ...conforming,
    arrange: sortingMeta(conforming, (meta) => String(meta["updatedAt"])),
  }),
});

export const metaOfLiveAndDeletedMixedUp = mutant({
  name: "meta-of-deletions-among-those-of-items",
  story: "The meta are made from all rows of a type before the deleted ones are taken out.",
  breaks: ["PULL-003"],
  deform: (conforming) => ({
    ...conforming,
    arrange(context, page) {
      const body = conforming.arrange(context, page);
      const meta = Object.fromEntries(
        Object.entries(body["meta"] as Record<string, JsonObject[]>).map(([member, metas]) => {
          const all = page.rows
            .filter(({ entityType }) => metas[0]?.["entityType"] === entityType)
            .map((row) => ({ ...conforming.tellMeta(context, row), deletedAt: null }));
          return [member, all.slice(0, metas.length)];
        }),
      );
      return { ...body, meta };
    },
  }),
});

export const itemsInOrderOfIds = mutant({
  name: "items-in-order-of-ids",
  story: "The rows of a page are read by primary key.",
  breaks: ["PULL-006"],
  deform: (conforming) => ({
    ...conforming,
    arrange: (context, { rows, hasMore }) =>
      conforming.arrange(context, { rows: sorted(rows, ({ entityId }) => entityId), hasMore }),
  }),
});

export const itemsInOrderOfStamps = mutant({
  name: "items-in-order-of-stamps",
  story: "The app shows the oldest first, so the server sorts by updatedAt.",
  breaks: ["PULL-006"],
  deform: (conforming) => ({
    ...conforming,
    arrange: (context, { rows, hasMore }) =>
      conforming.arrange(context, {
        rows: rows.toSorted((a, b) => a.stamp.updatedAt - b.stamp.updatedAt),
        hasMore,
      }),
  }),
});

export const newestFirst = mutant({
  name: "newest-first-within-a-page",
  story: "The app shows the newest first, so the server sends them that way round.",
  breaks: ["PULL-006"],
  deform: (conforming) => ({
    ...conforming,
    arrange: (context, { rows, hasMore }) =>
      conforming.arrange(context, { rows: rows.toReversed(), hasMore }),
  }),
});

export const deletionsInOrderOfIds = mutant({
  name: "deletions-in-order-of-ids",
  story: "Deletions are collected type by type from a map and sorted to make answers comparable.",
  breaks: ["PULL-006"],
  deform: (conforming) => ({
    ...conforming,
    arrange(context, page) {
      const body = conforming.arrange(context, page);
      const deleted = (body["deleted"] as JsonObject[]).toSorted((a, b) =>
        String(a["entityId"]) < String(b["entityId"]) ? -1 : 1,
      );
      return { ...body, deleted };
    },
  }),
});

function sorted(rows: readonly Row[], keyOf: (row: Row) => string): Row[] {
  return rows.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

function sortingMeta(conforming: Behaviour, keyOf: (meta: JsonObject) => string): Behaviour["arrange"] {
  return (context, page) => {
    const body = conforming.arrange(context, page);
    const meta = Object.fromEntries(
      Object.entries(body["meta"] as Record<string, JsonObject[]>).map(([member, metas]) => [
        member,
        metas.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)),
      ]),
    );
    return { ...body, meta };
  };
}
