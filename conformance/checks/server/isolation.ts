import { serverCheck } from "../../check.ts";
import { sharesHotRows } from "./histories-reads.mutants.ts";
import { sharesKeysAmongUsers } from "./idempotency-keys.mutants.ts";
import { takesDevicesForUsers } from "./isolation-identity.mutants.ts";
import * as faulty from "./isolation.mutants.ts";

export const pullsTellNothingOfOthers = serverCheck({
  id: "ISO-001/pulls-tell-nothing-of-others",
  name: "full, typed and paged pulls hold nothing of another user",
  brokenBy: [faulty.pullsEverybodysItems, faulty.pullsEverybodysPreferences],
  async run({ device, stranger, expect, anEntry, aGoal, preferences }) {
    const other = await stranger();
    const others = { entries: [anEntry(), anEntry()], goals: [aGoal()], preferences: [preferences()] };
    await other.push(others);
    expect.nothing("a full pull before the user wrote", await device.pull());

    const entry = anEntry();
    await device.push({ entries: [entry] });
    const own = [entry["id"] as string];
    expect.liveIds(await device.pull(), own);
    expect.liveIds(await device.pullAll({ limit: 1 }), own);
    expect.liveIds(await device.pull({ types: ["logbook_entry"] }), own);
    expect.nothing("a pull of a type that only another user has", await device.pull({ types: ["goal"] }));
    expect.equal("what the other user has", (await other.pull()).body.entries.length, 2);
  },
});

export const deltasTellNothingOfOthers = serverCheck({
  id: "ISO-001/deltas-tell-nothing-of-others",
  name: "a delta pull tells no change and no deletion of another user",
  brokenBy: [faulty.tellsEverybodysChanges, faulty.tellsEverybodysDeletions],
  async run({ device, stranger, expect, anEntry, aGoal, aDeletion, edited }) {
    const other = await stranger();
    const [entry, others, goal] = [anEntry(), anEntry(), aGoal()];
    await other.push({ entries: [others], goals: [goal] });
    const cursor = (await device.push({ entries: [entry] })).body.syncToken;

    await other.push({ entries: [edited(others, { notes: "private" })], goals: [aDeletion(goal)] });

    expect.nothing("what changed for the user", await device.changesSince(cursor));
    await device.push({ entries: [edited(entry)] });
    const told = await device.changesSince(cursor);
    expect.equal("what changed for the user", told.summary, [`logbook_entry ${entry["id"]} v2`]);
  },
});

export const statusCountsNothingOfOthers = serverCheck({
  id: "ISO-001/status-counts-nothing-of-others",
  name: "status counts no entity and no device of another user, and tells none of their times",
  brokenBy: [faulty.countsEverybodysItems, faulty.countsEverybodysDevices, faulty.tellsEverybodysSyncTime],
  async run({ device, newDevice, stranger, expect, anEntry, aGoal }) {
    const other = await stranger();
    await other.push({ entries: [anEntry(), anEntry()], goals: [aGoal()] });
    await other.with({ id: `${other.id}-2` }).pull();

    const before = (await device.status()).body;
    expect.equal("entityCount before the first write", before.entityCount, 0);
    expect.equal("deviceCount with one device", before.deviceCount, 1);
    expect.equal("lastSyncTime before the first write", before.lastSyncTime, null);

    await newDevice().push({ entries: [anEntry()] });
    const after = (await device.status()).body;
    expect.equal("entityCount", after.entityCount, 1);
    expect.equal("deviceCount", after.deviceCount, 2);
    expect.equal("entityCount of the other", (await other.status()).body.entityCount, 3);
  },
});

export const cursorOfAnother = serverCheck({
  id: "ISO-001/cursor-of-another",
  name: "another user's cursor opens nothing, whether it is of a pull, a push or the status",
  brokenBy: [faulty.takesAnybodysCursor, faulty.followsTheCursorsUser],
  async run({ device, stranger, expect, anEntry, edited }) {
    const other = await stranger();
    const entry = anEntry();
    const cursors = [
      (await other.push({ entries: [entry] })).body.syncToken,
      (await other.pull()).body.syncToken,
      (await other.status()).body.syncToken,
    ];
    // Something comes after those cursors, and the user has as much in their own log.
    await other.push({ entries: [edited(entry)] });
    const own = anEntry();
    const { syncToken } = (await device.push({ entries: [own] })).body;
    await device.push({ entries: [edited(own)] });

    for (const since of cursors) {
      const refused = await device.tryPull({ since });
      expect.problem(refused, 410, "CURSOR_EXPIRED");
      expect.ok("the refusal names nothing of the other user", !refused.text.includes(other.user));
    }
    const told = await device.changesSince(syncToken);
    expect.equal("what the own cursor tells", told.summary, [`logbook_entry ${own["id"]} v2`]);
  },
});

