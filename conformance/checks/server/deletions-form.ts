import { serverCheck } from "../../check.ts";
import type { PushBody } from "../../wire/shapes.ts";
import type { JsonObject } from "../../../schemas/json.ts";
import {
  anyDeletedAtDeletes,
  readsEveryTimeOfADeletion,
  takesDeletedAtZeroForLive,
  validatesDeletionsAsItems,
  weighsDeletions,
} from "./deletions.mutants.ts";

const EARLY = "2024-03-01T10:00:00.000Z";
const LATE = "2024-03-01T12:00:00.000Z";

export const idAndInstant = serverCheck({
  id: "DEL-001/id-and-instant-are-enough",
  name: "an id and a deletedAt make a deletion of every type, in every form of an instant",
  brokenBy: [validatesDeletionsAsItems, takesDeletedAtZeroForLive],
  async run({ device, newDevice, expect }) {
    const before = await device.cursor();
    const reply = await device.push({
      entries: [{ id: "d1", deletedAt: LATE }],
      goals: [{ id: "d2", deletedAt: "2024-03-01T13:00:00.000+01:00" }],
      repertoire: [
        { scoreId: "d3", deletedAt: 1_709_294_400_000 },
        { id: "d4", deletedAt: LATE },
      ],
      practicePlans: [{ id: "d5", deletedAt: LATE }],
      planOccurrences: [{ id: "d6", deletedAt: LATE }],
      planTemplates: [{ id: "d7", deletedAt: LATE }],
      preferences: [{ id: "preferences", deletedAt: 0 }],
    });
    for (const [index, { meta }] of reply.body.results.entries()) {
      expect.outcome(reply, index, "applied");
      expect.equal("deletedAt", meta?.deletedAt, index === 7 ? "1970-01-01T00:00:00.000Z" : LATE);
    }
    const told = await newDevice().changesSince(before);
    for (const id of ["d1", "d2", "d3", "d4", "d5", "d6", "d7", "preferences"]) expect.deleted(told, id);
  },
});

export const whateverElse = serverCheck({
  id: "DEL-001/whatever-else-it-has",
  name: "a deletion is accepted whatever other members it has, of whatever type",
  brokenBy: [validatesDeletionsAsItems, readsEveryTimeOfADeletion],
  async run({ device, newDevice, expect, anEntry, aPlan, http }) {
    const [entry, plan] = [anEntry(), aPlan()];
    await device.push({ entries: [entry], practicePlans: [plan] });
    const deletedAt = new Date(Date.parse(String(entry["updatedAt"])) + 10_000).toISOString();
    const reply = await http<PushBody>({
      path: "/api/sync/push",
      as: newDevice(),
      json: {
        changes: {
          entries: [
            {
              id: entry["id"],
              deletedAt,
              duration: "half an hour",
              timestamp: null,
              type: 5,
              pieces: "none",
              updatedAt: "yesterday",
            },
          ],
          practicePlans: [
            { ...plan, schedule: { kind: "never" }, title: null, createdAt: "once", deletedAt },
          ],
        },
      },
    });
    expect.outcomes(reply, ["applied", "applied"]);
    expect.liveIds(await device.pullAll(), []);

    const batch = await device.batch([{ id: "never-seen", type: "goal", data: { deletedAt } }]);
    expect.equal("entity id", expect.outcome(batch, 0, "applied").entityId, "never-seen");
  },
});

export const howeverLarge = serverCheck({
  id: "DEL-001/however-large",
  name: "a deletion is accepted however large the rest of its item is",
  brokenBy: [weighsDeletions],
  async run({ device, newDevice, expect, aGoal, limits, inconclusive }) {
    if (limits.maxBodyBytes < limits.maxItemBytes + 2_000)
      inconclusive("no body holds an item over maxItemBytes");
    const goal = aGoal();
    await device.push({ goals: [goal] });
    const deletedAt = new Date(Date.parse(String(goal["updatedAt"])) + 10_000).toISOString();
    const notes = "x".repeat(limits.maxItemBytes);
    const live = await device.push({ goals: [{ ...goal, notes }] });
    expect.refused(live, 0, "ITEM_TOO_LARGE");
    expect.outcome(await newDevice().push({ goals: [{ ...goal, notes, deletedAt }] }), 0, "applied");
    expect.liveIds(await newDevice().pullAll(), []);
  },
});

export const emptyDeletedAt = serverCheck({
  id: "DEL-007/null-and-empty",
  name: "an item whose deletedAt is null or the empty text is a live item",
  brokenBy: [anyDeletedAtDeletes],
  async run({ device, newDevice, expect, aGoal, aDeletion, http }) {
    const forms: JsonObject[] = [
      { deletedAt: null },
      { deletedAt: "" },
      { deleted_at: null },
      { deleted_at: "" },
    ];
    const goals = forms.map((form) => aGoal({ ...form, updatedAt: LATE }));
    // One of them was deleted before: an undone deletion is how such items come to be.
    await device.push({ goals: [aDeletion(goals[0] as JsonObject, { deletedAt: EARLY })] });
    const reply = await http<PushBody>({ path: "/api/sync/push", as: device, json: { changes: { goals } } });
    expect.outcomes(reply, ["applied", "applied", "applied", "applied"]);
    for (const { meta } of reply.body.results) expect.equal("deletedAt", meta?.deletedAt, null);
    expect.liveIds(
      await newDevice().pullAll(),
      goals.map((goal) => goal["id"] as string),
    );

    // It is judged as one: it needs a title and a stamp.
    const bare = await http<PushBody>({
      path: "/api/sync/push",
      as: device,
      json: {
        changes: {
          goals: [
            { id: "bare", deletedAt: "", updatedAt: LATE },
            { id: "unstamped", title: "x", deletedAt: null },
          ],
        },
      },
    });
    expect.refused(bare, 0, "INCOMPLETE");
    expect.refused(bare, 1, "INCOMPLETE");
  },
});
