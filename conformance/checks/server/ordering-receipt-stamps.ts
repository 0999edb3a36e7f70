import { serverCheck } from "../../check.ts";
import type { PushBody } from "../../shapes.ts";
import {
  acceptsUnstampedOfAnyone,
  allUnstampedShareOneStamp,
  callsUnstampedInvalid,
  claimsHoldForDeployedPeersOnly,
  comparesClaimsByContentAlone,
  comparesWithStoredClaimsOnly,
  forgetsClaims,
  forgetsClaimsAfterDeletions,
  forgetsClaimsAfterStampedWrites,
  hashesClaimsAsSent,
  keepsClaimsInMemory,
  readsNullStampsAsNow,
  receiptStampIgnoresTheStored,
  receiptStampIsNotWrittenIn,
  remembersEveryClaim,
  stampsWithTheSessionsTime,
} from "./ordering-receipt-stamps.mutants.ts";

export const unstampedIsRefused = serverCheck({
  id: "ORD-010/unstamped-is-incomplete",
  name: "a live item without a stamp is refused as incomplete, in push and batch, for a peer that announces its version",
  brokenBy: [acceptsUnstampedOfAnyone, callsUnstampedInvalid],
  async run({ device, newDevice, deployedDevice, expect, aGoal, anEntry }) {
    const [unstamped, stamped] = [aGoal({ updatedAt: undefined }), aGoal()];
    const entry = anEntry({ updatedAt: undefined });
    const reply = await device.push({ goals: [unstamped, stamped], entries: [entry] });
    expect.refused(reply, "/changes/goals/0", "INCOMPLETE");
    expect.outcome(reply, "/changes/goals/1", "applied");
    expect.refused(reply, "/changes/entries/0", "INCOMPLETE");

    const batch = await device.batch([{ id: unstamped["id"] as string, type: "goal", data: unstamped }]);
    expect.refused(batch, 0, "INCOMPLETE");
    expect.liveIds(await newDevice().pullAll(), [stamped["id"] as string]);

    // The items are good but for the stamp: a deployed peer may send them so.
    const deployed = await deployedDevice().push({ goals: [unstamped], entries: [entry] });
    expect.outcomes(deployed, ["applied", "applied"]);
  },
});

export const nullStampsAreAbsent = serverCheck({
  id: "ORD-010/null-is-no-stamp",
  name: "an updatedAt that is null counts as absent",
  brokenBy: [acceptsUnstampedOfAnyone, readsNullStampsAsNow],
  async run({ device, expect, aGoal, http }) {
    const bare = aGoal({ updatedAt: null });
    const reply = await http<PushBody>({
      path: "/api/sync/push",
      as: device,
      json: { changes: { goals: [bare, aGoal()] } },
    });
    expect.refused(reply, 0, "INCOMPLETE");
    expect.outcome(reply, 1, "applied");
    expect.absent(await device.pullAll(), bare["id"] as string);
  },
});

export const storedItemsHelpNobody = serverCheck({
  id: "ORD-010/also-where-one-is-stored",
  name: "an unstamped edit of a stored entity is refused too, and changes nothing",
  brokenBy: [acceptsUnstampedOfAnyone],
  async run({ device, newDevice, expect, aGoal }) {
    const goal = aGoal({ title: "stamped" });
    await device.push({ goals: [goal] });
    const before = await device.cursor();

    const edit = { id: goal["id"] as string, title: "not stamped" };
    expect.refused(await newDevice().push({ goals: [edit] }), 0, "INCOMPLETE");
    expect.nothing("changes", await device.changesSince(before));
    expect.equal("title", expect.live(await device.pullAll(), edit.id).item["title"], "stamped");
  },
});

