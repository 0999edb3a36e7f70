import { serverCheck } from "../../check.ts";
import * as faulty from "./push-items.mutants.ts";

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
