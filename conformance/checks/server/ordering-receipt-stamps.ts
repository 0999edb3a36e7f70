import { serverCheck } from "../../check.ts";
import type { PushBody } from "../../wire/shapes.ts";
import {
  acceptsUnstampedOfAnyone,
  allUnstampedShareOneStamp,
  callsUnstampedInvalid,
  readsNullStampsAsNow,
  receiptStampIgnoresTheStored,
  receiptStampIsNotWrittenIn,
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
      expect.equal("pulled stamp", row.meta.updatedAt, meta?.updatedAt);
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
