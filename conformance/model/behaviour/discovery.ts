import { LIMIT_NAMES } from "../../../schemas/limits.ts";
import type { JsonObject } from "../../../schemas/json.ts";
import { formatInstant } from "../../../spec/rules/instant.ts";
import type { Context } from "../context.ts";

/** What a server says of itself, to anybody. */
export interface DiscoverySteps {
  /** The limits as they are advertised, which need not be those that are enforced. */
  advertisedLimits(context: Context): JsonObject;
  /** The URL in front of `/api/sync/…`. */
  httpEndpoint(context: Context): string;
  /** The discovery document. */
  discoveryAnswer(context: Context): JsonObject;
  /** The health document. */
  healthAnswer(context: Context): JsonObject;
}

export const discovery: DiscoverySteps = {
  advertisedLimits: ({ server }) =>
    Object.fromEntries(
      LIMIT_NAMES.flatMap((name) => (server.limits[name] === undefined ? [] : [[name, server.limits[name]]])),
    ),

  httpEndpoint(context) {
    const host = context.behaviour.fetchHeader(context, "host");
    return context.server.baseUrl ?? `http://${host ?? "localhost"}`;
  },

  discoveryAnswer(context) {
    const { behaviour } = context;
    return {
      protocol: "mirubato-sync",
      versions: [...behaviour.versions(context)],
      profiles: [...context.server.profiles],
      endpoints: { http: behaviour.httpEndpoint(context) },
      limits: behaviour.advertisedLimits(context),
    };
  },

  healthAnswer: (context) => ({
    service: "mirubato-sync",
    status: "healthy",
    timestamp: formatInstant(context.now),
  }),
};
