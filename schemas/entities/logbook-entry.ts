import { Type, type Static } from "@sinclair/typebox";
import { anyObject, openString, orNull, schemaId, strings } from "../define.ts";
import { Instant } from "../scalars.ts";
import { ref } from "../define.ts";
import { bookkeeping, id } from "./shared.ts";

const Piece = Type.Object(
  {
    id: Type.Optional(
      Type.String({ description: "Score id of the piece; generated from title and composer when absent." }),
    ),
    title: Type.String({ description: "Title of the piece." }),
    composer: Type.Optional(orNull<string>("string", { description: "Composer of the piece." })),
    measures: Type.Optional(orNull<string>("string", { description: "Which measures, such as `1-16`." })),
    tempo: Type.Optional(orNull<number>("number", { description: "Tempo reached, in beats per minute." })),
    duration: Type.Optional(Type.Number({ minimum: 0, description: "Time spent on the piece, in minutes." })),
  },
  { description: "One piece that was worked on." },
);

/** One session in the logbook. */
export const LogbookEntry = Type.Object(
  {
    id: id(),
    timestamp: ref(Instant, { description: "When the session took place." }),
    duration: Type.Integer({ minimum: 0, description: "Length of the session, in whole minutes." }),
    type: openString(
      [
        "practice",
        "performance",
        "lesson",
        "masterclass",
        "rehearsal",
        "technique",
        "status_change",
        "other",
      ],
      "Kind of session, lower case.",
    ),
    instrument: Type.Optional(
      Type.String({ minLength: 1, description: "Instrument, lower case, never empty." }),
    ),
    pieces: Type.Optional(Type.Array(Piece, { description: "The pieces that were worked on." })),
    techniques: Type.Optional(strings("Techniques that were worked on.")),
    goalIds: Type.Optional(strings("Ids of the goals that the session served.")),
    notes: Type.Optional(orNull<string>("string", { description: "Free text." })),
    mood: Type.Optional(
      orNull<string>("string", {
        description: "Mood, lower case. Open; known values: frustrated, neutral, satisfied, excited, proud.",
      }),
    ),
    tags: Type.Optional(strings("The user's own labels.")),
    sessionId: Type.Optional(Type.String({ description: "The session of the app that recorded the entry." })),
    metadata: Type.Optional(anyObject("The application's own.")),
    scoreId: Type.Optional(Type.String({ description: "Score id of the piece that the entry is about." })),
    scoreTitle: Type.Optional(Type.String({ description: "Title of that piece." })),
    scoreComposer: Type.Optional(Type.String({ description: "Composer of that piece." })),
    autoTracked: Type.Optional(
      Type.Boolean({ description: "Whether the app recorded the entry by itself." }),
    ),
    ...bookkeeping(),
  },
  {
    $id: schemaId("logbook_entry"),
    title: "LogbookEntry",
    description:
      "A session in the logbook: practice, a lesson, a performance. Members not listed travel unchanged.",
    examples: [
      {
        id: "entry-1",
        timestamp: "2026-11-21T09:30:00.000Z",
        duration: 45,
        type: "practice",
        instrument: "piano",
        pieces: [
          { id: "moonlight sonata-beethoven", title: "Moonlight Sonata", composer: "Beethoven", tempo: 52 },
        ],
        techniques: ["legato"],
        goalIds: ["goal-1"],
        notes: "Slow and even.",
        mood: "satisfied",
        tags: ["morning"],
        updatedAt: "2026-11-21T10:15:00.000Z",
      },
    ],
  },
);
export type LogbookEntry = Static<typeof LogbookEntry>;
