import { Type, type Static } from "@sinclair/typebox";
import { ref, schemaId } from "../define.ts";
import { EntityId, Instant } from "../scalars.ts";

const names = (member: string) => ({
  type: "object",
  required: [member],
  properties: { [member]: { $ref: EntityId.$id } },
});

/** The removal of an entity, in the place of its item. */
export const Deletion = Type.Object(
  {
    id: Type.Optional(Type.Unknown({ description: "The entity's id: a text of 1 to 255 characters." })),
    scoreId: Type.Optional(Type.Unknown({ description: "The entity's id, of a repertoire item." })),
    deletedAt: ref(Instant, { description: "When the entity was removed: the deletion's stamp." }),
  },
  {
    $id: schemaId("deletion"),
    title: "Deletion",
    description:
      "The removal of an entity, in the place of its item: the id and the time. Other members are allowed and ignored.",
    // Which of the two names the entity depends on its type, which stands outside the item; the other is ignored, whatever it is.
    if: { type: "object", not: { anyOf: [names("id"), names("scoreId")] } },
    then: names("id"),
    examples: [
      { id: "entry-1", deletedAt: "2026-11-21T11:00:00.000Z" },
      { scoreId: "moonlight sonata-beethoven", deletedAt: 1_795_258_800_000 },
    ],
  },
);
export type Deletion = Static<typeof Deletion>;
