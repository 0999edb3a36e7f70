import { serverCheck } from "../../check.ts";
import * as faulty from "./batch.mutants.ts";

const CHECKED = "32cf8a0271593f366741a2c7652700a932442401fad1d8869b31f9f79ca8f72c";

export const judgedLikeAPush = serverCheck({
  id: "BATCH-001/judged-and-normalised-like-a-push",
  name: "batch items are judged, normalised and stored as those of a push, one result each",
  brokenBy: [faulty.batchDoesNotNormalise, faulty.batchDoesNotValidate, faulty.batchDropsUnknownMembers],
  async run({ device, newDevice, expect, anEntry, aGoal, aDeletion, edited }) {
    const [gone, old, fresh] = [aGoal(), aGoal(), anEntry({ instrument: "Violin", ring: { tone: "A" } })];
    const newer = edited(old);
    await device.push({ goals: [gone, newer] });

    const reply = await device.batch([
      { id: fresh["id"] as string, type: "logbook_entry", data: fresh },
      { id: old["id"] as string, type: "goal", data: old },
      { id: gone["id"] as string, type: "goal", data: aDeletion(gone) },
      { id: newer["id"] as string, type: "goal", data: newer },
      { id: "e-broken", type: "logbook_entry", data: anEntry({ id: "e-broken", duration: "long" }) },
    ]);

    expect.equal(
      "results",
      reply.body.results.map(({ pointer, entityType, outcome }) => [pointer, entityType, outcome]),
      [
        ["/entities/0", "logbook_entry", "applied"],
        ["/entities/1", "goal", "superseded"],
        ["/entities/2", "goal", "applied"],
        ["/entities/3", "goal", "duplicate"],
        ["/entities/4", "logbook_entry", "refused"],
      ],
    );
    const seen = await newDevice().pull();
    expect.liveIds(seen, [fresh["id"], newer["id"]] as string[]);
    const { item } = expect.live(seen, fresh["id"] as string);
    expect.equal("instrument", item["instrument"], "violin");
    expect.equal("unknown member", item["ring"], { tone: "A" });
  },
});

export const unknownType = serverCheck({
  id: "BATCH-007/unknown-types-are-refused",
  name: "an item of an unknown type is refused, the others judged",
  brokenBy: [faulty.fallsBackToADefaultType, faulty.rejectsBatchesWithUnknownTypes],
  async run({ device, expect, aGoal, unique }) {
    const goal = aGoal();
    const reply = await device.batch([
      { id: unique("a"), type: "annotation" as never, data: { id: unique("b"), title: "x" } },
      { id: goal["id"] as string, type: "goal", data: goal },
      { id: unique("c"), type: "constructor" as never, data: {} },
    ]);
    expect.refused(reply, 0, "UNKNOWN_COLLECTION");
    expect.outcome(reply, 1, "applied");
    expect.refused(reply, 2, "UNKNOWN_COLLECTION");
  },
});

export const idsAgree = serverCheck({
  id: "BATCH-008/ids-must-agree",
  name: "the id of a batch item is taken for its data, and refused where the data has another",
  brokenBy: [faulty.believesTheOuterId, faulty.believesTheInnerId, faulty.comparesIdsBeforeNormalising],
  async run({ device, expect, aGoal, aPiece, unique }) {
    const [outer, goal, other] = [unique("goal"), aGoal(), aGoal()];
    const { id: _without, ...withoutId } = aGoal();
    const piece = aPiece({ scoreId: undefined, id: `Gymnopédie ${unique("No")}-Satie` });
    const pieceId = (piece["id"] as string).toLowerCase();

    const reply = await device.batch([
      { id: outer, type: "goal", data: withoutId },
      { id: unique("another"), type: "goal", data: goal },
      { id: other["id"] as string, type: "goal", data: other },
      { id: pieceId, type: "repertoire_item", data: piece },
    ]);

    expect.equal("id of the first", expect.outcome(reply, 0, "applied").entityId, outer);
    expect.refused(reply, 1, "INVALID_ITEM");
    expect.outcome(reply, 2, "applied");
    expect.equal("id of the piece", expect.outcome(reply, 3, "applied").entityId, pieceId);
    expect.liveIds(await device.pull(), [outer, other["id"] as string, pieceId]);
  },
});

