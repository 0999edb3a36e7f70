import { serverCheck } from "../../check.ts";
import type { Reply } from "../../wire/reply.ts";
import type { PushBody } from "../../wire/shapes.ts";
import { idOf } from "../reading.ts";
import * as faulty from "./versions.mutants.ts";

export const unsupportedVersions = serverCheck({
  id: "DISC-004/unsupported-versions-are-refused",
  name: "a version that the server does not support is refused on every call, with the supported ones named",
  brokenBy: [
    faulty.anyVersionIsServed,
    faulty.newerVersionsAreServed,
    faulty.versionsAreComparedAsNumbers,
    faulty.statusIgnoresVersions,
    faulty.refusalsNameNoVersions,
  ],
  async run({ device, expect, http, discovery, anEntry, aGoal }) {
    const [entry, goal] = [anEntry(), aGoal()];
    const versions = ["2", "0", "1.0", "1.5", "10", "-1", "v1", "one"].filter(
      (version) => !discovery.versions.includes(version),
    );
    const batch = [{ id: idOf(goal), type: "goal", data: goal }];
    const calls = (version: string) => ({
      pull: () => device.tryPull({}, { headers: { "x-sync-protocol": version } }),
      push: () => device.tryPush({ entries: [entry] }, { headers: { "x-sync-protocol": version } }),
      batch: () =>
        http({
          path: "/api/sync/batch",
          as: device,
          json: { entities: batch },
          headers: { "x-sync-protocol": version },
        }),
      status: () => device.tryStatus({ headers: { "x-sync-protocol": version } }),
    });

    for (const version of versions) {
      for (const call of Object.values(calls(version)).slice(0, version === "2" ? 4 : 1)) {
        const reply: Reply = await call();
        expect.problem(reply, 400, "UNSUPPORTED_VERSION");
        expect.ok(
          'supported has "1" in it',
          reply.problem.supported?.includes("1") === true,
          reply.problem.supported,
        );
        expect.ok(`supported does not have "${version}" in it`, !reply.problem.supported?.includes(version));
      }
    }
    expect.nothing("what refused requests left behind", await device.pull());
    for (const [name, call] of Object.entries(calls("1")))
      expect.equal(`status of ${name}`, (await call()).status, 200);
    expect.liveIds(await device.pull(), [idOf(entry), idOf(goal)]);
  },
});

export const keyIsLeftAlone = serverCheck({
  id: "DISC-004/refused-before-the-key-is-used",
  name: "a push that was refused for its version is judged when it comes again, under the same key, with a good one",
  brokenBy: [faulty.recordsRefusedVersions],
  async run({ device, expect, unique, anEntry }) {
    const entry = anEntry();
    const key = unique("key");
    const refused = await device.tryPush(
      { entries: [entry] },
      { key, headers: { "x-sync-protocol": "999" } },
    );
    expect.problem(refused, 400, "UNSUPPORTED_VERSION");

    const accepted = await device.push({ entries: [entry] }, { key });

    expect.judgedAfresh(accepted);
    expect.outcomes(accepted, ["applied"]);
    expect.live(await device.pull(), idOf(entry));
  },
});

export const deployedPeersAreServed = serverCheck({
  id: "DISC-005/every-call-without-a-version",
  name: "a request that announces no version is served on every call",
  brokenBy: [faulty.demandsAVersion, faulty.deployedPeersMayOnlyRead, faulty.statusDemandsAVersion],
  async run({ deployedDevice, newDevice, expect, http, anEntry, aGoal }) {
    const deployed = deployedDevice();
    const [entry, goal] = [anEntry(), aGoal()];
    const push = await http<PushBody>({
      path: "/api/sync/push",
      as: deployed,
      json: { changes: { entries: [entry] } },
    });
    expect.outcomes(push, ["applied"]);
    const batch = await deployed.batch([{ id: idOf(goal), type: "goal", data: goal }]);
    expect.outcomes(batch, ["applied"]);
    expect.liveIds(await deployed.pull(), [idOf(entry), idOf(goal)]);
    expect.equal("status of status", (await deployed.tryStatus()).status, 200);
    expect.liveIds(await newDevice().pull(), [idOf(entry), idOf(goal)]);
  },
});

export const deployedPeersAreServedAsSuch = serverCheck({
  id: "DISC-005/as-a-deployed-peer",
  name: "what an announced peer must not do, send an item without a stamp, a peer without a version may",
  brokenBy: [faulty.noVersionMeansTheNewest],
  async run({ device, deployedDevice, expect, anEntry }) {
    const unstamped = anEntry({ updatedAt: undefined });
    expect.refused(await device.push({ entries: [unstamped] }), 0, "INCOMPLETE");

    const served = await deployedDevice().push({ entries: [unstamped] });

    expect.outcomes(served, ["applied"]);
    const { meta } = expect.live(await device.pull(), idOf(unstamped));
    expect.equal("stamp of the item", served.body.results[0]?.meta?.updatedAt, meta.updatedAt);
  },
});
