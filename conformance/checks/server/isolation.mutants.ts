import type { Context } from "../../model/context.ts";
import { mutant } from "../../model/mutant.ts";
import type { Mutant } from "../../model/mutant.ts";
import { rowKey } from "../../model/state.ts";
import type { Row, UserState } from "../../model/state.ts";

const everybody = ({ server }: Context): UserState[] => [...server.users.values()];

/** Other users' latest rows, renumbered so that they fit into this user's log. */
function othersRows(context: Context, wanted: (row: Row) => boolean): Row[] {
  return everybody(context)
    .filter(({ id }) => id !== context.user.id)
    .flatMap(({ rows }) => [...rows.values()])
    .filter(wanted)
    .map((row) => ({ ...row, seq: context.user.head }));
}

const leaksRows = (
  name: string,
  story: string,
  when: (after: number) => boolean,
  wanted: (row: Row) => boolean,
): Mutant =>
  mutant({
    name,
    story,
    breaks: ["ISO-001"],
    deform: (conforming) => ({
      ...conforming,
      rowsAfter: (context, seq) => [
        ...conforming.rowsAfter(context, seq),
        ...(when(seq) ? othersRows(context, wanted) : []),
      ],
    }),
  });

export const pullsEverybodysItems = leaksRows(
  "pulls-everybodys-items",
  "The query of the full pull lacks its WHERE user_id = ?.",
  (after) => after === 0,
  ({ item }) => item !== null,
);
export const tellsEverybodysChanges = leaksRows(
  "tells-everybodys-changes",
  "The delta query was written later: `seq > ?`, and the user was forgotten.",
  (after) => after > 0,
  () => true,
);
export const tellsEverybodysDeletions = leaksRows(
  "tells-everybodys-deletions",
  "Deletions are in a table of their own, whose query has no user.",
  (after) => after > 0,
  ({ item }) => item === null,
);
export const pullsEverybodysPreferences = leaksRows(
  "pulls-everybodys-preferences",
  "Preferences are looked up by their id, which is the same for all.",
  () => true,
  ({ entityType }) => entityType === "user_preferences",
);

export const countsEverybodysItems = mutant({
  name: "counts-everybodys-items",
  story: "SELECT count(*) FROM sync_data WHERE deleted_at IS NULL.",
  breaks: ["ISO-001", "STAT-001"],
  deform: (conforming) => ({
    ...conforming,
    entityCount: (context) =>
      everybody(context).reduce(
        (count, { rows }) => count + [...rows.values()].filter(({ item }) => item !== null).length,
        0,
      ),
  }),
});

export const countsEverybodysDevices = mutant({
  name: "counts-everybodys-devices",
  story: "The set of devices is one for the whole server.",
  breaks: ["ISO-001", "STAT-002"],
  deform: (conforming) => ({
    ...conforming,
    deviceCount: (context) => new Set(everybody(context).flatMap(({ devices }) => [...devices.keys()])).size,
  }),
});

export const tellsEverybodysSyncTime = mutant({
  name: "tells-everybodys-sync-time",
  story: "lastSyncTime is the greatest of the table.",
  breaks: ["ISO-001", "STAT-004"],
  deform: (conforming) => ({
    ...conforming,
    lastSyncTime: (context) => {
      const times = everybody(context).flatMap(({ lastWriteAt }) => lastWriteAt ?? []);
      return times.length === 0 ? null : new Date(Math.max(...times)).toISOString();
    },
  }),
});

export const letsDevicesBelongToOneUser = mutant({
  name: "lets-devices-belong-to-one-user",
  story: "Device ids are the primary key of their table, so the last user to come takes the device along.",
  breaks: ["ISO-002", "STAT-002"],
  deform: (conforming) => ({
    ...conforming,
    noteDevice: (context) => {
      const device = context.behaviour.deviceOf(context);
      if (device !== undefined)
        for (const user of everybody(context)) if (user !== context.user) user.devices.delete(device);
      conforming.noteDevice(context);
    },
  }),
});

/** Of all users' rows of an entity the one that was written most often. */
const anybodysRow = (context: Context, key: string): Row | undefined =>
  everybody(context)
    .flatMap(({ rows }) => rows.get(key) ?? [])
    .toSorted((a, b) => b.version - a.version)[0];

export const judgesByAnybodysRow = mutant({
  name: "judges-by-anybodys-row",
  story: "The stored row is looked up by entity type and id alone, so another user's row decides.",
  breaks: ["ISO-001", "ISO-002"],
  deform: (conforming) => ({
    ...conforming,
    findRow: (context, entityType, entityId) => anybodysRow(context, rowKey(entityType, entityId)),
  }),
});

export const judgesBatchesByAnybodysRow = mutant({
  name: "judges-batches-by-anybodys-row",
  story: "Preconditions are checked by a query of their own, without the user.",
  breaks: ["ISO-001", "ISO-002"],
  deform: (conforming) => ({
    ...conforming,
    findRow: (context, entityType, entityId) =>
      context.endpoint === "batch"
        ? anybodysRow(context, rowKey(entityType, entityId))
        : conforming.findRow(context, entityType, entityId),
  }),
});

const writesToOthers = (name: string, story: string, reaches: (row: Row) => boolean): Mutant =>
  mutant({
    name,
    story,
    breaks: ["ISO-001", "ISO-002"],
    deform: (conforming) => ({
      ...conforming,
      applyRow: (context, row) => {
        conforming.applyRow(context, row);
        if (!reaches(row)) return;
        for (const user of everybody(context)) {
          const theirs = user.rows.get(rowKey(row.entityType, row.entityId));
          if (user === context.user || theirs === undefined) continue;
          const reached = { ...row, version: theirs.version + 1, seq: user.head + 1 };
          conforming.applyRow({ ...context, user }, reached);
        }
      },
    }),
  });
export const overwritesOthersRows = writesToOthers(
  "overwrites-others-rows",
  "UPDATE … WHERE entity_id = ?, and the ids of two users happen to be equal.",
  ({ item }) => item !== null,
);
export const deletesOthersRows = writesToOthers(
  "deletes-others-rows",
  "DELETE … WHERE entity_id = ?: the live path has the user in it, this one has not.",
  ({ item }) => item === null,
);

export const takesAnybodysCursor = mutant({
  name: "takes-anybodys-cursor",
  story: "A cursor is a number with a signature, and nobody asks whose.",
  breaks: ["ISO-001", "PULL-018"],
  deform: (conforming) => ({ ...conforming, isOwnCursor: () => true, isOfEpoch: () => true }),
});

export const followsTheCursorsUser = mutant({
  name: "follows-the-cursors-user",
  story: "The cursor says whose log it is a place in, and the log is opened by it.",
  breaks: ["ISO-001", "ISO-003", "PULL-018"],
  deform: (conforming) => ({
    ...conforming,
    checkCursor: (context, cursor, types) => {
      const owner = context.server.users.get(cursor.user);
      if (owner) context.user = owner;
      conforming.checkCursor(context, cursor, types);
    },
  }),
});
