import { serverCheck } from "../../check.ts";
import { idOf } from "../reading.ts";
import * as faulty from "./pull-fresh.mutants.ts";

export const readYourWrites = serverCheck({
  id: "PULL-005/another-device-sees-it-at-once",
  name: "a pull that begins after an acknowledgement covers that write, full or delta, push or batch, on every device",
  brokenBy: [
    faulty.readsFromALaggingReplica,
    faulty.cachesFullPulls,
    faulty.cachesPullsPerDevice,
    faulty.batchWritesAppearLater,
  ],
  async run({ device, newDevice, expect, anEntry, edited, aDeletion }) {
    const reader = newDevice();
    const since = await reader.cursor();
    let entry = anEntry({ duration: 0 });
    for (let round = 1; round <= 3; round += 1) {
      entry = edited(entry, { duration: round });
      if (round === 2) await device.batch([{ id: idOf(entry), type: "logbook_entry", data: entry }]);
      else await device.push({ entries: [entry] });

      // The same requests each time: a cache in between would know the answer already.
      for (const pulled of [
        await reader.pull(),
        await reader.pull({ since }),
        await newDevice().pull({ limit: 1 }),
      ]) {
        expect.equal(`the entry after write ${round}`, expect.live(pulled, idOf(entry)).item, entry);
      }
    }
    await device.push({ entries: [aDeletion(entry)] });
    expect.liveIds(await reader.pull(), []);
    expect.deleted(await reader.pull({ since }), idOf(entry));
  },
});