export const answersToWritesTellNothing = serverCheck({
  id: "ISO-001/answers-to-writes-tell-nothing-of-others",
  name: "an older write to an id that another user has is applied, and no winner of theirs is told",
  brokenBy: [faulty.judgesByAnybodysRow, faulty.judgesBatchesByAnybodysRow],
  async run({ device, stranger, expect, aGoal, edited }) {
    const other = await stranger();
    const [goal, second] = [aGoal(), aGoal()];
    await other.push({
      goals: [edited(goal, { title: "private" }), edited(second, { title: "private" })],
    });
    await other.push({ goals: [edited(goal), edited(second)] });

    const pushed = await device.push({ goals: [goal] });
    expect.equal("version of the pushed goal", expect.outcome(pushed, 0, "applied").meta?.version, 1);
    const batched = await device.batch([
      { id: second["id"] as string, type: "goal", data: second, version: 0 },
    ]);
    expect.equal("version of the batched goal", expect.outcome(batched, 0, "applied").meta?.version, 1);
    expect.equal("conflicts", batched.body.conflicts, []);

    const seen = await device.pull();
    expect.equal("title", expect.live(seen, goal["id"] as string).item["title"], goal["title"]);
    expect.equal("title", expect.live(seen, second["id"] as string).item["title"], second["title"]);
  },
});

export const sameIds = serverCheck({
  id: "ISO-002/same-entity-ids",
  name: "two users write under the same ids, in turn and at once, and each keeps their own",
  brokenBy: [faulty.overwritesOthersRows, faulty.judgesByAnybodysRow, sharesHotRows],
  async run({ device, newDevice, stranger, expect, anEntry, aPiece, preferences, edited }) {
    const other = await stranger();
    const [entry, piece, settings] = [anEntry(), aPiece(), preferences({ theme: "dark" })];
    await device.push({ entries: [entry], repertoire: [piece], preferences: [settings] });
    const cursor = await device.cursor();

    const theirs = {
      entries: [edited(entry, { notes: "theirs" })],
      repertoire: [edited(piece, { status: "dropped" })],
      preferences: [edited(settings, { theme: "light" })],
    };
    expect.outcomes(await other.push(theirs), ["applied", "applied", "applied"]);

    expect.nothing("what changed for the first user", await device.changesSince(cursor));
    const [mine, second] = [await device.pull(), await other.pull()];
    const id = entry["id"] as string;
    expect.equal("own note", expect.live(mine, id).item["notes"], entry["notes"]);
    expect.equal("their note", expect.live(second, id).item["notes"], "theirs");
    expect.equal("own theme", expect.live(mine, "preferences").item["theme"], "dark");
    expect.equal("their theme", expect.live(second, "preferences").item["theme"], "light");

    // Both at once, the other one's stamps being the later ones.
    const own = edited(entry, { notes: "mine" });
    const late = edited(entry, { notes: "theirs again" });
    const [first, last] = await Promise.all([
      device.push({ entries: [own] }),
      other.push({ entries: [late] }),
    ]);
    expect.equal("own version", expect.outcome(first, 0, "applied").meta?.version, 2);
    expect.equal("their version", expect.outcome(last, 0, "applied").meta?.version, 2);
    expect.equal("own note", expect.live(await device.pull(), id).item["notes"], "mine");

    // From other devices, too, until both are as many versions old: a cache may have them in common then.
    await newDevice().push({ entries: [edited(own, { notes: "mine to the end" })] });
    const another = other.with({ id: `${other.id}-2` });
    await another.push({ entries: [edited(late, { notes: "theirs to the end" })] });
    const notes = [expect.live(await device.pull(), id), expect.live(await other.pull(), id)];
    expect.equal(
      "notes after three versions",
      notes.map(({ item }) => item["notes"]),
      ["mine to the end", "theirs to the end"],
    );
  },
});

