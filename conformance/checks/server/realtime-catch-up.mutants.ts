import type { Behaviour } from "../../model/behaviour.ts";
import type { Context } from "../../model/context.ts";
import { mutant } from "../../model/mutant.ts";
import type { Connection } from "../../model/realtime/connection.ts";
import { rowKey } from "../../model/state.ts";
import type { Row } from "../../model/state.ts";
import { keepingHistory, revisionsOf } from "./pull-history.ts";

/** A catch-up without the rows for which `holds` is false. */
const only =
  (holds: (row: Row, context: Context) => boolean) =>
  (conforming: Behaviour): Behaviour => ({
    ...conforming,
    isInCatchUp: (context, row, baseline) =>
      holds(row, context) && conforming.isInCatchUp(context, row, baseline),
  });

/** What a fault remembers of the catch-up that runs on a connection. */
export function memoryOf<T>({ connection }: Context, name: string, initial: T): { value: T } {
  const { memory } = connection as Connection;
  if (!memory.has(name)) memory.set(name, { value: initial });
  return memory.get(name) as { value: T };
}

export const leavesOutPreferences = mutant({
  name: "catch-up-leaves-out-preferences",
  story: "The list of types to walk was written before there were preferences.",
  breaks: ["RT-022", "RT-026"],
  deform: only(({ entityType }) => entityType !== "user_preferences"),
});

export const leavesOutOccurrences = mutant({
  name: "catch-up-leaves-out-occurrences",
  story: "Occurrences are taken to come with their plans, and those of unchanged plans never come.",
  breaks: ["RT-022", "RT-026"],
  deform: only(({ entityType }) => entityType !== "plan_occurrence"),
});

export const leavesOutDeletions = mutant({
  name: "catch-up-leaves-out-deletions",
  story: "Catch-up reads the live rows.",
  breaks: ["RT-022", "RT-026", "RT-028"],
  deform: only(({ item }) => item !== null),
});

export const onlyDeletionsWithAMessage = mutant({
  name: "catch-up-tells-deletions-of-entries-and-pieces-only",
  story: "Only entries and pieces have a message of deletion of their own.",
  breaks: ["RT-022", "RT-026"],
  deform: only(
    ({ item, entityType }) =>
      item !== null || entityType === "logbook_entry" || entityType === "repertoire_item",
  ),
});

export const ignoresThePlace = mutant({
  name: "catch-up-ignores-last-seq",
  story: "Every SYNC_REQUEST is answered with the whole of the log, as the first one is.",
  breaks: ["RT-026"],
  deform: (conforming) => ({
    ...conforming,
    baselineOf: (context, connection, message) => ({
      ...conforming.baselineOf(context, connection, message),
      after: 0,
    }),
  }),
});

export const skipsTheNext = mutant({
  name: "catch-up-begins-one-too-far",
  story: "lastSeq is taken for the first seq that is wanted less one, off by one.",
  breaks: ["RT-022", "RT-026"],
  deform: (conforming) => ({
    ...conforming,
    baselineOf(context, connection, message) {
      const baseline = conforming.baselineOf(context, connection, message);
      return baseline.after > 0 ? { ...baseline, after: baseline.after + 1 } : baseline;
    },
  }),
});

export const staleState = mutant({
  name: "catch-up-tells-first-states",
  story: "The log keeps the item as it was when the entity was written first, and catch-up sends that.",
  breaks: ["RT-026"],
  deform: (conforming) => ({
    ...conforming,
    ...keepingHistory(conforming),
    bulkFrame: (context, rows) =>
      conforming.bulkFrame(
        context,
        rows.map((row) => ({ ...row, item: (revisionsOf(context, row)[0] ?? row).item ?? row.item })),
      ),
  }),
});

