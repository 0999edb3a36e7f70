import type { EntityType } from "../../schemas/collections.ts";
import { isJsonObject } from "../../schemas/json.ts";
import type { Json, JsonObject } from "../../schemas/json.ts";
import type { Stamp } from "../../spec/rules/stamp.ts";
import type { Behaviour } from "./behaviour.ts";
import type { Context } from "./context.ts";
import type { Row } from "./state.ts";
import type { Candidate, Submission } from "./submission.ts";

/** Deformations that many mutants have in common. Each gives what a mutant's `deform` returns. */
type Deform = (conforming: Behaviour) => Behaviour;

/** Judges by another order: `compare` is positive where the incoming stamp wins, 0 where both are the same write. */
export function judgingBy(
  compare: (incoming: Stamp, stored: Stamp, context: Context) => number,
): Behaviour["judge"] {
  return (context, stored, incoming) => {
    if (stored === undefined) return "applied";
    const order = compare(incoming, stored, context);
    return order === 0 ? "duplicate" : order > 0 ? "applied" : "superseded";
  };
}

/** Changes items as they come in, before they are normalised. */
export function beforeNormalising(
  change: (item: JsonObject, entityType: EntityType, context: Context) => JsonObject,
): Deform {
  return (conforming) => ({
    ...conforming,
    normalise: (context, entityType, item) =>
      conforming.normalise(context, entityType, change(item, entityType, context)),
  });
}

/** Changes items after they were normalised; `sent` is what came in. */
export function afterNormalising(
  change: (item: JsonObject, sent: JsonObject, entityType: EntityType, context: Context) => JsonObject,
): Deform {
  return (conforming) => ({
    ...conforming,
    normalise: (context, entityType, item) =>
      change(conforming.normalise(context, entityType, item), item, entityType, context),
  });
}

/** Changes what was read of an item before the stored state decides on it. */
export function afterExamining(
  change: (candidate: Candidate, context: Context) => Candidate | Promise<Candidate>,
): Deform {
  return (conforming) => ({
    ...conforming,
    examine: async (context, submission) => change(await conforming.examine(context, submission), context),
  });
}

/** Changes rows as they are built. */
export function afterBuilding(
  change: (row: Row, stored: Row | undefined, winner: Candidate, context: Context) => Row,
): Deform {
  return (conforming) => ({
    ...conforming,
    buildRow: (context, plan, winner, seq) =>
      change(conforming.buildRow(context, plan, winner, seq), plan.stored, winner, context),
  });
}

/** Changes the `meta` of rows wherever it is told. */
export function afterTellingMeta(
  change: (meta: JsonObject, row: Row, context: Context) => JsonObject,
): Deform {
  return (conforming) => ({
    ...conforming,
    tellMeta: (context, row) => change(conforming.tellMeta(context, row), row, context),
  });
}

/** Writes a row also for an item of this outcome; `rowOf` says which. */
export function writingAlso(
  outcome: "duplicate" | "superseded",
  rowOf: (stored: Row, built: Row) => Row,
): Deform {
  return (conforming) => ({
    ...conforming,
    decide(context, plan) {
      const decision = conforming.decide(context, plan);
      const index = decision.outcomes.indexOf(outcome);
      if (decision.winner !== undefined || index < 0) return decision;
      return { ...decision, winner: plan.candidates[index] };
    },
    buildRow(context, plan, winner, seq) {
      const built = conforming.buildRow(context, plan, winner, seq);
      const isOne = plan.stored && conforming.judge(context, plan.stored.stamp, winner.stamp) === outcome;
      return isOne ? rowOf(plan.stored!, built) : built;
    },
  });
}

/** A member of an item as it was sent; undefined where there is none. */
export function sentMember({ raw }: Submission, name: string): Json | undefined {
  return isJsonObject(raw) && Object.hasOwn(raw, name) ? raw[name] : undefined;
}

/** An item without some of its members. */
export function without(item: JsonObject, ...names: string[]): JsonObject {
  return Object.fromEntries(Object.entries(item).filter(([name]) => !names.includes(name)));
}

/** The same JSON with every object in it, the outermost too, replaced by `change` of it; inner ones first. */
export function mapObjects(value: Json, change: (object: JsonObject) => JsonObject): Json {
  if (Array.isArray(value)) return value.map((one) => mapObjects(one, change));
  if (!isJsonObject(value)) return value;
  return change(
    Object.fromEntries(Object.entries(value).map(([name, one]) => [name, mapObjects(one, change)])),
  );
}
