import { serverCheck } from "../../check.ts";
import * as faulty from "./batch.mutants.ts";

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

export const staleVersion = serverCheck({
  id: "BATCH-002/a-stale-version-conflicts",
  name: "an item made on an older version is refused and the stored one shown",
  brokenBy: [
    faulty.ignoresPreconditions,
    faulty.conflictsWithoutTheServersItem,
    faulty.assumesConflictsAreOneVersionApart,
  ],
  async run({ device, newDevice, expect, aGoal, edited }) {
    const first = aGoal();
    const id = first["id"] as string;
    await device.push({ goals: [first] });
    const second = edited(first, { title: "changed elsewhere" });
    await newDevice().push({ goals: [second] });

    for (const version of [1, 0]) {
      const mine = edited(first, { title: `mine on ${version}` });
      const reply = await device.batch([{ id, type: "goal", data: mine, version }]);
      expect.refused(reply, 0, "VERSION_CONFLICT");
      expect.equal("number of conflicts", reply.body.conflicts.length, 1);
      const { entityId, entityType, localVersion, remoteVersion, server } = reply.body.conflicts[0]!;
      expect.equal(
        "the conflict",
        { entityId, entityType, localVersion, remoteVersion },
        { entityId: id, entityType: "goal", localVersion: version, remoteVersion: 2 },
      );
      expect.equal("title of the server's item", server?.["title"], "changed elsewhere");
    }
    expect.equal("stored title", expect.live(await device.pull(), id).item["title"], "changed elsewhere");

    const merged = edited(first, { title: "merged" });
    const reply = await device.batch([{ id, type: "goal", data: merged, version: 2 }]);
    expect.equal("version after a fitting write", expect.outcome(reply, 0, "applied").meta?.version, 3);
  },
});

export const preconditionsSeeTheStateBefore = serverCheck({
  id: "BATCH-002/preconditions-see-the-state-before-the-batch",
  name: "two items of one entity in a batch do not conflict with each other",
  brokenBy: [faulty.preconditionsSeeTheBatchItself],
  async run({ device, expect, aGoal, edited }) {
    const goal = aGoal();
    const id = goal["id"] as string;
    await device.push({ goals: [goal] });
    const [earlier, later] = [edited(goal, { title: "earlier" }), edited(goal, { title: "later" })];

    const reply = await device.batch([
      { id, type: "goal", data: later, version: 1 },
      { id, type: "goal", data: earlier, version: 1 },
    ]);
    expect.outcomes(reply, ["applied", "superseded"]);
    expect.equal("conflicts", reply.body.conflicts, []);
  },
});

export const deletedOnTheServer = serverCheck({
  id: "BATCH-003/server-is-null-for-a-deletion",
  name: "a conflict with a deletion shows null",
  brokenBy: [faulty.showsDeletedItems, faulty.forgetsVersionsOfDeletions],
  async run({ device, newDevice, expect, aGoal, aDeletion, edited }) {
    const goal = aGoal();
    const id = goal["id"] as string;
    const before = (await device.push({ goals: [goal] })).body.syncToken;
    await newDevice().push({ goals: [aDeletion(goal)] });

    const reply = await device.batch([{ id, type: "goal", data: edited(goal), version: 1 }]);
    expect.refused(reply, 0, "VERSION_CONFLICT");
    expect.equal("server of the conflict", reply.body.conflicts[0]?.server, null);
    expect.equal("its version", reply.body.conflicts[0]?.remoteVersion, 2);
    expect.deleted(await device.changesSince(before), id);
  },
});

export const duplicateBeforeVersion = serverCheck({
  id: "BATCH-004/a-duplicate-is-no-conflict",
  name: "a writer's own write coming again with its old version is a duplicate",
  brokenBy: [faulty.judgesVersionsFirst],
  async run({ device, expect, aGoal, edited }) {
    const goal = aGoal();
    const id = goal["id"] as string;
    await device.push({ goals: [goal] });
    const mine = edited(goal, { title: "mine" });
    expect.outcomes(await device.batch([{ id, type: "goal", data: mine, version: 1 }]), ["applied"]);

    // The answer was lost and the key with it: the same write comes under a new key.
    const again = await device.batch([{ id, type: "goal", data: mine, version: 1 }]);
    expect.equal("version", expect.outcome(again, 0, "duplicate").meta?.version, 2);
    expect.equal("conflicts", again.body.conflicts, []);
  },
});

export const claimBeforeVersion = serverCheck({
  id: "BATCH-004/an-equal-claim-is-no-conflict",
  name: "a deployed client's unstamped write coming again with its old version is a duplicate",
  brokenBy: [faulty.judgesVersionsFirst, faulty.judgesVersionsBeforeClaims],
  async run({ deployedDevice, expect, aGoal }) {
    const device = deployedDevice();
    const goal = aGoal({ updatedAt: undefined });
    const entity = { id: goal["id"] as string, type: "goal" as const, data: goal, version: 0 };
    expect.outcomes(await device.batch([entity]), ["applied"]);
    expect.outcomes(await device.batch([entity]), ["duplicate"]);
  },
});

export const lwwAfterVersion = serverCheck({
  id: "BATCH-005/an-older-stamp-loses-with-a-fitting-version",
  name: "an item that passes its precondition still has to be the last write",
  brokenBy: [faulty.fittingVersionsAlwaysWin, faulty.demandsTheExactVersion],
  async run({ device, expect, aGoal, edited }) {
    const old = aGoal();
    const id = old["id"] as string;
    const stored = edited(old, { title: "stored" });
    await device.push({ goals: [stored] });

    const fitting = await device.batch([{ id, type: "goal", data: old, version: 1 }]);
    expect.equal("the winner's title", expect.outcome(fitting, 0, "superseded").item?.["title"], "stored");

    // Only a lower version conflicts: a higher one says that the writer has seen all there is.
    const higher = await device.batch([
      { id, type: "goal", data: edited(old, { title: "newest" }), version: 9 },
    ]);
    expect.equal("version", expect.outcome(higher, 0, "applied").meta?.version, 2);
  },
});

export const noVersionNoPrecondition = serverCheck({
  id: "BATCH-006/no-version-is-no-precondition",
  name: "without a version a batch item is an ordinary write; a version that is no count is refused",
  brokenBy: [faulty.takesMissingVersionsForZero, faulty.acceptsAnyVersion],
  async run({ device, expect, http, aGoal, edited }) {
    const goal = aGoal();
    const id = goal["id"] as string;
    await device.push({ goals: [goal] });
    const withVersions = [undefined, null, "1", -1, 1.5].map((version) => ({
      id,
      type: "goal",
      data: edited(goal, { title: `with ${version}` }),
      version,
    }));
    const reply = await http<{
      results: { outcome: string; code?: string; errors?: { pointer: string }[] }[];
    }>({
      method: "POST",
      path: "/api/sync/batch",
      as: device,
      json: { entities: withVersions },
    });
    // The second has the greater stamp of the two that are accepted.
    expect.equal(
      "outcomes",
      reply.body.results.map(({ outcome, code }) => code ?? outcome),
      ["superseded", "applied", "INVALID_ITEM", "INVALID_ITEM", "INVALID_ITEM"],
    );
    for (const index of [2, 3, 4]) {
      const pointers = reply.body.results[index]!.errors?.map(({ pointer }) => pointer) ?? [];
      expect.ok(
        "the refusal points at the version",
        pointers.includes(`/entities/${index}/version`),
        pointers,
      );
    }
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
const CHECKED = "32cf8a0271593f366741a2c7652700a932442401fad1d8869b31f9f79ca8f72c";

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
