import { Type, type Static } from "@sinclair/typebox";
import { InstantText, count, syncToken } from "../scalars.ts";
import { ref, schemaId } from "../define.ts";

/** Answer of `GET /api/sync/status`. */
export const StatusResponse = Type.Object(
  {
    lastSyncTime: Type.Unsafe<string | null>({
      type: ["string", "null"],
      description: "When the last write was accepted, RFC 3339; null if none ever was.",
      if: { type: "string" },
      then: { $ref: InstantText.$id },
    }),
    syncToken: syncToken("The head of the log, for all types."),
    pendingChanges: Type.Unsafe<0>({
      type: "integer",
      const: 0,
      description: "Always 0; for deployed clients.",
    }),
    deviceCount: count("Devices that named themselves in an authenticated request within `deviceWindowMs`."),
    entityCount: count("Live entities of all types."),
  },
  {
    $id: schemaId("status_response"),
    title: "StatusResponse",
    description: "How much is stored for the user, and up to where.",
    examples: [
      {
        lastSyncTime: "2026-11-21T10:15:01.000Z",
        syncToken: "MTcuYWJj",
        pendingChanges: 0,
        deviceCount: 2,
        entityCount: 12,
      },
      { lastSyncTime: null, syncToken: "MC5hYmM", pendingChanges: 0, deviceCount: 1, entityCount: 0 },
    ],
  },
);
export type StatusResponse = Static<typeof StatusResponse>;

/** Answer of `GET /health`. */
export const HealthResponse = Type.Object(
  {
    service: Type.String({ minLength: 1, description: "Name of the service." }),
    status: Type.String({ minLength: 1, description: "`healthy` while requests are served." }),
    timestamp: ref(InstantText, { description: "The server's time." }),
  },
  {
    $id: schemaId("health_response"),
    title: "HealthResponse",
    description: "Whether the server serves. No authentication.",
    examples: [{ service: "mirubato-sync", status: "healthy", timestamp: "2026-11-21T10:20:00.000Z" }],
  },
);
export type HealthResponse = Static<typeof HealthResponse>;
