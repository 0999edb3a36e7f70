import { serverCheck } from "../../check.ts";
import type { PushBody } from "../../wire/shapes.ts";
import type { JsonObject } from "../../../schemas/json.ts";
import {
  knowsNoLeapYears,
  readsDatesLeniently,
  readsNumericText,
  reformatsInstants,
  refusesLowerCaseInstants,
  refusesNumbersForInstants,
  refusesOffsets,
  refusesOffsetsOfNoTimeZone,
  rollsDaysOver,
  setsNoLimitsToInstants,
  takesHour24,
  takesLeapSeconds,
  takesSmallNumbersForSeconds,
  takesUnreadableStampsForAbsent,
  tellsTheReceiptForDeletedAt,
  tellsWholeSeconds,
  treatsUnreadableDeletionsAsLive,
} from "./data-instants.mutants.ts";

export const bothForms = serverCheck({
  id: "DATA-013/both-forms",
  name: "instants are accepted as text and as a number, in every member that holds one, and kept as they were written",
  brokenBy: [refusesNumbersForInstants, reformatsInstants],
  async run({ device, newDevice, expect, anEntry, aGoal }) {
    const forms = ["2024-02-29T10:00:00.123Z", 1_709_200_800_123, "2024-02-29T15:45:00.123+05:45", -1, 0];
    const entries = forms.map((instant) =>
      anEntry({ timestamp: instant, createdAt: instant, updatedAt: instant }),
    );
    const goals = forms.map((instant) => aGoal({ createdAt: instant, updatedAt: instant }));
    const reply = await device.push({ entries, goals });
    expect.outcomes(
      reply,
      Array.from({ length: 10 }, () => "applied" as const),
    );

    const pulled = await newDevice().pullAll();
    for (const item of [...entries, ...goals]) {
      const row = expect.live(pulled, item["id"] as string);
      expect.equal("createdAt", row.item["createdAt"], item["createdAt"]);
      expect.equal("updatedAt", row.item["updatedAt"], item["updatedAt"]);
      if ("timestamp" in item) expect.equal("timestamp", row.item["timestamp"], item["timestamp"]);
    }
  },
});

export const bothFormsOfOtherTimes = serverCheck({
  id: "DATA-013/times-of-other-members",
  name: "every member that tells a time takes text and number, and keeps what was written",
  brokenBy: [refusesNumbersForInstants, reformatsInstants],
  async run({ device, newDevice, expect, aGoal, aPiece, aPlan, anOccurrence, aTemplate }) {
    for (const instant of [1_709_200_800_123, "2024-02-29T11:00:00+01:00"]) {
      const items = {
        goals: [aGoal({ targetDate: instant })],
        repertoire: [aPiece({ startedAt: instant, lastPracticedAt: instant })],
        practicePlans: [
          aPlan({ archivedAt: instant, schedule: { kind: "single", startDate: instant, endDate: instant } }),
        ],
        planOccurrences: [anOccurrence({ scheduledStart: instant, scheduledEnd: instant })],
        planTemplates: [aTemplate({ publishedAt: instant })],
      };
      expect.outcomes(
        await device.push(items),
        Array.from({ length: 5 }, () => "applied" as const),
      );
      const pulled = await newDevice().pullAll();
      for (const item of Object.values(items).flat()) {
        const stored = expect.live(pulled, (item["scoreId"] ?? item["id"]) as string).item;
        const { authorId: _author, ...written } = stored;
        expect.equal("stored item", written, item);
      }
    }
  },
});

