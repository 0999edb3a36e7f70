import { Type, type Static } from "@sinclair/typebox";
import { openString, schemaId, strings } from "../define.ts";
import { moment } from "../scalars.ts";
import { bookkeeping, id, idOf } from "./shared.ts";

/** One session of a plan. */
export const PlanOccurrence = Type.Object(
  {
    id: id(),
    planId: idOf("the practice plan"),
    scheduledStart: Type.Optional(moment("Planned beginning.")),
    scheduledEnd: Type.Optional(moment("Planned end.")),
    flexWindow: Type.Optional(Type.Unknown({ description: "How far the session may move. Any JSON." })),
    recurrenceKey: Type.Optional(
      Type.String({ description: "Which recurrence of the plan's rule this is." }),
    ),
    segments: Type.Optional(Type.Array(Type.Unknown(), { description: "Parts of the session. Any JSON." })),
    targets: Type.Optional(Type.Unknown({ description: "What the session aims at. Any JSON." })),
    reflectionPrompts: Type.Optional(strings("Questions for afterwards.")),
    status: Type.Optional(
      openString(["scheduled", "completed", "skipped", "expired"], "Where the session stands."),
    ),
    logEntryId: Type.Optional(
      Type.String({ description: "Id of the logbook entry that records the session." }),
    ),
    checkIn: Type.Optional(Type.Unknown({ description: "What the user said about the session. Any JSON." })),
    notes: Type.Optional(Type.String({ description: "Free text." })),
    reminderState: Type.Optional(Type.Unknown({ description: "State of reminders. Any JSON." })),
    metrics: Type.Optional(Type.Unknown({ description: "What was measured. Any JSON." })),
    ...bookkeeping(),
  },
  {
    $id: schemaId("plan_occurrence"),
    title: "PlanOccurrence",
    description: "One session of a practice plan. Members not listed travel unchanged.",
    examples: [
      {
        id: "occurrence-1",
        planId: "plan-1",
        scheduledStart: "2026-11-22T18:30:00.000Z",
        segments: [{ label: "C major", durationMinutes: 10 }],
        reflectionPrompts: ["What was easier than last time?"],
        status: "scheduled",
        updatedAt: "2026-11-21T10:15:00.000Z",
      },
    ],
  },
);
export type PlanOccurrence = Static<typeof PlanOccurrence>;
