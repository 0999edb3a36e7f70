import { ENTITY_TYPES, memberOf } from "../../../schemas/collections.ts";
import type { EntityType } from "../../../schemas/collections.ts";
import { serverCheck } from "../../check.ts";
import { idOf, told } from "../reading.ts";
import * as faulty from "./pull-types.mutants.ts";

export const eachTypeAlone = serverCheck({
  id: "PULL-016/each-type-alone",
  name: "a full pull of one type returns all of that type and nothing else, for each of the seven",
  brokenBy: [faulty.ignoresTypes, faulty.typedPullsKnowThreeTypes, faulty.typesMatchByTheirFirstWord],
  async run({ device, newDevice, expect, anItem }) {
    const items = ENTITY_TYPES.map((entityType) => ({ entityType, item: anItem(entityType) }));
    await device.push(
      Object.fromEntries(items.map(({ entityType, item }) => [memberOf(entityType), [item]])),
    );

    const reader = newDevice();
    for (const { entityType, item } of items) {
      const typed = await reader.pullAll({ types: [entityType] });
      expect.equal(`what a pull of ${entityType} told`, told(typed.rows), [`${entityType} ${idOf(item)} v1`]);
      expect.equal("mode", typed.last.mode, "full");
    }
  },
});

export const severalTypes = serverCheck({
  id: "PULL-016/several-types",
  name: "a pull of several types returns all of each",
  brokenBy: [faulty.takesTheFirstTypeOnly, faulty.takesTheLastTypeOnly],
  async run({ device, newDevice, expect, anEntry, aGoal, aPiece, aPlan }) {
    const [entry, goal, otherGoal, piece, plan] = [anEntry(), aGoal(), aGoal(), aPiece(), aPlan()];
    await device.push({
      entries: [entry],
      goals: [goal, otherGoal],
      repertoire: [piece],
      practicePlans: [plan],
    });

    const typed = await newDevice().pull({ types: ["goal", "practice_plan", "repertoire_item"] });

    expect.liveIds(typed, [idOf(goal), idOf(otherGoal), idOf(piece), idOf(plan)]);
  },
});

export const typedDelta = serverCheck({
  id: "PULL-016/typed-delta",
  name: "a typed delta pull tells the changes and deletions of its types, and of no other",
  brokenBy: [faulty.deltaIgnoresTypes, faulty.typedDeltaTellsAllDeletions, faulty.typedDeltaTellsNoDeletions],
  async run({ device, newDevice, expect, anEntry, aGoal, aDeletion, edited }) {
    const types = ["goal"] as const;
    const [entry, otherEntry, goal, otherGoal] = [anEntry(), anEntry(), aGoal(), aGoal()];
    await device.push({ entries: [entry, otherEntry], goals: [goal, otherGoal] });
    const reader = newDevice();
    const since = (await reader.pull({ types })).body.syncToken;
    await device.push({
      entries: [edited(entry), aDeletion(otherEntry), anEntry()],
      goals: [edited(goal), aDeletion(otherGoal)],
    });

    const delta = await reader.pullAll({ types, since });

    expect.equal(
      "what was told",
      told(delta.rows),
      [`goal ${idOf(goal)} v2`, `goal ${idOf(otherGoal)} v2 deleted`].sort(),
    );
    expect.equal("mode", delta.last.mode, "delta");
  },
});

export const otherTypesAreRefused = serverCheck({
  id: "PULL-017/other-types-are-refused",
  name: "a cursor is refused with more, fewer, other or no types than it was made for",
  brokenBy: [
    faulty.ignoresTypesOfACursor,
    faulty.acceptsNarrowerTypes,
    faulty.acceptsTypedCursorsWithoutTypes,
    faulty.acceptsUntypedCursorsWithTypes,
    faulty.mismatchIsCalledExpired,
  ],
  async run({ device, newDevice, expect, anEntry, aGoal }) {
    await device.push({ entries: [anEntry()], goals: [aGoal()] });
    const reader = newDevice();
    const cursorOf = async (types: readonly EntityType[] | null): Promise<string> =>
      (await reader.pull(types ? { types } : {})).body.syncToken;
    const goals = await cursorOf(["goal"]);
    const goalsAndPlans = await cursorOf(["goal", "practice_plan"]);
    const everything = await cursorOf(null);

    const misuses: [string, readonly EntityType[] | null][] = [
      [goals, ["logbook_entry"]],
      [goals, ["goal", "practice_plan"]],
      [goals, null],
      [goalsAndPlans, ["goal"]],
      [goalsAndPlans, ["goal", "logbook_entry"]],
      [goalsAndPlans, null],
      [everything, ["goal"]],
      [everything, ["logbook_entry", "goal"]],
    ];
    for (const [since, types] of misuses) {
      expect.problem(await reader.tryPull({ since, ...(types ? { types } : {}) }), 400, "CURSOR_MISMATCH");
    }
    expect.nothing("goals changed", await reader.pull({ since: goals, types: ["goal"] }));
    expect.nothing("anything changed", await reader.pull({ since: everything }));
  },
});

