import { Type, type Static } from "@sinclair/typebox";
import { openString, orNull, schemaId, strings } from "../define.ts";
import { moment } from "../scalars.ts";
import { bookkeeping, id } from "./shared.ts";

/** A piece in the user's repertoire. */
export const RepertoireItem = Type.Object(
  {
    scoreId: id("The score id: the entity's id. On input `score_id`, or else `id`, is read in its place."),
    title: Type.String({ description: "Title of the piece." }),
    composer: Type.Optional(orNull<string>("string", { description: "Composer of the piece." })),
    status: openString(
      ["planned", "learning", "working", "polished", "performance_ready", "archived", "dropped"],
      "How far the piece is.",
    ),
    startedAt: Type.Optional(moment("When work on the piece began.")),
    lastPracticedAt: Type.Optional(moment("When the piece was last practised.")),
    targetTempo: Type.Optional(Type.Number({ description: "Tempo aimed at, in beats per minute." })),
    currentTempo: Type.Optional(Type.Number({ description: "Tempo reached, in beats per minute." })),
    notes: Type.Optional(Type.String({ description: "Free text." })),
    tags: Type.Optional(strings("The user's own labels.")),
    ...bookkeeping(),
  },
  {
    $id: schemaId("repertoire_item"),
    title: "RepertoireItem",
    description:
      "A piece in the user's repertoire. Its entity id is its `scoreId`. Members not listed travel unchanged.",
    examples: [
      {
        scoreId: "moonlight sonata-beethoven",
        title: "Moonlight Sonata",
        composer: "Beethoven",
        status: "learning",
        targetTempo: 60,
        tags: ["recital"],
        updatedAt: "2026-11-21T10:15:00.000Z",
      },
    ],
  },
);
export type RepertoireItem = Static<typeof RepertoireItem>;
