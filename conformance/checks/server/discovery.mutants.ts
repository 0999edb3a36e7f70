import type { JsonObject } from "../../../schemas/json.ts";
import type { Behaviour } from "../../model/behaviour.ts";
import type { Context, Endpoint } from "../../model/context.ts";
import { mutant } from "../../model/mutant.ts";

/** A server that looks at the token before it looks at the path, for some requests. */
function guarding(conforming: Behaviour, guards: (context: Context) => boolean): Behaviour {
  return {
    ...conforming,
    async intercept(context) {
      if (guards(context)) await conforming.authenticate(context);
      return conforming.intercept(context);
    },
  };
}

export const discoveryNeedsAToken = mutant({
  name: "discovery-needs-a-token",
  story: "The authentication is a middleware over all paths.",
  breaks: ["DISC-001"],
  deform: (conforming) => guarding(conforming, ({ path }) => path === "/.well-known/mirubato-sync"),
});

export const badTokensAreRefusedEverywhere = mutant({
  name: "bad-tokens-are-refused-on-open-paths",
  story: "The middleware is optional on open paths, and refuses what it does find there.",
  breaks: ["DISC-001", "DISC-006"],
  deform: (conforming) => guarding(conforming, ({ request }) => "authorization" in request.headers),
});

export const healthNeedsAToken = mutant({
  name: "health-needs-a-token",
  story: "The authentication is a middleware over all paths but discovery.",
  breaks: ["DISC-006"],
  deform: (conforming) => guarding(conforming, ({ path }) => path === "/health"),
});

export const noDiscovery = mutant({
  name: "no-discovery",
  story: "The host serves /.well-known itself, and nothing comes through.",
  breaks: ["DISC-001"],
  deform: (conforming) => without(conforming, "discovery"),
});

export const noHealth = mutant({
  name: "no-health",
  story: "Health is on another port.",
  breaks: ["DISC-006"],
  deform: (conforming) => without(conforming, "health"),
});

function without(conforming: Behaviour, endpoint: Endpoint): Behaviour {
  return {
    ...conforming,
    route(context) {
      const found = conforming.route(context);
      return found === endpoint ? undefined : found;
    },
  };
}

/** A server with a fault in its document. */
function telling(
  conforming: Behaviour,
  change: (document: JsonObject, context: Context) => JsonObject,
): Behaviour {
  return {
    ...conforming,
    discoveryAnswer: (context) => change(conforming.discoveryAnswer(context), context),
  };
}

export const protocolHasAnotherName = mutant({
  name: "protocol-has-another-name",
  story: "The name of the product was put where that of the protocol belongs.",
  breaks: ["DISC-002"],
  deform: (conforming) => telling(conforming, (document) => ({ ...document, protocol: "mirubato" })),
});

export const versionsAreNumbers = mutant({
  name: "versions-are-numbers",
  story: "Versions look like numbers.",
  breaks: ["DISC-002"],
  deform: (conforming) => telling(conforming, (document) => ({ ...document, versions: [1] })),
});

export const profilesLackHttp = mutant({
  name: "profiles-lack-http",
  story: "What is mandatory was thought not to need a mention.",
  breaks: ["DISC-002"],
  deform: (conforming) => telling(conforming, (document) => ({ ...document, profiles: [] })),
});

export const noBaseUrl = mutant({
  name: "no-base-url",
  story: "The address was thought to be known, since the document came from it.",
  breaks: ["DISC-002"],
  deform: (conforming) => telling(conforming, (document) => ({ ...document, endpoints: {} })),
});

export const baseUrlIsAPath = mutant({
  name: "base-url-is-a-path",
  story: "Behind the proxy the server does not know its own name.",
  breaks: ["DISC-002"],
  deform: (conforming) => ({ ...conforming, httpEndpoint: () => "/sync" }),
});

export const baseUrlEndsInASlash = mutant({
  name: "base-url-ends-in-a-slash",
  story: "The URL is printed by the platform's URL class, which ends it with a slash.",
  breaks: ["DISC-002"],
  deform: (conforming) => ({
    ...conforming,
    httpEndpoint: (context) => `${conforming.httpEndpoint(context)}/`,
  }),
});

export const noLimits = mutant({
  name: "no-limits",
  story: "All limits are the defaults, so the member was left out.",
  breaks: ["DISC-002"],
  deform: (conforming) => telling(conforming, ({ limits: _limits, ...document }) => document),
});

export const limitsAreTexts = mutant({
  name: "limits-are-texts",
  story: "The limits come from the environment, where everything is a text.",
  breaks: ["DISC-002"],
  deform: (conforming) => ({
    ...conforming,
    advertisedLimits: (context) =>
      Object.fromEntries(
        Object.entries(conforming.advertisedLimits(context)).map(([name, limit]) => [name, String(limit)]),
      ),
  }),
});

export const versionsDependOnTheAsker = mutant({
  name: "versions-depend-on-the-asker",
  story: "The document was made to tell an asker the version that it announced.",
  breaks: ["DISC-002"],
  deform: (conforming) =>
    telling(conforming, (document, context) =>
      conforming.fetchHeader(context, "x-sync-protocol") === undefined
        ? { ...document, versions: ["1", "2"] }
        : document,
    ),
});

export const discoveryIsPlainText = mutant({
  name: "discovery-is-plain-text",
  story: "The document is a static file without an extension, so its type is not known.",
  breaks: ["DISC-002", "HTTP-009"],
  deform: (conforming) => asText(conforming, "discovery"),
});

export const healthIsPlainText = mutant({
  name: "health-is-plain-text",
  story: "The load balancer reads no types.",
  breaks: ["DISC-006", "HTTP-009"],
  deform: (conforming) => asText(conforming, "health"),
});

function asText(conforming: Behaviour, endpoint: Endpoint): Behaviour {
  return {
    ...conforming,
    finish(context, answer) {
      const { headers, ...rest } = conforming.finish(context, answer);
      return {
        ...rest,
        headers: context.endpoint === endpoint ? { ...headers, "content-type": "text/plain" } : headers,
      };
    },
  };
}

export const healthWithoutATime = mutant({
  name: "health-tells-a-build-time",
  story: "The timestamp is put in when the server is built.",
  breaks: ["DISC-006"],
  deform: (conforming) => ({
    ...conforming,
    healthAnswer: (context) => ({
      ...conforming.healthAnswer(context),
      timestamp: "2026-03-01T10:00:00.000Z",
    }),
  }),
});
