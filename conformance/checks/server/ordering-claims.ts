import { serverCheck } from "../../check.ts";
import {
  claimsHoldForDeployedPeersOnly,
  comparesClaimsByContentAlone,
  comparesWithStoredClaimsOnly,
  forgetsClaims,
  forgetsClaimsAfterDeletions,
  forgetsClaimsAfterStampedWrites,
  hashesClaimsAsSent,
  keepsClaimsInMemory,
  remembersEveryClaim,
} from "./ordering-receipt-stamps.mutants.ts";

export const repeatedClaim = serverCheck({
  id: "ORD-013/repeated-unstamped-write",
  name: "an unstamped write that comes again is a duplicate",
  brokenBy: [forgetsClaims],
  async run({ device, deployedDevice, expect, aGoal }) {
    const deployed = deployedDevice();
    const goal = aGoal({ updatedAt: undefined });
    const { meta: first } = expect.outcome(await deployed.push({ goals: [goal] }), 0, "applied");
    const before = await device.cursor();

    const again = await deployed.push({ goals: [goal] });
    expect.equal("meta of the duplicate", expect.outcome(again, 0, "duplicate").meta, first);
    // Without a key at all, as the oldest clients send.
    expect.outcome(await deployed.push({ goals: [goal] }, { key: null }), 0, "duplicate");
    expect.nothing("changes", await device.changesSince(before));

    // An edit is no repetition.
    const edit = { ...goal, title: "edited" };
    expect.equal(
      "version",
      expect.outcome(await deployed.push({ goals: [edit] }), 0, "applied").meta?.version,
      2,
    );
  },
});

export const claimAfterStampedWrite = serverCheck({
  id: "ORD-013/repeated-after-a-stamped-write",
  name: "a late repetition of an unstamped write does not undo a stamped write that came in between",
  brokenBy: [forgetsClaims, forgetsClaimsAfterStampedWrites],
  async run({ device, deployedDevice, expect, aGoal }) {
    const deployed = deployedDevice();
    const goal = aGoal({ title: "from the deployed device", updatedAt: undefined });
    const id = goal["id"] as string;
    const { meta } = expect.outcome(await deployed.push({ goals: [goal] }), 0, "applied");

    // The answer got lost. Meanwhile another device edits, twice.
    const received = Date.parse(meta?.updatedAt ?? "");
    for (const [index, title] of ["edited", "edited again"].entries()) {
      const edit = { ...goal, title, updatedAt: new Date(received + 1 + index).toISOString() };
      expect.outcome(await device.push({ goals: [edit] }), 0, "applied");
    }
    const before = await device.cursor();

    const late = await deployed.push({ goals: [goal] });
    const duplicate = expect.outcome(late, 0, "duplicate");
    // The sender learns what became of the entity.
    expect.equal("title of the stored item", duplicate.item?.["title"], "edited again");
    expect.nothing("changes", await device.changesSince(before));
    expect.equal("title", expect.live(await device.pullAll(), id).item["title"], "edited again");
  },
});

export const claimAfterDeletion = serverCheck({
  id: "ORD-013/repeated-after-a-deletion",
  name: "a late repetition of an unstamped write does not bring a deleted entity back",
  brokenBy: [forgetsClaims, forgetsClaimsAfterDeletions],
  async run({ device, deployedDevice, expect, aGoal, aDeletion }) {
    const deployed = deployedDevice();
    const goal = aGoal({ updatedAt: undefined });
    const { meta } = expect.outcome(await deployed.push({ goals: [goal] }), 0, "applied");
    const deletedAt = new Date(Date.parse(meta?.updatedAt ?? "") + 1).toISOString();
    expect.outcome(await device.push({ goals: [aDeletion(goal, { deletedAt })] }), 0, "applied");

    const late = await deployed.push({ goals: [goal] });
    expect.equal("meta.deletedAt", expect.outcome(late, 0, "duplicate").meta?.deletedAt, deletedAt);
    expect.liveIds(await device.pullAll(), []);
  },
});

export const earlierClaims = serverCheck({
  id: "ORD-013/only-the-latest-claim",
  name: "only the latest unstamped write is remembered: a return to earlier content is a new write",
  brokenBy: [remembersEveryClaim],
  async run({ device, deployedDevice, expect, aGoal }) {
    const deployed = deployedDevice();
    const goal = aGoal({ title: "before", updatedAt: undefined });
    await deployed.push({ goals: [goal] });
    await deployed.push({ goals: [{ ...goal, title: "after" }] });

    const { meta } = expect.outcome(await deployed.push({ goals: [goal] }), 0, "applied");
    expect.equal("version", meta?.version, 3);
    expect.equal("title", expect.live(await device.pullAll(), goal["id"] as string).item["title"], "before");
  },
});

