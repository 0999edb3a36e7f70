import type { EntityType } from "../../../schemas/collections.ts";
import { formatInstant } from "../../../spec/rules/instant.ts";
import { clientMutant, tally } from "../../model-client/mutant.ts";
import { entityKey } from "../../model-client/store.ts";
import type { Change } from "../../model-client/store.ts";

/** Longer than any check waits, and short enough for a timer. */
const NEVER_MS = 1_000_000;

export const sendsEntriesWithTheRest = clientMutant({
  name: "sends-entries-with-the-rest",
  story: "There is one timer of 30 seconds, which spares the battery, for everything.",
  breaks: ["CLI-026"],
  deform: (conforming) => ({ ...conforming, flushWithinMs: () => 30_000 }),
});

export const waitsForQuiet = clientMutant({
  name: "waits-for-quiet",
  story:
    "The flush is debounced: each write begins its second anew, and a user who goes on playing never saves.",
  breaks: ["CLI-026"],
  deform: (conforming) => ({
    ...conforming,
    flushWithinMs: () => NEVER_MS,
    enqueue(context, change) {
      const cancel = context.scratch.get("quiet") as (() => void) | undefined;
      cancel?.();
      context.scratch.set(
        "quiet",
        context.life.after(1_000, () => context.lanes.push.due(0)),
      );
      return conforming.enqueue(context, change);
    },
  }),
});

export const waitsForTheEndOfTyping = clientMutant({
  name: "waits-for-the-end-of-typing",
  story:
    "Each entity is saved five seconds after the last keystroke; whoever writes down a whole lesson saves nothing of it until it is over.",
  breaks: ["CLI-026"],
  deform: (conforming) => ({
    ...conforming,
    enqueue(context, change) {
      const key = `typing ${entityKey(change.type, change.id)}`;
      (context.scratch.get(key) as (() => void) | undefined)?.();
      context.scratch.set(
        key,
        context.life.after(5_000, () => {
          context.scratch.delete(key);
          context.lanes.push.due(0);
        }),
      );
      return conforming.enqueue(context, change);
    },
    select: (context) =>
      conforming
        .select(context)
        .filter(({ type, id }) => !context.scratch.has(`typing ${entityKey(type, id)}`)),
  }),
});

export const sendsWhenItPulls = clientMutant({
  name: "sends-when-it-pulls",
  story: "Sync is one function, and its timer is that of the pulls.",
  breaks: ["CLI-026"],
  deform: (conforming) => ({
    ...conforming,
    flushWithinMs: () => NEVER_MS,
    pullFrom(context) {
      // The first pull is over before anything is written.
      if (tally(context, "pulls") > 1) context.lanes.push.due(0);
      return conforming.pullFrom(context);
    },
  }),
});

export const sendsOthersWithEntriesAlone = clientMutant({
  name: "sends-others-with-entries-alone",
  story: "The flush is scheduled where entries are written; what else waits goes along, whenever that is.",
  breaks: ["CLI-026"],
  deform: (conforming) => ({
    ...conforming,
    flushWithinMs: (_context, { type }) => (type === "logbook_entry" ? 0 : NEVER_MS),
    batchSize: () => 1,
    select: (context) => {
      const entry = (change: Change): boolean => change.type === "logbook_entry";
      return conforming.select(context).filter(entry);
    },
  }),
});

export const sendsDeletionsWithEntriesAlone = clientMutant({
  name: "sends-deletions-with-entries-alone",
  story: "The trigger that schedules a flush is on INSERT and UPDATE.",
  breaks: ["CLI-026"],
  deform: (conforming) => ({
    ...conforming,
    flushWithinMs: (context, change) =>
      change.deleted ? NEVER_MS : conforming.flushWithinMs(context, change),
    select: (context) =>
      conforming.select(context).filter(({ deleted, type }) => !deleted || type === "logbook_entry"),
  }),
});

