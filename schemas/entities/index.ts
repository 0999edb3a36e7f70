import { Goal } from "./goal.ts";
import { LogbookEntry } from "./logbook-entry.ts";
import { PlanOccurrence } from "./plan-occurrence.ts";
import { PlanTemplate } from "./plan-template.ts";
import { PracticePlan } from "./practice-plan.ts";
import { RepertoireItem } from "./repertoire-item.ts";
import { UserPreferences } from "./user-preferences.ts";

/** The schema of a live item of each type of entity. */
export const ENTITIES = {
  logbook_entry: LogbookEntry,
  goal: Goal,
  repertoire_item: RepertoireItem,
  practice_plan: PracticePlan,
  plan_occurrence: PlanOccurrence,
  plan_template: PlanTemplate,
  user_preferences: UserPreferences,
} as const;

/** The static type of a live item of each type of entity. */
export interface Entities {
  logbook_entry: LogbookEntry;
  goal: Goal;
  repertoire_item: RepertoireItem;
  practice_plan: PracticePlan;
  plan_occurrence: PlanOccurrence;
  plan_template: PlanTemplate;
  user_preferences: UserPreferences;
}
