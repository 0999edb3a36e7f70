import { ENTITY_TYPES, memberOf } from "../../../schemas/collections.ts";
import { serverCheck } from "../../check.ts";
import type { Changes } from "../../shapes.ts";
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
      await device.push({ [memberOf(entityType)]: [item] } as Changes);
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

export const countsDevices = serverCheck({
  id: "STAT-002/distinct-devices",
  name: "deviceCount counts each device once, whichever sync call it made, and however often",
  brokenBy: [
    faulty.countsRequests,
    faulty.countsDevicesThatPushed,
    faulty.countsDevicesThatPulled,
    faulty.countsAnnouncedDevicesOnly,
  ],
  async run({ device, newDevice, deployedDevice, expect, anEntry, aGoal }) {
    // The asking device has been seen before it asks, so that whether its question counts makes no difference.
    const count = async (): Promise<number> => (await device.status()).body.deviceCount;
    await device.pull();
    expect.equal("devices at the start", await count(), 1);
    await device.push({ entries: [anEntry()] });
    expect.equal("devices after more requests of the same", await count(), 1);

    const goal = aGoal();
    const visits: [string, () => Promise<unknown>][] = [
      ["push", () => newDevice().push({ entries: [anEntry()] })],
      ["pull", () => newDevice().pull()],
      ["batch", () => newDevice().batch([{ id: idOf(goal), type: "goal", data: goal }])],
      ["status", () => newDevice().status()],
      ["pull of a deployed client", () => deployedDevice().pull()],
    ];
    for (const [index, [call, visit]] of visits.entries()) {
      await visit();
      expect.equal(`devices after another's ${call}`, await count(), index + 2);
    }
  },
});

export const namelessDevices = serverCheck({
  id: "STAT-002/requests-without-a-name",
  name: "requests without X-Device-ID, and of other users, add no device; names that differ by case alone are two",
  brokenBy: [faulty.countsNamelessRequests, faulty.countsEverybodysDevices, faulty.lowerCasesDeviceNames],
  async run({ device, stranger, expect, anEntry, unique }) {
    const other = await stranger();
    await other.pull();
    const nameless = { headers: { "x-device-id": undefined } };
    await device.push({ entries: [anEntry()] }, nameless);
    await device.pull({}, nameless);
    await device.tryStatus(nameless);
    const count = async (): Promise<number> => (await device.status()).body.deviceCount;
    await device.pull();
    expect.equal("devices", await count(), 1);

    const name = unique("phone");
    await device.with({ id: name.toLowerCase() }).pull();
    await device.with({ id: name.toUpperCase() }).pull();
    expect.equal("devices with names that differ by case", await count(), 3);
    expect.equal("the other user's devices", (await other.status()).body.deviceCount, 1);
  },
});

export const askingCounts = serverCheck({
  id: "STAT-002/the-asking-device-counts",
  name: "a device whose first request is the status request is in its own count",
  brokenBy: [faulty.notesTheDeviceAfterTheAnswer, faulty.countsDevicesThatPulled],
  async run({ device, newDevice, expect }) {
    await device.pull();
    expect.equal("devices", (await newDevice().status()).body.deviceCount, 2);
    expect.equal("devices after another", (await newDevice().status()).body.deviceCount, 3);
  },
});

export const badNamesAreIgnored = serverCheck({
  id: "STAT-002/names-of-a-wrong-form-are-ignored",
  name: "a device name that is too long or not visible ASCII adds no device and does no harm",
  brokenBy: [faulty.anyDeviceNameCounts, faulty.cutsLongDeviceNames, faulty.refusesBadDeviceNames],
  async run({ device, expect, anEntry }) {
    const longest = "d".repeat(255);
    await device.with({ id: longest }).pull();
    expect.equal("devices with one of 255 characters", (await device.status()).body.deviceCount, 2);

    for (const id of ["e".repeat(256), `${longest}d`, "my phone"]) {
      const odd = device.with({ id });
      const push = await odd.push({ entries: [anEntry()] });
      expect.outcomes(push, ["applied"]);
      expect.equal("status of a pull", (await odd.tryPull()).status, 200);
    }
    expect.equal("devices after names of a wrong form", (await device.status()).body.deviceCount, 2);
  },
});

export const strangersAreNoDevices = serverCheck({
  id: "STAT-002/only-authenticated-requests",
  name: "a request with a bad token leaves no device behind",
  brokenBy: [faulty.countsDevicesBeforeTheToken],
  async run({ device, newDevice, expect, tokens }) {
    await device.pull();
    const intruder = newDevice().with({ token: await tokens.wrongSecret() });
    expect.problem(await intruder.tryPull(), 401, "TOKEN_INVALID");
    expect.problem(await intruder.tryStatus(), 401, "TOKEN_INVALID");
    expect.equal("devices", (await device.status()).body.deviceCount, 1);

    await newDevice().pull();
    expect.equal("devices after a good one", (await device.status()).body.deviceCount, 2);
  },
});

export const devicesAreForgotten = serverCheck({
  id: "STAT-002/within-the-window",
  name: "a device that was not seen for deviceWindowMs no longer counts, one that was seen again does",
  needs: ["control:advance-clock"],
  brokenBy: [faulty.remembersDevicesForEver, faulty.windowBeginsAtTheFirstVisit],
  async run({ device, newDevice, tokens, control, limits, expect }) {
    const [lost, faithful] = [newDevice(), newDevice()];
    await lost.pull();
    await faithful.pull();
    await control.advanceClock(Math.ceil(limits.deviceWindowMs * 0.75));
    // Tokens do not live as long as the window.
    const again = faithful.with({ token: await tokens.valid() });
    const asking = device.with({ token: again.token });
    await again.pull();
    await asking.pull();
    expect.equal("devices within the window", (await asking.status()).body.deviceCount, 3);

    await control.advanceClock(Math.ceil(limits.deviceWindowMs * 0.5));
    const later = asking.with({ token: await tokens.valid() });
    await later.pull();
    expect.equal("devices after the window", (await later.status()).body.deviceCount, 2);
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
