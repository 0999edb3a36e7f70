import { serverCheck } from "../../check.ts";
import type { ServerContext } from "../../check.ts";
import type { JsonObject } from "../../../schemas/json.ts";
import {
  addsCreatedAt,
  addsDefaultsToBatches,
  addsEmptyLists,
  addsNullComposers,
  doesNotKnowTemplates,
  dropsEmptyMembers,
  dropsNullMembers,
  dropsUnknownMembers,
  dropsUnknownMembersOfBatches,
  dropsUnknownMembersOfPieces,
  dropsUnknownMembersOfSchedules,
  dropsUnknownMembersOnReturn,
  dropsUnknownMoods,
  keysRowsByIdAlone,
  mapsUnknownTypesToOther,
  neverReturnsPreferences,
  refusesUnknownEnumValues,
} from "./data-members.mutants.ts";

/** One complete item of each type. */
function oneOfEach({ anEntry, aGoal, aPiece, aPlan, anOccurrence, aTemplate, preferences }: ServerContext) {
  return {
    entries: [anEntry()],
    goals: [aGoal()],
    repertoire: [aPiece()],
    practicePlans: [aPlan()],
    planOccurrences: [anOccurrence()],
    planTemplates: [aTemplate()],
    preferences: [preferences()],
  };
}

const BOOKKEEPING = [
  "updatedAt",
  "deletedAt",
  "version",
  "seq",
  "checksum",
  "deviceId",
  "userId",
  "clientChangeId",
  // The server's own (NORM-011).
  "authorId",
];

/** What an item says of itself: without what the writer and the server note beside it. */
function content(item: JsonObject | null | undefined): JsonObject {
  return Object.fromEntries(Object.entries(item ?? {}).filter(([name]) => !BOOKKEEPING.includes(name)));
}

export const sevenTypes = serverCheck({
  id: "DATA-001/seven-types",
  name: "items of all seven types are accepted, stored and returned under their collections",
  brokenBy: [doesNotKnowTemplates, neverReturnsPreferences],
  async run(context) {
    const { device, newDevice, expect } = context;
    const items = oneOfEach(context);
    const before = await device.cursor();
    const reply = await device.push(items);
    expect.outcomes(
      reply,
      Array.from({ length: 7 }, () => "applied" as const),
    );

    for (const pulled of [await newDevice().pull(), await newDevice().pull({ since: before })]) {
      for (const [member, [item]] of Object.entries(items) as [keyof typeof items, JsonObject[]][]) {
        expect.equal(`number of ${member}`, pulled.body[member].length, 1);
        expect.equal(`item in ${member}`, content(pulled.body[member][0]), content(item));
      }
    }
  },
});

export const sevenTypesInBatches = serverCheck({
  id: "DATA-001/seven-types-in-a-batch",
  name: "a batch takes items of all seven types",
  brokenBy: [doesNotKnowTemplates],
  async run(context) {
    const { device, expect } = context;
    const types = {
      entries: "logbook_entry",
      goals: "goal",
      repertoire: "repertoire_item",
      practicePlans: "practice_plan",
      planOccurrences: "plan_occurrence",
      planTemplates: "plan_template",
      preferences: "user_preferences",
    } as const;
    const items = oneOfEach(context);
    const entities = (Object.keys(types) as (keyof typeof types)[]).map((member) => {
      const data = items[member][0] as JsonObject;
      return { id: (data["scoreId"] ?? data["id"]) as string, type: types[member], data };
    });
    expect.outcomes(
      await device.batch(entities),
      Array.from({ length: 7 }, () => "applied" as const),
    );
    const pulled = await device.pull();
    for (const member of Object.keys(types) as (keyof typeof types)[]) {
      expect.equal(`item in ${member}`, content(pulled.body[member][0]), content(items[member][0]));
    }
  },
});

export const sameIdInTwoTypes = serverCheck({
  id: "DATA-001/one-id-in-two-types",
  name: "entities of two types may have one id: each lives and dies alone",
  brokenBy: [keysRowsByIdAlone],
  async run({ device, newDevice, expect, aGoal, anEntry, aPlan, aDeletion, unique }) {
    const id = unique("shared");
    await device.push({ goals: [aGoal({ id })] });
    const reply = await newDevice().push({ entries: [anEntry({ id })], practicePlans: [aPlan({ id })] });
    expect.outcomes(reply, ["applied", "applied"]);
    for (const index of [0, 1]) expect.equal("version", expect.result(reply, index).meta?.version, 1);

    await device.push({ entries: [aDeletion(id)] });
    const pulled = await newDevice().pullAll();
    expect.live(pulled, id, "goal");
    expect.live(pulled, id, "practice_plan");
    // A full pull may tell deletions (PULL-007).
    expect.equal("the entry", pulled.find(id, "logbook_entry")?.item ?? null, null);
  },
});

