import { Type, type Static } from "@sinclair/typebox";
import { schemaId } from "../define.ts";
import { LIMITS, REFERENCE_LIMITS, type Limit, type Limits as LimitValues } from "../limits.ts";

function bounds(limit: Limit): string {
  const least = limit.minimum === undefined ? "" : ` At least ${limit.minimum} in production.`;
  const most = limit.maximum === undefined ? "" : ` At most ${limit.maximum}.`;
  const otherwise = limit.default === undefined ? "" : ` Absent: ${limit.default}.`;
  const profile = limit.profile === undefined ? "" : ` Profile \`${limit.profile}\` only.`;
  return `In ${limit.unit}.${least}${most}${otherwise}${profile}`;
}

const HTTP_LIMITS = Object.fromEntries(
  (LIMITS as readonly Limit[])
    .filter((limit) => limit.profile === undefined)
    .map((limit) => [limit.name, limit.reference]),
);

/** What a server limits. Minimums hold in production only, so the schema does not ask for them. */
export const Limits = Type.Unsafe<Partial<LimitValues>>({
  $id: schemaId("limits"),
  title: "Limits",
  type: "object",
  properties: Object.fromEntries(
    (LIMITS as readonly Limit[]).map((limit) => [
      limit.name,
      {
        ...(limit.unit.endsWith("/s")
          ? { type: "number", exclusiveMinimum: 0 }
          : { type: "integer", minimum: 0 }),
        ...(limit.maximum === undefined ? {} : { maximum: limit.maximum }),
        description: `${limit.meaning} ${bounds(limit)}`,
      },
    ]),
  ),
  dependentRequired: {
    requestBurst: ["requestsPerSecond"],
    requestsPerSecond: ["requestBurst"],
    messageBurst: ["messagesPerSecond"],
    messagesPerSecond: ["messageBurst"],
  },
  description:
    "Every duration, size, count and rate that the protocol leaves to the server. For one that is absent the default holds.",
  examples: [REFERENCE_LIMITS],
});
export type Limits = Static<typeof Limits>;

/** Answer of `GET /.well-known/mirubato-sync`. */
export const DiscoveryResponse = Type.Object(
  {
    protocol: Type.Literal("mirubato-sync", { description: "The name of the protocol." }),
    versions: Type.Array(Type.String({ minLength: 1 }), {
      minItems: 1,
      description: "The protocol versions that the server speaks; `1` is this one.",
    }),
    profiles: Type.Array(Type.String({ minLength: 1 }), {
      contains: Type.Literal("http"),
      description:
        "The profiles that the server conforms to. Open; known values: http, realtime, conflict, delta, sharing, rooms.",
    }),
    endpoints: Type.Object(
      {
        http: Type.String({
          pattern: "^https?://.*[^/]$",
          description:
            "Base address of the HTTP endpoints: `/api/sync/pull` and so on are appended. No trailing slash.",
        }),
        ws: Type.Optional(
          Type.String({
            pattern: "^wss?://",
            description: "Address of the WebSocket endpoint; with profile `realtime`.",
          }),
        ),
      },
      { description: "Where the server is reached. Absolute addresses." },
    ),
    limits: Type.Unsafe<Partial<LimitValues>>({ $ref: Limits.$id, description: "What the server limits." }),
  },
  {
    $id: schemaId("discovery_response"),
    title: "DiscoveryResponse",
    description: "What the server speaks, where, and within which limits. No authentication.",
    if: {
      type: "object",
      required: ["profiles"],
      properties: { profiles: { type: "array", contains: { const: "realtime" } } },
    },
    then: { properties: { endpoints: { type: "object", required: ["ws"] } } },
    examples: [
      {
        protocol: "mirubato-sync",
        versions: ["1"],
        profiles: ["http"],
        endpoints: { http: "https://sync.example" },
        limits: HTTP_LIMITS,
      },
      {
        protocol: "mirubato-sync",
        versions: ["1"],
        profiles: ["http", "realtime"],
        endpoints: { http: "https://sync.example", ws: "wss://sync.example/sync/ws" },
        limits: REFERENCE_LIMITS,
      },
    ],
  },
);
export type DiscoveryResponse = Static<typeof DiscoveryResponse>;
