import { serverCheck } from "../../check.ts";
import * as faulty from "./batch-preconditions.mutants.ts";

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
