import { serverCheck } from "../../check.ts";
import type { BatchBody } from "../../wire/shapes.ts";
import type { JsonObject } from "../../../schemas/json.ts";
import * as faulty from "./batch-paths.mutants.ts";

const STAMP = "2024-03-01T12:00:00.000Z";
const LATER = "2024-03-01T13:00:00.000Z";
const goal = (data: JsonObject, more: JsonObject = {}) => ({
  id: data["id"] as string,
  type: "goal" as const,
  data,
  ...more,
});

export const batchesAndPushesAtOnce = serverCheck({
  id: "BATCH-001/at-once-with-pushes",
  name: "batches and pushes that arrive at once go into one log, one after the other",
  brokenBy: [faulty.batchesWaitForNobody, faulty.batchesHaveALockOfTheirOwn],
  async run({ device, newDevice, expect, aGoal }) {
    const shared = aGoal({ updatedAt: "2024-03-01T10:00:00.000Z" });
    const id = shared["id"] as string;
    await device.push({ goals: [shared] });
    const before = await device.cursor();

    const own = Array.from({ length: 8 }, () => aGoal());
    const replies = await Promise.all(
      own.map((mine, index) => {
        // Rising, so that each that comes after the one before it is applied.
        const updatedAt = `2024-03-01T10:0${index + 1}:00.000Z`;
        const edit = { ...shared, title: `by ${index}`, updatedAt };
        return index % 2 === 0
          ? newDevice().push({ goals: [edit, mine] })
          : newDevice().batch([goal(edit), goal(mine)]);
      }),
    );
    const applied = replies.flatMap(({ body }) =>
      body.results.filter(({ outcome }) => outcome === "applied"),
    );
    const seqs = applied.map(({ meta }) => meta?.seq);
    expect.equal("number of different seqs", new Set(seqs).size, applied.length);
    const edits = applied.filter(({ entityId }) => entityId === id);
    const versions = edits.map(({ meta }) => meta?.version ?? 0).toSorted((a, b) => a - b);
    expect.equal(
      "versions of the goal that all wrote",
      versions,
      edits.map((_, index) => index + 2),
    );

    const told = await device.changesSince(before);
    expect.liveIds(told, [id, ...own.map((mine) => mine["id"] as string)]);
    expect.equal("title", expect.live(told, id).item["title"], "by 7");
  },
});

export const staleWhateverTheWrite = serverCheck({
  id: "BATCH-002/whatever-the-write",
  name: "a stale version conflicts also in a deletion, and in a write that would have lost by its stamp",
  brokenBy: [faulty.deletionsHaveNoPreconditions, faulty.losersHaveNoPreconditions],
  async run({ device, newDevice, expect, aGoal, aDeletion, edited }) {
    const first = aGoal();
    const id = first["id"] as string;
    await device.push({ goals: [first] });
    await newDevice().push({ goals: [edited(first, { title: "second" })] });

    const late = { ...first, title: "older", updatedAt: STAMP };
    for (const data of [aDeletion(first), late, aDeletion(id, { deletedAt: STAMP })]) {
      const reply = await device.batch([goal(data, { version: 1 })]);
      expect.refused(reply, 0, "VERSION_CONFLICT");
      expect.equal("title of the server's item", reply.body.conflicts[0]?.server?.["title"], "second");
    }
    expect.equal("title", expect.live(await device.pullAll(), id).item["title"], "second");

    const fitting = await device.batch([goal(aDeletion(first), { version: 2 })]);
    expect.outcome(fitting, 0, "applied");
    expect.liveIds(await device.pullAll(), []);
  },
});

// SHA-256 of {"goalIds":["a"],"id":"sum","title":"Scales"}, of the same with goal_ids, and of {"id":"sum"}.
const RIGHT = "14ec7a0d105e79d7015216d19fcd93243c3184014d6c57451a3dc50d92abc672";
const AS_SENT = "5c80f3202c01686e90604e587dadc9dc592081a68b645e2667f658b92cde10ab";
const OF_THE_ID = "7ef723afb6c9652f4c13b30ff9edf0c8c2191455e7d261f32d06b87229d2ff98";