// {"duration":30,"id":"entry-checked","timestamp":"2026-01-01T10:00:00Z","type":"practice"}
export const checksumOfItsOwn = serverCheck({
  id: "BATCH-009/a-checksum-is-of-its-own-item",
  name: "a checksum is compared with the item that it came with, and with nothing else",
  brokenBy: [
    faulty.ignoresChecksums,
    faulty.comparesChecksumsWithTheStoredItem,
    faulty.hashesBeforeNormalising,
  ],
  async run({ device, deployedDevice, expect, at }) {
    const id = "entry-checked";
    const entity = (offset: number, checksum: string, members = {}) => ({
      id,
      type: "logbook_entry" as const,
      data: {
        id,
        timestamp: "2026-01-01T10:00:00Z",
        duration: 30,
        type: "Practice",
        updatedAt: at(offset),
        ...members,
      },
      checksum,
    });
    const wrong = CHECKED.replaceAll("a", "b").replaceAll("0", "1");

    expect.refused(await device.batch([entity(0, wrong)]), 0, "CHECKSUM_MISMATCH");
    const other = await device.push({
      entries: [{ id, timestamp: "2026-01-01T10:00:00Z", duration: 99, type: "lesson", updatedAt: at(1) }],
    });
    expect.outcomes(other, ["applied"]);
    expect.outcomes(await device.batch([entity(2, CHECKED)]), ["applied"]);

    // Deployed clients compute it in their own way.
    const deployed = await deployedDevice().batch([entity(3, wrong, { duration: 31 })]);
    expect.outcomes(deployed, ["applied"]);
  },
});

export const counts = serverCheck({
  id: "BATCH-010/counts-and-token",
  name: "uploaded, downloaded, success and the token say what happened",
  brokenBy: [faulty.countsEverythingAsUploaded, faulty.neverDownloads, faulty.batchAnswersTokenFromBefore],
  async run({ device, newDevice, expect, aGoal, aDeletion, edited }) {
    const [stale, gone, same] = [aGoal(), aGoal(), aGoal()];
    await device.push({ goals: [edited(stale), gone, same] });
    await device.push({ goals: [edited(stale), aDeletion(gone)] });
    const fresh = aGoal();

    const reply = await device.batch([
      { id: stale["id"] as string, type: "goal", data: edited(stale), version: 1 },
      { id: gone["id"] as string, type: "goal", data: edited(gone), version: 1 },
      { id: same["id"] as string, type: "goal", data: same, version: 1 },
      { id: fresh["id"] as string, type: "goal", data: fresh, version: 0 },
    ]);
    expect.equal("uploaded", reply.body.uploaded, 1);
    expect.equal("downloaded", reply.body.downloaded, 1);
    expect.equal("success", reply.body.success, false);
    expect.nothing(
      "changes after the batch's own token",
      await newDevice().changesSince(reply.body.newSyncToken),
    );
    await newDevice().push({ goals: [edited(fresh)] });
    const told = await device.changesSince(reply.body.newSyncToken);
    expect.equal("changes after it", told.rows.length, 1);

    const good = await device.batch([
      { id: same["id"] as string, type: "goal", data: edited(same), version: 1 },
    ]);
    expect.equal("success without a refusal", good.body.success, true);
  },
});

export const malformedBatch = serverCheck({
  id: "BATCH-011/malformed-envelope",
  name: "a malformed batch is refused as a whole, an element that is no object alone",
  brokenBy: [faulty.toleratesMissingEntities, faulty.crashesOnNullEntities],
  async run({ device, expect, http, aGoal }) {
    const goal = aGoal();
    const good = { id: goal["id"] as string, type: "goal", data: goal };
    const batch = (json: unknown) =>
      http<{ results: { outcome: string; code?: string }[] }>({
        method: "POST",
        path: "/api/sync/batch",
        as: device,
        json,
      });

    for (const json of [{}, { entities: null }, { entities: { 0: good } }, { entities: "all" }, [good]]) {
      expect.problem(await batch(json), 400, "INVALID_REQUEST");
    }
    expect.nothing("what malformed batches left behind", await device.pull());

    const reply = await batch({
      entities: [null, 7, [], { id: "x", type: "goal" }, { id: "y", type: "goal", data: 1 }, good],
    });
    expect.equal(
      "outcomes",
      reply.body.results.map(({ outcome }) => outcome),
      ["refused", "refused", "refused", "refused", "refused", "applied"],
    );
    expect.equal("code of null", reply.body.results[0]?.code, "INVALID_ITEM");
  },
});
