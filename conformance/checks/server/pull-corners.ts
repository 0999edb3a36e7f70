import { serverCheck } from "../../check.ts";
import { ENTITY_TYPES } from "../../../schemas/collections.ts";
import { idOf, idsOf, told } from "../reading.ts";
import * as faulty from "./pull-corners.mutants.ts";

export const allSevenTypes = serverCheck({
  id: "PULL-015/a-list-of-all-types-is-a-list",
  name: "a pull of a list of all seven types is a typed one: it has no lastSeq",
  brokenBy: [faulty.takesSevenTypesForNone],
  async run({ device, newDevice, expect, anEntry, aGoal }) {
    const [entry, goal] = [anEntry(), aGoal()];
    await device.push({ entries: [entry], goals: [goal] });
    const typed = await newDevice().pull({ types: ENTITY_TYPES });
    expect.liveIds(typed, [idOf(entry), idOf(goal)]);
    const delta = await newDevice().pull({ types: ENTITY_TYPES, since: typed.body.syncToken });
    for (const { body } of [typed, delta]) {
      expect.ok("there is no lastSeq", body.lastSeq === undefined, body.lastSeq);
    }
    const { body } = await newDevice().pull();
    expect.ok("lastSeq in a pull without types", typeof body.lastSeq === "number", body.lastSeq);
  },
});

export const deletionsOfTypedPulls = serverCheck({
  id: "PULL-016/deletions-in-typed-pulls",
  name: "a typed pull tells the deletions of its types: during a full walk, and of what was never seen",
  brokenBy: [faulty.typedWalksLoseDeletions, faulty.typedDeltasHideUnseenDeletions],
  async run({ device, newDevice, expect, anEntry, aGoal, aDeletion, inconclusive }) {
    const types = ["goal"] as const;
    const goals = [aGoal(), aGoal(), aGoal()];
    await device.push({ goals, entries: [anEntry()] });
    const reader = newDevice();
    const page = await reader.pull({ types, limit: 1 });
    const [first = goals[0]!] = page.body.goals;
    if (!page.body.hasMore || page.body.goals.length === 0) inconclusive("there was no middle of a walk");

    // Stamped as the goal itself was: only that it came during the walk makes the walk tell it.
    const gone = aDeletion(first, { deletedAt: first["updatedAt"] });
    await device.push({ goals: [gone], entries: [aDeletion("another-type")] });
    const rest = await reader.pullAll({ types, since: page.body.syncToken });
    expect.deleted(rest, idOf(first), "goal");

    await device.push({ goals: [aDeletion("never-seen")], entries: [aDeletion("never-seen")] });
    const delta = await reader.pullAll({ types, since: rest.syncToken });
    expect.equal("what the delta told", told(delta.rows), ["goal never-seen v1 deleted"]);
  },
});

export const tokensToTheLetter = serverCheck({
  id: "PULL-018/to-the-letter",
  name: "a token with space around it is another text, and so is one in other letters",
  brokenBy: [faulty.trimsTokens],
  async run({ device, expect, anEntry }) {
    const since = await device.cursor();
    const entry = anEntry();
    await device.push({ entries: [entry] });
    const others = [` ${since}`, `${since} `, `${since}\n`, since.toUpperCase(), since.toLowerCase()];
    for (const other of others.filter((one) => one !== since)) {
      expect.problem(await device.tryPull({ since: other }), 410, "CURSOR_EXPIRED");
    }
    expect.liveIds(await device.pull({ since }), [idOf(entry)]);
  },
});

export const bodiesOfOtherKinds = serverCheck({
  id: "HTTP-006/pulls-that-are-no-objects",
  name: "a pull whose body is a list, a text, a number or false is refused, however empty",
  brokenBy: [faulty.takesEmptyJsonForAnEmptyBody],
  async run({ device, expect, http, anEntry }) {
    const entry = anEntry();
    await device.push({ entries: [entry] });
    for (const text of ["[]", '""', "0", "false", "[{}]", '"x"', "1"]) {
      const reply = await http({ path: "/api/sync/pull", as: device, text });
      expect.problem(reply, 400, "INVALID_REQUEST");
    }
    expect.liveIds(await device.pull(), [idOf(entry)]);
  },
});

export const moreThanAThousand = serverCheck({
  id: "PULL-013/more-than-a-thousand",
  name: "a pull without limit is complete also where a thousand rows are not enough",
  brokenBy: [faulty.stopsAtAThousand],
  async run({ device, newDevice, expect, limits }) {
    const goals = Array.from({ length: 1_002 }, (_, index) => ({
      id: `g${index}`,
      title: "",
      updatedAt: "2024-01-01T00:00:00Z",
    }));
    for (let from = 0; from < goals.length; from += limits.maxItems) {
      await device.push({ goals: goals.slice(from, from + limits.maxItems) });
    }
    const { body } = await newDevice().pull();
    expect.equal("hasMore", body.hasMore, false);
    expect.equal("ids", body.goals.map(idOf).toSorted(), idsOf(goals).toSorted());
  },
});
