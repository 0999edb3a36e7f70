import { Type, type Static } from "@sinclair/typebox";
import { ENTITY_TYPES } from "../collections.ts";
import { oneOf, orNull, ref, schemaId } from "../define.ts";
import { Deletion } from "../entities/deletion.ts";
import { ENTITIES } from "../entities/index.ts";
import { Result } from "../result.ts";
import { count, EntityId, InstantText, syncToken } from "../scalars.ts";
import { IS_DELETION } from "./push.ts";

const syncTokenIn = Type.Optional(
  orNull<string>("string", { description: "The client's own place in the log. Told for diagnosis only." }),
);

const frame = {
  id: Type.Optional(
    ref(EntityId, { description: "The entity's id; stands in for an absent one in `data`." }),
  ),
  type: Type.String({ description: "The type of the entity, such as `logbook_entry`." }),
  data: Type.Unsafe<Record<string, unknown>>({
    type: "object",
    description: "The whole item, or a deletion.",
  }),
  checksum: Type.Optional(
    orNull<string>("string", {
      description: "Checksum of `data`, for integrity. Absent or null: not compared.",
    }),
  ),
  version: Type.Optional(
    orNull<number>("integer", {
      minimum: 0,
      description: "The version last seen; 0: never seen. Absent or null: no precondition.",
    }),
  ),
};

/** One item of a batch, its `data` apart: what is judged before the entity's own schema. */
export const BatchItem = Type.Object(frame, {
  $id: schemaId("batch_item"),
  title: "BatchItem",
  description: "One item of a batch: an entity and the version that the change is based on.",
  examples: [{ id: "goal-1", type: "goal", data: { id: "goal-1", title: "Ten hours" }, version: 2 }],
});
export type BatchItem = Static<typeof BatchItem>;

/** Body of `POST /api/sync/batch`, items included, as a client that announces the version sends it. */
export const Batch = Type.Object(
  {
    entities: Type.Array(
      Type.Object(
        { ...frame, type: oneOf(ENTITY_TYPES, "The type of the entity.") },
        {
          description: "An entity and the version that the change is based on.",
          allOf: ENTITY_TYPES.map((type) => ({
            if: {
              type: "object",
              required: ["type", "data"],
              properties: { type: { const: type }, data: { type: "object" } },
            },
            then: {
              properties: {
                data: {
                  type: "object",
                  if: IS_DELETION,
                  then: { $ref: Deletion.$id },
                  else: { $ref: ENTITIES[type].$id },
                },
              },
            },
          })),
        },
      ),
      { description: "The changes." },
    ),
    syncToken: syncTokenIn,
  },
  {
    $id: schemaId("batch"),
    title: "Batch",
    description:
      "Changes, each with the version that it is based on. The envelope is judged as a whole, the items one by one.",
    examples: [
      {
        entities: [
          {
            id: "goal-1",
            type: "goal",
            data: { id: "goal-1", title: "Ten hours", updatedAt: "2026-11-21T10:15:00.000Z" },
            version: 2,
          },
          { type: "goal", data: { id: "goal-2", deletedAt: "2026-11-21T10:15:00.000Z" } },
        ],
      },
    ],
  },
);
export type Batch = Static<typeof Batch>;

/** The envelope of a batch: what makes the whole request a 400. Its items may be anything. */
export const BatchRequest = Type.Object(
  {
    entities: Type.Array(Type.Unknown(), { description: "The changes (see `batch_item`)." }),
    syncToken: syncTokenIn,
  },
  {
    $id: schemaId("batch_request"),
    title: "BatchRequest",
    description: "The envelope of a batch, apart from its items, which are judged one by one (see `batch`).",
    examples: [{ entities: [] }],
  },
);
export type BatchRequest = Static<typeof BatchRequest>;

/** A change that was based on too old a version. */
export const BatchConflict = Type.Object(
  {
    entityId: ref(EntityId, { description: "The entity's id, normalised." }),
    entityType: oneOf(ENTITY_TYPES, "The type of the entity."),
    localVersion: count("The version that the client sent."),
    remoteVersion: Type.Integer({ minimum: 1, description: "The version that is stored." }),
    server: orNull<Record<string, unknown>>("object", {
      description: "The stored item; null if it is a deletion.",
    }),
  },
  {
    $id: schemaId("batch_conflict"),
    title: "BatchConflict",
    description: "A change that was based on too old a version.",
  },
);
export type BatchConflict = Static<typeof BatchConflict>;

/** Answer of `POST /api/sync/batch`. */
export const BatchResponse = Type.Object(
  {
    uploaded: count("Items that were applied."),
    downloaded: count("Conflicts that carry the server's item."),
    conflicts: Type.Array(ref(BatchConflict), {
      description: "The items refused VERSION_CONFLICT, with what is stored.",
    }),
    newSyncToken: syncToken(
      "Where the server is after this batch; not what the client has, so never a cursor.",
    ),
    results: Type.Array(ref(Result), { description: "One per item, in the order of the request." }),
    success: Type.Boolean({ description: "False exactly if an item was refused." }),
    timestamp: ref(InstantText, { description: "The server's time." }),
  },
  {
    $id: schemaId("batch_response"),
    title: "BatchResponse",
    description: "What became of a batch, item by item.",
    if: { type: "object", required: ["success"], properties: { success: { const: true } } },
    then: { properties: { conflicts: { type: "array", maxItems: 0 } } },
    examples: [
      {
        uploaded: 0,
        downloaded: 1,
        conflicts: [
          {
            entityId: "goal-1",
            entityType: "goal",
            localVersion: 1,
            remoteVersion: 2,
            server: { id: "goal-1", title: "Twelve hours", updatedAt: "2026-11-21T10:15:00.000Z" },
          },
        ],
        newSyncToken: "MTguYWJj",
        results: [
          {
            pointer: "/entities/0",
            entityType: "goal",
            entityId: "goal-1",
            outcome: "refused",
            code: "VERSION_CONFLICT",
          },
        ],
        success: false,
        timestamp: "2026-11-21T10:20:00.000Z",
      },
    ],
  },
);
export type BatchResponse = Static<typeof BatchResponse>;
