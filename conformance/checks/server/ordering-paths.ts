import { serverCheck } from "../../check.ts";
import type { JsonObject } from "../../../schemas/json.ts";
import * as faulty from "./ordering-paths.mutants.ts";

const NOON = "2024-03-01T12:00:00.000Z";

// SHA-256 of {"id":"tie","title":"A"}, and so on: A 7d4a601e…  C 1e7eba87…  G d42ed62f…, so that C < A < G.
const tie = (title: string) => ({ id: "tie", title, updatedAt: NOON });
const goal = (data: JsonObject) => ({ id: data["id"] as string, type: "goal" as const, data });

export const tiesInABatch = serverCheck({
  id: "BATCH-001/ties-as-in-a-push",
  name: "in a batch too a deletion wins over a live item of its instant, and of two live ones the greater checksum",
  brokenBy: [
    faulty.batchTiesGoToTheLiveItem,
    faulty.batchTiesGoToTheStored,
    faulty.batchTiesGoToTheLaterArrival,
  ],
  async run({ device, newDevice, expect, aGoal, aDeletion }) {
    const [kept, gone] = [aGoal({ updatedAt: NOON }), aGoal({ updatedAt: NOON })];
    await device.push({ goals: [kept, aDeletion(gone, { deletedAt: NOON }), tie("C")] });

    const reply = await newDevice().batch([
      goal(aDeletion(kept, { deletedAt: NOON })),
      goal(gone),
      goal(tie("A")),
    ]);
    expect.outcomes(reply, ["applied", "superseded", "applied"]);
    expect.equal("item where a deletion won", expect.result(reply, 1).item, null);

    await device.push({ goals: [tie("G")] });
    const late = await newDevice().batch([goal(tie("A")), goal(tie("G"))]);
    expect.outcomes(late, ["superseded", "duplicate"]);
    const pulled = await device.pullAll();
    expect.liveIds(pulled, ["tie"]);
    expect.equal("title", expect.live(pulled, "tie").item["title"], "G");
  },
});

export const deletionTiesWithinOneRequest = serverCheck({
  id: "ORD-004/within-one-request",
  name: "of a deletion and a live item of one instant in one push or batch the deletion wins, wherever it stands",
  brokenBy: [faulty.lastOfARequestWinsTiesOfDeletions],
  async run({ device, newDevice, expect, aGoal, aDeletion }) {
    const [known, fresh] = [aGoal({ updatedAt: NOON }), aGoal({ updatedAt: NOON })];
    await device.push({ goals: [{ ...known, updatedAt: "2024-03-01T11:00:00.000Z" }] });
    const [knownGone, freshGone] = [known, fresh].map((one) => aDeletion(one, { deletedAt: NOON }));

    const pushed = await device.push({ goals: [knownGone!, known, fresh, freshGone!] });
    expect.outcomes(pushed, ["applied", "superseded", "superseded", "applied"]);
    expect.liveIds(await newDevice().pullAll(), []);

    const [third, fourth] = [aGoal({ updatedAt: NOON }), aGoal({ updatedAt: NOON })];
    const [thirdGone, fourthGone] = [third, fourth].map((one) => aDeletion(one, { deletedAt: NOON }));
    const batched = await device.batch([thirdGone!, third, fourth, fourthGone!].map(goal));
    expect.outcomes(batched, ["applied", "superseded", "superseded", "applied"]);
    expect.liveIds(await newDevice().pullAll(), []);
  },
});

export const winnersOfTheSameRequest = serverCheck({
  id: "ORD-019/winner-of-the-same-request",
  name: "a write that is superseded by another of its own request is answered with that one's item and meta",
  brokenBy: [faulty.showsOnlyWinnersOfBefore, faulty.showsTheWinnerOfBefore],
  async run({ device, newDevice, expect, aGoal, aDeletion, edited }) {
    const [stored, gone, fresh] = [aGoal(), aGoal(), aGoal()];
    await device.push({ goals: [stored, gone] });
    const [first, second] = [edited(stored, { title: "first" }), edited(stored, { title: "second" })];
    const freshest = edited(fresh, { title: "freshest" });
    const goneLater = aDeletion(edited(gone));

    const items = [first, second, freshest, fresh, { ...gone, title: "late" }, goneLater];
    const reply = await newDevice().push({ goals: items });
    const outcomes = ["superseded", "applied", "applied", "superseded", "superseded", "applied"] as const;
    expect.outcomes(reply, outcomes);
    const pulled = await device.pullAll();
    for (const [loser, winner, item] of [
      [0, 1, expect.live(pulled, second["id"] as string).item],
      [3, 2, expect.live(pulled, fresh["id"] as string).item],
      [4, 5, null],
    ] as const) {
      expect.equal(`item of result ${loser}`, expect.result(reply, loser).item, item);
      expect.equal(
        `meta of result ${loser}`,
        expect.result(reply, loser).meta,
        expect.result(reply, winner).meta,
      );
    }
  },
});

export const versionsOfTwoDigits = serverCheck({
  id: "BATCH-002/versions-are-numbers",
  name: "version 9 is older than version 10, and so is version 2",
  brokenBy: [faulty.comparesVersionsAsText],
  async run({ device, expect, aGoal, edited }) {
    const first = aGoal();
    const id = first["id"] as string;
    await device.push({ goals: [first] });
    let meta;
    for (let write = 2; write <= 10; write += 1) {
      meta = expect.outcome(await device.push({ goals: [edited(first)] }), 0, "applied").meta;
    }
    expect.equal("version", meta?.version, 10);

    for (const version of [9, 2]) {
      const reply = await device.batch([{ ...goal(edited(first, { title: "stale" })), version }]);
      expect.refused(reply, 0, "VERSION_CONFLICT");
    }
    const reply = await device.batch([{ ...goal(edited(first, { title: "fresh" })), version: 10 }]);
    expect.outcome(reply, 0, "applied");
    expect.equal("title", expect.live(await device.pullAll(), id).item["title"], "fresh");
  },
});
