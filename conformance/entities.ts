import type { EntityType } from "../schemas/collections.ts";
import type { JsonObject } from "../schemas/json.ts";

/** Members to add or replace; a member that is undefined is left out of the item. */
export type Overrides = Record<string, unknown>;

/** Items of every type: fresh id, fresh values, fresh stamp, complete by their schema. Reproducible from the run's seed. */
export interface Builders {
  /** A `logbook_entry`. */
  anEntry(overrides?: Overrides): JsonObject;
  /** A `repertoire_item`; its id is `scoreId`. */
  aPiece(overrides?: Overrides): JsonObject;
  aGoal(overrides?: Overrides): JsonObject;
  aPlan(overrides?: Overrides): JsonObject;
  anOccurrence(overrides?: Overrides): JsonObject;
  aTemplate(overrides?: Overrides): JsonObject;
  preferences(overrides?: Overrides): JsonObject;
  /** An item of a type that is only known at run time. */
  anItem(entityType: EntityType, overrides?: Overrides): JsonObject;
  /** `{ id, deletedAt }`, stamped later than everything built before. `id` may be an item. */
  aDeletion(id: string | JsonObject, overrides?: Overrides): JsonObject;
  /** A later version of an item: the same id, the overrides, a stamp later than everything built before. */
  edited(item: JsonObject, overrides?: Overrides): JsonObject;
  /** A string that nothing else in this run contains: for ids, titles and idempotency keys. */
  unique(prefix?: string): string;
}

/** `at` gives a stamp later than every one before; `unique` a fresh string; `random` a number in [0, 1). */
export function createBuilders(tools: {
  at: () => string;
  unique: (prefix?: string) => string;
  random: () => number;
}): Builders {
  const { at, unique, random } = tools;
  const whole = (least: number, most: number): number => least + Math.floor(random() * (most - least + 1));

  const bases: Record<EntityType, () => Overrides> = {
    logbook_entry: () => ({
      id: unique("entry"),
      timestamp: at(),
      duration: whole(5, 90),
      type: "practice",
      instrument: "piano",
      notes: `Slow practice, ${unique("note")}`,
      tags: ["morning"],
    }),
    repertoire_item: () => ({
      scoreId: unique("piece"),
      title: `Nocturne ${unique("title")}`,
      composer: "Chopin",
      status: "learning",
      targetTempo: whole(60, 160),
    }),
    goal: () => ({
      id: unique("goal"),
      title: `Play every day ${unique("title")}`,
      type: "practice_time",
      targetValue: whole(100, 900),
      currentValue: whole(0, 99),
      status: "active",
    }),
    practice_plan: () => ({
      id: unique("plan"),
      title: `Scales ${unique("title")}`,
      type: "custom",
      schedule: { kind: "recurring", rule: "FREQ=WEEKLY;BYDAY=MO,TH", durationMinutes: whole(10, 60) },
      status: "active",
      visibility: "private",
    }),
    plan_occurrence: () => ({
      id: unique("occurrence"),
      planId: unique("plan"),
      status: "scheduled",
      scheduledStart: at(),
      notes: unique("note"),
    }),
    plan_template: () => ({
      id: unique("template"),
      title: `Warm-up ${unique("title")}`,
      schedule: { kind: "single", durationMinutes: whole(10, 60) },
      templateVersion: 1,
      visibility: "private",
    }),
    user_preferences: () => ({ id: "preferences", theme: "dark", primaryInstrument: unique("instrument") }),
  };

  const build = (base: Overrides, overrides: Overrides): JsonObject => {
    const item: Overrides = { ...base, updatedAt: at(), ...overrides };
    return Object.fromEntries(Object.entries(item).filter(([, value]) => value !== undefined)) as JsonObject;
  };
  const ofType =
    (entityType: EntityType) =>
    (overrides: Overrides = {}): JsonObject =>
      build(bases[entityType](), overrides);

  return {
    anEntry: ofType("logbook_entry"),
    aPiece: ofType("repertoire_item"),
    aGoal: ofType("goal"),
    aPlan: ofType("practice_plan"),
    anOccurrence: ofType("plan_occurrence"),
    aTemplate: ofType("plan_template"),
    preferences: ofType("user_preferences"),
    anItem: (entityType, overrides) => ofType(entityType)(overrides),
    aDeletion: (target, overrides = {}) =>
      build(idMember(target), { deletedAt: at(), updatedAt: undefined, ...overrides }),
    edited: (item, overrides = {}) =>
      build({ ...item, updatedAt: undefined }, { updatedAt: at(), ...overrides }),
    unique,
  };
}

/** The member that names the entity, as its item spells it. */
function idMember(target: string | JsonObject): Overrides {
  if (typeof target === "string") return { id: target };
  return "scoreId" in target ? { scoreId: target["scoreId"] } : { id: target["id"] };
}
