import { serverCheck } from "../../check.ts";
import { idOf } from "../reading.ts";
import * as faulty from "./status-devices.mutants.ts";

export const countsDevices = serverCheck({
  id: "STAT-002/distinct-devices",
  name: "deviceCount counts each device once, whichever sync call it made, and however often",
  brokenBy: [
    faulty.countsRequests,
    faulty.countsDevicesThatPushed,
    faulty.countsDevicesThatPulled,
    faulty.countsAnnouncedDevicesOnly,
  ],
  async run({ device, newDevice, deployedDevice, expect, anEntry, aGoal }) {
    // The asking device has been seen before it asks, so that whether its question counts makes no difference.
    const count = async (): Promise<number> => (await device.status()).body.deviceCount;
    await device.pull();
    expect.equal("devices at the start", await count(), 1);
    await device.push({ entries: [anEntry()] });
    expect.equal("devices after more requests of the same", await count(), 1);

    const goal = aGoal();
    const visits: [string, () => Promise<unknown>][] = [
      ["push", () => newDevice().push({ entries: [anEntry()] })],
      ["pull", () => newDevice().pull()],
      ["batch", () => newDevice().batch([{ id: idOf(goal), type: "goal", data: goal }])],
      ["status", () => newDevice().status()],
      ["pull of a deployed client", () => deployedDevice().pull()],
    ];
    for (const [index, [call, visit]] of visits.entries()) {
      await visit();
      expect.equal(`devices after another's ${call}`, await count(), index + 2);
    }
  },
});

export const namelessDevices = serverCheck({
  id: "STAT-002/requests-without-a-name",
  name: "requests without X-Device-ID, and of other users, add no device; names that differ by case alone are two",
  brokenBy: [faulty.countsNamelessRequests, faulty.countsEverybodysDevices, faulty.lowerCasesDeviceNames],
  async run({ device, stranger, expect, anEntry, unique }) {
    const other = await stranger();
    await other.pull();
    const nameless = { headers: { "x-device-id": undefined } };
    await device.push({ entries: [anEntry()] }, nameless);
    await device.pull({}, nameless);
    await device.tryStatus(nameless);
    const count = async (): Promise<number> => (await device.status()).body.deviceCount;
    await device.pull();
    expect.equal("devices", await count(), 1);

    const name = unique("phone");
    await device.with({ id: name.toLowerCase() }).pull();
    await device.with({ id: name.toUpperCase() }).pull();
    expect.equal("devices with names that differ by case", await count(), 3);
    expect.equal("the other user's devices", (await other.status()).body.deviceCount, 1);
  },
});

export const askingCounts = serverCheck({
  id: "STAT-002/the-asking-device-counts",
  name: "a device whose first request is the status request is in its own count",
  brokenBy: [faulty.notesTheDeviceAfterTheAnswer, faulty.countsDevicesThatPulled],
  async run({ device, newDevice, expect }) {
    await device.pull();
    expect.equal("devices", (await newDevice().status()).body.deviceCount, 2);
    expect.equal("devices after another", (await newDevice().status()).body.deviceCount, 3);
  },
});

export const badNamesAreIgnored = serverCheck({
  id: "STAT-002/names-of-a-wrong-form-are-ignored",
  name: "a device name that is too long or not visible ASCII adds no device and does no harm",
  brokenBy: [faulty.anyDeviceNameCounts, faulty.cutsLongDeviceNames, faulty.refusesBadDeviceNames],
  async run({ device, expect, anEntry }) {
    const longest = "d".repeat(255);
    await device.with({ id: longest }).pull();
    expect.equal("devices with one of 255 characters", (await device.status()).body.deviceCount, 2);

    for (const id of ["e".repeat(256), `${longest}d`, "my phone"]) {
      const odd = device.with({ id });
      const push = await odd.push({ entries: [anEntry()] });
      expect.outcomes(push, ["applied"]);
      expect.equal("status of a pull", (await odd.tryPull()).status, 200);
    }
    expect.equal("devices after names of a wrong form", (await device.status()).body.deviceCount, 2);
  },
});

export const strangersAreNoDevices = serverCheck({
  id: "STAT-002/only-authenticated-requests",
  name: "a request with a bad token leaves no device behind",
  brokenBy: [faulty.countsDevicesBeforeTheToken],
  async run({ device, newDevice, expect, tokens }) {
    await device.pull();
    const intruder = newDevice().with({ token: await tokens.wrongSecret() });
    expect.problem(await intruder.tryPull(), 401, "TOKEN_INVALID");
    expect.problem(await intruder.tryStatus(), 401, "TOKEN_INVALID");
    expect.equal("devices", (await device.status()).body.deviceCount, 1);

    await newDevice().pull();
    expect.equal("devices after a good one", (await device.status()).body.deviceCount, 2);
  },
});

export const devicesAreForgotten = serverCheck({
  id: "STAT-002/within-the-window",
  name: "a device that was not seen for deviceWindowMs no longer counts, one that was seen again does",
  needs: ["control:advance-clock"],
  brokenBy: [faulty.remembersDevicesForEver, faulty.windowBeginsAtTheFirstVisit],
  async run({ device, newDevice, tokens, control, limits, expect }) {
    const [lost, faithful] = [newDevice(), newDevice()];
    await lost.pull();
    await faithful.pull();
    await control.advanceClock(Math.ceil(limits.deviceWindowMs * 0.75));
    // Tokens do not live as long as the window.
    const again = faithful.with({ token: await tokens.valid() });
    const asking = device.with({ token: again.token });
    await again.pull();
    await asking.pull();
    expect.equal("devices within the window", (await asking.status()).body.deviceCount, 3);

    await control.advanceClock(Math.ceil(limits.deviceWindowMs * 0.5));
    const later = asking.with({ token: await tokens.valid() });
    await later.pull();
    expect.equal("devices after the window", (await later.status()).body.deviceCount, 2);
  },
});
