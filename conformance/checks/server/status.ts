import { ENTITY_TYPES, memberOf } from "../../../schemas/collections.ts";
import { serverCheck } from "../../check.ts";
import { idOf, idsOf } from "../reading.ts";
import * as faulty from "./status.mutants.ts";

export const countsEveryType = serverCheck({
  id: "STAT-001/all-types-count",
  name: "entityCount counts the live entities of all seven types",
  brokenBy: [faulty.countsEntriesOnly, faulty.doesNotCountPreferences, faulty.countsWrites],
  async run({ device, newDevice, expect, anItem, anEntry, edited }) {
    expect.equal("count before the first write", (await device.status()).body.entityCount, 0);
    const items = ENTITY_TYPES.map((entityType) => ({ entityType, item: anItem(entityType) }));
    for (const [index, { entityType, item }] of items.entries()) {
      await device.push({ [memberOf(entityType)]: [item] });
      expect.equal(`count with ${entityType}`, (await newDevice().status()).body.entityCount, index + 1);
    }
    const more = anEntry();
    await device.push({ entries: [more, edited(items[0]!.item)], goals: [edited(items[1]!.item)] });
    expect.equal("count after two edits and an addition", (await device.status()).body.entityCount, 8);
  },
});

export const countsLiveOnly = serverCheck({
  id: "STAT-001/deletions-do-not-count",
  name: "entityCount goes down with a deletion, up with a return, and stays with writes that lose",
  brokenBy: [faulty.countsDeletions, faulty.subtractsDeletionsOfTheUnseen, faulty.countsWrites],
  async run({ device, newDevice, expect, anEntry, aGoal, aDeletion, edited, unique }) {
    const [kept, removed, goal] = [anEntry(), anEntry(), aGoal()];
    await device.push({ entries: [kept, removed], goals: [goal] });
    const reader = newDevice();
    const count = async (): Promise<number> => (await reader.status()).body.entityCount;
    expect.equal("count after three writes", await count(), 3);

    await device.push({ entries: [aDeletion(removed)], goals: [aDeletion(goal)] });
    expect.equal("count after two deletions", await count(), 1);
    await device.push({ entries: [aDeletion(unique("never-seen"))] });
    expect.equal("count after a deletion of something unseen", await count(), 1);
    const back = edited(removed);
    await device.push({ entries: [back] });
    expect.equal("count after a return", await count(), 2);
    const lost = await device.push({
      entries: [back, removed, anEntry({ updatedAt: undefined })],
      goals: [goal],
    });
    expect.outcomes(lost, ["duplicate", "superseded", "refused", "superseded"]);
    expect.equal("count after writes that lost", await count(), 2);
  },
});

export const countsOwnOnly = serverCheck({
  id: "STAT-001/only-the-users-own",
  name: "entityCount counts the user's own entities, also where another user has the same ids",
  brokenBy: [faulty.countsEverybodysEntities],
  async run({ device, stranger, expect, anEntry, aGoal }) {
    const other = await stranger();
    const shared = anEntry();
    await device.push({ entries: [shared] });
    await other.push({ entries: [shared, anEntry()], goals: [aGoal()] });

    expect.equal("own count", (await device.status()).body.entityCount, 1);
    expect.equal("the other user's count", (await other.status()).body.entityCount, 3);
  },
});

export const statusTokenIsTheHead = serverCheck({
  id: "STAT-003/a-cursor-at-the-head",
  name: "status gives a cursor at the head: nothing before it is told, everything after it is, of all types",
  brokenBy: [
    faulty.tokenIsBehindTheHead,
    faulty.tokenIsAheadOfTheHead,
    faulty.tokenOfTheLastEntry,
    faulty.tokenIsCached,
  ],
  async run({ device, newDevice, expect, anEntry, aGoal, aPiece, aDeletion }) {
    const reader = newDevice();
    const start = (await reader.status()).body.syncToken;
    const [entry, goal] = [anEntry(), aGoal()];
    await device.push({ entries: [entry], goals: [goal] });
    const middle = (await reader.status()).body.syncToken;
    expect.nothing("changes after the status", await reader.pull({ since: middle }));
    const piece = aPiece();
    await device.push({ goals: [aDeletion(goal)], repertoire: [piece] });
    const end = (await reader.status()).body.syncToken;

    const all = await reader.pull({ since: start });
    expect.liveIds(all, idsOf([entry, piece]));
    expect.deleted(all, idOf(goal), "goal");
    const later = await reader.pull({ since: middle });
    expect.liveIds(later, [idOf(piece)]);
    expect.deleted(later, idOf(goal), "goal");
    expect.nothing("changes after the last status", await reader.pull({ since: end }));

    const next = anEntry();
    await device.push({ entries: [next] });
    expect.liveIds(await reader.pull({ since: end }), [idOf(next)]);
  },
});

export const lastSyncTimeIsTold = serverCheck({
  id: "STAT-004/null-until-the-first-write",
  name: "lastSyncTime is null until a write is accepted, then an instant in text form; nothing is ever pending",
  brokenBy: [
    faulty.lastSyncTimeOfThePull,
    faulty.lastSyncTimeOfRefusals,
    faulty.lastSyncTimeIsANumber,
    faulty.lastSyncTimeIsNeverNull,
  ],
  async run({ device, newDevice, expect, anEntry }) {
    await device.pull();
    const refused = await device.push({ entries: [anEntry({ updatedAt: undefined })] });
    expect.refused(refused, 0, "INCOMPLETE");
    await device.push({});
    const before = (await newDevice().status()).body;
    expect.equal("lastSyncTime before a write", before.lastSyncTime, null);
    expect.equal("pendingChanges before a write", before.pendingChanges, 0);

    await device.push({ entries: [anEntry()] });
    const after = (await newDevice().status()).body;
    expect.ok(
      "lastSyncTime after a write is a date in text form",
      typeof after.lastSyncTime === "string" &&
        /^\d{4}-\d\d-\d\d[Tt]/.test(after.lastSyncTime) &&
        !Number.isNaN(Date.parse(after.lastSyncTime)),
      after.lastSyncTime,
    );
    expect.equal("pendingChanges after a write", after.pendingChanges, 0);
  },
});

export const lastSyncTimeOfDeletions = serverCheck({
  id: "STAT-004/a-deletion-is-a-write",
  name: "lastSyncTime is set by a batch or a deletion too, and stays when nothing is left alive",
  brokenBy: [faulty.lastSyncTimeOfLiveEntities, faulty.lastSyncTimeOfPushesOnly],
  async run({ device, stranger, expect, anEntry, aGoal, aDeletion, unique }) {
    await device.push({ entries: [aDeletion(unique("never-seen"))] });
    const { lastSyncTime } = (await device.status()).body;
    expect.ok("lastSyncTime after a deletion is a text", typeof lastSyncTime === "string", lastSyncTime);

    const other = await stranger();
    const goal = aGoal();
    await other.batch([{ id: idOf(goal), type: "goal", data: goal }]);
    const ofBatch = (await other.status()).body.lastSyncTime;
    expect.ok("lastSyncTime after a batch is a text", typeof ofBatch === "string", ofBatch);
    const entry = anEntry();
    await other.push({ entries: [entry] });
    await other.push({ entries: [aDeletion(entry)], goals: [aDeletion(goal)] });
    expect.liveIds(await other.pull(), []);
    const ofNothing = (await other.status()).body;
    expect.ok(
      "lastSyncTime when nothing is left is a text",
      typeof ofNothing.lastSyncTime === "string",
      ofNothing.lastSyncTime,
    );
  },
});
