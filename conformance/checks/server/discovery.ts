import { serverCheck } from "../../check.ts";
import type { Reply } from "../../reply.ts";
import type { DiscoveryBody, PullBody, PushBody } from "../../shapes.ts";
import { NotApplicable } from "../../verdict.ts";
import { idOf } from "../reading.ts";
import * as faulty from "./discovery.mutants.ts";

const DOCUMENT = "/.well-known/mirubato-sync";

/** The document, if there is one: DISC-001 only recommends it. */
function documentOf(reply: Reply<DiscoveryBody>): DiscoveryBody {
  if (reply.status >= 400 && reply.status < 500)
    throw new NotApplicable("the server has no discovery document");
  return reply.body;
}

export const discoveryIsOpen = serverCheck({
  id: "DISC-001/without-authentication",
  name: "the discovery document is there for everybody, without a token or with a bad one",
  brokenBy: [faulty.discoveryNeedsAToken, faulty.noDiscovery, faulty.badTokensAreRefusedEverywhere],
  async run({ expect, http }) {
    for (const headers of [{}, { authorization: "Bearer not-a-token" }]) {
      // What is in it, DISC-002 says.
      const reply = await http<DiscoveryBody>({ path: DOCUMENT, headers, anyAnswer: true });
      expect.status(reply, 200);
      expect.ok("it is a discovery document", typeof reply.body.protocol === "string", reply.text);
    }
  },
});

export const documentIsComplete = serverCheck({
  id: "DISC-002/complete-document",
  name: "the discovery document names protocol, version 1, profile http, the base URL and the limits",
  brokenBy: [
    faulty.protocolHasAnotherName,
    faulty.versionsAreNumbers,
    faulty.profilesLackHttp,
    faulty.noBaseUrl,
    faulty.baseUrlIsAPath,
    faulty.baseUrlEndsInASlash,
    faulty.noLimits,
    faulty.limitsAreTexts,
  ],
  async run({ expect, http }) {
    const document = documentOf(await http<DiscoveryBody>({ path: DOCUMENT, anyAnswer: true }));

    expect.equal("protocol", document.protocol, "mirubato-sync");
    expect.ok('versions has "1" in it', isListWith(document.versions, "1"), document.versions);
    expect.ok('profiles has "http" in it', isListWith(document.profiles, "http"), document.profiles);
    const base = document.endpoints?.http;
    expect.ok(
      "endpoints.http is an absolute URL without a trailing slash",
      typeof base === "string" && /^https?:\/\//i.test(base) && URL.canParse(base) && !base.endsWith("/"),
      base ?? "missing",
    );
    const { limits } = document;
    expect.ok(
      "limits is an object",
      typeof limits === "object" && limits !== null && !Array.isArray(limits),
      limits,
    );
    for (const [name, limit] of Object.entries(limits)) {
      expect.ok(`limit ${name} is a number of at least 0`, typeof limit === "number" && limit >= 0, limit);
    }

    function isListWith(list: unknown, value: string): boolean {
      return Array.isArray(list) && list.includes(value);
    }
  },
});

export const documentMatchesTheSchema = serverCheck({
  id: "DISC-002/valid-under-its-schema",
  name: "the discovery document is JSON of its schema, the same whoever asks",
  brokenBy: [faulty.limitsAreTexts, faulty.discoveryIsPlainText, faulty.versionsDependOnTheAsker],
  async run({ device, deployedDevice, expect, http }) {
    const document = documentOf(await http<DiscoveryBody>({ path: DOCUMENT }));
    for (const as of [device, deployedDevice()]) {
      const again = documentOf(await http<DiscoveryBody>({ path: DOCUMENT, as }));
      expect.equal("versions", again.versions, document.versions);
      expect.equal("profiles", again.profiles, document.profiles);
      expect.equal("limits", again.limits, document.limits);
    }
  },
});

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
    const versions = ["2", "0", "1.0", "1.5", "10", "-1", "v1", "one", "1, 2"].filter(
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

export const healthIsOpen = serverCheck({
  id: "DISC-006/health",
  name: "health is told to everybody, with service, status and time",
  brokenBy: [faulty.healthNeedsAToken, faulty.healthIsPlainText, faulty.healthWithoutATime, faulty.noHealth],
  async run({ expect, http, now }) {
    for (const headers of [{}, { authorization: "Bearer not-a-token" }]) {
      const reply = await http<{ service: string; status: string; timestamp: string }>({
        path: "/health",
        headers,
        anyAnswer: true,
      });
      expect.status(reply, 200);
      expect.header(reply, "content-type", /^application\/json\b/i);
      expect.ok(
        "service is a text",
        typeof reply.body.service === "string" && reply.body.service !== "",
        reply.body.service,
      );
      expect.ok(
        "status is a text",
        typeof reply.body.status === "string" && reply.body.status !== "",
        reply.body.status,
      );
      const off = Math.abs(Date.parse(reply.body.timestamp) - now());
      expect.ok("timestamp is the present time, give or take a minute", off < 60_000, reply.body.timestamp);
    }
  },
});
