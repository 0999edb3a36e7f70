import { LIMITS } from "../../../schemas/limits.ts";
import type { Limit } from "../../../schemas/limits.ts";
import { variant } from "../variant.ts";

const limits = Object.fromEntries((LIMITS as readonly Limit[]).map((limit) => [limit.name, limit.default]));

export const silent = variant({
  name: "silent",
  story:
    "The smallest server that conforms: no discovery, no health, and nothing in its messages that may be left out.",
  uses: [
    { freedom: "no discovery: every limit is the default", of: ["DISC-001", "DISC-003"] },
    { freedom: "no health", of: ["DISC-006"] },
    {
      freedom: "no envelope seq, no lastSeq in acknowledgements, no timestamp, no protocol",
      of: ["RT-022", "RT-024", "RT-005"],
    },
    { freedom: "one socket too many is closed after the upgrade", of: ["RT-037"] },
    { freedom: "a socket outlives its token by almost a minute", of: ["AUTH-019"] },
    { freedom: "counts of plan templates and preferences are left out", of: ["PUSH-012"] },
    {
      freedom: "a request without upgrade on the socket's path has no Upgrade header in its answer",
      of: ["AUTH-016"],
    },
    { freedom: "no messages are counted", of: ["RT-045"] },
  ],
  silent: true,
  declines: ["DISC-001", "DISC-006"],
  options: {
    limits: { ...limits, legacyMaxBodyBytes: 1_048_576, legacyMaxItems: 500, maxDepth: 32 },
  },
  deform: (conforming) => ({
    ...conforming,
    route: (context) => {
      const endpoint = conforming.route(context);
      return endpoint === "discovery" || endpoint === "health" ? undefined : endpoint;
    },
    eventSeq: () => undefined,
    ackLastSeq: () => undefined,
    frameText: (_context, frame) => JSON.stringify(frame),
    welcomeFrame: (_context, { id }) => ({ type: "WELCOME", message: "", connectionId: id }),
    checkConnections: () => {},
    expiresAt: (_context, { claims }) => (claims["exp"] as number) * 1000 + 55_000,
    stats: (context, judgements) => {
      const {
        planTemplatesProcessed: _templates,
        preferencesProcessed: _preferences,
        ...stats
      } = conforming.stats(context, judgements);
      return stats;
    },
  }),
});
