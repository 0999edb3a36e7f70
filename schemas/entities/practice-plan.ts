import { Type, type Static } from "@sinclair/typebox";
import { openString, schemaId } from "../define.ts";
import { moment } from "../scalars.ts";
import { bookkeeping, id, planContent } from "./shared.ts";

/** A plan for practice. */
export const PracticePlan = Type.Object(
  {
    id: id(),
    ...planContent(),
    visibility: Type.Optional(openString(["private", "shared", "template"], "Who may see the plan.")),
    status: Type.Optional(openString(["draft", "active", "completed", "archived"], "Where the plan stands.")),
    archivedAt: Type.Optional(moment("When the plan was archived.")),
    ...bookkeeping(),
  },
  {
    $id: schemaId("practice_plan"),
    title: "PracticePlan",
    description: "A plan for practice. Members not listed travel unchanged.",
    examples: [
      {
        id: "plan-1",
        title: "Scales, every other day",
        type: "custom",
        focusAreas: ["technique"],
        pieceRefs: [{ scoreId: "moonlight sonata-beethoven" }],
        schedule: {
          kind: "recurring",
          rule: "FREQ=DAILY;INTERVAL=2",
          durationMinutes: 20,
          flexibility: "same-day",
        },
        visibility: "private",
        status: "active",
        updatedAt: "2026-11-21T10:15:00.000Z",
      },
    ],
  },
);
export type PracticePlan = Static<typeof PracticePlan>;
