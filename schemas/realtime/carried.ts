import type { EntityType } from "../collections.ts";

/** Which member of a message carries items of which type of entity, in both directions. `ENTITY_CHANGED` says it in `entityType`. */
export const CARRIED = {
  ENTRY_CREATED: { entry: "logbook_entry" },
  ENTRY_UPDATED: { entry: "logbook_entry" },
  PIECE_ADDED: { piece: "repertoire_item" },
  PIECE_UPDATED: { piece: "repertoire_item" },
  PLAN_CREATED: { plan: "practice_plan", occurrences: "plan_occurrence" },
  PLAN_UPDATED: { plan: "practice_plan", occurrences: "plan_occurrence" },
  PLAN_OCCURRENCE_COMPLETED: { occurrence: "plan_occurrence" },
  BULK_SYNC: {
    entries: "logbook_entry",
    goals: "goal",
    practicePlans: "practice_plan",
    planOccurrences: "plan_occurrence",
    planTemplates: "plan_template",
    preferences: "user_preferences",
  },
  REPERTOIRE_BULK_SYNC: { pieces: "repertoire_item" },
} as const satisfies Readonly<Record<string, Readonly<Record<string, EntityType>>>>;

/** A message that carries items in members of its own. */
export type CarryingType = keyof typeof CARRIED;
