import { serverCheck } from "../../check.ts";
import type { PushBody } from "../../shapes.ts";
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

export const malformedEnvelope = serverCheck({
  id: "PUSH-004/malformed-envelope-applies-nothing",
  name: "a malformed envelope is refused as a whole",
  brokenBy: [faulty.toleratesMissingChanges, faulty.skipsMalformedCollections],
  async run({ device, expect, http, aGoal }) {
    const goal = aGoal();
    const envelopes = [
      {},
      { changes: null },
      { changes: [] },
      { changes: "entries" },
      { changes: { goals: [goal], entries: { 0: goal } } },
      { changes: { goals: [goal], entries: "none" } },
      { changes: { goals: [goal], somethingNew: 7 } },
      [],
    ];
    for (const json of envelopes) {
      const reply = await http({ method: "POST", path: "/api/sync/push", as: device, json });
      expect.problem(reply, 400, "INVALID_REQUEST");
    }
    expect.nothing("what malformed pushes left behind", await device.pull());

    expect.outcomes(await device.push({ goals: [goal] }), ["applied"]);
  },
});

export const nullCollection = serverCheck({
  id: "PUSH-004/null-collection-is-absent",
  name: "a collection that is null counts as absent",
  brokenBy: [faulty.refusesNullCollections],
  async run({ device, expect, http, aGoal }) {
    const goal = aGoal();
    const json = { changes: { entries: null, goals: [goal], practicePlans: null, notYetKnown: null } };
    const reply = await http<{ success: boolean }>({
      method: "POST",
      path: "/api/sync/push",
      as: device,
      json,
    });
    expect.equal("success", reply.body.success, true);
    expect.live(await device.pull(), goal["id"] as string, "goal");
  },
});

export const longCollectionName = serverCheck({
  id: "PUSH-004/collection-names-are-bounded",
  name: "a collection may be called by 255 characters; one of more makes the envelope malformed",
  brokenBy: [faulty.takesCollectionsOfAnyName, faulty.keepsCollectionNamesShort],
  async run({ device, expect, http, aGoal }) {
    const goal = aGoal();
    const push = (name: string) =>
      http<PushBody>({
        method: "POST",
        path: "/api/sync/push",
        as: device,
        json: { changes: { goals: [goal], [name]: [{ id: "a" }, { id: "b" }] } },
      });

    expect.problem(await push("x".repeat(256)), 400, "INVALID_REQUEST");
    // Answered item by item, this one would come back a hundred times as long as it went.
    expect.problem(await push("x".repeat(100_000)), 400, "INVALID_REQUEST");
    expect.nothing("what was applied beside the long names", await device.pull());

    expect.outcomes(await push("x".repeat(255)), ["applied", "refused", "refused"]);
  },
});

export const unknownCollection = serverCheck({
  id: "PUSH-005/unknown-collection-refuses-its-items",
  name: "items of an unknown collection are refused one by one, the others judged",
  brokenBy: [faulty.ignoresUnknownCollections, faulty.rejectsUnknownCollections],
  async run({ device, expect, anEntry, unique }) {
    const [entry, first, second] = [anEntry(), unique("score"), unique("score")];
    const reply = await device.push({
      annotations: [{ id: first }, { id: second }],
      entries: [entry],
    } as never);

    expect.outcomes(reply, ["refused", "refused", "applied"]);
    expect.refused(reply, "/changes/annotations/0", "UNKNOWN_COLLECTION");
    expect.refused(reply, "/changes/annotations/1", "UNKNOWN_COLLECTION");
    expect.equal("number of conflicts", reply.body.conflicts.length, 2);
    expect.liveIds(await device.pull(), [entry["id"] as string]);
  },
});

export const incompleteIsNotMerged = serverCheck({
  id: "PUSH-006/incomplete-is-never-merged",
  name: "an item without its required members is refused although a stored one could fill them",
  brokenBy: [faulty.mergesIncompleteItems],
  async run({ device, expect, anEntry, at }) {
    const entry = anEntry({ notes: "all of it" });
    await device.push({ entries: [entry] });

    const partial = { id: entry["id"] as string, notes: "only the notes", updatedAt: at(10) };
    const reply = await device.push({ entries: [partial] }, { invalid: "on purpose" });

    expect.refused(reply, 0, "INCOMPLETE");
    expect.equal("the stored notes", expect.live(await device.pull(), partial.id).item["notes"], "all of it");
  },
});

