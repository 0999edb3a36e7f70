import { serverCheck } from "../../check.ts";
import {
  batchOverwrites,
  comparesStampsOfEntriesOnly,
  firstArrivalStays,
  lastArrivalWins,
  ordersByClaimedSeq,
  ordersByClaimedVersion,
  readsThenWritesWithoutLock,
  tombstonesYieldToAnyWrite,
} from "./ordering.mutants.ts";

const EARLY = "2024-03-01T10:00:00.000Z";
const MIDDLE = "2024-03-01T11:00:00.000Z";
const LATE = "2024-03-01T12:00:00.000Z";

export const everyOrderOfArrival = serverCheck({
  id: "ORD-001/every-order-of-arrival",
  name: "three writes of an entity leave the greatest stamp, in each of the six orders in which they can arrive",
  brokenBy: [lastArrivalWins, firstArrivalStays],
  async run({ device, newDevice, expect, aGoal }) {
    const orders = [
      [EARLY, MIDDLE, LATE],
      [EARLY, LATE, MIDDLE],
      [MIDDLE, EARLY, LATE],
      [MIDDLE, LATE, EARLY],
      [LATE, EARLY, MIDDLE],
      [LATE, MIDDLE, EARLY],
    ];
    const goals = orders.map((stamps) => ({ stamps, goal: aGoal() }));

    for (const turn of [0, 1, 2]) {
      const arriving = goals.map(({ stamps, goal }) => {
        const updatedAt = stamps[turn] as string;
        return { ...goal, title: `written at ${updatedAt}`, updatedAt };
      });
      await newDevice().push({ goals: arriving });
    }

    const pulled = await device.pullAll();
    for (const { stamps, goal } of goals) {
      const { item, meta } = expect.live(pulled, goal["id"] as string, "goal");
      expect.equal(`title after ${stamps.join(", ")}`, item["title"], `written at ${LATE}`);
      expect.equal(`stamp after ${stamps.join(", ")}`, meta.updatedAt, LATE);
    }
  },
});

export const everyType = serverCheck({
  id: "ORD-001/every-type",
  name: "an older write that arrives later is superseded, for every entity type",
  brokenBy: [lastArrivalWins, comparesStampsOfEntriesOnly],
  async run(context) {
    const { device, newDevice, expect } = context;
    const newer = {
      entries: [context.anEntry({ notes: "newer", updatedAt: LATE })],
      goals: [context.aGoal({ note: "newer", updatedAt: LATE })],
      repertoire: [context.aPiece({ notes: "newer", updatedAt: LATE })],
      practicePlans: [context.aPlan({ description: "newer", updatedAt: LATE })],
      planOccurrences: [context.anOccurrence({ notes: "newer", updatedAt: LATE })],
      planTemplates: [context.aTemplate({ description: "newer", updatedAt: LATE })],
      preferences: [context.preferences({ theme: "light", updatedAt: LATE })],
    };
    const older = Object.fromEntries(
      Object.entries(newer).map(([member, [item]]) => [
        member,
        [{ ...item, marker: "older", updatedAt: EARLY }],
      ]),
    );
    await device.push(newer);
    const late = await newDevice().push(older);

    expect.outcomes(
      late,
      Array.from({ length: 7 }, () => "superseded" as const),
    );
    const pulled = await device.pullAll();
    expect.equal("number of live items", pulled.live().length, 7);
    for (const row of pulled.final) {
      expect.ok(
        `${row.entityType} kept its newer state`,
        row.item !== null && !("marker" in row.item),
        row.item,
      );
      expect.equal(`stamp of the ${row.entityType}`, row.meta.updatedAt, LATE);
    }
  },
});

export const acrossEndpoints = serverCheck({
  id: "ORD-001/across-push-and-batch",
  name: "push and batch order writes of one entity alike",
  brokenBy: [batchOverwrites],
  async run({ device, newDevice, expect, aGoal }) {
    const goal = aGoal({ title: "by push, late", updatedAt: LATE });
    const id = goal["id"] as string;
    await device.push({ goals: [goal] });

    const older = await newDevice().batch([
      { id, type: "goal", data: { ...goal, title: "by batch, early", updatedAt: EARLY } },
    ]);
    expect.outcome(older, 0, "superseded");
    expect.equal("title", expect.live(await device.pullAll(), id).item["title"], "by push, late");

    const newest = "2024-03-01T13:00:00.000Z";
    const newer = await newDevice().batch([
      { id, type: "goal", data: { ...goal, title: "by batch, newest", updatedAt: newest } },
    ]);
    expect.outcome(newer, 0, "applied");
    const late = await device.push({ goals: [{ ...goal, title: "by push, middle", updatedAt: MIDDLE }] });
    expect.outcome(late, 0, "superseded");
    expect.equal("title", expect.live(await device.pullAll(), id).item["title"], "by batch, newest");
  },
});

