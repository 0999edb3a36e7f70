import { ENTITY_TYPES, memberOf } from "../../../schemas/collections.ts";
import { serverCheck } from "../../check.ts";
import type { Changes } from "../../wire/shapes.ts";
import { idOf, idsOf, told } from "../reading.ts";
import * as faulty from "./pull-delta.mutants.ts";

export const deltaIsExactlyWhatChanged = serverCheck({
  id: "PULL-002/exactly-what-changed",
  name: "a delta pull tells what was added, edited and deleted after the cursor, and nothing else",
  brokenBy: [
    faulty.deltaTellsEverything,
    faulty.deltaForgetsDeletions,
    faulty.deltaSaysFull,
    faulty.deltaTellsNewEntitiesOnly,
  ],
  async run({ device, newDevice, expect, anEntry, aGoal, aDeletion, edited }) {
    const [untouched, toEdit, toDelete, goal] = [anEntry(), anEntry(), anEntry(), aGoal()];
    await device.push({ entries: [untouched, toEdit, toDelete], goals: [goal] });
    const reader = newDevice();
    const since = await reader.cursor();
    const [after, added] = [edited(toEdit, { notes: "after" }), anEntry()];
    await device.push({ entries: [after, aDeletion(toDelete), added] });

    const delta = await reader.pull({ since });

    expect.equal("mode", delta.body.mode, "delta");
    expect.liveIds(delta, idsOf([toEdit, added]));
    expect.equal("the edited entry", expect.live(delta, idOf(toEdit)).item, after);
    expect.equal("the new entry", expect.live(delta, idOf(added)).item, added);
    expect.equal(
      "deletions",
      delta.body.deleted.map(({ entityId }) => entityId),
      [idOf(toDelete)],
    );
  },
});

export const deltaOfEveryType = serverCheck({
  id: "PULL-002/every-type-changes-and-goes",
  name: "edits and deletions of all seven types are in a delta pull",
  brokenBy: [
    faulty.deltaLeavesPreferencesOut,
    faulty.deltaForgetsDeletedPieces,
    faulty.deltaTellsDeletedEntriesOnly,
  ],
  async run({ device, newDevice, expect, anItem, aDeletion, edited }) {
    const items = ENTITY_TYPES.map((entityType) => ({ entityType, item: anItem(entityType) }));
    const changes = (turn: (one: (typeof items)[number]) => object): Changes =>
      Object.fromEntries(items.map((one) => [memberOf(one.entityType), [turn(one)]]));
    await device.push(changes(({ item }) => item));
    const reader = newDevice();
    await reader.sync();

    await device.push(changes(({ item }) => edited(item, { touched: true })));
    const edits = await reader.sync();
    expect.equal(
      "edits",
      told(edits.rows),
      items.map((one) => `${one.entityType} ${idOf(one.item)} v2`).sort(),
    );
    for (const item of edits.live()) expect.equal(`edit of ${idOf(item)}`, item["touched"], true);

    await device.push(changes(({ item }) => aDeletion(item)));
    const deletions = await reader.sync();
    expect.equal(
      "deletions",
      told(deletions.rows),
      items.map((one) => `${one.entityType} ${idOf(one.item)} v3 deleted`).sort(),
    );
  },
});

export const deltaOnceInLatestState = serverCheck({
  id: "PULL-002/each-entity-once-in-its-latest-state",
  name: "an entity that changed several times after the cursor is told once, as it is now",
  brokenBy: [
    faulty.deltaTellsEveryRevision,
    faulty.returnedEntityStaysDeleted,
    faulty.deltaSkipsWhatCameAndWent,
  ],
  async run({ device, newDevice, expect, anEntry, aDeletion, edited }) {
    const [often, returned, brief] = [anEntry(), anEntry(), anEntry()];
    await device.push({ entries: [often, returned] });
    const reader = newDevice();
    const since = await reader.cursor();
    for (const duration of [1, 2]) await device.push({ entries: [edited(often, { duration })] });
    await device.push({ entries: [aDeletion(returned), brief] });
    const back = edited(returned, { notes: "back" });
    const last = edited(often, { duration: 3 });
    await device.push({ entries: [last, back, aDeletion(brief)] });

    const delta = await reader.pullAll({ since });

    expect.equal(
      "what was told",
      told(delta.rows),
      [
        `logbook_entry ${idOf(often)} v4`,
        `logbook_entry ${idOf(returned)} v3`,
        `logbook_entry ${idOf(brief)} v2 deleted`,
      ].sort(),
    );
    expect.equal("the entry that was edited often", expect.live(delta, idOf(often)).item, last);
    expect.equal("the entry that came back", expect.live(delta, idOf(returned)).item, back);
  },
});