export const receiptStamp = serverCheck({
  id: "ORD-012/time-of-receipt",
  name: "a deployed peer's unstamped item gets the time of receipt as its stamp, also in the stored item",
  brokenBy: [stampsWithTheSessionsTime, receiptStampIsNotWrittenIn],
  async run({ device, deployedDevice, expect, anEntry, aGoal, now }) {
    const entry = anEntry({ updatedAt: undefined, timestamp: "2024-01-01T10:00:00.000Z" });
    const goal = aGoal({ updatedAt: undefined, createdAt: "2024-01-01T10:00:00.000Z" });
    const reply = await deployedDevice().push({ entries: [entry], goals: [goal] });

    for (const index of [0, 1]) {
      const { meta, item } = expect.outcome(reply, index, "applied");
      // Our clock and the server's may differ by seconds; the session's time by years.
      const away = Math.abs(Date.parse(meta?.updatedAt ?? "") - now());
      expect.ok("the stamp is the time of receipt", away < 60_000, meta?.updatedAt);
      expect.equal(
        "updatedAt of the answer's item",
        Date.parse(String(item?.["updatedAt"])),
        Date.parse(meta?.updatedAt ?? ""),
      );
      const row = expect.live(await device.pullAll(), meta?.entityId ?? "");
      expect.equal("pulled stamp", row.meta.updatedAt, meta?.updatedAt as string);
      expect.equal(
        "updatedAt of the pulled item",
        Date.parse(String(row.item["updatedAt"])),
        Date.parse(row.meta.updatedAt),
      );
    }
  },
});

export const receiptStampAboveStored = serverCheck({
  id: "ORD-012/above-the-stored-stamp",
  name: "a receipt stamp is one millisecond above a stored stamp that is ahead of the server's clock",
  brokenBy: [receiptStampIgnoresTheStored],
  async run({ device, deployedDevice, expect, aGoal, now, limits, inconclusive }) {
    const ahead = Math.round(now() + limits.clockSkewMs / 2);
    const goal = aGoal({ title: "by a fast clock", updatedAt: new Date(ahead).toISOString() });
    await device.push({ goals: [goal] });

    const { updatedAt: _none, ...edit } = goal;
    const unstamped = { ...edit, title: "edited by a deployed device" };
    const reply = await deployedDevice().push({ goals: [unstamped] });
    if (now() > ahead - 5_000) inconclusive("the server took so long that the stored stamp has passed");
    const { meta } = expect.outcome(reply, 0, "applied");
    expect.equal("receipt stamp", meta?.updatedAt, new Date(ahead + 1).toISOString());
    const { item } = expect.live(await device.pullAll(), goal["id"] as string);
    expect.equal("title", item["title"], "edited by a deployed device");
  },
});

export const severalUnstamped = serverCheck({
  id: "ORD-012/several-in-one-push",
  name: "of several unstamped items of one entity in a push of a deployed peer the last one stays",
  brokenBy: [allUnstampedShareOneStamp],
  async run({ device, deployedDevice, expect }) {
    // Their checksums fall from first to last (see ordering-ties): with one stamp for all, the first would win.
    const titles = ["A", "C", "H"];
    const reply = await deployedDevice().push({ goals: titles.map((title) => ({ id: "tie", title })) });
    expect.outcomes(reply, ["superseded", "superseded", "applied"]);
    const { item, meta } = expect.live(await device.pullAll(), "tie");
    expect.equal("title", item["title"], "H");
    expect.equal("version: it is one write", meta.version, 1);
  },
});

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
    expect.equal("meta of the duplicate", expect.outcome(again, 0, "duplicate").meta, first as object);
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
    expect.equal("meta", expect.outcome(again, 0, "duplicate").meta, meta as object);
    // It is the claim that lets it in: an edit without a stamp is refused.
    expect.refused(await device.push({ goals: [{ ...goal, title: "edited" }] }), 0, "INCOMPLETE");
  },
});

export const claimsSurviveARestart = serverCheck({
  id: "ORD-013/kept-over-a-restart",
  name: "a claim is kept with the entity: the server's restart does not forget it",
  brokenBy: [keepsClaimsInMemory],
  needs: ["control:restart"],
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
