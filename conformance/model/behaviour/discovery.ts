import { LIMITS } from "../../../schemas/limits.ts";
import type { JsonObject } from "../../../schemas/json.ts";
import { formatInstant } from "../../../spec/rules/instant.ts";
import type { Context } from "../context.ts";

/** What a server says of itself, to anybody. */
export interface DiscoverySteps {
  /** The limits as they are advertised, which need not be those that are enforced. */
  advertisedLimits(context: Context): JsonObject;
  /** The URL in front of `/api/sync/…`. */
  httpEndpoint(context: Context): string;
  /** The URL of the WebSocket. */
  wsEndpoint(context: Context): string;
  /** The discovery document. */
  discoveryAnswer(context: Context): JsonObject;
  /** The health document. */
  healthAnswer(context: Context): JsonObject;
}

export const discovery: DiscoverySteps = {
  advertisedLimits({ server }) {
    const offered = LIMITS.filter(
      (limit) => !("profile" in limit) || server.profiles.includes(limit.profile),
    ).map(({ name }): [string, number | undefined] => [name, server.limits[name]]);
    return Object.fromEntries(offered.filter((pair): pair is [string, number] => pair[1] !== undefined));
  },

  httpEndpoint(context) {
    const host = context.behaviour.fetchHeader(context, "host");
    return context.server.baseUrl ?? `http://${host ?? "localhost"}`;
  },

  wsEndpoint: (context) => `${context.behaviour.httpEndpoint(context).replace(/^http/, "ws")}/sync/ws`,

  discoveryAnswer(context) {
    const { behaviour } = context;
    const realtime = context.server.profiles.includes("realtime");
    return {
      protocol: "mirubato-sync",
      versions: [...behaviour.versions(context)],
      profiles: [...context.server.profiles],
      endpoints: {
        http: behaviour.httpEndpoint(context),
        ...(realtime ? { ws: behaviour.wsEndpoint(context) } : {}),
      },
      limits: behaviour.advertisedLimits(context),
    };
  },

  healthAnswer: (context) => ({
    service: "mirubato-sync",
    status: "healthy",
    timestamp: formatInstant(context.now),
  }),
};