export const checksumsToTheLetter = serverCheck({
  id: "BATCH-009/to-the-letter",
  name: "a checksum is compared as it is: upper case, an empty one, that of the item as sent, one beside a deletion",
  brokenBy: [
    faulty.comparesChecksumsWithoutCase,
    faulty.takesEmptyChecksumsForNone,
    faulty.leavesChecksumsOfDeletions,
    faulty.takesChecksumsOfItemsAsSent,
    faulty.refusesStrangeChecksumsOfDeployedPeers,
  ],
  async run({ device, deployedDevice, expect, http }) {
    const live: JsonObject = { id: "sum", title: "Scales", goal_ids: ["a"], updatedAt: STAMP };
    for (const checksum of [RIGHT.toUpperCase(), "", AS_SENT, RIGHT.slice(0, 32)]) {
      expect.refused(await device.batch([goal(live, { checksum })]), 0, "CHECKSUM_MISMATCH");
    }
    expect.outcome(await device.batch([goal(live, { checksum: RIGHT })]), 0, "applied");

    const gone = { id: "sum", deletedAt: LATER };
    for (const checksum of [RIGHT, OF_THE_ID]) {
      expect.refused(await device.batch([goal(gone, { checksum })]), 0, "CHECKSUM_MISMATCH");
    }
    expect.live(await device.pullAll(), "sum");
    expect.outcome(await device.batch([goal(gone, { checksum: "" })]), 0, "applied");

    const strange = [5, {}, ["x"]].map((checksum, index) => {
      const id = `strange-${index}`;
      return { id, type: "goal", data: { id, title: "T", updatedAt: STAMP }, checksum };
    });
    const deployed = await http<BatchBody>({
      path: "/api/sync/batch",
      as: deployedDevice(),
      json: { entities: strange },
    });
    expect.outcomes(deployed, ["applied", "applied", "applied"]);
  },
});

export const idsOfDeletionsAgree = serverCheck({
  id: "BATCH-008/deletions",
  name: "a deletion whose id and data name different entities deletes neither",
  brokenBy: [faulty.leavesIdsOfDeletions],
  async run({ device, expect, aGoal, aDeletion }) {
    const [a, b] = [aGoal(), aGoal()];
    const ids = [a, b].map((one) => one["id"] as string);
    await device.push({ goals: [a, b] });
    const reply = await device.batch([{ id: ids[0]!, type: "goal", data: aDeletion(b) }]);
    expect.refused(reply, 0, "INVALID_ITEM");
    expect.liveIds(await device.pullAll(), ids);
  },
});

export const nearlyTypes = serverCheck({
  id: "BATCH-007/names-that-are-nearly-types",
  name: "a type is known by its exact name only, not by that of its collection",
  brokenBy: [faulty.takesCollectionsForTypes],
  async run({ device, expect, http, aGoal }) {
    const names = ["goals", "Goal", " goal", "entries", "planTemplates", "preferences", "toString"];
    const entities = ["goal", ...names].map((type) => {
      const data = aGoal();
      return { id: data["id"], type, data };
    });
    const reply = await http<BatchBody>({ path: "/api/sync/batch", as: device, json: { entities } });
    expect.outcome(reply, 0, "applied");
    for (const index of names.keys()) expect.refused(reply, index + 1, "UNKNOWN_COLLECTION");
    expect.liveIds(await device.pullAll(), [entities[0]!.id as string]);
  },
});

export const errorsPointIntoData = serverCheck({
  id: "BATCH-001/errors-point-into-data",
  name: "the errors of a batch item point to the member in its data",
  brokenBy: [faulty.pointsIntoItemsOfBatches],
  async run({ device, expect, anEntry }) {
    const [good, bad] = [anEntry(), anEntry({ duration: "long" })];
    const entities = [good, bad].map((data) => ({
      id: data["id"] as string,
      type: "logbook_entry" as const,
      data,
    }));
    const reply = await device.batch(entities);
    expect.outcome(reply, 0, "applied");
    expect.refused(reply, 1, "INVALID_ITEM", { pointer: "/entities/1/data/duration" });
  },
});

export const nullMembers = serverCheck({
  id: "BATCH-012/null-and-absent-members",
  name: "an element without type or data, or with null there, is incomplete; null elsewhere is nothing",
  brokenBy: [
    faulty.refusesNullTypesAsUnknown,
    faulty.refusesNullDataAsInvalid,
    faulty.refusesBatchesWithNullMembers,
    faulty.refusesNullIds,
    faulty.callsOtherDataIncomplete,
  ],
  async run({ device, expect, http, aGoal, unique }) {
    const send = (entities: JsonObject[]) =>
      http<BatchBody>({ path: "/api/sync/batch", as: device, json: { entities } });
    const data = aGoal();
    const id = data["id"] as string;
    const incomplete: JsonObject[] = [
      { id, type: null, data },
      { id, data },
      { id, type: "goal", data: null },
      { id, type: "goal" },
    ];
    const kinds = ["text", 7, true, [data]];
    const good = { id: null, type: "goal", data, version: null, checksum: null };
    const reply = await send([
      ...incomplete,
      ...kinds.map((kind) => ({ id, type: "goal", data: kind })),
      good,
    ]);
    for (const index of incomplete.keys()) expect.refused(reply, index, "INCOMPLETE");
    for (const index of kinds.keys()) expect.refused(reply, incomplete.length + index, "INVALID_ITEM");
    const { entityId } = expect.outcome(reply, incomplete.length + kinds.length, "applied");
    expect.equal("id where that of the element is null", entityId, id);
    expect.liveIds(await device.pullAll(), [id]);
    expect.refused(await send([{ id: unique("nothing"), type: null, data: null }]), 0, "INCOMPLETE");
  },
});
