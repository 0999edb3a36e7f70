import type { EntityType } from "../../../schemas/collections.ts";
import type { Behaviour } from "../../model/behaviour.ts";
import type { Context } from "../../model/context.ts";
import { mutant } from "../../model/mutant.ts";
import type { Row } from "../../model/state.ts";

/** Another behaviour for which rows of a write are told. */
const telling =
  (isTold: (row: Row, context: Context) => boolean) =>
  (conforming: Behaviour): Behaviour => ({
    ...conforming,
    fanOut: (context, rows) =>
      conforming.fanOut(
        context,
        rows.filter((row) => isTold(row, context)),
      ),
  });

/** Another behaviour for what of a write becomes events, and in which order; how far a connection is told stays. */
const grouping =
  (choose: (groups: Row[][], context: Context) => Row[][]) =>
  (conforming: Behaviour): Behaviour => ({
    ...conforming,
    groupRows: (context, rows) => choose(conforming.groupRows(context, rows), context),
  });

/** The named socket counts as its own only for what this says. */
const sparing =
  (isSpared: (context: Context, rows: readonly Row[]) => boolean) =>
  (conforming: Behaviour): Behaviour => ({
    ...conforming,
    tell(context, connection, rows) {
      if (context.connection !== undefined || isSpared(context, rows))
        return conforming.tell(context, connection, rows);
      conforming.tell(
        { ...context, behaviour: { ...context.behaviour, isOwn: () => false } },
        connection,
        rows,
      );
    },
  });

const isBatch = ({ endpoint }: Context): boolean => endpoint === "batch";
const overSockets = ({ connection }: Context): boolean => connection !== undefined;
const isGone = ({ item }: Row): boolean => item === null;

export const tellsNoDeletionsOfBatches = mutant({
  name: "tells-no-deletions-of-batches",
  story: "A batch was made for uploads, and its broadcast sends the items that came with it.",
  breaks: ["RT-001"],
  deform: telling((row, context) => !isBatch(context) || !isGone(row)),
});

const NAMED: readonly EntityType[] = ["logbook_entry", "repertoire_item"];

export const tellsNoDeletionsOfOtherTypes = mutant({
  name: "tells-no-deletions-of-types-without-a-message",
  story: "Entries and pieces have a message for their removal; for the others there is none in the table.",
  breaks: ["RT-001", "RT-018"],
  deform: telling((row, context) => overSockets(context) || !isGone(row) || NAMED.includes(row.entityType)),
});

export const tellsNewItemsOfBatchesOnly = mutant({
  name: "tells-new-items-of-batches-only",
  story: "A batch counts what it inserted, and tells that.",
  breaks: ["RT-001"],
  deform: telling(({ version }, context) => !isBatch(context) || version === 1),
});

export const tellsNoPreferences = mutant({
  name: "tells-no-preferences",
  story: "Preferences are thought to be of the device on which they were set.",
  breaks: ["RT-001", "RT-016"],
  deform: telling(({ entityType }) => entityType !== "user_preferences"),
});

export const tellsTheNamedOfBatches = mutant({
  name: "tells-the-named-socket-of-batches",
  story: "The handler of batches calls the broadcast without the second argument, which may be left out.",
  breaks: ["RT-002"],
  deform: sparing((context) => !isBatch(context)),
});

export const tellsTheNamedOfDeletions = mutant({
  name: "tells-the-named-socket-of-deletions",
  story: "Deletions have a broadcast of their own, written before there was the header.",
  breaks: ["RT-002"],
  deform: sparing((_context, rows) => !rows.every(isGone)),
});

export const sparesTheNamedTheFirstOfMany = mutant({
  name: "spares-the-named-socket-the-first-of-a-request",
  story: "The name is taken from the request when its first change is told, and is gone for the next.",
  breaks: ["RT-002"],
  deform: (conforming) => ({
    ...conforming,
    tell(context, connection, rows) {
      conforming.tell(context, connection, rows);
      if (context.connection !== undefined || !conforming.isOwn(context, connection)) return;
      for (const row of rows.slice(1)) conforming.sendEvent(context, connection, [row]);
    },
  }),
});

const byType = (groups: Row[][]): Row[][] =>
  groups.toSorted(([a], [b]) => (a!.entityType < b!.entityType ? -1 : a!.entityType > b!.entityType ? 1 : 0));

export const tellsBatchesByType = mutant({
  name: "tells-batches-by-type",
  story:
    "The rows of a batch are grouped by type, each type has its message, and they go out one type after another.",
  breaks: ["RT-021"],
  deform: grouping((groups, context) => (isBatch(context) ? byType(groups) : groups)),
});

export const tellsBulksByType = mutant({
  name: "tells-bulk-messages-by-type",
  story: "A bulk message is told by loops over its members, in the order of the handler.",
  breaks: ["RT-021"],
  deform: grouping((groups, context) => (overSockets(context) ? byType(groups) : groups)),
});

export const tellsDeletionsOfARequestFirst = mutant({
  name: "tells-the-deletions-of-a-request-first",
  story: "Removals are told at once, items when they were read back.",
  breaks: ["RT-021"],
  deform: grouping((groups, context) =>
    overSockets(context)
      ? groups
      : [...groups.filter(([row]) => isGone(row!)), ...groups.filter(([row]) => !isGone(row!))],
  ),
});

export const tellsTheFirst250 = mutant({
  name: "tells-the-first-250-of-a-push",
  story: "What catch-up may have in a chunk is the limit of every query, of that behind the broadcast too.",
  breaks: ["RT-001", "RT-022"],
  deform: grouping((groups, { endpoint }) => (endpoint === "push" ? groups.slice(0, 250) : groups)),
});

export const tellsTheFirst250OfBatches = mutant({
  name: "tells-the-first-250-of-a-batch",
  story: "The rows of a batch are read back in one page, and nobody asks for the next.",
  breaks: ["RT-001", "RT-022"],
  deform: grouping((groups, context) => (isBatch(context) ? groups.slice(0, 250) : groups)),
});

export const tellsTheFirst250OfBulks = mutant({
  name: "tells-the-first-250-of-a-bulk-message",
  story: "A queue between the writer and the room holds so many, and drops the rest.",
  breaks: ["RT-001", "RT-016", "RT-022"],
  deform: grouping((groups, context) => (overSockets(context) ? groups.slice(0, 250) : groups)),
});

export const tellsTheFirst100Deletions = mutant({
  name: "tells-the-first-100-deletions-of-a-request",
  story: "Deletions are told from a query with a LIMIT that was a guess.",
  breaks: ["RT-001", "RT-022"],
  deform: grouping((groups) => {
    const gone = groups.filter(([row]) => isGone(row!)).slice(100);
    return groups.filter((group) => !gone.includes(group));
  }),
});