export const deletionsOfOthers = serverCheck({
  id: "ISO-002/deletions-stay-with-their-user",
  name: "a deletion under an id that another user has removes nothing of theirs",
  brokenBy: [faulty.deletesOthersRows],
  async run({ device, stranger, expect, anEntry, aPiece, aDeletion }) {
    const other = await stranger();
    const [entry, piece] = [anEntry(), aPiece()];
    await device.push({ entries: [entry], repertoire: [piece] });
    const cursor = await device.cursor();

    const pushed = await other.push({ entries: [aDeletion(entry)] });
    expect.outcomes(pushed, ["applied"]);
    const batched = await other.batch([
      { id: piece["scoreId"] as string, type: "repertoire_item", data: aDeletion(piece), version: 1 },
    ]);
    expect.outcomes(batched, ["applied"]);

    expect.nothing("what changed for the first user", await device.changesSince(cursor));
    expect.liveIds(await device.pull(), [entry["id"], piece["scoreId"]] as string[]);
    expect.outcomes(await device.push({ entries: [aDeletion(entry)] }), ["applied"]);
    expect.liveIds(await device.pull(), [piece["scoreId"] as string]);
  },
});

export const versionsOfOthers = serverCheck({
  id: "ISO-002/versions-of-others-are-no-precondition",
  name: "a batch is judged by the versions of its own user",
  brokenBy: [faulty.judgesBatchesByAnybodysRow, faulty.judgesByAnybodysRow],
  async run({ device, stranger, expect, aGoal, edited }) {
    const other = await stranger();
    const goal = aGoal();
    for (let version = 1; version <= 3; version++) await other.push({ goals: [edited(goal)] });
    await device.push({ goals: [edited(goal)] });

    const inBatch = (version: number, currentValue: number) => ({
      id: goal["id"] as string,
      type: "goal" as const,
      data: edited(goal, { currentValue }),
      version,
    });
    const fits = await device.batch([inBatch(1, 5)]);
    expect.equal("version", expect.outcome(fits, 0, "applied").meta?.version, 2);
    const stale = await device.batch([inBatch(1, 6)]);
    expect.refused(stale, 0, "VERSION_CONFLICT");
    expect.equal("remoteVersion", stale.body.conflicts[0]?.remoteVersion, 2);
    expect.equal("the winner told", stale.body.conflicts[0]?.server?.["currentValue"], 5);
  },
});

export const sameDeviceIds = serverCheck({
  id: "ISO-002/same-device-ids",
  name: "two users share a device, each with their own data and count",
  brokenBy: [faulty.letsDevicesBelongToOneUser, takesDevicesForUsers],
  async run({ device, stranger, expect, anEntry }) {
    const other = (await stranger()).with({ id: device.id });
    const [entry, others] = [anEntry(), anEntry()];
    await device.push({ entries: [entry] });
    await other.push({ entries: [others] });

    const second = device.with({ id: `${device.id}-other` });
    expect.equal("own devices", (await second.status()).body.deviceCount, 2);
    expect.equal("their devices", (await other.status()).body.deviceCount, 1);
    expect.liveIds(await device.pull(), [entry["id"] as string]);
    expect.liveIds(await other.pull(), [others["id"] as string]);
  },
});

export const sameKeys = serverCheck({
  id: "ISO-002/same-idempotency-keys",
  name: "keys of two users meet neither in their answers nor in their effects",
  brokenBy: [sharesKeysAmongUsers],
  async run({ device, stranger, expect, anEntry, aGoal, unique }) {
    const other = await stranger();
    const key = unique("key");
    const [entry, goal] = [anEntry({ notes: "private" }), aGoal()];
    const [first, second] = await Promise.all([
      device.tryPush({ entries: [entry] }, { key }),
      other.tryPush({ goals: [goal] }, { key }),
    ]);
    expect.status(first, 200);
    expect.status(second, 200);
    expect.ok("the answer says nothing of the other user's entry", !second.text.includes("private"));
    expect.liveIds(await device.pull(), [entry["id"] as string]);
    expect.liveIds(await other.pull(), [goal["id"] as string]);

    expect.replayOf(first, await device.tryPush({ entries: [entry] }, { key }));
    expect.replayOf(second, await other.tryPush({ goals: [goal] }, { key }));
  },
});
