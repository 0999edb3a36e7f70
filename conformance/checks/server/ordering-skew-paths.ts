import { serverCheck } from "../../check.ts";
import { ENTITY_TYPES } from "../../../schemas/collections.ts";
import type { JsonObject } from "../../../schemas/json.ts";
import { asBatch, asChanges } from "../every-type.ts";
import {
  judgesSkewForPushOnly,
  refusesSkewOfDeployedPeers,
  skewIgnoresDeletions,
} from "./ordering-skew.mutants.ts";
import * as faulty from "./ordering-skew-paths.mutants.ts";

export const everyTypeAndPathAhead = serverCheck({
  id: "ORD-014/every-type-and-path",
  name: "an item or deletion of any type beyond the skew limit is refused, by push and by batch",
  brokenBy: [
    faulty.batchDeletionsGetReceiptStamps,
    faulty.batchDeletionsMayBeAhead,
    faulty.batchesMayBeAhead,
    faulty.laterTypesMayBeAhead,
    faulty.pieceDeletionsMayBeAhead,
    judgesSkewForPushOnly,
    skewIgnoresDeletions,
  ],
  async run({ device, newDevice, expect, anItem, aDeletion, at, now, limits }) {
    const ahead = at(limits.clockSkewMs + 60_000);
    const known = ENTITY_TYPES.map((entityType) => anItem(entityType));
    await device.push(asChanges(known));
    const before = await device.cursor();
    const writes: JsonObject[] = [
      ...known.map((item) => ({ ...item, updatedAt: ahead })),
      ...known.map((item) => aDeletion(item, { deletedAt: ahead })),
      ...ENTITY_TYPES.map((entityType) => aDeletion(anItem(entityType), { deletedAt: ahead })),
    ];

    for (const reply of [await device.push(asChanges(writes)), await newDevice().batch(asBatch(writes))]) {
      for (const index of writes.keys()) {
        const { serverTime } = expect.refused(reply, index, "CLOCK_SKEW");
        const away = Math.abs(Date.parse(serverTime ?? "") - now());
        expect.ok("serverTime is the server's time", away < 60_000, serverTime);
      }
    }
    expect.nothing("changes by refused writes", await device.changesSince(before));

    const deletions = known.map((item) => aDeletion(item));
    expect.outcomes(
      await device.batch(asBatch(deletions)),
      deletions.map(() => "applied"),
    );
  },
});

export const deployedBatchesAhead = serverCheck({
  id: "ORD-016/every-type-and-path",
  name: "an item or deletion of any type beyond the skew limit gets a receipt stamp from a deployed peer, by push and by batch",
  brokenBy: [
    refusesSkewOfDeployedPeers,
    faulty.batchDeletionsMayBeAhead,
    faulty.batchesMayBeAhead,
    faulty.laterTypesMayBeAhead,
    faulty.pieceDeletionsMayBeAhead,
  ],
  async run({ device, deployedDevice, expect, anItem, aDeletion, at, now, limits }) {
    const ahead = at(limits.clockSkewMs + 60_000);
    const known = ENTITY_TYPES.map((entityType) => anItem(entityType));
    await device.push(asChanges(known));
    // The second path writes another instant: the same one would be a claim that comes again (ORD-013).
    const further = at(limits.clockSkewMs + 120_000);
    const edits = (updatedAt: string): JsonObject[] => known.map((item) => ({ ...item, updatedAt }));
    const deletions = (deletedAt: string): JsonObject[] =>
      known.map((item) => aDeletion(item, { deletedAt }));
    const deployed = deployedDevice();

    for (const reply of [
      await deployed.push(asChanges(edits(ahead))),
      await deployed.push(asChanges(deletions(ahead))),
      await deployed.batch(asBatch(edits(further))),
      await deployed.batch(asBatch(deletions(further))),
    ]) {
      for (const index of known.keys()) {
        const { meta } = expect.outcome(reply, index, "applied");
        const stamp = Date.parse(meta?.deletedAt ?? meta?.updatedAt ?? "");
        expect.ok("the stamp is the time of receipt", Math.abs(stamp - now()) < 30_000, meta);
      }
    }
    expect.liveIds(await device.pullAll(), []);
  },
});
