import { mutant } from "../../model/mutant.ts";
import type { Mutant } from "../../model/mutant.ts";
import { afterNormalising, beforeNormalising, mapObjects, without } from "../../model/deform.ts";
import { SNAKE_CASE } from "../../../schemas/collections.ts";
import type { Json, JsonObject } from "../../../schemas/json.ts";

const RENAMED = Object.entries(SNAKE_CASE);
const BOOKKEEPING = ["updated_at", "deleted_at", "device_id", "user_id"];

/** The item with the content that was renamed under its old names again. */
function asNamed(item: JsonObject, sent: JsonObject, keeps: (snake: string) => boolean): JsonObject {
  const back = RENAMED.filter(
    ([snake, camel]) =>
      keeps(snake) &&
      !BOOKKEEPING.includes(snake) &&
      Object.hasOwn(sent, snake) &&
      !Object.hasOwn(sent, camel),
  );
  return {
    ...without(item, ...back.map(([, camel]) => camel)),
    ...Object.fromEntries(back.map(([snake, camel]) => [snake, item[camel] ?? null])),
  };
}

const lowered = (value: Json): Json => (typeof value === "string" ? value.toLowerCase() : value);
const lowering = (item: JsonObject, ...names: string[]): JsonObject => ({
  ...item,
  ...Object.fromEntries(
    names.filter((name) => Object.hasOwn(item, name)).map((name) => [name, lowered(item[name]!)]),
  ),
});
const camelOf = (name: string): string =>
  name.replace(/_([a-z])/g, (_all, letter: string) => letter.toUpperCase());
const renamed = (object: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(object).map(([name, value]) => [
      (SNAKE_CASE as Record<string, string>)[name] ?? name,
      value,
    ]),
  );

export const keepsSnakeNames = mutant({
  name: "keeps-snake-names",
  story: "Snake-case names are understood, but stored as they came.",
  breaks: ["NORM-001"],
  deform: afterNormalising((item, sent, type) =>
    asNamed(item, sent, (snake) => type !== "repertoire_item" || snake !== "score_id"),
  ),
});

export const forgetsOneSnakeName = mutant({
  name: "forgets-one-snake-name",
  story: "The list was typed by hand, and last_practiced_at is not in it.",
  breaks: ["NORM-001"],
  deform: afterNormalising((item, sent) => asNamed(item, sent, (snake) => snake === "last_practiced_at")),
});

export const renamesPerType = mutant({
  name: "renames-per-type",
  story: "Each type has a list of its own, and the templates' is empty.",
  breaks: ["NORM-001"],
  deform: afterNormalising((item, sent, type) =>
    type === "plan_template" ? asNamed(item, sent, () => true) : item,
  ),
});

export const doesNotRenameInBatches = mutant({
  name: "does-not-rename-in-batches",
  story: "The renaming sits in the push handler.",
  breaks: ["NORM-001", "NORM-009", "BATCH-001"],
  deform: afterNormalising((item, sent, _type, { endpoint }) =>
    endpoint === "batch" ? asNamed(item, sent, (snake) => snake !== "score_id") : item,
  ),
});

/** The item as sent, with other winners where both forms of a name are there. */
const preferring = (wins: (camel: Json) => boolean): Mutant["deform"] =>
  beforeNormalising((item) => {
    const both = RENAMED.filter(
      ([snake, camel]) => Object.hasOwn(item, snake) && Object.hasOwn(item, camel) && wins(item[camel]!),
    );
    return {
      ...without(item, ...both.map(([snake]) => snake)),
      ...Object.fromEntries(both.map(([snake, camel]) => [camel, item[snake]!])),
    };
  });

export const snakeCaseWins = mutant({
  name: "snake-case-wins",
  story: "Renaming overwrites what is already there.",
  breaks: ["NORM-002", "ORD-011"],
  deform: preferring(() => true),
});

export const falsyCamelCaseLoses = mutant({
  name: "falsy-camel-case-loses",
  story: "`item.currentValue || item.current_value` skips a zero.",
  breaks: ["NORM-002"],
  deform: preferring((camel) => !camel),
});

export const keepsBothNames = mutant({
  name: "keeps-both-names",
  story: "The old name is copied, not moved.",
  breaks: ["NORM-002", "NORM-001"],
  deform: afterNormalising((item, sent) => ({
    ...Object.fromEntries(
      RENAMED.filter(([snake]) => Object.hasOwn(sent, snake) && !BOOKKEEPING.includes(snake)).map(
        ([snake]) => [snake, sent[snake]!],
      ),
    ),
    ...item,
  })),
});

export const doesNotLowerCaseMoods = mutant({
  name: "does-not-lower-case-moods",
  story: "Moods were added later than the normalisation.",
  breaks: ["NORM-003"],
  deform: afterNormalising((item, sent, type) =>
    type === "logbook_entry" && typeof sent["mood"] === "string" ? { ...item, mood: sent["mood"] } : item,
  ),
});

export const lowerCasesDeeply = mutant({
  name: "lower-cases-deeply",
  story: "The normaliser walks the whole item.",
  breaks: ["NORM-003", "DATA-002"],
  deform: afterNormalising((item, _sent, type) =>
    type === "logbook_entry"
      ? (mapObjects(item, (object) => lowering(object, "instrument", "type", "mood")) as JsonObject)
      : item,
  ),
});

export const lowerCasesEveryType = mutant({
  name: "lower-cases-every-type",
  story: "One normaliser serves all types of items.",
  breaks: ["NORM-003", "DATA-003"],
  deform: afterNormalising((item) => lowering(item, "instrument", "type", "mood")),
});

const mappingCase = (map: (text: string) => string): Mutant["deform"] =>
  beforeNormalising((item, type) =>
    type === "logbook_entry"
      ? {
          ...item,
          ...Object.fromEntries(
            ["instrument", "type", "mood"]
              .filter((name) => typeof item[name] === "string")
              .map((name) => [name, map(item[name] as string)]),
          ),
        }
      : item,
  );

export const lowerCasesByTheServersLocale = mutant({
  name: "lower-cases-by-the-servers-locale",
  story: "The language's lower-casing goes by the locale, and the server stands in Ankara.",
  breaks: ["NORM-003"],
  deform: mappingCase((text) => text.toLocaleLowerCase("tr")),
});

export const lowerCasesCharacterByCharacter = mutant({
  name: "lower-cases-character-by-character",
  story: "The language maps each character to one character, without looking at its neighbours.",
  breaks: ["NORM-003"],
  deform: mappingCase((text) => [...text].map((one) => [...one.toLowerCase()][0]).join("")),
});

export const renamesEverySnakeName = mutant({
  name: "renames-every-snake-name",
  story: "A library turns all keys into camel case.",
  breaks: ["NORM-010", "DATA-002"],
  deform: afterNormalising((item) =>
    Object.fromEntries(Object.entries(item).map(([name, value]) => [camelOf(name), value])),
  ),
});

export const renamesDeeply = mutant({
  name: "renames-deeply",
  story: "The renaming calls itself for what is in the item.",
  breaks: ["NORM-010", "DATA-002"],
  deform: afterNormalising((item) => mapObjects(item, renamed) as JsonObject),
});