export const claimsHaveStamps = serverCheck({
  id: "ORD-013/a-stamp-makes-another-claim",
  name: "a stamped write with the content of an unstamped one is a write of its own",
  brokenBy: [comparesClaimsByContentAlone],
  async run({ device, deployedDevice, expect, aGoal }) {
    const goal = aGoal({ updatedAt: undefined });
    const { meta } = expect.outcome(await deployedDevice().push({ goals: [goal] }), 0, "applied");
    const received = Date.parse(meta?.updatedAt ?? "");
    const edit = { ...goal, title: "edited", updatedAt: new Date(received + 1).toISOString() };
    await device.push({ goals: [edit] });

    // Someone takes the edit back, on purpose and with a stamp.
    const back = { ...goal, updatedAt: new Date(received + 2).toISOString() };
    expect.outcome(await device.push({ goals: [back] }), 0, "applied");
    const { item } = expect.live(await device.pullAll(), goal["id"] as string);
    expect.equal("title", item["title"], goal["title"]);
  },
});

export const claimsAreNormalised = serverCheck({
  id: "ORD-013/claims-are-normalised",
  name: "an unstamped write is recognised by its normalised content, whatever its spelling and bookkeeping",
  brokenBy: [forgetsClaims, hashesClaimsAsSent],
  async run({ device, deployedDevice, expect, anEntry }) {
    const entry = anEntry({ updatedAt: undefined, type: "Lesson", goal_ids: ["g1"], deviceId: "old phone" });
    expect.outcome(await deployedDevice().push({ entries: [entry] }), 0, "applied");
    const before = await device.cursor();

    const { goal_ids: goalIds, ...rest } = entry;
    const sameAgain = { ...rest, type: "lesson", goalIds: goalIds as string[], deviceId: "new phone" };
    expect.outcome(await deployedDevice().push({ entries: [sameAgain] }), 0, "duplicate");
    expect.nothing("changes", await device.changesSince(before));
  },
});

export const repeatedWithinOnePush = serverCheck({
  id: "ORD-013/repeated-within-one-push",
  name: "each unstamped item of a push is compared with the one before it, not only with what was stored",
  brokenBy: [comparesWithStoredClaimsOnly, forgetsClaims],
  async run({ device, deployedDevice, expect }) {
    const [a, h] = ["A", "H"].map((title) => ({ id: "tie", title }));
    expect.outcomes(await deployedDevice().push({ goals: [a!, a!] }), ["applied", "duplicate"]);
    expect.equal("version", expect.live(await device.pullAll(), "tie").meta.version, 1);

    // There and back again: the last one stands, since the one before it says something else.
    expect.outcomes(await deployedDevice().push({ goals: [h!, a!] }), ["superseded", "applied"]);
    const { item, meta } = expect.live(await device.pullAll(), "tie");
    expect.equal("title", item["title"], "A");
    expect.equal("version", meta.version, 2);
  },
});

export const repeatedByAnUpdatedDevice = serverCheck({
  id: "ORD-013/repeated-by-an-updated-device",
  name: "an unstamped write is a duplicate also where the device has begun to announce its version",
  brokenBy: [claimsHoldForDeployedPeersOnly, forgetsClaims],
  async run({ device, deployedDevice, expect, aGoal }) {
    const goal = aGoal({ updatedAt: undefined });
    const { meta } = expect.outcome(await deployedDevice().push({ goals: [goal] }), 0, "applied");
    const again = await device.push({ goals: [goal] });
    expect.equal("meta", expect.outcome(again, 0, "duplicate").meta, meta);
    // It is the claim that lets it in: an edit without a stamp is refused.
    expect.refused(await device.push({ goals: [{ ...goal, title: "edited" }] }), 0, "INCOMPLETE");
  },
});

export const claimsSurviveARestart = serverCheck({
  id: "ORD-013/kept-over-a-restart",
  name: "a claim is kept with the entity: the server's restart does not forget it",
  brokenBy: [keepsClaimsInMemory],
  needs: ["control:restart"],
  sharesUpset: true,
  async run({ device, deployedDevice, expect, aGoal, control }) {
    const goal = aGoal({ updatedAt: undefined });
    const deployed = deployedDevice();
    expect.outcome(await deployed.push({ goals: [goal] }), 0, "applied");
    const before = await device.cursor();
    await control.restart();
    expect.outcome(await deployed.push({ goals: [goal] }), 0, "duplicate");
    expect.nothing("changes", await device.changesSince(before));
  },
});
