import { formatInstant } from "../../../spec/rules/instant.ts";
import type { Behaviour } from "../../model/behaviour.ts";
import type { Context } from "../../model/context.ts";
import { mutant } from "../../model/mutant.ts";
import type { Row } from "../../model/state.ts";

function counting(conforming: Behaviour, count: (context: Context, rows: Row[]) => number): Behaviour {
  return { ...conforming, entityCount: (context) => count(context, [...context.user.rows.values()]) };
}

const isLive = ({ item }: Row): boolean => item !== null;

export const countsEntriesOnly = mutant({
  name: "counts-entries-only",
  story: "The count was written when entries were all there was.",
  breaks: ["STAT-001"],
  deform: (conforming) =>
    counting(
      conforming,
      (_context, rows) => rows.filter((row) => isLive(row) && row.entityType === "logbook_entry").length,
    ),
});

export const doesNotCountPreferences = mutant({
  name: "does-not-count-preferences",
  story: "Preferences were not thought to be an entity.",
  breaks: ["STAT-001"],
  deform: (conforming) =>
    counting(
      conforming,
      (_context, rows) => rows.filter((row) => isLive(row) && row.entityType !== "user_preferences").length,
    ),
});

export const countsWrites = mutant({
  name: "counts-writes",
  story: "The count is taken over the log of writes.",
  breaks: ["STAT-001"],
  deform: (conforming) => counting(conforming, ({ user }) => user.log.length),
});

export const countsDeletions = mutant({
  name: "counts-deletions",
  story: "The rows of deletions are kept, and COUNT(*) counts them.",
  breaks: ["STAT-001"],
  deform: (conforming) => counting(conforming, (_context, rows) => rows.length),
});

export const subtractsDeletionsOfTheUnseen = mutant({
  name: "subtracts-deletions-of-the-unseen",
  story: "A counter goes down with each deletion, whether there was anything to delete or not.",
  breaks: ["STAT-001"],
  deform: (conforming) =>
    counting(conforming, (_context, rows) =>
      Math.max(
        0,
        rows.filter(isLive).length - rows.filter((row) => !isLive(row) && row.version === 1).length,
      ),
    ),
});

export const countsEverybodysEntities = mutant({
  name: "counts-everybodys-entities",
  story: "The query of the count lost its WHERE user_id.",
  breaks: ["STAT-001", "ISO-001"],
  deform: (conforming) =>
    counting(
      conforming,
      ({ server }) =>
        [...server.users.values()].flatMap(({ rows }) => [...rows.values()]).filter(isLive).length,
    ),
});

/** A server whose status gives the token of another place in the log. */
function placing(conforming: Behaviour, placeOf: (context: Context) => number): Behaviour {
  return {
    ...conforming,
    statusAnswer: (context) => ({
      ...conforming.statusAnswer(context),
      syncToken: conforming.headToken(context, placeOf(context)),
    }),
  };
}

export const tokenIsBehindTheHead = mutant({
  name: "status-token-is-behind-the-head",
  story: "The token is read from a column that the next write brings up to date.",
  breaks: ["STAT-003"],
  deform: (conforming) => placing(conforming, ({ user }) => Math.max(0, user.head - 1)),
});

export const tokenIsAheadOfTheHead = mutant({
  name: "status-token-is-ahead-of-the-head",
  story: "The token is made from the number that will be given next.",
  breaks: ["STAT-003"],
  deform: (conforming) => ({
    ...placing(conforming, ({ user }) => user.head + 1),
    isAhead: ({ user }, { seq }) => seq > user.head + 1,
  }),
});

export const tokenOfTheLastEntry = mutant({
  name: "status-token-is-that-of-the-last-entry",
  story: "The token was written when entries were all there was.",
  breaks: ["STAT-003"],
  deform: (conforming) =>
    placing(conforming, ({ user }) =>
      Math.max(
        0,
        ...[...user.rows.values()].flatMap((row) => (row.entityType === "logbook_entry" ? [row.seq] : [])),
      ),
    ),
});

export const tokenIsCached = mutant({
  name: "status-token-is-cached",
  story: "The head is kept in memory from the first time it was asked for.",
  breaks: ["STAT-003"],
  deform: (conforming) =>
    placing(conforming, ({ server, user }) => {
      const slot = `status head ${user.id}`;
      const head = (server.volatile.get(slot) as number | undefined) ?? user.head;
      server.volatile.set(slot, head);
      return head;
    }),
});

export const lastSyncTimeOfThePull = mutant({
  name: "last-sync-time-is-that-of-the-last-pull",
  story: "A sync is a pull as well as a push, so either sets the time.",
  breaks: ["STAT-004"],
  deform: (conforming) => ({
    ...conforming,
    startWalk(context, query) {
      context.user.lastWriteAt = context.now;
      return conforming.startWalk(context, query);
    },
  }),
});

export const lastSyncTimeOfRefusals = mutant({
  name: "last-sync-time-is-that-of-the-last-push",
  story: "Every push sets the time, whatever became of its items.",
  breaks: ["STAT-004"],
  deform: (conforming) => ({
    ...conforming,
    pushAnswer(context, judgements, head) {
      context.user.lastWriteAt = context.now;
      return conforming.pushAnswer(context, judgements, head);
    },
  }),
});

export const lastSyncTimeIsANumber = mutant({
  name: "last-sync-time-is-a-number",
  story: "The column's value goes out as it is stored.",
  breaks: ["STAT-004", "HTTP-009"],
  deform: (conforming) => ({
    ...conforming,
    statusAnswer: (context) => ({
      ...conforming.statusAnswer(context),
      lastSyncTime: context.user.lastWriteAt,
    }),
  }),
});

export const lastSyncTimeIsNeverNull = mutant({
  name: "last-sync-time-is-never-null",
  story: "A user without data has the time 0, which is in 1970.",
  breaks: ["STAT-004"],
  deform: (conforming) => ({
    ...conforming,
    lastSyncTime: ({ user }) => formatInstant(user.lastWriteAt ?? 0),
  }),
});

export const lastSyncTimeOfLiveEntities = mutant({
  name: "last-sync-time-is-that-of-live-entities",
  story: "The time is a MAX over the entities that are not deleted.",
  breaks: ["STAT-004"],
  deform: (conforming) => ({
    ...conforming,
    lastSyncTime({ user }) {
      const times = [...user.rows.values()].filter(isLive).map(({ writtenAt }) => writtenAt);
      return times.length === 0 ? null : formatInstant(Math.max(...times));
    },
  }),
});

export const lastSyncTimeOfPushesOnly = mutant({
  name: "last-sync-time-of-pushes-only",
  story: "The batch was written later, and nobody thought of the time.",
  breaks: ["STAT-004"],
  deform: (conforming) => ({
    ...conforming,
    applyRow(context, row) {
      const before = context.user.lastWriteAt;
      conforming.applyRow(context, row);
      if (context.endpoint === "batch") context.user.lastWriteAt = before;
    },
  }),
});
