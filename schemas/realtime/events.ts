import { Type } from "@sinclair/typebox";
import { ENTITY_TYPES, type EntityType } from "../collections.ts";
import { oneOf, ref } from "../define.ts";
import { ENTITIES, type Entities } from "../entities/index.ts";
import { Meta } from "../meta.ts";
import { EntityId } from "../scalars.ts";
import { fromServer } from "./envelope.ts";
import { sampleDeletion, sampleId, sampleItem, sampleMeta } from "./samples.ts";
import { deletionMeta, liveMeta, ofDeletion, ofOne, type Versions } from "./told-meta.ts";

const stored = <T extends EntityType>(type: T) =>
  Type.Unsafe<Entities[T]>({ $ref: ENTITIES[type].$id, description: "The entity as stored." });

const example = (member: string, type: EntityType, version: number) => ({
  [member]: sampleItem(type),
  meta: sampleMeta(type, 43, version),
  seq: 43,
});

function entryEvent<const T extends string>(type: T, versions: Versions, description: string) {
  const members = { entry: stored("logbook_entry"), meta: ofOne("logbook_entry", versions) };
  const version = versions === "first" ? 1 : 2;
  return fromServer(type, members, {
    description,
    examples: [example("entry", "logbook_entry", version)],
  });
}

function pieceEvent<const T extends string>(type: T, versions: Versions, description: string) {
  const members = { piece: stored("repertoire_item"), meta: ofOne("repertoire_item", versions) };
  const version = versions === "first" ? 1 : 2;
  return fromServer(type, members, {
    description,
    examples: [example("piece", "repertoire_item", version)],
  });
}

/** Meta of a plan is told alone, or beside that of the occurrences in the same message. */
function planEvent<const T extends string>(type: T, versions: Versions, description: string) {
  const version = versions === "first" ? 1 : 2;
  const { seq: _seq, ...alone } = example("plan", "practice_plan", version);
  return fromServer(
    type,
    {
      plan: stored("practice_plan"),
      occurrences: Type.Optional(
        Type.Array(ref(ENTITIES.plan_occurrence), { description: "Sessions of the plan, as stored." }),
      ),
      meta: Type.Unsafe<Meta | { plan: Meta; occurrences: Meta[] }>({
        type: "object",
        description:
          "Meta of what is stored; with `occurrences` that of the plan in `plan`, that of the sessions in `occurrences`, at the same index.",
      }),
    },
    {
      description,
      if: { type: "object", required: ["occurrences"] },
      then: {
        properties: {
          meta: {
            type: "object",
            required: ["plan", "occurrences"],
            properties: {
              plan: liveMeta("practice_plan", versions),
              occurrences: { type: "array", items: liveMeta("plan_occurrence") },
            },
          },
        },
      },
      else: { properties: { meta: liveMeta("practice_plan", versions) } },
      examples: [
        alone,
        {
          plan: sampleItem("practice_plan"),
          occurrences: [sampleItem("plan_occurrence")],
          meta: {
            plan: sampleMeta("practice_plan", 43, version),
            occurrences: [sampleMeta("plan_occurrence", 44)],
          },
          seq: 44,
        },
      ],
    },
  );
}

export const EntryCreated = entryEvent("ENTRY_CREATED", "first", "A logbook entry whose version is 1.");
export const EntryUpdated = entryEvent("ENTRY_UPDATED", "later", "A logbook entry of a later version.");
export const EntryDeleted = fromServer(
  "ENTRY_DELETED",
  { entryId: ref(EntityId, { description: "The entry's id." }), meta: ofDeletion("logbook_entry") },
  {
    description: "A logbook entry was removed.",
    examples: [
      { entryId: sampleId("logbook_entry"), meta: sampleDeletion("logbook_entry", 43), seq: 43 },
      { entryId: sampleId("logbook_entry"), meta: sampleDeletion("logbook_entry", 43) },
    ],
  },
);

export const PieceAdded = pieceEvent("PIECE_ADDED", "first", "A piece of the repertoire whose version is 1.");
export const PieceUpdated = pieceEvent("PIECE_UPDATED", "later", "A piece of a later version.");
export const PieceRemoved = fromServer(
  "PIECE_REMOVED",
  {
    scoreId: ref(EntityId, { description: "The id of the repertoire item." }),
    meta: ofDeletion("repertoire_item"),
  },
  {
    description: "A piece was removed from the repertoire.",
    examples: [
      { scoreId: sampleId("repertoire_item"), meta: sampleDeletion("repertoire_item", 43), seq: 43 },
    ],
  },
);

export const PlanCreated = planEvent("PLAN_CREATED", "first", "A plan whose version is 1.");
export const PlanUpdated = planEvent("PLAN_UPDATED", "later", "A plan of a later version.");
export const PlanOccurrenceCompleted = fromServer(
  "PLAN_OCCURRENCE_COMPLETED",
  { occurrence: stored("plan_occurrence"), meta: ofOne("plan_occurrence") },
  { description: "A session of a plan is done.", examples: [example("occurrence", "plan_occurrence", 2)] },
);

export const EntityChanged = fromServer(
  "ENTITY_CHANGED",
  {
    entityType: oneOf(ENTITY_TYPES, "The type of the entity."),
    item: Type.Unsafe<Record<string, unknown> | null>({
      type: ["object", "null"],
      description:
        "The entity as stored; null for a deletion, which for an entry or a piece has a message of its own.",
    }),
    meta: ref(Meta, { description: "Meta of what is stored." }),
  },
  {
    description: "An entity of any type is new, changed or removed.",
    allOf: [
      ...ENTITY_TYPES.map((type) => ({
        if: { type: "object", required: ["entityType"], properties: { entityType: { const: type } } },
        then: {
          properties: {
            item: {
              ...(type === "logbook_entry" || type === "repertoire_item" ? { type: "object" } : {}),
              if: { type: "object" },
              then: { $ref: ENTITIES[type].$id },
            },
            meta: { type: "object", properties: { entityType: { const: type } } },
          },
        },
      })),
      {
        if: { type: "object", required: ["item"], properties: { item: { type: "null" } } },
        then: { properties: { meta: deletionMeta() } },
        else: { properties: { meta: { type: "object", properties: { deletedAt: { type: "null" } } } } },
      },
    ],
    examples: [
      { entityType: "goal", item: sampleItem("goal"), meta: sampleMeta("goal", 43), seq: 43 },
      { entityType: "goal", item: null, meta: sampleDeletion("goal", 44), seq: 44 },
    ],
  },
);