export const formsOfRfc3339 = serverCheck({
  id: "DATA-013/forms-of-rfc-3339",
  name: "every form of an RFC 3339 date-time is read as the instant that it names",
  brokenBy: [
    refusesOffsets,
    refusesOffsetsOfNoTimeZone,
    refusesLowerCaseInstants,
    knowsNoLeapYears,
    takesSmallNumbersForSeconds,
  ],
  async run({ device, expect, aGoal }) {
    const forms: [sent: string | number, instant: string][] = [
      ["2024-02-29T23:59:59Z", "2024-02-29T23:59:59.000Z"],
      ["2000-02-29T00:00:00Z", "2000-02-29T00:00:00.000Z"],
      ["2024-01-01t10:00:00z", "2024-01-01T10:00:00.000Z"],
      ["2024-01-01T10:00:00-00:00", "2024-01-01T10:00:00.000Z"],
      ["2024-01-01T00:30:00+14:00", "2023-12-31T10:30:00.000Z"],
      ["2023-12-31T23:30:00-09:30", "2024-01-01T09:00:00.000Z"],
      // No zone is that far off, but the grammar has it.
      ["2024-01-02T09:59:00+23:59", "2024-01-01T10:00:00.000Z"],
      ["2023-12-31T10:01:00-23:59", "2024-01-01T10:00:00.000Z"],
      ["2024-01-01T10:00:00.1234567890123456789Z", "2024-01-01T10:00:00.123Z"],
      ["1969-12-31T23:59:59.9999Z", "1969-12-31T23:59:59.999Z"],
      [1_704_103_200_000, "2024-01-01T10:00:00.000Z"],
      [1_000, "1970-01-01T00:00:01.000Z"],
      [-62_135_596_800_000, "0001-01-01T00:00:00.000Z"],
    ];
    const reply = await device.push({ goals: forms.map(([updatedAt]) => aGoal({ updatedAt })) });
    for (const [index, [sent, instant]] of forms.entries()) {
      expect.equal(`instant of ${sent}`, expect.outcome(reply, index, "applied").meta?.updatedAt, instant);
    }
  },
});

/** What is no instant, though some clock or parser might take it for one. Each is a fault of its own. */
const NO_INSTANTS: Record<string, unknown> = {
  word: "yesterday",
  empty: "",
  date: "2024-01-01",
  noZone: "2024-01-01T10:00:00",
  noSeconds: "2024-01-01T10:00Z",
  zoneWithoutColon: "2024-01-01T10:00:00+0200",
  noSuchDay: "2024-02-30T10:00:00Z",
  noLeapYear: "2023-02-29T10:00:00Z",
  noLeapCentury: "1900-02-29T10:00:00Z",
  thirteenthMonth: "2024-13-01T10:00:00Z",
  hour24: "2024-01-01T24:00:00Z",
  leapSecond: "2016-12-31T23:59:60Z",
  numericText: "1704103200000",
  httpDate: "Mon, 01 Jan 2024 10:00:00 GMT",
  emptyFraction: "2024-01-01T10:00:00.Z",
  fraction: 1_704_103_200_000.5,
  tooEarly: -62_135_596_800_001,
  tooLate: 253_402_300_800_000,
  tooEarlyText: "0001-01-01T00:00:00+00:01",
  yearZero: "0000-12-31T23:59:59Z",
  yearZeroElsewhere: "0000-12-31T23:30:00-01:00",
  fiveDigits: "10000-01-01T00:00:00Z",
  yes: true,
  object: {},
  list: ["2024-01-01T10:00:00Z"],
};

export const unreadableStamps = serverCheck({
  id: "DATA-014/updated-at",
  name: "an item whose updatedAt is not an instant is refused with INVALID_ITEM, the others are judged as usual",
  brokenBy: [
    readsDatesLeniently,
    rollsDaysOver,
    takesLeapSeconds,
    readsNumericText,
    setsNoLimitsToInstants,
    takesHour24,
  ],
  async run({ device, newDevice, expect, aGoal, http }) {
    const good = aGoal({ updatedAt: "2024-01-01T10:00:00Z" });
    const goals = Object.entries(NO_INSTANTS).map(([id, updatedAt]): JsonObject => ({
      id,
      title: id,
      updatedAt: updatedAt as string,
    }));
    const reply = await http<PushBody>({
      path: "/api/sync/push",
      as: device,
      json: { changes: { goals: [good, ...goals] } },
    });
    expect.outcome(reply, 0, "applied");
    for (const [index, goal] of goals.entries()) {
      const { entityId, code } = expect.result(reply, index + 1);
      expect.equal(
        `code of ${goal["id"]} (${JSON.stringify(goal["updatedAt"])})`,
        code ?? "accepted",
        "INVALID_ITEM",
      );
      expect.equal("entity", entityId, goal["id"]);
    }
    expect.liveIds(await newDevice().pullAll(), [good["id"] as string]);
  },
});

