import type { JsonObject } from "../../../schemas/json.ts";
import { serverCheck } from "../../check.ts";
import { idOf } from "../reading.ts";
import * as faulty from "./pull-epoch.mutants.ts";

export const epochStays = serverCheck({
  id: "PULL-008/epoch-stays",
  name: "epoch is the same in full, delta, typed and paged answers, on every device, whatever is written",
  brokenBy: [faulty.epochPerAnswer, faulty.epochPerDevice, faulty.epochMovesWithWrites],
  async run({ device, newDevice, deployedDevice, expect, anEntry, aDeletion }) {
    const first = await device.pull();
    const entries: JsonObject[] = [anEntry(), anEntry()];
    await device.push({ entries });
    await device.push({ entries: [aDeletion(entries[0]!)] });

    const other = newDevice();
    const answers = [
      await other.pull(),
      await other.pull({ since: first.body.syncToken }),
      await other.pull({ types: ["goal"] }),
      ...(await other.pullAll({ since: first.body.syncToken, limit: 1 })).pages,
      await deployedDevice().pull(),
    ];

    for (const { body } of answers) expect.equal("epoch", body.epoch, first.body.epoch);
  },
});

export const epochOutlivesRestart = serverCheck({
  id: "PULL-008/epoch-outlives-a-restart",
  name: "a restart of the server is no restore: epoch and cursors stay",
  needs: ["control:restart"],
  sharesUpset: true,
  brokenBy: [faulty.epochPerProcess, faulty.tokensDieWithTheProcess],
  async run({ device, newDevice, control, expect, anEntry }) {
    await device.push({ entries: [anEntry()] });
    const before = await device.pull();

    await control.restart();

    const after = await newDevice().pull({ since: before.body.syncToken });
    expect.equal("epoch", after.body.epoch, before.body.epoch);
    expect.nothing("changes since before the restart", after);
    const later = anEntry();
    await device.push({ entries: [later] });
    expect.liveIds(await newDevice().pull({ since: before.body.syncToken }), [idOf(later)]);
  },
});
