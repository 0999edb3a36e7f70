import { serverCheck } from "../../check.ts";
import * as faulty from "./realtime-devices.mutants.ts";

export const socketsAreNoDevices = serverCheck({
  id: "STAT-002/sockets-do-not-count",
  name: "neither a socket nor the deviceId of its messages counts as a device",
  needs: ["profile:realtime"],
  brokenBy: [faulty.countsDevicesOfMessages, faulty.countsSockets],
  async run({ device, newDevice, expect, anEntry, unique }) {
    const phone = await newDevice().connect({ headers: { "x-device-id": unique("device") } });
    const laptop = await device.connect();
    for (const socket of [phone, laptop]) {
      const members = { entry: anEntry(), deviceId: unique("device") };
      expect.ack(await socket.mutate("ENTRY_CREATED", members), "applied");
    }
    await device.push({ entries: [anEntry()] });
    expect.equal("deviceCount", (await device.status()).body.deviceCount, 1);
    await newDevice().pull();
    expect.equal("deviceCount with a second one", (await device.status()).body.deviceCount, 2);
  },
});
