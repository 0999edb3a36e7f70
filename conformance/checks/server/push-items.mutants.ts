import { isJsonObject } from "../../../schemas/json.ts";
import type { JsonObject } from "../../../schemas/json.ts";
import type { Behaviour } from "../../model/behaviour.ts";
import { mutant } from "../../model/mutant.ts";
import { ItemRefusal } from "../../model/refusal.ts";
import type { Row } from "../../model/state.ts";
import type { Candidate, EntityPlan, Judgement } from "../../model/submission.ts";

export const mergesIncompleteItems = mutant({
  name: "merges-incomplete-items",
  story: "A partial item is completed from the stored one, as an update endpoint would.",
  breaks: ["PUSH-006"],
  deform: (conforming) => ({
    ...conforming,
    normalise(context, entityType, item) {
      const normalised = conforming.normalise(context, entityType, item);
      const id = conforming.entityId(context, entityType, normalised);
      const stored = id === undefined ? undefined : conforming.findRow(context, entityType, id)?.item;
      const incomplete = conforming.violationsOf(context, entityType, normalised).length > 0;
      return stored && incomplete ? { ...stored, ...normalised } : normalised;
    },
  }),
});

export const requiresOnlyIds = mutant({
  name: "requires-only-ids",
  story: "The items are stored as documents, and nobody asked for more than their key.",
  breaks: ["PUSH-006"],
  deform: (conforming) => ({
    ...conforming,
    violationsOf: (context, entityType, item) =>
      conforming.violationsOf(context, entityType, item).filter(({ keyword }) => keyword !== "required"),
  }),
});

export const acceptsPlansWithoutSchedule = mutant({
  name: "accepts-plans-without-schedule",
  story: "schedule is optional in the table it came from.",
  breaks: ["PUSH-006"],
  deform: (conforming) => ({
    ...conforming,
    violationsOf: (context, entityType, item) =>
      conforming.violationsOf(context, entityType, item).filter(({ missing }) => missing !== "schedule"),
  }),
});

export const callsMissingMembersInvalid = mutant({
  name: "calls-missing-members-invalid",
  story: "One code for everything that the validator says.",
  breaks: ["PUSH-006"],
  deform: (conforming) => ({ ...conforming, codeOf: () => "INVALID_ITEM" }),
});

export const acceptsNegativeDurations = mutant({
  name: "accepts-negative-durations",
  story: "duration is checked to be a number and nothing more.",
  breaks: ["PUSH-007"],
  deform: (conforming) => ({
    ...conforming,
    violationsOf: (context, entityType, item) =>
      conforming.violationsOf(context, entityType, item).filter(({ keyword }) => keyword !== "minimum"),
  }),
});

export const coercesNumbers = mutant({
  name: "coerces-numbers",
  story: 'The validator is set to coerce types, so the text "30" becomes the number 30.',
  breaks: ["PUSH-007"],
  deform: (conforming) => ({
    ...conforming,
    normalise(context, entityType, item) {
      const normalised = conforming.normalise(context, entityType, item);
      const { duration } = normalised;
      return typeof duration === "string" && /^\d+$/.test(duration)
        ? { ...normalised, duration: Number(duration) }
        : normalised;
    },
  }),
});

export const pointsAtTheItemOnly = mutant({
  name: "points-at-the-item-only",
  story: "The validator's own path is dropped when its errors are translated.",
  breaks: ["PUSH-007"],
  deform: (conforming) => ({
    ...conforming,
    checkSchema(context, submission, entityType, item) {
      try {
        conforming.checkSchema(context, submission, entityType, item);
      } catch (error) {
        if (!(error instanceof ItemRefusal)) throw error;
        throw new ItemRefusal(error.code, submission.pointer, error.message);
      }
    },
  }),
});

export const checksTopLevelOnly = mutant({
  name: "checks-the-top-level-only",
  story: "Nested objects are declared as free JSON, so a piece without a title text gets in.",
  breaks: ["PUSH-007"],
  deform: (conforming) => ({
    ...conforming,
    violationsOf: (context, entityType, item) =>
      conforming
        .violationsOf(context, entityType, item)
        .filter(({ pointer }) => pointer.split("/").length <= 2),
  }),
});

