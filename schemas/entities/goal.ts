import { Type, type Static } from "@sinclair/typebox";
import { openString, orNull, schemaId } from "../define.ts";
import { moment } from "../scalars.ts";
import { bookkeeping, id } from "./shared.ts";

/** Something the user wants to reach. */
export const Goal = Type.Object(
  {
    id: id(),
    title: Type.String({ description: "Name of the goal." }),
    description: Type.Optional(Type.String({ description: "Free text." })),
    type: Type.Optional(
      openString(["practice_time", "accuracy", "repertoire", "custom"], "What is measured."),
    ),
    targetValue: Type.Optional(
      orNull<number>("number", {
        description: "Value to be reached, in the unit of `type` (minutes for practice_time).",
      }),
    ),
    currentValue: Type.Optional(Type.Number({ description: "Value reached so far, in the same unit." })),
    targetDate: Type.Optional(moment("When the goal is to be reached.")),
    status: Type.Optional(openString(["active", "completed", "abandoned"], "Where the goal stands.")),
    ...bookkeeping(),
  },
  {
    $id: schemaId("goal"),
    title: "Goal",
    description: "Something the user wants to reach. Members not listed travel unchanged.",
    examples: [
      {
        id: "goal-1",
        title: "Ten hours in November",
        type: "practice_time",
        targetValue: 600,
        currentValue: 45,
        targetDate: "2026-11-30",
        status: "active",
        createdAt: "2026-11-01T08:00:00.000Z",
        updatedAt: "2026-11-21T10:15:00.000Z",
      },
    ],
  },
);
export type Goal = Static<typeof Goal>;