export const stopsAtAThousand = mutant({
  name: "catch-up-stops-at-a-thousand",
  story: "The query has a limit of 1000 rows, and nobody asks for the rest.",
  breaks: ["RT-022", "RT-026"],
  deform: (conforming) => ({
    ...conforming,
    takeChunk(context, baseline, position) {
      const before = conforming.rowsAfter(context, baseline.after).filter(({ seq }) => seq <= position);
      return before.length >= 1_000
        ? { rows: [], through: position }
        : conforming.takeChunk(context, baseline, position);
    },
  }),
});

export const stopsAfterAChunk = mutant({
  name: "catch-up-ends-after-its-first-chunk",
  story: "A client is expected to ask again, but is told the head as its place.",
  breaks: ["RT-022", "RT-026"],
  deform: (conforming) => ({
    ...conforming,
    takeChunk: (context, baseline, position) =>
      position > baseline.after
        ? { rows: [], through: position }
        : conforming.takeChunk(context, baseline, position),
  }),
});

export const newestFirst = mutant({
  name: "catch-up-tells-the-newest-first",
  story: "Users want their latest entries at once; chunks have no place of their own until the end.",
  breaks: ["RT-026"],
  deform: (conforming) => ({
    ...conforming,
    beginCatchUp(context, connection, baseline) {
      connection.memory.delete("newest first");
      conforming.beginCatchUp(context, connection, baseline);
    },
    takeChunk(context, baseline) {
      const sent = memoryOf(context, "newest first", 0);
      const rows = conforming
        .rowsAfter(context, baseline.after)
        .toReversed()
        .slice(sent.value, sent.value + 250);
      sent.value += rows.length;
      return { rows, through: baseline.after };
    },
  }),
});

export const pagesByOffset = mutant({
  name: "catch-up-pages-by-offset",
  story: "Chunks are cut with OFFSET, and what moves on in the log shifts the rows behind it.",
  breaks: ["RT-022", "RT-026", "RT-027"],
  deform: (conforming) => ({
    ...conforming,
    takeChunk(context, baseline) {
      const sent = memoryOf(context, "offset", 0);
      const rows = conforming.rowsAfter(context, baseline.after).slice(sent.value, sent.value + 250);
      sent.value += rows.length;
      return { rows, through: rows.at(-1)?.seq ?? context.user.head };
    },
  }),
});

export const frozenAtItsStart = mutant({
  name: "catch-up-is-frozen-at-its-start",
  story: "The walk runs to the head that was read at its start, and events that waited are dropped as told.",
  breaks: ["RT-022", "RT-026", "RT-029"],
  deform: (conforming) => ({
    ...conforming,
    beginCatchUp(context, connection, baseline) {
      conforming.beginCatchUp(context, connection, baseline);
      connection.memory.set("frozen", { value: context.user.head });
    },
    isInCatchUp: (context, row, baseline) =>
      row.seq <= memoryOf(context, "frozen", 0).value && conforming.isInCatchUp(context, row, baseline),
  }),
});

export const tellsEachOnce = mutant({
  name: "catch-up-tells-each-entity-once",
  story: "A set of what was sent keeps an entity from being told twice, though it changed in between.",
  breaks: ["RT-022", "RT-026"],
  deform: (conforming) => ({
    ...conforming,
    takeChunk(context, baseline, position) {
      const chunk = conforming.takeChunk(context, baseline, position);
      const { value: sent } = memoryOf(context, "sent", new Set<string>());
      const rows = chunk.rows.filter((row) => !sent.has(rowKey(row.entityType, row.entityId)));
      for (const row of rows) sent.add(rowKey(row.entityType, row.entityId));
      return { ...chunk, rows };
    },
  }),
});

export const endsTooLate = mutant({
  name: "catch-up-loses-what-comes-at-its-end",
  story:
    "Between the last look at the log and the end something is awaited, and what is written then is never told.",
  breaks: ["RT-022", "RT-026", "RT-029"],
  deform: (conforming) => ({
    ...conforming,
    endCatchUp(context, connection, told) {
      let turns = 40;
      const later = (): void => {
        turns -= 1;
        if (turns === 0) conforming.endCatchUp(context, connection, told);
        else setImmediate(later);
      };
      later();
    },
  }),
});