export const crashesOnNullItems = mutant({
  name: "crashes-on-null-items",
  story: "`item.id` of null throws, and the whole push is answered 500.",
  breaks: ["PUSH-007", "HTTP-007"],
  deform: (conforming) => ({
    ...conforming,
    checkObject(context, submission) {
      if (submission.raw === null) throw new TypeError("cannot read a member of null");
      return conforming.checkObject(context, submission);
    },
  }),
});

export const dropsElementsThatAreNoObjects = mutant({
  name: "drops-elements-that-are-no-objects",
  story: "Elements that are no objects are filtered out before anything looks at them.",
  breaks: ["PUSH-007", "PUSH-001"],
  deform: (conforming) => ({
    ...conforming,
    pushItems: (context, body) => conforming.pushItems(context, body).filter(({ raw }) => isJsonObject(raw)),
  }),
});

/** A row whose item is combined with the one that was stored. */
const combining =
  (combine: (stored: JsonObject, item: JsonObject) => JsonObject) =>
  (conforming: Behaviour): Behaviour => ({
    ...conforming,
    buildRow(context, plan, winner, seq): Row {
      const row = conforming.buildRow(context, plan, winner, seq);
      return row.item && plan.stored?.item ? { ...row, item: combine(plan.stored.item, row.item) } : row;
    },
  });

export const mergesMembers = mutant({
  name: "merges-members",
  story: "`{...stored, ...item}`: members that a device removed come back for ever.",
  breaks: ["PUSH-008", "DATA-006"],
  deform: combining((stored, item) => ({ ...stored, ...item })),
});

export const mergesNestedObjects = mutant({
  name: "merges-nested-objects",
  story: "A deep merge helper of the store keeps members of metadata that the newer write does not have.",
  breaks: ["PUSH-008", "DATA-006"],
  deform: combining((stored, item) =>
    Object.fromEntries(
      Object.entries(item).map(([name, value]) => {
        const before = stored[name];
        return [name, isJsonObject(value) && isJsonObject(before) ? { ...before, ...value } : value];
      }),
    ),
  ),
});

export const countsEveryItemOfAnEntity = mutant({
  name: "counts-every-item-of-an-entity",
  story: "The items of a push are applied one after the other, each raising the version.",
  breaks: ["PUSH-010", "ORD-020"],
  deform: (conforming) => ({
    ...conforming,
    nextVersion: (_context, { stored, candidates }) => (stored?.version ?? 0) + candidates.length,
  }),
});

/** Lets one of those items of an entity win that beat the stored one. */
const winning =
  (choose: (beating: Candidate[]) => Candidate | undefined) =>
  (conforming: Behaviour): Behaviour => ({
    ...conforming,
    decide(context, plan: EntityPlan) {
      const beating = plan.candidates.filter(
        ({ stamp }) => conforming.judge(context, plan.stored?.stamp, stamp) === "applied",
      );
      const winner = choose(beating);
      if (!winner) return conforming.decide(context, plan);
      const outcomes = plan.candidates.map((candidate): Judgement["outcome"] =>
        candidate === winner ? "applied" : "superseded",
      );
      return { winner, outcomes };
    },
  });

export const lastInThePushWins = mutant({
  name: "last-in-the-push-wins",
  story: "The items go into a map by id, where the later one replaces the earlier.",
  breaks: ["PUSH-010", "PUSH-011"],
  deform: winning((beating) => beating.at(-1)),
});

export const firstInThePushWins = mutant({
  name: "first-in-the-push-wins",
  story: "Items whose id was already seen in this push are skipped.",
  breaks: ["PUSH-010", "PUSH-011"],
  deform: winning((beating) => beating[0]),
});

export const deletionsAfterItems = mutant({
  name: "deletions-after-items",
  story: "A push is split into upserts and deletes, and the deletes run last without looking at stamps.",
  breaks: ["PUSH-010", "PUSH-011"],
  deform: winning((beating) => beating.find(({ deleted }) => deleted)),
});