export const leavesOthersBehind = clientMutant({
  name: "leaves-others-behind",
  story: "A flush cancels the timer of the others, as if they had gone with it, and sends entries.",
  breaks: ["CLI-026"],
  deform: (conforming) => ({
    ...conforming,
    select(context) {
      const ready = conforming.select(context);
      const flushed = context.scratch.get("flushed an entry") === true;
      if (ready.some(({ type }) => type === "logbook_entry")) context.scratch.set("flushed an entry", true);
      const left: EntityType[] = ["goal", "repertoire_item"];
      return flushed || context.scratch.has("flushed an entry")
        ? ready.filter(({ type }) => !left.includes(type))
        : ready;
    },
  }),
});

export const sendsAllAtOnce = clientMutant({
  name: "sends-all-at-once",
  story: "The queue is the body: what waits is sent, all of it.",
  breaks: ["CLI-026"],
  deform: (conforming) => ({ ...conforming, batchSize: () => 10_000 }),
});

export const sendsFiftyOfEachType = clientMutant({
  name: "sends-fifty-of-each-type",
  story: "The limit stands in the query of each table, and a push is made of seven of them.",
  breaks: ["CLI-026"],
  deform: (conforming) => ({
    ...conforming,
    batchSize: () => 10_000,
    select(context) {
      const counts = new Map<string, number>();
      return conforming.select(context).filter(({ type }) => {
        const count = (counts.get(type) ?? 0) + 1;
        counts.set(type, count);
        return count <= 50;
      });
    },
  }),
});

// What sockets carried (CLI-027).

export const waitsForTheSocket = clientMutant({
  name: "waits-for-the-socket",
  story:
    "A change that a socket took is left to it: the acknowledgement will come, or the socket will close.",
  breaks: ["CLI-027"],
  deform: (conforming) => ({ ...conforming, ackWithinMs: () => NEVER_MS }),
});

export const fallsBackAfterHalfAMinute = clientMutant({
  name: "falls-back-after-half-a-minute",
  story: "Unacknowledged changes are looked for by the timer that also pulls.",
  breaks: ["CLI-027"],
  deform: (conforming) => ({ ...conforming, ackWithinMs: () => 35_000 }),
});

export const restampsForHttp = clientMutant({
  name: "restamps-for-http",
  story: "The body of a push is made of the item with `updatedAt: now`, for the second way as for the first.",
  breaks: ["CLI-027", "CLI-004"],
  deform: (conforming) => ({
    ...conforming,
    body(context, changes, call) {
      const { store } = context;
      const anew = changes.map((change) => {
        if (!change.sent || change.deleted) return change;
        const at = Math.max(change.at + 1, conforming.correctedNow(context));
        const again = { ...change, at, item: { ...change.item, updatedAt: formatInstant(at) } };
        store.changes.set(String(change.n), again);
        return again;
      });
      return conforming.body(context, anew, call);
    },
  }),
});

export const sendsACopyByHttp = clientMutant({
  name: "sends-a-copy-by-http",
  story: "What times out is given to the function that creates an entry, which gives it an id.",
  breaks: ["CLI-027"],
  deform: (conforming) => ({
    ...conforming,
    body(context, changes, call) {
      const copied = changes.map((change) =>
        change.sent ? { ...change, item: { ...change.item, id: context.unique() } } : change,
      );
      return conforming.body(context, copied, call);
    },
  }),
});

export const sendsTheEditInItsPlace = clientMutant({
  name: "sends-the-edit-in-its-place",
  story: "HTTP sends the entity as it is by then; what the socket carried is thought to be contained in it.",
  breaks: ["CLI-027", "CLI-019"],
  deform: (conforming) => ({
    ...conforming,
    coalesces: (context, waiting, next) =>
      context.session !== null || conforming.coalesces(context, waiting, next),
  }),
});

export const forgetsWhatTheSocketCarried = clientMutant({
  name: "forgets-what-the-socket-carried",
  story: "The list of unacknowledged changes belongs to the connection, and is cleared with it.",
  breaks: ["CLI-027", "CLI-018"],
  deform: (conforming) => ({
    ...conforming,
    afterClose(context, code) {
      for (const [key, { sent }] of context.store.changes) if (sent) context.store.changes.delete(key);
      return conforming.afterClose(context, code);
    },
  }),
});
