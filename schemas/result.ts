import { Type, type Static } from "@sinclair/typebox";
import { ENTITY_TYPES } from "./collections.ts";
import { oneOf, ref, schemaId } from "./define.ts";
import { POINTER_PATTERN } from "./patterns.ts";
import { ENTITIES } from "./entities/index.ts";
import { ITEM_ERROR_CODES } from "./error-codes.ts";
import { Meta } from "./meta.ts";
import { CanonicalInstant } from "./scalars.ts";

/** What became of one item. Closed. */
export const OUTCOMES = ["applied", "duplicate", "superseded", "refused"] as const;

/** One violation that an error names. */
export const ErrorDetail = Type.Object(
  {
    pointer: Type.String({
      pattern: "^(?:/(?:[^/~]|~[01])*)*$",
      description:
        "JSON Pointer (RFC 6901) of the offending value in the request's body, or of the place of the missing one.",
    }),
    code: Type.String({ minLength: 1, description: "What is wrong, for programs." }),
    detail: Type.String({ minLength: 1, description: "What is wrong and what would be right, for people." }),
  },
  {
    $id: schemaId("error_detail"),
    title: "ErrorDetail",
    description: "One violation: where, what, and what would be right.",
    examples: [
      { pointer: "/changes/entries/0/duration", code: "INVALID_ITEM", detail: "must be a whole number" },
    ],
  },
);
export type ErrorDetail = Static<typeof ErrorDetail>;

const when = (member: string, value: string, then: object) => ({
  if: { type: "object", required: [member], properties: { [member]: { const: value } } },
  then,
});

/** What became of one item of a push or batch. */
export const Result = Type.Object(
  {
    pointer: Type.String({
      pattern: POINTER_PATTERN,
      description: "JSON Pointer of the item in the request's body.",
    }),
    entityType: Type.Unsafe<string | null>({
      type: ["string", "null"],
      description: "The type of the entity; null where the collection is unknown.",
    }),
    entityId: Type.Unsafe<string | null>({
      type: ["string", "null"],
      description: "The entity's id, normalised; null where the item has none that can be read.",
    }),
    outcome: oneOf(
      OUTCOMES,
      "`applied`: it is the stored state now. `duplicate`: it was already. `superseded`: a greater stamp is stored. `refused`: see `code`.",
    ),
    code: Type.Optional(oneOf(ITEM_ERROR_CODES, "Why the item was refused; present exactly then.")),
    errors: Type.Optional(
      Type.Array(ref(ErrorDetail), {
        description: "The violations, pointers relative to the request's body.",
      }),
    ),
    serverTime: Type.Optional(
      ref(CanonicalInstant, { description: "The server's time at judgement; with CLOCK_SKEW." }),
    ),
    meta: Type.Optional(
      ref(Meta, { description: "The stored state's meta; with every outcome but `refused`." }),
    ),
    item: Type.Optional(
      Type.Unsafe<Record<string, unknown> | null>({
        type: ["object", "null"],
        description:
          "The stored item, where it differs from what was sent; always with `superseded`, null if a deletion won.",
      }),
    ),
  },
  {
    $id: schemaId("result"),
    title: "Result",
    description: "What became of one item of a push or batch.",
    allOf: [
      {
        if: { type: "object", required: ["outcome"], properties: { outcome: { const: "refused" } } },
        then: { required: ["code"] },
        else: {
          required: ["meta"],
          properties: { code: false, entityType: { enum: [...ENTITY_TYPES] }, entityId: { type: "string" } },
        },
      },
      when("outcome", "superseded", { required: ["item"] }),
      when("code", "CLOCK_SKEW", { required: ["serverTime"] }),
      ...ENTITY_TYPES.map((type) => ({
        if: {
          type: "object",
          required: ["entityType", "item"],
          properties: { entityType: { const: type }, item: { type: "object" } },
        },
        then: { properties: { item: { $ref: ENTITIES[type].$id } } },
      })),
    ],
    examples: [
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
      {
        pointer: "/changes/goals/0",
        entityType: "goal",
        entityId: "goal-1",
        outcome: "refused",
        code: "CLOCK_SKEW",
        serverTime: "2026-11-21T10:15:00.000Z",
      },
    ],
  },
);
export type Result = Static<typeof Result>;