export const deltaByArrival = serverCheck({
  id: "PULL-002/a-late-arrival-with-an-old-stamp",
  name: "what arrived after the cursor is in the delta although it was stamped long before",
  brokenBy: [faulty.cursorIsAStamp, faulty.deltaGoesBackOneDay],
  async run({ device, newDevice, expect, anEntry, aGoal, unique, at }) {
    await device.push({ entries: [anEntry()] });
    const reader = newDevice();
    const since = await reader.cursor();
    // A device that was offline for two years comes home.
    const twoYears = 2 * 365 * 86_400_000;
    const [entry, goal, gone] = [
      anEntry({ updatedAt: at(-twoYears) }),
      aGoal({ updatedAt: at(-twoYears) }),
      unique("gone"),
    ];
    await newDevice().push({ entries: [entry, { id: gone, deletedAt: at(-twoYears) }], goals: [goal] });

    const delta = await reader.pull({ since });

    expect.liveIds(delta, idsOf([entry, goal]));
    expect.deleted(delta, gone, "logbook_entry");
  },
});

export const deltaWithinOneMillisecond = serverCheck({
  id: "PULL-002/changes-in-quick-succession",
  name: "a cursor taken between two writes tells the second alone, however close they are and however they are stamped",
  brokenBy: [faulty.cursorIsATimeSkippingItsMillisecond, faulty.cursorIsATimeRepeatingItsMillisecond],
  async run({ device, newDevice, expect, anEntry, at }) {
    const updatedAt = at(-60_000);
    const entries = Array.from({ length: 8 }, () => anEntry({ updatedAt }));
    const cursors: string[] = [];
    for (const entry of entries) cursors.push((await device.push({ entries: [entry] })).body.syncToken);

    const reader = newDevice();
    for (const [index, since] of cursors.entries()) {
      expect.liveIds(await reader.pull({ since }), idsOf(entries.slice(index + 1)));
    }
  },
});

export const deltaIgnoresLosers = serverCheck({
  id: "PULL-002/writes-that-lost-are-no-changes",
  name: "duplicates, superseded and refused writes after the cursor leave the delta empty",
  brokenBy: [faulty.duplicatesMoveTheLog, faulty.supersededWritesMoveTheLog],
  async run({ device, newDevice, expect, anEntry, aGoal, aDeletion, edited }) {
    const [entry, goal] = [anEntry(), aGoal()];
    const newer = edited(entry);
    const deletion = aDeletion(goal);
    await device.push({ entries: [newer], goals: [goal] });
    await device.push({ goals: [deletion] });
    const reader = newDevice();
    const since = await reader.cursor();

    const push = await newDevice().push({
      entries: [newer, entry, anEntry({ updatedAt: undefined })],
      goals: [deletion, goal],
    });

    expect.outcomes(push, ["duplicate", "superseded", "refused", "duplicate", "superseded"]);
    expect.nothing("changes", await reader.pull({ since }));
  },
});

export const deltaTellsOwnWrites = serverCheck({
  id: "PULL-002/own-writes-are-told-too",
  name: "a delta pull tells a device's own writes as well",
  brokenBy: [faulty.sparesTheWriterItsOwnChanges],
  async run({ device, newDevice, expect, anEntry, aGoal, aDeletion }) {
    const [mine, mineToo, theirs] = [anEntry(), aGoal(), anEntry()];
    await device.push({ goals: [mineToo] });
    const since = await device.cursor();
    await device.push({ entries: [mine], goals: [aDeletion(mineToo)] });
    await newDevice().push({ entries: [theirs] });

    const delta = await device.pull({ since });

    expect.liveIds(delta, idsOf([mine, theirs]));
    expect.deleted(delta, idOf(mineToo), "goal");
  },
});

export const devicesConverge = serverCheck({
  id: "PULL-002/deltas-add-up-to-the-whole",
  name: "a replica fed by deltas alone equals a full pull after many small steps",
  brokenBy: [
    faulty.cursorIsATimeSkippingItsMillisecond,
    faulty.deltaForgetsDeletions,
    faulty.tokenRunsAheadOfWhatWasTold,
  ],
  async run({ device, newDevice, expect, anEntry, aGoal, aDeletion, edited }) {
    const [e1, e2, g1, g2] = [anEntry(), anEntry(), aGoal(), aGoal()];
    const steps: (() => Changes)[] = [
      () => ({ entries: [e1, e2], goals: [g1] }),
      () => ({ entries: [edited(e1, { notes: "1" })] }),
      () => ({ entries: [aDeletion(e2)], goals: [g2, edited(g1, { description: "1" })] }),
      () => ({ goals: [aDeletion(g1)], entries: [edited(e2, { notes: "2" })] }),
      () => ({ entries: [aDeletion(e1)], goals: [edited(g2, { description: "2" })] }),
      () => ({ goals: [edited(g1, { description: "3" }), aDeletion(g2)] }),
    ];
    const reader = newDevice();
    const replica = new Map<string, unknown>();
    for (const [index, step] of steps.entries()) {
      await device.push(step());
      for (const row of (await reader.sync({ limit: 1 + (index % 3) })).rows) {
        if (row.item) replica.set(row.entityId, row.item);
        else replica.delete(row.entityId);
      }
    }

    const full = await newDevice().pull();
    expect.liveIds(full, idsOf([e2, g1]));
    expect.equal("ids in the replica", [...replica.keys()].sort(), idsOf([e2, g1]).sort());
    for (const [id, item] of replica) expect.equal(`${id} in the replica`, item, expect.live(full, id).item);
  },
});
