import { serverCheck } from "../../check.ts";
import { idOf } from "../reading.ts";
import * as faulty from "./pull-cursor.mutants.ts";

export const cursorIsTheClients = serverCheck({
  id: "PULL-002/an-old-cursor-works-again",
  name: "a cursor means the same place in the log each time, for every device of the user",
  brokenBy: [faulty.remembersWhereADeviceIs, faulty.cursorsWorkOnce],
  async run({ device, newDevice, deployedDevice, expect, anEntry, aDeletion }) {
    const since = await device.cursor();
    const [first, second] = [anEntry(), anEntry()];
    await device.push({ entries: [first] });
    expect.liveIds(await device.pull({ since }), [idOf(first)]);
    await device.push({ entries: [second, aDeletion(first)] });
    await device.cursor();

    // The answer to the first delta was lost, or the app was restored from a backup: the old cursor comes again.
    for (const reader of [device, device, newDevice(), deployedDevice()]) {
      const delta = await reader.pull({ since });
      expect.liveIds(delta, [idOf(second)]);
      expect.deleted(delta, idOf(first), "logbook_entry");
    }
  },
});

export const restIsEmpty = serverCheck({
  id: "PULL-004/rest-is-empty-and-loses-nothing",
  name: "a cursor at rest tells nothing, as does each cursor it leads to, and the next change is found from all of them",
  brokenBy: [faulty.deltaRepeatsTheLastChange, faulty.restReturnsToTheStart, faulty.restSkipsTheNextChange],
  async run({ device, newDevice, expect, anEntry, aGoal, aDeletion }) {
    const [entry, goal] = [anEntry(), aGoal()];
    await device.push({ entries: [entry], goals: [goal] });
    await device.push({ goals: [aDeletion(goal)] });
    const reader = newDevice();
    const cursors = [await reader.cursor()];
    for (let round = 0; round < 3; round += 1) {
      const rest = await reader.pull({ since: cursors.at(-1)! });
      expect.nothing("a pull at rest", rest);
      expect.equal("mode at rest", rest.body.mode, "delta");
      expect.equal("hasMore at rest", rest.body.hasMore, false);
      cursors.push(rest.body.syncToken);
    }

    const next = anEntry();
    await device.push({ entries: [next] });
    for (const since of cursors) expect.liveIds(await reader.pull({ since }), [idOf(next)]);
  },
});

export const emptyLogHasACursor = serverCheck({
  id: "PULL-004/the-cursor-of-an-empty-log",
  name: "the cursor of a user without any data finds the first change",
  brokenBy: [faulty.emptyLogGivesAnUnusableCursor, faulty.restSkipsTheNextChange],
  async run({ device, newDevice, expect, anEntry }) {
    const empty = await device.pull();
    expect.nothing("a full pull of an empty log", empty);
    const rest = await device.pull({ since: empty.body.syncToken });
    expect.nothing("a delta pull of an empty log", rest);

    const first = anEntry();
    await newDevice().push({ entries: [first] });

    for (const { body } of [empty, rest]) {
      const delta = await device.pull({ since: body.syncToken });
      expect.liveIds(delta, [idOf(first)]);
      expect.equal("mode", delta.body.mode, "delta");
    }
  },
});

export const typedRest = serverCheck({
  id: "PULL-004/a-typed-cursor-at-rest",
  name: "a typed cursor at rest tells nothing, also while other types change, and finds the next change of its own",
  brokenBy: [faulty.typedCursorsMoveToUntyped, faulty.restReturnsToTheStart],
  async run({ device, newDevice, expect, anEntry, aGoal }) {
    await device.push({ entries: [anEntry()], goals: [aGoal()] });
    const reader = newDevice();
    const types = ["goal"] as const;
    let since = (await reader.pull({ types })).body.syncToken;
    for (let round = 0; round < 2; round += 1) {
      await device.push({ entries: [anEntry()] });
      const rest = await reader.pull({ types, since });
      expect.nothing("goals changed", rest);
      since = rest.body.syncToken;
    }

    const goal = aGoal();
    await device.push({ entries: [anEntry()], goals: [goal] });
    expect.liveIds(await reader.pull({ types, since }), [idOf(goal)]);
  },
});
