import { afterNormalising } from "../../model/deform.ts";
import { mutant } from "../../model/mutant.ts";
import type { Mutant } from "../../model/mutant.ts";
import { ItemRefusal } from "../../model/refusal.ts";
import { ENTITY_TYPES } from "../../../schemas/collections.ts";
import type { JsonObject } from "../../../schemas/json.ts";

const REQUIRED = new Set(["", "/id", "/scoreId", "/title", "/timestamp", "/duration", "/type", "/planId"]);

export const judgesRequiredMembersOnly: Mutant[] = ENTITY_TYPES.map((type) =>
  mutant({
    name: `judges-required-members-only-of-${type.replace("_", "-")}`,
    story: "The schema of this type was written in a hurry: it has what is required, and nothing else.",
    breaks: ["PUSH-007"],
    deform: (conforming) => ({
      ...conforming,
      violationsOf: (context, entityType, item) =>
        conforming
          .violationsOf(context, entityType, item)
          .filter(
            ({ pointer, missing }) => type !== entityType || missing !== undefined || REQUIRED.has(pointer),
          ),
    }),
  }),
);

export const pointsAtNormalisedNames = mutant({
  name: "points-at-normalised-names",
  story: "The validator sees the normalised item, and its pointers are sent as they are.",
  breaks: ["PUSH-007"],
  deform: (conforming) => ({
    ...conforming,
    checkSchema(context, submission, entityType, item) {
      const [first] = conforming.violationsOf(context, entityType, item);
      if (first !== undefined && first.missing === undefined)
        throw new ItemRefusal("INVALID_ITEM", submission.itemPointer + first.pointer, first.detail);
      conforming.checkSchema(context, submission, entityType, item);
    },
  }),
});

/** Refuses items that its schema has nothing against. */
const refusing = (isBad: (item: JsonObject) => boolean): Mutant["deform"] => {
  return (conforming) => ({
    ...conforming,
    checkSchema(context, submission, entityType, item) {
      if (isBad(item))
        throw new ItemRefusal("INVALID_ITEM", submission.itemPointer, "is too much for this server");
      conforming.checkSchema(context, submission, entityType, item);
    },
  });
};

export const refusesLongTexts = mutant({
  name: "refuses-long-texts",
  story: "Titles are 255 characters long in the table.",
  breaks: ["LIM-001"],
  deform: refusing(({ title }) => typeof title === "string" && title.length > 255),
});

export const cutsLongLists = mutant({
  name: "cuts-long-lists",
  story: "The parser of the framework takes a thousand elements, and says nothing of the others.",
  breaks: ["LIM-001"],
  deform: afterNormalising((item) =>
    Object.fromEntries(
      Object.entries(item).map(([name, value]) => [
        name,
        Array.isArray(value) ? value.slice(0, 1_000) : value,
      ]),
    ),
  ),
});

export const refusesLongDays = mutant({
  name: "refuses-more-than-a-day",
  story: "Nobody practises for more than 24 hours, so it must be a mistake.",
  breaks: ["LIM-001"],
  deform: refusing(({ duration }) => typeof duration === "number" && duration > 1_440),
});

export const refusesEmptyWords = mutant({
  name: "refuses-empty-words",
  story: "The validator says `if (!item.status)`.",
  breaks: ["LIM-001", "DATA-003"],
  deform: refusing(({ type, status, title }) => [type, status, title].includes("")),
});