/** What a newer client might send: members that no server of today knows. */
const UNKNOWN = {
  tomorrow: { deep: [{ deeper: { deepest: ["x", 1, true, null, { "": "empty name" }] } }] },
  "a/b~c": "odd name",
  größe: 1.5,
  practice_mood_v2: null,
  emptyObject: {},
  emptyList: [],
  emptyText: "",
  nothing: 0,
  no: false,
};

export const unknownMembers = serverCheck({
  id: "DATA-002/unknown-members",
  name: "unknown members survive push and pull at the top level of every type",
  brokenBy: [dropsUnknownMembers, dropsNullMembers, dropsEmptyMembers],
  async run(context) {
    const { device, newDevice, expect } = context;
    const items = Object.fromEntries(
      Object.entries(oneOfEach(context)).map(([member, [item]]) => [member, [{ ...item, ...UNKNOWN }]]),
    );
    const before = await device.cursor();
    await device.push(items);
    for (const pulled of [await newDevice().pullAll(), await newDevice().changesSince(before)]) {
      expect.equal("number of items", pulled.live().length, 7);
      for (const { entityType, item } of pulled.final) {
        const kept = Object.fromEntries(Object.entries(item ?? {}).filter(([name]) => name in UNKNOWN));
        expect.equal(`unknown members of ${entityType}`, kept, UNKNOWN);
      }
    }
  },
});

export const unknownMembersInside = serverCheck({
  id: "DATA-002/unknown-members-inside",
  name: "unknown members survive inside known ones: pieces, schedules, segments, references, metadata",
  brokenBy: [dropsUnknownMembersOfPieces, dropsUnknownMembersOfSchedules],
  async run({ device, newDevice, expect, anEntry, aPlan, anOccurrence, preferences }) {
    const entry = anEntry({
      pieces: [
        { id: "etude", title: "Étude", fingering: { lh: [5, 4] }, difficulty: null },
        { id: "b", title: "B", x: [] },
      ],
      metadata: { app: { build: 7, flags: [] } },
    });
    const plan = aPlan({
      schedule: { kind: "single", tomorrow: { at: "dawn" }, reminders: [{ before: 10 }] },
      pieceRefs: [{ scoreId: "etude", weight: 0.5, extra: { a: null } }],
    });
    const occurrence = anOccurrence({
      segments: [{ label: "warm-up", tempoCurve: [60, 72] }],
      targets: { bpm: { min: 1 } },
    });
    const prefs = preferences({ notificationSettings: { quiet: { from: "22:00" }, sounds: [] } });
    await device.push({
      entries: [entry],
      practicePlans: [plan],
      planOccurrences: [occurrence],
      preferences: [prefs],
    });

    const { body } = await newDevice().pull();
    expect.equal("pieces", body.entries[0]?.["pieces"], entry["pieces"]);
    expect.equal("metadata", body.entries[0]?.["metadata"], entry["metadata"]);
    expect.equal("schedule", body.practicePlans[0]?.["schedule"], plan["schedule"]);
    expect.equal("pieceRefs", body.practicePlans[0]?.["pieceRefs"], plan["pieceRefs"]);
    expect.equal("segments", body.planOccurrences[0]?.["segments"], occurrence["segments"]);
    expect.equal("targets", body.planOccurrences[0]?.["targets"], occurrence["targets"]);
    expect.equal(
      "notificationSettings",
      body.preferences[0]?.["notificationSettings"],
      prefs["notificationSettings"],
    );
  },
});

export const unknownMembersOnOtherPaths = serverCheck({
  id: "DATA-002/other-paths",
  name: "unknown members survive a batch, an edit, and deletion and return",
  brokenBy: [dropsUnknownMembersOfBatches, dropsUnknownMembersOnReturn],
  async run({ device, newDevice, expect, aGoal, aDeletion, edited }) {
    const goal = aGoal(UNKNOWN);
    const id = goal["id"] as string;
    const demand = async (what: string, sent: JsonObject): Promise<void> => {
      expect.equal(what, content(expect.live(await newDevice().pullAll(), id).item), content(sent));
    };
    expect.outcome(await device.batch([{ id, type: "goal", data: goal }]), 0, "applied");
    await demand("goal after the batch", goal);

    await device.push({ goals: [aDeletion(goal)] });
    const back = edited(goal);
    expect.outcome(await device.push({ goals: [back] }), 0, "applied");
    await demand("goal after its return", back);

    const edit = edited(goal, { title: "edited", tomorrow: "shorter", another: [1] });
    expect.outcome(await device.batch([{ id, type: "goal", data: edit }]), 0, "applied");
    await demand("goal after the edit", edit);
  },
});