export const writtenAtOnce = serverCheck({
  id: "ORD-001/written-at-once",
  name: "of writes that arrive at the same moment the greatest stamp stays",
  brokenBy: [readsThenWritesWithoutLock],
  async run({ device, newDevice, expect, aGoal }) {
    const goals = [aGoal(), aGoal(), aGoal()];
    // The greatest stamp is sent first, in the midst and last, so that luck with the order does not help.
    const minutes = [59, 10, 30, 58, 20, 40, 5, 57];
    await Promise.all(
      minutes.map((minute, turn) => {
        const changes = goals.map((goal, index) => {
          const at = minutes[(turn + index * 3) % minutes.length] as number;
          return {
            ...goal,
            title: `minute ${at}`,
            updatedAt: `2024-03-01T10:${String(at).padStart(2, "0")}:00.000Z`,
          };
        });
        return newDevice().push({ goals: changes });
      }),
    );

    const pulled = await device.pullAll();
    for (const goal of goals) {
      const { item } = expect.live(pulled, goal["id"] as string);
      expect.equal("title after eight writes at once", item["title"], "minute 59");
    }
  },
});

export const aDeletionCountsToo = serverCheck({
  id: "ORD-001/deletions-take-their-place",
  name: "deletions and live writes of one entity are ordered by the same stamps, whatever arrives when",
  brokenBy: [tombstonesYieldToAnyWrite, lastArrivalWins],
  async run({ device, newDevice, expect, aGoal, aDeletion }) {
    const [gone, kept] = [aGoal({ updatedAt: EARLY }), aGoal({ updatedAt: LATE })];
    await device.push({ goals: [gone, kept] });

    // Deleted at the middle: later than the one, earlier than the other.
    const deletions = await newDevice().push({
      goals: [aDeletion(gone, { deletedAt: MIDDLE }), aDeletion(kept, { deletedAt: MIDDLE })],
    });
    expect.outcomes(deletions, ["applied", "superseded"]);
    const again = await device.push({ goals: [gone, kept] });
    expect.outcomes(again, ["superseded", "duplicate"]);

    expect.liveIds(await newDevice().pullAll(), [kept["id"] as string]);
  },
});

export const claimedVersion = serverCheck({
  id: "ORD-008/claimed-versions-do-not-order",
  name: "a version that a pushed item claims neither helps an older stamp nor hinders a newer one",
  brokenBy: [ordersByClaimedVersion],
  async run({ device, newDevice, expect, aGoal }) {
    const goal = aGoal({ updatedAt: MIDDLE });
    const id = goal["id"] as string;
    await device.push({ goals: [goal] });

    const boasting = { ...goal, title: "older, version 99", version: 99, updatedAt: EARLY };
    expect.outcome(await newDevice().push({ goals: [boasting] }), 0, "superseded");
    const modest = { ...goal, title: "newer, version 1", version: 1, updatedAt: LATE };
    expect.outcome(await newDevice().push({ goals: [modest] }), 0, "applied");
    const nothingSeen = {
      ...goal,
      title: "newest, version 0",
      version: 0,
      updatedAt: "2024-03-01T12:00:00.001Z",
    };
    expect.outcome(await newDevice().push({ goals: [nothingSeen] }), 0, "applied");

    const { item } = expect.live(await device.pullAll(), id);
    expect.equal("title", item["title"], "newest, version 0");
  },
});

export const claimedSeq = serverCheck({
  id: "ORD-008/claimed-seqs-do-not-order",
  name: "a seq that a pushed item claims neither helps an older stamp nor hinders a newer one",
  brokenBy: [ordersByClaimedSeq],
  async run({ device, newDevice, expect, aGoal }) {
    const goal = aGoal({ updatedAt: MIDDLE });
    await device.push({ goals: [goal] });

    const boasting = { ...goal, title: "older, seq 999999", seq: 999_999, updatedAt: EARLY };
    expect.outcome(await newDevice().push({ goals: [boasting] }), 0, "superseded");
    const modest = { ...goal, title: "newer, seq 0", seq: 0, updatedAt: LATE };
    expect.outcome(await newDevice().push({ goals: [modest] }), 0, "applied");

    const { item } = expect.live(await device.pullAll(), goal["id"] as string);
    expect.equal("title", item["title"], "newer, seq 0");
  },
});

export const manyEditsDoNotOutweighOne = serverCheck({
  id: "ORD-008/many-edits-do-not-outweigh-one",
  name: "an entity edited many times loses to one write with a greater stamp",
  brokenBy: [ordersByClaimedVersion],
  async run({ device, newDevice, expect, aGoal }) {
    const goal = aGoal({ updatedAt: "2024-03-01T10:00:00.000Z" });
    await device.push({ goals: [goal] });
    for (const minute of ["01", "02", "03"]) {
      await device.push({
        goals: [{ ...goal, title: `edit ${minute}`, updatedAt: `2024-03-01T10:${minute}:00.000Z` }],
      });
    }

    // The other device was offline: it never saw more than version 1. Its clock shows another zone.
    const offline = {
      ...goal,
      version: 1,
      title: "the one edit",
      updatedAt: "2024-03-01T05:04:00.000-05:00",
    };
    expect.outcome(await newDevice().push({ goals: [offline] }), 0, "applied");

    const { item } = expect.live(await device.pullAll(), goal["id"] as string);
    expect.equal("title", item["title"], "the one edit");
  },
});