export const requiredMembers = serverCheck({
  id: "PUSH-006/every-required-member-is-required",
  name: "each required member of each type is required",
  brokenBy: [faulty.requiresOnlyIds, faulty.acceptsPlansWithoutSchedule, faulty.callsMissingMembersInvalid],
  async run({ device, expect, anEntry, aPiece, aGoal, aPlan, anOccurrence, aTemplate }) {
    const reply = await device.push(
      {
        entries: [
          anEntry({ timestamp: undefined }),
          anEntry({ duration: undefined }),
          anEntry({ type: undefined }),
          anEntry(),
        ],
        repertoire: [aPiece({ title: undefined }), aPiece({ status: undefined }), aPiece()],
        goals: [aGoal({ title: undefined }), aGoal()],
        practicePlans: [
          aPlan({ title: undefined }),
          aPlan({ schedule: undefined }),
          aPlan({ schedule: { durationMinutes: 20 } }),
          aPlan(),
        ],
        planOccurrences: [anOccurrence({ planId: undefined }), anOccurrence()],
        planTemplates: [aTemplate({ title: undefined }), aTemplate({ schedule: undefined }), aTemplate()],
      },
      { invalid: "on purpose" },
    );
    expect.equal(
      "outcomes",
      reply.body.results.map(({ pointer, outcome, code }) => `${pointer.slice(9)} ${code ?? outcome}`),
      [
        "entries/0 INCOMPLETE",
        "entries/1 INCOMPLETE",
        "entries/2 INCOMPLETE",
        "entries/3 applied",
        "repertoire/0 INCOMPLETE",
        "repertoire/1 INCOMPLETE",
        "repertoire/2 applied",
        "goals/0 INCOMPLETE",
        "goals/1 applied",
        "practicePlans/0 INCOMPLETE",
        "practicePlans/1 INCOMPLETE",
        "practicePlans/2 INCOMPLETE",
        "practicePlans/3 applied",
        "planOccurrences/0 INCOMPLETE",
        "planOccurrences/1 applied",
        "planTemplates/0 INCOMPLETE",
        "planTemplates/1 INCOMPLETE",
        "planTemplates/2 applied",
      ],
    );
  },
});

export const wrongMembers = serverCheck({
  id: "PUSH-007/wrong-members-are-named",
  name: "a member of the wrong type or range refuses its item and is named by its pointer",
  brokenBy: [
    faulty.acceptsNegativeDurations,
    faulty.coercesNumbers,
    faulty.pointsAtTheItemOnly,
    faulty.checksTopLevelOnly,
  ],
  async run({ device, expect, anEntry, aGoal, aPlan }) {
    const reply = await device.push(
      {
        entries: [
          anEntry({ duration: -1 }),
          anEntry({ duration: 12.5 }),
          anEntry({ duration: "30" }),
          anEntry({ timestamp: "yesterday" }),
          anEntry({ type: 7 }),
          anEntry({ tags: "morning" }),
          anEntry({ pieces: [{ title: "Arabesque" }, { title: 1 }] }),
          anEntry({ instrument: null }),
          anEntry({ duration: 0, pieces: [{ title: "Arabesque", composer: null }], notes: null }),
        ],
        goals: [aGoal({ title: ["x"] })],
        practicePlans: [aPlan({ schedule: { kind: "weekly" } })],
      },
      { invalid: "on purpose" },
    );

    expect.refused(reply, 0, "INVALID_ITEM", { pointer: "/changes/entries/0/duration" });
    expect.refused(reply, 1, "INVALID_ITEM", { pointer: "/changes/entries/1/duration" });
    expect.refused(reply, 2, "INVALID_ITEM", { pointer: "/changes/entries/2/duration" });
    expect.refused(reply, 3, "INVALID_ITEM", { pointer: "/changes/entries/3/timestamp" });
    expect.refused(reply, 4, "INVALID_ITEM", { pointer: "/changes/entries/4/type" });
    expect.refused(reply, 5, "INVALID_ITEM", { pointer: "/changes/entries/5/tags" });
    expect.refused(reply, 6, "INVALID_ITEM", { pointer: "/changes/entries/6/pieces/1/title" });
    expect.refused(reply, 7, "INVALID_ITEM", { pointer: "/changes/entries/7/instrument" });
    expect.outcome(reply, 8, "applied");
    expect.refused(reply, "/changes/goals/0", "INVALID_ITEM", { pointer: "/changes/goals/0/title" });
    expect.refused(reply, "/changes/practicePlans/0", "INVALID_ITEM", {
      pointer: "/changes/practicePlans/0/schedule/kind",
    });
  },
});