export const openEnumerations = serverCheck({
  id: "DATA-003/open-enumerations",
  name: "unknown values of type, mood, status and visibility are accepted and survive",
  brokenBy: [refusesUnknownEnumValues, mapsUnknownTypesToOther, dropsUnknownMoods],
  async run({ device, newDevice, expect, anEntry, aGoal, aPiece, aPlan, anOccurrence, aTemplate }) {
    const reply = await device.push({
      entries: [anEntry({ type: "sight_reading", mood: "elated" })],
      goals: [aGoal({ type: "Memorisation", status: "Paused" })],
      repertoire: [aPiece({ status: "Encore" })],
      practicePlans: [aPlan({ type: "retreat", status: "Frozen", visibility: "friends" })],
      planOccurrences: [anOccurrence({ status: "Postponed" })],
      planTemplates: [aTemplate({ type: "retreat", visibility: "studio" })],
    });
    expect.outcomes(
      reply,
      Array.from({ length: 6 }, () => "applied" as const),
    );

    const { body } = await newDevice().pull();
    expect.equal("entry's type", body.entries[0]?.["type"], "sight_reading");
    expect.equal("entry's mood", body.entries[0]?.["mood"], "elated");
    // Only a logbook entry's are lower-cased (NORM-003).
    expect.equal("goal's type", body.goals[0]?.["type"], "Memorisation");
    expect.equal("goal's status", body.goals[0]?.["status"], "Paused");
    expect.equal("piece's status", body.repertoire[0]?.["status"], "Encore");
    expect.equal("plan's type", body.practicePlans[0]?.["type"], "retreat");
    expect.equal("plan's status", body.practicePlans[0]?.["status"], "Frozen");
    expect.equal("plan's visibility", body.practicePlans[0]?.["visibility"], "friends");
    expect.equal("occurrence's status", body.planOccurrences[0]?.["status"], "Postponed");
    expect.equal("template's visibility", body.planTemplates[0]?.["visibility"], "studio");
  },
});

export const noDefaults = serverCheck({
  id: "DATA-005/no-defaults",
  name: "items with nothing but what they must have come back with nothing more",
  brokenBy: [addsEmptyLists, addsCreatedAt, addsNullComposers, addsDefaultsToBatches],
  async run({ device, newDevice, expect }) {
    const updatedAt = "2024-01-01T10:00:00Z";
    const least = {
      entries: [
        {
          id: "e1",
          timestamp: "2024-01-01T09:00:00Z",
          duration: 0,
          type: "practice",
          pieces: [{ id: "p", title: "P" }],
          updatedAt,
        },
      ],
      goals: [{ id: "g1", title: "", updatedAt }],
      repertoire: [{ scoreId: "etude", title: "Étude", status: "learning", updatedAt }],
      practicePlans: [{ id: "p1", title: "Plan", schedule: { kind: "single" }, updatedAt }],
      planOccurrences: [{ id: "o1", planId: "p1", updatedAt }],
      planTemplates: [{ id: "t1", title: "Template", schedule: { kind: "recurring" }, updatedAt }],
      preferences: [{ id: "preferences", updatedAt }],
    };
    const before = await device.cursor();
    const reply = await device.push(least);
    expect.outcomes(
      reply,
      Array.from({ length: 7 }, () => "applied" as const),
    );
    for (const pulled of [await newDevice().pull(), await newDevice().pull({ since: before })]) {
      for (const [member, [item]] of Object.entries(least) as [keyof typeof least, JsonObject[]][]) {
        expect.equal(`item in ${member}`, content(pulled.body[member][0]), content(item));
      }
    }

    const data = { id: "e2", timestamp: 1_704_099_600_000, duration: 1, type: "lesson", updatedAt };
    await device.batch([{ id: "e2", type: "logbook_entry", data }]);
    expect.equal("item of the batch", content(expect.live(await device.pullAll(), "e2").item), content(data));
  },
});