export const orderOfTypesIsFree = serverCheck({
  id: "PULL-017/order-and-repetition-do-not-matter",
  name: "the same types in another order, or said twice, are the same types",
  brokenBy: [faulty.comparesTypesInOrder, faulty.countsRepeatedTypes],
  async run({ device, newDevice, expect, anEntry, aGoal, aPlan }) {
    const reader = newDevice();
    const since = (await reader.pull({ types: ["goal", "practice_plan"] })).body.syncToken;
    const repeated = (await reader.pull({ types: ["goal", "practice_plan", "goal"] })).body.syncToken;
    const [goal, plan] = [aGoal(), aPlan()];
    await device.push({ entries: [anEntry()], goals: [goal], practicePlans: [plan] });

    const spellings: [string, EntityType[]][] = [
      [since, ["goal", "practice_plan"]],
      [since, ["practice_plan", "goal"]],
      [since, ["practice_plan", "goal", "goal", "practice_plan"]],
      [repeated, ["practice_plan", "goal"]],
    ];
    for (const [cursor, types] of spellings) {
      const delta = await reader.pullAll({ since: cursor, types });
      expect.equal("what was told", told(delta.rows), [
        `goal ${idOf(goal)} v1`,
        `practice_plan ${idOf(plan)} v1`,
      ]);
    }
  },
});

export const pageTokensAreBoundToo = serverCheck({
  id: "PULL-017/tokens-between-pages-are-bound-too",
  name: "the token of an unfinished pull is refused with other types, and fetches the next page with its own",
  brokenBy: [faulty.pageTokensFitAnyTypes, faulty.ignoresTypesOfACursor],
  async run({ device, newDevice, expect, anEntry, aGoal }) {
    const goals = [aGoal(), aGoal()];
    await device.push({ entries: [anEntry(), anEntry()], goals });
    const reader = newDevice();
    const typed = await reader.pull({ types: ["goal"], limit: 1 });
    const untyped = await reader.pull({ limit: 1 });
    expect.equal("hasMore of the typed page", typed.body.hasMore, true);
    expect.equal("hasMore of the untyped page", untyped.body.hasMore, true);

    const since = typed.body.syncToken;
    expect.problem(await reader.tryPull({ since, limit: 1 }), 400, "CURSOR_MISMATCH");
    expect.problem(await reader.tryPull({ since, types: ["logbook_entry"] }), 400, "CURSOR_MISMATCH");
    const misused = await reader.tryPull({ since: untyped.body.syncToken, types: ["goal"] });
    expect.problem(misused, 400, "CURSOR_MISMATCH");

    const rest = await reader.pullAll({ since, types: ["goal"], limit: 1 });
    expect.equal("rows on both pages", typed.body.goals.length + rest.rows.length, 2);
  },
});

export const writeTokensAreForAllTypes = serverCheck({
  id: "PULL-017/cursors-of-writes-are-for-all-types",
  name: "the tokens of push, batch and status are cursors for all types, refused with types",
  brokenBy: [faulty.acceptsUntypedCursorsWithTypes, faulty.pushTokensFitAnyTypes],
  async run({ device, newDevice, expect, anEntry, aGoal }) {
    const push = await device.push({ entries: [anEntry()] });
    const goal = aGoal();
    const batch = await device.batch([{ id: idOf(goal), type: "goal", data: goal }]);
    const status = await device.status();

    const reader = newDevice();
    for (const since of [push.body.syncToken, batch.body.newSyncToken, status.body.syncToken]) {
      expect.problem(await reader.tryPull({ since, types: ["goal"] }), 400, "CURSOR_MISMATCH");
    }
    expect.liveIds(await reader.pull({ since: push.body.syncToken }), [idOf(goal)]);
    expect.nothing("changes after the batch", await reader.pull({ since: batch.body.newSyncToken }));
  },
});
