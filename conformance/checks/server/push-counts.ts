import { serverCheck } from "../../check.ts";
import * as faulty from "./push-counts.mutants.ts";

export const everyRefusalIsListed = serverCheck({
  id: "PUSH-003/each-refusal-of-one-entity",
  name: "two refused items of one entity are two conflicts",
  brokenBy: [faulty.listsOneConflictPerEntity],
  async run({ device, expect, aGoal }) {
    const goal = aGoal();
    const reply = await device.push(
      { goals: [{ ...goal, title: 1 }, goal, { ...goal, status: 2 }] },
      { invalid: "on purpose" },
    );
    expect.outcomes(reply, ["refused", "applied", "refused"]);
    expect.equal(
      "conflicts",
      reply.body.conflicts.map(({ entityType, entityId, code }) => [entityType, entityId, code]),
      [1, 2].map(() => ["goal", goal["id"], "INVALID_ITEM"]),
    );
  },
});

export const deletionsCount = serverCheck({
  id: "PUSH-012/deletions-count",
  name: "stats count deletions as they count live items, whatever their outcome",
  brokenBy: [faulty.countsLiveItemsOnly],
  async run({ device, expect, anEntry, aGoal, aDeletion }) {
    const [entry, goal] = [anEntry(), aGoal()];
    const gone = aDeletion(goal);
    await device.push({ entries: [entry], goals: [goal, gone] });
    const reply = await device.push({ entries: [aDeletion(entry), aDeletion("never-seen")], goals: [gone] });
    expect.outcomes(reply, ["applied", "applied", "duplicate"]);
    const { entriesProcessed, goalsProcessed, duplicatesPrevented } = reply.body.stats;
    expect.equal(
      "stats",
      { entriesProcessed, goalsProcessed, duplicatesPrevented },
      {
        entriesProcessed: 2,
        goalsProcessed: 1,
        duplicatesPrevented: 1,
      },
    );
  },
});

export const tokenOfNothing = serverCheck({
  id: "PUSH-013/of-a-push-that-applied-nothing",
  name: "the token is one at the head also where nothing was applied, in a push and in a batch",
  brokenBy: [
    faulty.answersTheStartWhereNothingWasApplied,
    faulty.answersTheSeqOfItsResults,
    faulty.answersTheSeqOfItsResultsInBatches,
  ],
  async run({ device, newDevice, expect, aGoal, edited, aDeletion }) {
    const [goal, gone, next] = [aGoal(), aGoal(), aGoal()];
    const stored = edited(goal);
    const deletion = aDeletion(gone);
    // What the pushes below name is not what was written last.
    await device.push({ goals: [goal, deletion] });
    await device.push({ goals: [stored] });
    await device.push({ goals: [aGoal()] });
    const entity = { id: goal["id"] as string, type: "goal" as const, data: stored };
    const late = { ...entity, data: goal };
    const tokens = [
      (await device.push({ goals: [stored] })).body.syncToken,
      (await device.push({ goals: [deletion] })).body.syncToken,
      (await device.push({ goals: [gone, stored] })).body.syncToken,
      (await device.batch([late])).body.newSyncToken,
      (await device.batch([{ ...late, version: 1 }])).body.newSyncToken,
      (await device.push({ goals: [goal] })).body.syncToken,
      (await device.push({})).body.syncToken,
      (await device.push({ goals: [{ ...goal, title: 1 }] }, { invalid: "on purpose" })).body.syncToken,
      (await device.batch([entity])).body.newSyncToken,
      (await device.batch([])).body.newSyncToken,
    ];
    for (const token of tokens) expect.nothing("what came after", await newDevice().changesSince(token));
    await device.push({ goals: [next] });
    for (const token of tokens) expect.liveIds(await newDevice().changesSince(token), [next["id"] as string]);
  },
});
