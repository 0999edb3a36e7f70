import { Type, type Static, type TUnsafe } from "@sinclair/typebox";
import { COLLECTIONS, ENTITY_TYPES, MEMBERS, type EntityType, type Member } from "../collections.ts";
import { count, InstantText, syncToken } from "../scalars.ts";
import { oneOf, orNull, ref, schemaId } from "../define.ts";
import { ENTITIES, type Entities } from "../entities/index.ts";
import { Meta } from "../meta.ts";

/** Body of `POST /api/sync/pull`. Every member may be absent or null; so may the body. */
export const PullRequest = Type.Object(
  {
    since: Type.Optional(
      orNull<string>("string", {
        description: "The last answer's `syncToken`. Absent or null: a full pull.",
      }),
    ),
    limit: Type.Optional(
      orNull<number>("integer", {
        minimum: 1,
        description: "Most items and deletions on one page. Absent or null: one complete answer.",
      }),
    ),
    types: Type.Optional(
      Type.Unsafe<EntityType[] | null>({
        type: ["array", "null"],
        minItems: 1,
        items: { type: "string", enum: [...ENTITY_TYPES] },
        description:
          "Only entities of these types; order and repetition do not matter. Absent or null: all types.",
      }),
    ),
  },
  {
    $id: schemaId("pull_request"),
    title: "PullRequest",
    description: "Asks for all live entities, or for what changed after a token.",
    examples: [{}, { since: "MTcuYWJj", limit: 100, types: ["logbook_entry", "goal"] }],
  },
);
export type PullRequest = Static<typeof PullRequest>;

type PulledItems = { [M in Member]: TUnsafe<Entities[(typeof COLLECTIONS)[M]][]> };

const items = Object.fromEntries(
  MEMBERS.map((member) => [
    member,
    Type.Unsafe({
      type: "array",
      items: { $ref: ENTITIES[COLLECTIONS[member]].$id },
      description: `Live items of type \`${COLLECTIONS[member]}\`, as stored; possibly none.`,
    }),
  ]),
) as PulledItems;

/** Asks more of members that a reference has described. As a condition, so that code generators do not make a type of each use. */
const narrowed = (properties: object) => ({ if: { type: "object" }, then: { type: "object", properties } });

const metas = Object.fromEntries(
  MEMBERS.map((member) => [
    member,
    Type.Unsafe<Meta[]>({
      type: "array",
      items: {
        $ref: Meta.$id,
        ...narrowed({ entityType: { const: COLLECTIONS[member] }, deletedAt: { type: "null" } }),
      },
      description: `Meta of each item in \`${member}\`, at the same index.`,
    }),
  ]),
) as { [M in Member]: TUnsafe<Meta[]> };

/** Answer of `POST /api/sync/pull`. */
export const PullResponse = Type.Object(
  {
    ...items,
    deleted: Type.Unsafe<(Meta & { deletedAt: string })[]>({
      type: "array",
      items: { $ref: Meta.$id, ...narrowed({ deletedAt: { type: "string" } }) },
      description: "Meta of each deletion.",
    }),
    meta: Type.Object(metas, { description: "The meta of the items, in arrays parallel to theirs." }),
    mode: oneOf(["full", "delta"], "`full`: all live entities. `delta`: what changed after `since`."),
    syncToken: syncToken(
      "For the next page while `hasMore`; else the place in the log up to which the answer is complete.",
    ),
    epoch: Type.String({
      minLength: 1,
      description: "The identity of the user's log; another after a restore. Opaque.",
    }),
    lastSeq: Type.Optional(
      count("Head of the log, as a change number. Absent where `types` was given, or while `hasMore`."),
    ),
    through: Type.Optional(
      count(
        "On the last page of a full pull: the change number up to which it is complete for the pulled types. A confirmed entity that was not in it and whose seq is not above is gone.",
      ),
    ),
    hasMore: Type.Boolean({
      description: "Whether there is another page, to be asked for with `syncToken`.",
    }),
    timestamp: ref(InstantText, { description: "The server's time." }),
  },
  {
    $id: schemaId("pull_response"),
    title: "PullResponse",
    description: "All live entities, or what changed after a token; one page of it if `limit` was given.",
    allOf: [
      {
        if: {
          type: "object",
          required: ["mode", "hasMore"],
          properties: { mode: { const: "full" }, hasMore: { const: false } },
        },
        then: { required: ["through"] },
        else: { properties: { through: false } },
      },
      {
        if: { type: "object", required: ["hasMore"], properties: { hasMore: { const: true } } },
        then: { properties: { lastSeq: false } },
      },
    ],
    examples: [
      {
        entries: [],
        goals: [{ id: "goal-1", title: "Ten hours in November", updatedAt: "2026-11-21T10:15:00.000Z" }],
        repertoire: [],
        practicePlans: [],
        planOccurrences: [],
        planTemplates: [],
        preferences: [],
        deleted: [],
        meta: {
          entries: [],
          goals: [
            {
              entityType: "goal",
              entityId: "goal-1",
              version: 1,
              seq: 17,
              updatedAt: "2026-11-21T10:15:00.000Z",
              deletedAt: null,
              checksum: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            },
          ],
          repertoire: [],
          practicePlans: [],
          planOccurrences: [],
          planTemplates: [],
          preferences: [],
        },
        mode: "full",
        syncToken: "MTcuYWJj",
        epoch: "k2Jx8Q",
        lastSeq: 17,
        through: 17,
        hasMore: false,
        timestamp: "2026-11-21T10:20:00.000Z",
      },
    ],
  },
);
export type PullResponse = Static<typeof PullResponse>;
