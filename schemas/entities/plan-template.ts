import { Type, type Static } from "@sinclair/typebox";
import { openString, schemaId } from "../define.ts";
import { moment } from "../scalars.ts";
import { bookkeeping, id, planContent } from "./shared.ts";

/** A plan that others may start from. */
export const PlanTemplate = Type.Object(
  {
    id: id(),
    authorId: Type.Optional(
      Type.String({
        description: "The user who wrote the template. The server stores the user of the token (NORM-011).",
      }),
    ),
    ...planContent(),
    templateVersion: Type.Optional(Type.Number({ description: "The author's revision of the template." })),
    visibility: Type.Optional(openString(["public", "private"], "Who may see the template.")),
    status: Type.Optional(Type.String({ description: "Where the template stands. Open." })),
    publishedAt: Type.Optional(moment("When the template was published.")),
    ...bookkeeping(),
  },
  {
    $id: schemaId("plan_template"),
    title: "PlanTemplate",
    description: "A practice plan that others may start from. Members not listed travel unchanged.",
    examples: [
      {
        id: "template-1",
        title: "Thirty days of scales",
        schedule: { kind: "recurring", rule: "FREQ=DAILY;COUNT=30", durationMinutes: 15 },
        templateVersion: 1,
        visibility: "private",
        updatedAt: "2026-11-21T10:15:00.000Z",
      },
    ],
  },
);
export type PlanTemplate = Static<typeof PlanTemplate>;
