import { Type, type Static, type TOptional, type TUnsafe } from "@sinclair/typebox";
import { COLLECTIONS, MEMBERS, type Member } from "../collections.ts";
import { oneOf, orNull, ref, schemaId } from "../define.ts";
import { Deletion } from "../entities/deletion.ts";
import { ENTITIES, type Entities } from "../entities/index.ts";
import { ITEM_ERROR_CODES } from "../error-codes.ts";
import { Result } from "../result.ts";
import { count, InstantText, syncToken } from "../scalars.ts";

/** Most characters of a collection's name, known or not (PUSH-004). */
const MAX_COLLECTION_NAME = 255;

const lastSyncToken = Type.Optional(
  orNull<string>("string", { description: "The client's own place in the log. Told for diagnosis only." }),
);

/** What a deletion is told by: a `deletedAt` that is neither null nor empty. */
export const IS_DELETION = {
  type: "object",
  required: ["deletedAt"],
  properties: { deletedAt: { not: { enum: [null, ""] } } },
};

/** A live item or a deletion, told apart by `deletedAt`. */
function itemsOf<M extends Member>(
  member: M,
): TOptional<TUnsafe<(Entities[(typeof COLLECTIONS)[M]] | Deletion)[] | null>> {
  return Type.Optional(
    Type.Unsafe<(Entities[(typeof COLLECTIONS)[M]] | Deletion)[] | null>({
      type: ["array", "null"],
      items: {
        type: "object",
        if: IS_DELETION,
        then: { $ref: Deletion.$id },
        else: { $ref: ENTITIES[COLLECTIONS[member]].$id },
      },
      description: `Whole items of type \`${COLLECTIONS[member]}\`, or deletions of such.`,
    }),
  );
}

/** Body of `POST /api/sync/push`, items included, as a client that announces the version sends it. */
export const Push = Type.Object(
  {
    changes: Type.Object(
      {
        entries: itemsOf("entries"),
        goals: itemsOf("goals"),
        repertoire: itemsOf("repertoire"),
        practicePlans: itemsOf("practicePlans"),
        planOccurrences: itemsOf("planOccurrences"),
        planTemplates: itemsOf("planTemplates"),
        preferences: itemsOf("preferences"),
      },
      { description: "The changes, by collection. Order does not matter; results follow it." },
    ),
    lastSyncToken,
  },
  {
    $id: schemaId("push"),
    title: "Push",
    description:
      "Changes of one device. Each item is the whole entity, or a deletion. The envelope is judged as a whole, the items one by one.",
    examples: [
      {
        changes: {
          entries: [
            {
              id: "entry-1",
              timestamp: "2026-11-21T09:30:00.000Z",
              duration: 45,
              type: "practice",
              updatedAt: "2026-11-21T10:15:00.000Z",
            },
          ],
          goals: [{ id: "goal-1", deletedAt: "2026-11-21T11:00:00.000Z" }],
        },
      },
    ],
  },
);
export type Push = Static<typeof Push>;

/** The envelope of a push: what makes the whole request a 400. Its items may be anything. */
export const PushRequest = Type.Object(
  {
    changes: Type.Unsafe<Record<string, unknown[] | null | undefined>>({
      type: "object",
      properties: Object.fromEntries(
        MEMBERS.map((member) => [
          member,
          { type: ["array", "null"], description: `Items of type \`${COLLECTIONS[member]}\`. Null: none.` },
        ]),
      ),
      additionalProperties: { type: ["array", "null"] },
      // Each refused item is answered by a pointer with its collection's name in it.
      propertyNames: { maxLength: MAX_COLLECTION_NAME },
      description:
        "The changes, by collection. Items of a collection that the server does not know are refused one by one.",
    }),
    lastSyncToken,
  },
  {
    $id: schemaId("push_request"),
    title: "PushRequest",
    description: "The envelope of a push, apart from its items, which are judged one by one (see `push`).",
    examples: [{ changes: { goals: [{ id: "goal-1", title: "Ten hours in November" }], preferences: null } }],
  },
);
export type PushRequest = Static<typeof PushRequest>;

/** A refusal, as deployed clients read it. */
export const PushConflict = Type.Object(
  {
    entityId: orNull<string>("string", { description: "The entity's id, if it can be read." }),
    entityType: orNull<string>("string", { description: "The type of the entity, if it is known." }),
    reason: Type.String({ minLength: 1, description: "Why, for people." }),
    code: oneOf(ITEM_ERROR_CODES, "Why, for programs."),
  },
  { $id: schemaId("push_conflict"), title: "PushConflict", description: "An item that was refused." },
);
export type PushConflict = Static<typeof PushConflict>;

/** Answer of `POST /api/sync/push`. */
export const PushResponse = Type.Object(
  {
    success: Type.Boolean({ description: "False exactly if an item was refused." }),
    syncToken: syncToken("Where the server is after this push; not what the client has, so never a cursor."),
    conflicts: Type.Array(ref(PushConflict), {
      description: "The refused items once more, for deployed clients.",
    }),
    stats: Type.Object(
      {
        entriesProcessed: count("Items of `entries` that were not refused."),
        goalsProcessed: count("Items of `goals` that were not refused."),
        repertoireProcessed: count("Items of `repertoire` that were not refused."),
        practicePlansProcessed: count("Items of `practicePlans` that were not refused."),
        planOccurrencesProcessed: count("Items of `planOccurrences` that were not refused."),
        planTemplatesProcessed: Type.Optional(count("Items of `planTemplates` that were not refused.")),
        preferencesProcessed: Type.Optional(count("Items of `preferences` that were not refused.")),
        duplicatesPrevented: count("Items of any type that were duplicates."),
      },
      { description: "Counts, for deployed clients." },
    ),
    results: Type.Array(ref(Result), { description: "One per item, in the order of the request." }),
    timestamp: ref(InstantText, { description: "The server's time." }),
  },
  {
    $id: schemaId("push_response"),
    title: "PushResponse",
    description: "What became of a push, item by item.",
    if: { type: "object", required: ["success"], properties: { success: { const: true } } },
    then: { properties: { conflicts: { type: "array", maxItems: 0 } } },
    else: { properties: { conflicts: { type: "array", minItems: 1 } } },
    examples: [
      {
        success: true,
        syncToken: "MS5hYmM",
        conflicts: [],
        stats: {
          entriesProcessed: 1,
          goalsProcessed: 0,
          repertoireProcessed: 0,
          practicePlansProcessed: 0,
          planOccurrencesProcessed: 0,
          planTemplatesProcessed: 0,
          duplicatesPrevented: 0,
        },
        results: [
          {
            pointer: "/changes/entries/0",
            entityType: "logbook_entry",
            entityId: "entry-1",
            outcome: "applied",
            meta: {
              entityType: "logbook_entry",
              entityId: "entry-1",
              version: 1,
              seq: 1,
              updatedAt: "2026-11-21T10:15:00.000Z",
              deletedAt: null,
              checksum: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            },
          },
        ],
        timestamp: "2026-11-21T10:15:01.000Z",
      },
    ],
  },
);
export type PushResponse = Static<typeof PushResponse>;
