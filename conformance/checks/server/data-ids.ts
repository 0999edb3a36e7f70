import { serverCheck } from "../../check.ts";
import type { PushBody } from "../../wire/shapes.ts";
import type { JsonObject } from "../../../schemas/json.ts";
import {
  callsBadIdsIncomplete,
  countsBytesOfIds,
  countsUtf16UnitsOfIds,
  cutsLongIds,
  inventsIds,
  judgesIdsOfLiveItemsOnly,
  limitsNoIds,
  turnsNumbersIntoIds,
} from "./data-ids.mutants.ts";

const STAMP = "2024-01-01T10:00:00Z";
const goal = (id: unknown): JsonObject => ({ id: id as string, title: "Scales", updatedAt: STAMP });

export const absentIds = serverCheck({
  id: "DATA-016/absent",
  name: "an item without an id is refused as incomplete, for every type and for deletions",
  brokenBy: [inventsIds],
  async run({
    device,
    newDevice,
    expect,
    anEntry,
    aGoal,
    aPlan,
    anOccurrence,
    aTemplate,
    preferences,
    http,
  }) {
    const complete = {
      entries: anEntry(),
      goals: aGoal(),
      practicePlans: aPlan(),
      planOccurrences: anOccurrence(),
      planTemplates: aTemplate(),
      preferences: preferences(),
    };
    const changes: Record<string, unknown> = {
      // Neither an id nor a title that one could be made from.
      repertoire: [{ status: "learning", updatedAt: STAMP }, { deletedAt: STAMP }],
    };
    for (const [member, item] of Object.entries(complete)) {
      const { id: _none, ...rest } = item;
      changes[member] = [rest, { deletedAt: STAMP }];
    }
    const reply = await http<PushBody>({ path: "/api/sync/push", as: device, json: { changes } });
    expect.equal("number of results", reply.body.results.length, 14);
    for (const { pointer } of reply.body.results) expect.refused(reply, pointer, "INCOMPLETE");
    expect.nothing("stored", await newDevice().pullAll());

    const good = Object.fromEntries(Object.entries(complete).map(([member, item]) => [member, [item]]));
    expect.outcomes(
      await device.push(good),
      Array.from({ length: 6 }, () => "applied" as const),
    );
  },
});

export const idsThatAreNone = serverCheck({
  id: "DATA-016/not-a-text",
  name: "an id that is empty or not a text is refused with INVALID_ITEM",
  brokenBy: [turnsNumbersIntoIds, callsBadIdsIncomplete],
  async run({ device, newDevice, expect, http }) {
    const bad = [goal(""), goal(5), goal(0), goal(true), goal({}), goal(["a"])];
    const reply = await http<PushBody>({
      path: "/api/sync/push",
      as: device,
      json: { changes: { goals: [goal("5"), ...bad] } },
    });
    expect.outcome(reply, 0, "applied");
    for (const index of bad.keys()) expect.refused(reply, index + 1, "INVALID_ITEM");
    expect.liveIds(await newDevice().pullAll(), ["5"]);
  },
});

export const longIds = serverCheck({
  id: "DATA-016/length",
  name: "an id may have 255 characters and no more, counted in code points",
  brokenBy: [limitsNoIds, cutsLongIds, countsUtf16UnitsOfIds, countsBytesOfIds],
  async run({ device, newDevice, expect, http }) {
    const good = ["a".repeat(255), "ü".repeat(255), "🎹".repeat(255)];
    const bad = ["b".repeat(256), "ö".repeat(256), `${"🎻".repeat(255)}x`];
    const reply = await http<PushBody>({
      path: "/api/sync/push",
      as: device,
      json: { changes: { goals: [...good, ...bad].map(goal) } },
    });
    for (const index of good.keys()) {
      expect.equal("entity id", expect.outcome(reply, index, "applied").entityId, good[index]);
    }
    for (const index of bad.keys()) expect.refused(reply, good.length + index, "INVALID_ITEM");
    expect.liveIds(await newDevice().pullAll(), good);
  },
});

export const longScoreIds = serverCheck({
  id: "DATA-016/length-after-normalisation",
  name: "a score id is measured after it was trimmed",
  brokenBy: [limitsNoIds, cutsLongIds],
  async run({ device, newDevice, expect, http }) {
    const piece = (scoreId: string): JsonObject => ({
      scoreId,
      title: "Étude",
      status: "learning",
      updatedAt: STAMP,
    });
    const good = "c".repeat(255);
    const reply = await http<PushBody>({
      path: "/api/sync/push",
      as: device,
      json: { changes: { repertoire: [piece(`   ${good}   `), piece("d".repeat(256))] } },
    });
    expect.equal("entity id", expect.outcome(reply, 0, "applied").entityId, good);
    expect.refused(reply, 1, "INVALID_ITEM");
    expect.liveIds(await newDevice().pullAll(), [good]);
  },
});

export const idsOfDeletions = serverCheck({
  id: "DATA-016/deletions",
  name: "the id of a deletion is held to the same rule",
  brokenBy: [judgesIdsOfLiveItemsOnly, countsUtf16UnitsOfIds, countsBytesOfIds],
  async run({ device, newDevice, expect, http }) {
    const before = await device.cursor();
    const deletion = (id: unknown): JsonObject => ({ id: id as string, deletedAt: STAMP });
    const reply = await http<PushBody>({
      path: "/api/sync/push",
      as: device,
      json: { changes: { goals: ["gone", "", 5, "a".repeat(256), "🎹".repeat(255)].map(deletion) } },
    });
    expect.outcome(reply, 0, "applied");
    for (const index of [1, 2, 3]) expect.refused(reply, index, "INVALID_ITEM");
    expect.outcome(reply, 4, "applied");
    const told = await newDevice().changesSince(before);
    expect.equal("told deletions", told.rows.map((row) => row.entityId).toSorted(), [
      "gone",
      "🎹".repeat(255),
    ]);
  },
});