export const unreadableStampsOfDeployedPeers = serverCheck({
  id: "DATA-014/of-a-deployed-peer",
  name: "an unreadable updatedAt of a deployed peer is refused too: it is not an absent one",
  brokenBy: [takesUnreadableStampsForAbsent],
  async run({ device, deployedDevice, expect, aGoal, http }) {
    const [bad, worse, unstamped] = [
      aGoal({ updatedAt: "yesterday" }),
      aGoal({ updatedAt: undefined, updated_at: "2024-02-30T10:00:00Z" }),
      aGoal({ updatedAt: undefined }),
    ];
    const reply = await http<PushBody>({
      path: "/api/sync/push",
      as: deployedDevice(),
      json: { changes: { goals: [bad, worse, unstamped] } },
    });
    expect.refused(reply, 0, "INVALID_ITEM");
    expect.refused(reply, 1, "INVALID_ITEM");
    expect.outcome(reply, 2, "applied");
    expect.liveIds(await device.pullAll(), [unstamped["id"] as string]);
  },
});

export const unreadableDeletions = serverCheck({
  id: "DATA-014/deleted-at",
  name: "an item whose deletedAt is not an instant is refused with INVALID_ITEM and neither deletes nor edits",
  brokenBy: [readsDatesLeniently, rollsDaysOver, treatsUnreadableDeletionsAsLive],
  async run({ device, newDevice, expect, aGoal, aDeletion, http }) {
    const goal = aGoal();
    const id = goal["id"] as string;
    await device.push({ goals: [goal] });
    const before = await device.cursor();

    const { empty: _live, ...bad } = NO_INSTANTS;
    const values: unknown[] = [...Object.values(bad), false];
    const reply = await http<PushBody>({
      path: "/api/sync/push",
      as: newDevice(),
      json: { changes: { goals: values.map((deletedAt) => ({ ...goal, title: "edited", deletedAt })) } },
    });
    for (const [index, value] of values.entries()) {
      expect.equal(
        `code for ${JSON.stringify(value)}`,
        expect.result(reply, index).code ?? "accepted",
        "INVALID_ITEM",
      );
    }
    expect.nothing("changes", await device.changesSince(before));
    expect.outcome(await newDevice().push({ goals: [aDeletion(goal)] }), 0, "applied");
    expect.deleted(await device.changesSince(before), id);
  },
});

export const canonicalForm = serverCheck({
  id: "DATA-015/canonical-form",
  name: "meta tells stamps in UTC with exactly three digits, in answers and in pulls",
  brokenBy: [tellsTheReceiptForDeletedAt, tellsWholeSeconds],
  async run({ device, newDevice, expect, aGoal, aDeletion }) {
    const forms: [sent: string | number, instant: string][] = [
      ["2024-01-01T12:00:00+02:00", "2024-01-01T10:00:00.000Z"],
      ["2024-01-01T10:00:00.5Z", "2024-01-01T10:00:00.500Z"],
      [1_704_103_200_007, "2024-01-01T10:00:00.007Z"],
      ["0099-06-01T00:00:00Z", "0099-06-01T00:00:00.000Z"],
    ];
    const goals = forms.map(() => aGoal({ updatedAt: "0001-06-01T00:00:00Z" }));
    const live = forms.map(([updatedAt]) => aGoal({ updatedAt }));
    await device.push({ goals });
    const before = await device.cursor();
    const deletions = forms.map(([deletedAt], index) => aDeletion(goals[index] as JsonObject, { deletedAt }));
    const reply = await device.push({ goals: [...live, ...deletions] });
    const delta = await newDevice().changesSince(before);
    for (const [index, [sent, instant]] of forms.entries()) {
      const item = expect.outcome(reply, index, "applied").meta;
      expect.equal(`updatedAt for ${sent}`, item?.updatedAt, instant);
      expect.equal("deletedAt of a live item", item?.deletedAt, null);
      const deletion = expect.outcome(reply, forms.length + index, "applied").meta;
      expect.equal(`deletedAt for ${sent}`, deletion?.deletedAt, instant);
      expect.equal(`updatedAt of the deletion for ${sent}`, deletion?.updatedAt, instant);
      expect.equal("pulled item's meta", expect.live(delta, item?.entityId ?? "").meta, item);
      expect.equal("pulled deletion", expect.deleted(delta, deletion?.entityId ?? "").meta, deletion);
    }
  },
});
