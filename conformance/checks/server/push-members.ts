import { serverCheck } from "../../check.ts";
import { memberOf } from "../../../schemas/collections.ts";
import type { EntityType } from "../../../schemas/collections.ts";
import type { JsonObject } from "../../../schemas/json.ts";
import * as faulty from "./push-members.mutants.ts";

const [TEXT, NUMBER, LIST, YES, TIME] = [5, "5", "x", "yes", "yesterday"];
const OBJECT: JsonObject[] = [];
const BOTH = { createdAt: TIME, deviceId: TEXT };
const PLAN = {
  title: TEXT,
  description: TEXT,
  type: TEXT,
  focusAreas: LIST,
  techniques: [5],
  pieceRefs: LIST,
  schedule: OBJECT,
  tags: [null],
  metadata: OBJECT,
  visibility: TEXT,
  status: TEXT,
};

/** A value of the wrong type for each member that the schemas know. Ids and stamps are other checks' matter. */
const WRONG: Record<EntityType, JsonObject> = {
  logbook_entry: {
    ...BOTH,
    timestamp: TIME,
    duration: NUMBER,
    type: TEXT,
    instrument: "",
    pieces: LIST,
    techniques: LIST,
    goalIds: [5],
    notes: TEXT,
    mood: TEXT,
    tags: [{}],
    sessionId: TEXT,
    metadata: OBJECT,
    scoreId: TEXT,
    scoreTitle: TEXT,
    scoreComposer: TEXT,
    autoTracked: YES,
  },
  goal: {
    ...BOTH,
    title: TEXT,
    description: TEXT,
    type: TEXT,
    targetValue: NUMBER,
    currentValue: NUMBER,
    targetDate: true,
    status: TEXT,
  },
  repertoire_item: {
    ...BOTH,
    title: TEXT,
    composer: TEXT,
    status: TEXT,
    startedAt: true,
    lastPracticedAt: true,
    targetTempo: NUMBER,
    currentTempo: NUMBER,
    notes: TEXT,
    tags: LIST,
  },
  practice_plan: { ...BOTH, ...PLAN, archivedAt: true },
  plan_occurrence: {
    ...BOTH,
    planId: TEXT,
    scheduledStart: true,
    scheduledEnd: true,
    recurrenceKey: TEXT,
    segments: LIST,
    reflectionPrompts: LIST,
    status: TEXT,
    logEntryId: TEXT,
    notes: TEXT,
  },
  plan_template: { ...BOTH, ...PLAN, templateVersion: NUMBER, publishedAt: true },
  user_preferences: { ...BOTH, theme: "purple", notificationSettings: OBJECT, primaryInstrument: TEXT },
};

export const everyMember = serverCheck({
  id: "PUSH-007/every-member",
  name: "a value of the wrong type is refused and named in every known member of every type",
  brokenBy: faulty.judgesRequiredMembersOnly,
  async run({ device, expect, anItem }) {
    for (const [type, wrong] of Object.entries(WRONG) as [EntityType, JsonObject][]) {
      const good = anItem(type);
      const bad = Object.entries(wrong).map(([name, value]) => anItem(type, { [name]: value }));
      const member = memberOf(type);
      const reply = await device.push({ [member]: [...bad, good] }, { invalid: "on purpose" });
      for (const [index, name] of Object.keys(wrong).entries()) {
        const item = `/changes/${member}/${index}`;
        const { errors } = expect.refused(reply, index, "INVALID_ITEM");
        expect.ok(
          `the errors of ${item} name ${name}`,
          (errors ?? []).some(({ pointer }) => `${pointer}/`.startsWith(`${item}/${name}/`)),
          errors,
        );
      }
      expect.outcome(reply, bad.length, "applied");
    }
  },
});

export const namedAsSent = serverCheck({
  id: "PUSH-007/named-as-sent",
  name: "a member that came in snake case is named so: the pointer is one into the request",
  brokenBy: [faulty.pointsAtNormalisedNames],
  async run({ device, expect, aGoal }) {
    const reply = await device.push(
      {
        goals: [
          aGoal({ created_at: "yesterday" }),
          aGoal({ targetValue: undefined, target_value: "many" }),
          aGoal({ targetValue: undefined, target_value: 9 }),
        ],
      },
      { invalid: "on purpose" },
    );
    expect.refused(reply, 0, "INVALID_ITEM", { pointer: "/changes/goals/0/created_at" });
    expect.refused(reply, 1, "INVALID_ITEM", { pointer: "/changes/goals/1/target_value" });
    expect.outcome(reply, 2, "applied");
  },
});

export const noOtherLimits = serverCheck({
  id: "LIM-001/no-limits-of-members",
  name: "a member may be as long, as great and as empty as its type allows",
  brokenBy: [faulty.refusesLongTexts, faulty.cutsLongLists, faulty.refusesLongDays, faulty.refusesEmptyWords],
  async run({ device, newDevice, expect, anEntry, aGoal, aPiece }) {
    const many = Array.from({ length: 1_500 }, (_, index) => `t${index % 7}`);
    const members = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`member${index}`, index]));
    const entries = [
      anEntry({ duration: 100_000, timestamp: "2099-01-01T00:00:00Z" }),
      anEntry({ tags: many, type: "", mood: "", notes: "n".repeat(15_000) }),
    ];
    const goals = [
      aGoal({ title: "t".repeat(5_000), status: "", type: "" }),
      aGoal({ title: "", ...members }),
    ];
    const repertoire = [aPiece({ composer: "c".repeat(2_000), status: "", tags: many })];
    expect.outcomes(
      await device.push({ entries, goals, repertoire }),
      Array.from({ length: 5 }, () => "applied" as const),
    );
    const pulled = await newDevice().pullAll();
    for (const item of [...entries, ...goals, ...repertoire]) {
      const id = (item["scoreId"] ?? item["id"]) as string;
      expect.equal("stored item", expect.live(pulled, id).item, item);
    }
  },
});
