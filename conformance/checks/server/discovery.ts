import { serverCheck } from "../../check.ts";
import type { Reply } from "../../wire/reply.ts";
import type { DiscoveryBody } from "../../wire/shapes.ts";
import { NotApplicable } from "../../verdict.ts";
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