export const elementsThatAreNoObjects = serverCheck({
  id: "PUSH-007/elements-that-are-no-objects",
  name: "a list element that is not an object is refused alone",
  brokenBy: [faulty.crashesOnNullItems, faulty.dropsElementsThatAreNoObjects],
  async run({ device, expect, http, anEntry }) {
    const entry = anEntry();
    const json = { changes: { entries: [null, 5, "text", [], entry] } };
    const reply = await http<{ results: { outcome: string; code?: string }[] }>({
      method: "POST",
      path: "/api/sync/push",
      as: device,
      json,
    });
    expect.equal(
      "outcomes",
      reply.body.results.map(({ outcome, code }) => code ?? outcome),
      ["INVALID_ITEM", "INVALID_ITEM", "INVALID_ITEM", "INVALID_ITEM", "applied"],
    );
    expect.liveIds(await device.pull(), [entry["id"] as string]);
  },
});

export const replacedAsAWhole = serverCheck({
  id: "PUSH-008/an-item-replaces-the-stored-one",
  name: "members that the newer write does not have are gone",
  brokenBy: [faulty.mergesMembers, faulty.mergesNestedObjects],
  async run({ device, newDevice, expect, anEntry, edited }) {
    const entry = anEntry({ notes: "first", mood: "proud", metadata: { room: "a", tuning: 442 } });
    await device.push({ entries: [entry] });
    const newer = edited(entry, { notes: undefined, mood: undefined, metadata: { room: "b" } });
    expect.outcomes(await newDevice().push({ entries: [newer] }), ["applied"]);

    const { item } = expect.live(await device.pull(), entry["id"] as string);
    expect.equal("members of the stored item", Object.keys(item).sort(), Object.keys(newer).sort());
    expect.equal("metadata", item["metadata"], { room: "b" });
  },
});

export const noPartIsEverSeen = serverCheck({
  id: "PUSH-009/readers-never-see-a-part",
  name: "a pull beside a push sees all of it or nothing",
  brokenBy: [faulty.commitsItemByItem],
  async run({ device, newDevice, expect, aGoal }) {
    const readers = [newDevice(), newDevice(), newDevice()];
    for (let round = 1; round <= 5; round++) {
      const goals = Array.from({ length: 30 }, () => aGoal());
      let pushed = false;
      const push = device.push({ goals }).then(() => (pushed = true));
      const sizes = await Promise.all(
        readers.map(async (reader) => {
          const seen: number[] = [];
          do seen.push((await reader.pull()).body.goals.length);
          while (!pushed);
          return seen;
        }),
      );
      await push;
      const parts = sizes.flat().filter((size) => size !== 30 * round && size !== 30 * (round - 1));
      expect.equal("sizes that are a part of a push", parts, []);
    }
  },
});

export const failureLeavesNothing = serverCheck({
  id: "PUSH-009/a-failed-push-leaves-nothing",
  name: "a push whose storing fails leaves neither items nor a record",
  brokenBy: [faulty.keepsWhatWasStoredBeforeTheFailure, faulty.recordsBeforeStoring],
  needs: ["control:fail-next-write"],
  async run({ device, newDevice, expect, control, anEntry, aGoal }) {
    const push = device.preparePush({ entries: [anEntry(), anEntry()], goals: [aGoal()] });
    await control.failNextWrite();
    const failed = await push.send();
    expect.problem(failed, 503, "UNAVAILABLE");
    expect.nothing("what the failed push left behind", await newDevice().pull());

    const retried = await push.send();
    expect.judgedAfresh(retried);
    expect.outcomes(retried, ["applied", "applied", "applied"]);
  },
});

