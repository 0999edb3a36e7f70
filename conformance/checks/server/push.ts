import { serverCheck } from "../../check.ts";
import * as faulty from "./push.mutants.ts";

export const oneResultPerItem = serverCheck({
  id: "PUSH-001/one-result-per-item-in-request-order",
  name: "a push is answered with one result per item, in the order of the request",
  brokenBy: [faulty.groupsResultsByOutcome, faulty.ordersResultsByCollectionName, faulty.pointsAtCollections],
  async run({ device, expect, anEntry, aGoal, aPiece }) {
    const [goal, otherGoal, entry, piece] = [aGoal(), aGoal({ currentValue: -1.5e3 }), anEntry(), aPiece()];
    const broken = anEntry({ duration: "long" });

    const reply = await device.push(
      {
        goals: [goal, otherGoal],
        repertoire: [piece],
        entries: [broken, entry],
      },
      { invalid: "on purpose" },
    );

    expect.equal(
      "what the results are about",
      reply.body.results.map(({ pointer, entityType, entityId, outcome }) => [
        pointer,
        entityType,
        entityId,
        outcome,
      ]),
      [
        ["/changes/goals/0", "goal", goal["id"], "applied"],
        ["/changes/goals/1", "goal", otherGoal["id"], "applied"],
        ["/changes/repertoire/0", "repertoire_item", piece["scoreId"], "applied"],
        ["/changes/entries/0", "logbook_entry", broken["id"], "refused"],
        ["/changes/entries/1", "logbook_entry", entry["id"], "applied"],
      ],
    );
  },
});

export const refusalStopsNothing = serverCheck({
  id: "PUSH-002/a-refused-item-stops-no-other",
  name: "items before and after a refused one are applied",
  brokenBy: [faulty.stopsAtFirstRefusal, faulty.appliesNothingIfOneIsRefused],
  async run({ device, newDevice, expect, anEntry, aGoal }) {
    const [before, after, goal] = [anEntry(), anEntry(), aGoal()];
    const broken = anEntry({ duration: -1 });

    const reply = await device.push(
      { entries: [before, broken, after], goals: [goal] },
      { invalid: "on purpose" },
    );

    expect.outcomes(reply, ["applied", "refused", "applied", "applied"]);
    const seen = await newDevice().pull();
    expect.liveIds(seen, [before["id"], after["id"], goal["id"]] as string[]);
  },
});

export const successMeansNoRefusal = serverCheck({
  id: "PUSH-003/success-is-false-iff-refused",
  name: "success and conflicts tell refusals, all of them, and nothing else",
  brokenBy: [faulty.alwaysSucceeds, faulty.listsSupersededAsConflicts, faulty.listsFirstRefusalOnly],
  async run({ device, expect, anEntry, aGoal, edited }) {
    const entry = anEntry();
    const newer = edited(entry, { duration: 77 });
    await device.push({ entries: [newer] });

    const lost = await device.push({ entries: [entry, newer] });
    expect.outcomes(lost, ["superseded", "duplicate"]);
    expect.equal("success without a refusal", lost.body.success, true);
    expect.equal("conflicts without a refusal", lost.body.conflicts, []);

    const [broken, brokenGoal] = [anEntry({ duration: null }), aGoal({ title: undefined })];
    const refused = await device.push(
      { entries: [broken, anEntry()], goals: [brokenGoal] },
      { invalid: "on purpose" },
    );
    expect.equal("success with a refusal", refused.body.success, false);
    expect.equal(
      "conflicts",
      refused.body.conflicts.map(({ entityId, entityType, code }) => [entityType, entityId, code]),
      [
        ["logbook_entry", broken["id"], "INVALID_ITEM"],
        ["goal", brokenGoal["id"], "INCOMPLETE"],
      ],
    );
    for (const { reason } of refused.body.conflicts)
      expect.ok("each conflict has a reason", reason.length > 0, reason);
  },
});

export const statsCount = serverCheck({
  id: "PUSH-012/stats-count-what-was-not-refused",
  name: "stats count the items of each collection that were not refused, and the duplicates",
  brokenBy: [faulty.countsRefusedAsProcessed, faulty.countsSupersededAsDuplicates, faulty.countsAppliedOnly],
  async run({ device, expect, anEntry, aGoal, aPiece, edited }) {
    const [entry, piece] = [anEntry(), aPiece()];
    const newer = edited(entry);
    await device.push({ entries: [newer], repertoire: [piece] });

    const reply = await device.push(
      {
        entries: [entry, newer, anEntry(), anEntry({ duration: -5 })],
        repertoire: [piece],
        goals: [aGoal(), aGoal(), aGoal({ title: undefined })],
      },
      { invalid: "on purpose" },
    );

    const {
      entriesProcessed,
      repertoireProcessed,
      goalsProcessed,
      practicePlansProcessed,
      duplicatesPrevented,
    } = reply.body.stats;
    expect.equal(
      "stats",
      { entriesProcessed, repertoireProcessed, goalsProcessed, practicePlansProcessed, duplicatesPrevented },
      {
        entriesProcessed: 3,
        repertoireProcessed: 1,
        goalsProcessed: 2,
        practicePlansProcessed: 0,
        duplicatesPrevented: 2,
      },
    );
  },
});

export const tokenAtTheHead = serverCheck({
  id: "PUSH-013/sync-token-is-at-the-head",
  name: "the token of a push stands behind this push and before the next",
  brokenBy: [faulty.answersTokenFromBeforeThePush, faulty.answersTokenAheadOfTheHead],
  async run({ device, newDevice, expect, anEntry, aGoal }) {
    const first = await device.push({ entries: [anEntry(), anEntry()] });
    expect.nothing("changes after the push's own token", await device.changesSince(first.body.syncToken));

    const goal = aGoal();
    await newDevice().push({ goals: [goal] });
    const told = await device.changesSince(first.body.syncToken);
    expect.equal("number of changes after the token", told.rows.length, 1);
    expect.live(told, goal["id"] as string);
  },
});
