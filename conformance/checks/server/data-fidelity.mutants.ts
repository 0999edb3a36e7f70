import { afterNormalising, mapObjects } from "../../model/deform.ts";
import { mutant } from "../../model/mutant.ts";
import type { Mutant } from "../../model/mutant.ts";
import { Refusal, ItemRefusal } from "../../model/refusal.ts";
import { rowKey } from "../../model/state.ts";
import type { Json, JsonObject } from "../../../schemas/json.ts";
import { formatInstant, parseInstant } from "../../../spec/rules/instant.ts";

/** Changes the members of items, whatever their type. */
const changing = (change: (value: Json, name: string) => Json): Mutant["deform"] =>
  afterNormalising((item) =>
    Object.fromEntries(Object.entries(item).map(([name, value]) => [name, change(value, name)])),
  );

const changingTexts = (change: (text: string) => string): Mutant["deform"] =>
  changing((value, name) => (typeof value === "string" && name === "notes" ? change(value) : value));

const changingLists = (change: (list: Json[]) => Json[]): Mutant["deform"] =>
  changing((value) => (Array.isArray(value) ? change(value) : value));

/** Changes what stands inside of members, at any depth. */
const changingInside = (change: (object: JsonObject) => JsonObject): Mutant["deform"] =>
  changing((value) => mapObjects(value, change));

export const tidiesLineEnds = mutant({
  name: "tidies-line-ends",
  story: "Texts come from several systems, so CR LF is made one thing.",
  breaks: ["DATA-001"],
  deform: changingTexts((text) => text.replaceAll("\r\n", "\n")),
});

export const takesMarkupOut = mutant({
  name: "takes-markup-out",
  story: "Notes are made safe for the page when they are stored instead of when they are shown.",
  breaks: ["DATA-001"],
  deform: changingTexts((text) => text.replaceAll(/<[^>]*>/g, "")),
});

export const storesComposedTexts = mutant({
  name: "stores-composed-texts",
  story: "The store brings texts into NFC.",
  breaks: ["DATA-001"],
  deform: changingTexts((text) => text.normalize("NFC")),
});

export const sortsLists = mutant({
  name: "stores-lists-sorted",
  story: "Tags live in a table of their own and come back in the order of its index.",
  breaks: ["DATA-001"],
  deform: changingLists((list) => list.toSorted()),
});

export const storesListsAsSets = mutant({
  name: "stores-lists-as-sets",
  story: "Tags live in a table of their own, whose key is item and tag.",
  breaks: ["DATA-001"],
  deform: changingLists((list) => [...new Set(list)]),
});

export const rewritesWhatLooksLikeATime = mutant({
  name: "rewrites-what-looks-like-a-time",
  story: "The JSON library makes dates of texts that look like some, and writes them in its own way.",
  breaks: ["DATA-002"],
  deform: changingInside((object) =>
    Object.fromEntries(
      Object.entries(object).map(([name, value]) => {
        const instant = typeof value === "string" ? parseInstant(value) : undefined;
        return [name, instant === undefined ? value : formatInstant(instant)];
      }),
    ),
  ),
});

export const dropsNullsFromLists = mutant({
  name: "drops-nulls-from-lists",
  story: "The serialiser is told to leave nulls out, and does so in lists too.",
  breaks: ["DATA-002"],
  deform: changingInside((object) =>
    Object.fromEntries(
      Object.entries(object).map(([name, value]) => [
        name,
        Array.isArray(value) ? value.filter((one) => one !== null) : value,
      ]),
    ),
  ),
});

export const refusesOddNames = mutant({
  name: "refuses-odd-names",
  story: "The document store has no members with a dollar or a dot in their names.",
  breaks: ["DATA-002"],
  deform: (conforming) => ({
    ...conforming,
    examine(context, submission) {
      if (/"(?:\$[^"]*|[^"]*\.[^"]*)":/.test(JSON.stringify(submission.raw)))
        throw new ItemRefusal("INVALID_ITEM", submission.pointer, "has a name that cannot be stored");
      return conforming.examine(context, submission);
    },
  }),
});

export const countsBracketsInTexts = mutant({
  name: "counts-brackets-in-texts",
  story: "Depth is counted over the characters of the body before it is parsed, texts included.",
  breaks: ["DATA-001", "LIM-005"],
  deform: (conforming) => ({
    ...conforming,
    parseJson(context, text) {
      let [depth, deepest] = [0, 0];
      for (const character of text) {
        if (character === "[" || character === "{") deepest = Math.max(deepest, (depth += 1));
        else if (character === "]" || character === "}") depth -= 1;
      }
      if (deepest > conforming.depthLimit(context)) throw new Refusal("INVALID_JSON", "nested too deep");
      return conforming.parseJson(context, text);
    },
  }),
});

/** Takes ids for one: `same` gives what they are compared by, and the spelling that came first stays. */
const findingBy = (same: (id: string) => string): Mutant["deform"] => {
  return (conforming) => ({
    ...conforming,
    entityId(context, entityType, item) {
      const id = conforming.entityId(context, entityType, item);
      if (id === undefined) return id;
      const slot = `spelling of ${rowKey(entityType, same(id))} of ${context.user.id}`;
      const known = (context.server.scratch.get(slot) as string | undefined) ?? id;
      context.server.scratch.set(slot, known);
      return known;
    },
  });
};

export const ignoresSpaceAfterIds = mutant({
  name: "ignores-space-after-ids",
  story: "The column's collation pads with spaces before it compares.",
  breaks: ["DATA-016"],
  deform: findingBy((id) => id.replace(/ +$/, "")),
});

export const comparesIdsComposed = mutant({
  name: "compares-ids-composed",
  story: "The column's collation takes é and e with an accent for the same.",
  breaks: ["DATA-016"],
  deform: findingBy((id) => id.normalize("NFC")),
});

export const refusesIdsThatDoNotFitAPath = mutant({
  name: "refuses-ids-that-do-not-fit-a-path",
  story: "Ids are file names in the store, so there are characters that they must not have.",
  breaks: ["DATA-016"],
  deform: (conforming) => ({
    ...conforming,
    entityId(context, entityType, item) {
      const id = conforming.entityId(context, entityType, item);
      // eslint-disable-next-line no-control-regex
      return id !== undefined && /[/\\\u0001-\u001F]/.test(id) ? undefined : id;
    },
  }),
});

export const mergesPreferences = mutant({
  name: "merges-preferences",
  story: "Settings are patched on the page, so the server patches them too.",
  breaks: ["PUSH-008"],
  deform: (conforming) => ({
    ...conforming,
    buildRow(context, plan, winner, seq) {
      const built = conforming.buildRow(context, plan, winner, seq);
      const before = plan.entityType === "user_preferences" ? plan.stored?.item : undefined;
      return before && built.item ? { ...built, item: { ...before, ...built.item } } : built;
    },
  }),
});

export const keepsOneSetOfPreferences = mutant({
  name: "keeps-one-set-of-preferences",
  story: "A user has one row of settings, whatever its id.",
  breaks: ["DATA-001"],
  deform: afterNormalising((item, _sent, entityType) =>
    entityType === "user_preferences" ? { ...item, id: "preferences" } : item,
  ),
});