export const sameEntityTwice = serverCheck({
  id: "PUSH-010/the-greatest-of-one-entity-is-applied-once",
  name: "of several items of one entity the greatest stamp is applied, as one write",
  brokenBy: [faulty.countsEveryItemOfAnEntity, faulty.lastInThePushWins, faulty.firstInThePushWins],
  async run({ device, newDevice, expect, anEntry, edited }) {
    const cursor = await device.cursor();
    const first = anEntry({ duration: 1 });
    const middle = edited(first, { duration: 2 });
    const greatest = edited(first, { duration: 3 });

    const reply = await device.push({ entries: [first, greatest, middle, greatest] });

    expect.outcomes(reply, ["superseded", "applied", "superseded", "duplicate"]);
    for (const { meta } of reply.body.results) expect.equal("version", meta?.version, 1);
    expect.equal("the winner's duration told to the loser", expect.result(reply, 2).item?.["duration"], 3);
    const told = await newDevice().changesSince(cursor);
    expect.equal("how often the entity is told", told.rows.length, 1);
    expect.equal("stored duration", expect.live(told, first["id"] as string).item["duration"], 3);
  },
});

export const orderDoesNotMatter = serverCheck({
  id: "PUSH-011/order-within-a-push-does-not-matter",
  name: "the order of items in a push does not change the resulting state",
  brokenBy: [faulty.lastInThePushWins, faulty.deletionsAfterItems],
  async run({ device, stranger, expect, anEntry, edited, aDeletion }) {
    const [kept, removed, returned] = [anEntry(), anEntry(), anEntry()];
    const items = [
      kept,
      edited(kept, { duration: 61 }),
      removed,
      aDeletion(removed),
      aDeletion(returned),
      edited(returned, { duration: 62 }),
    ];
    const other = await stranger();
    await device.push({ entries: items });
    await other.push({ entries: items.toReversed() });

    const state = (pulled: { body: { entries: unknown[] } }): unknown[] =>
      pulled.body.entries.toSorted((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)));
    const forward = await device.pull();
    expect.liveIds(forward, [kept["id"], returned["id"]] as string[]);
    expect.equal("the state after the reversed push", state(await other.pull()), state(forward));
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

export const emptyPush = serverCheck({
  id: "PUSH-014/empty-push-changes-nothing",
  name: "a push without any item succeeds and changes nothing",
  brokenBy: [faulty.refusesEmptyPushes, faulty.emptyPushMovesTheHead],
  async run({ device, expect, anEntry }) {
    const entry = anEntry();
    await device.push({ entries: [entry] });
    const head = (await device.pull()).body.lastSeq;

    for (const changes of [{}, { entries: [] }]) {
      const reply = await device.push(changes);
      expect.equal("success", reply.body.success, true);
      expect.equal("results", reply.body.results, []);
    }
    const after = await device.pull();
    expect.equal("head after empty pushes", after.body.lastSeq, head);
    expect.liveIds(after, [entry["id"] as string]);
  },
});

export const survivesRestart = serverCheck({
  id: "PUSH-015/acknowledged-survives-a-restart",
  name: "an acknowledged push is there after the server was restarted",
  brokenBy: [faulty.keepsWritesInMemory, faulty.keepsSequenceInMemory],
  needs: ["control:restart"],
  async run({ device, newDevice, expect, control, anEntry, edited }) {
    const entry = anEntry();
    const first = expect.result(await device.push({ entries: [entry] }), 0);
    await control.restart();
    expect.live(await newDevice().pull(), entry["id"] as string);

    const second = expect.outcome(await device.push({ entries: [edited(entry)] }), 0, "applied");
    expect.equal("version after the restart", second.meta?.version, 2);
    expect.ok("seq goes on after the restart", (second.meta?.seq ?? 0) > (first.meta?.seq ?? 0), second.meta);
  },
});

export const survivesKill = serverCheck({
  id: "PUSH-015/acknowledged-survives-a-kill",
  name: "every push that was acknowledged is there after the server was killed under load",
  brokenBy: [faulty.flushesWritesLater],
  needs: ["control:kill"],
  async run({ device, newDevice, expect, control, anEntry }) {
    const acknowledged: string[] = [];
    const writers = Array.from({ length: 4 }, async () => {
      const writer = newDevice();
      for (let i = 0; i < 10; i++) {
        const entry = anEntry();
        const reply = await writer.tryPush({ entries: [entry] }).catch(() => undefined);
        if (reply?.status !== 200) return;
        acknowledged.push(entry["id"] as string);
      }
    });
    await Promise.all(writers);
    await control.kill();

    const there = new Set((await device.pullAll()).live().map(({ id }) => id as string));
    expect.equal(
      "acknowledged entries that are gone",
      acknowledged.filter((id) => !there.has(id)),
      [],
    );
  },
});
