import { Type } from "@sinclair/typebox";
import type { EntityType } from "../collections.ts";
import { ENTITIES, type Entities } from "../entities/index.ts";
import type { Meta } from "../meta.ts";
import { CARRIED } from "./carried.ts";
import { fromServer, lastSeq } from "./envelope.ts";
import { sampleItem, sampleMeta } from "./samples.ts";
import { deletionMeta, liveMeta } from "./told-meta.ts";

/** Most entities of one chunk (RT-027). */
const MAX_ENTITIES = 250;

const items = <T extends EntityType>(type: T) =>
  Type.Unsafe<Entities[T][]>({
    type: "array",
    maxItems: MAX_ENTITIES,
    items: { $ref: ENTITIES[type].$id },
    description: `Live items of type \`${type}\`, as stored. At most 250 entities in one chunk.`,
  });

const deleted = Type.Optional(
  Type.Unsafe<Meta[]>({
    type: "array",
    maxItems: MAX_ENTITIES,
    items: deletionMeta(),
    description: "Meta of deletions; told once more, if at all: each has a message of its own before.",
  }),
);

/** Meta in lists parallel to the items, under the same names; a list of items that is there has its list of meta. */
function parallel<M extends string>(carried: Readonly<Record<M, EntityType>>) {
  const members = Object.keys(carried) as M[];
  return {
    meta: Type.Unsafe<{ [K in M]?: Meta[] }>({
      type: "object",
      properties: Object.fromEntries(
        members.map((member) => [member, { type: "array", items: liveMeta(carried[member]) }]),
      ),
      description: "Meta of each item, in lists of the same names as the items', at the same index.",
    }),
    rules: members.map((member) => ({
      if: { type: "object", required: [member] },
      then: { properties: { meta: { type: "object", required: [member] } } },
    })),
  };
}

const bulk = parallel(CARRIED.BULK_SYNC);
export const BulkSync = fromServer(
  "BULK_SYNC",
  {
    entries: items("logbook_entry"),
    goals: Type.Optional(items("goal")),
    practicePlans: Type.Optional(items("practice_plan")),
    planOccurrences: Type.Optional(items("plan_occurrence")),
    planTemplates: Type.Optional(items("plan_template")),
    preferences: Type.Optional(items("user_preferences")),
    deleted,
    meta: bulk.meta,
    lastSeq: lastSeq(),
  },
  {
    description: "A chunk of a catch-up: live entities of all types but the repertoire's.",
    allOf: bulk.rules,
    examples: [
      {
        entries: [sampleItem("logbook_entry")],
        goals: [sampleItem("goal")],
        meta: { entries: [sampleMeta("logbook_entry", 41)], goals: [sampleMeta("goal", 42)] },
        lastSeq: 42,
      },
    ],
  },
);

const repertoire = parallel(CARRIED.REPERTOIRE_BULK_SYNC);
export const RepertoireBulkSync = fromServer(
  "REPERTOIRE_BULK_SYNC",
  { pieces: items("repertoire_item"), deleted, meta: repertoire.meta, lastSeq: lastSeq() },
  {
    description: "A chunk of a catch-up: pieces of the repertoire.",
    allOf: repertoire.rules,
    examples: [
      {
        pieces: [sampleItem("repertoire_item")],
        meta: { pieces: [sampleMeta("repertoire_item", 43)] },
        lastSeq: 43,
      },
    ],
  },
);
