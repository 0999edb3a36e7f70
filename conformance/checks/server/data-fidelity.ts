import { serverCheck } from "../../check.ts";
import type { ServerContext } from "../../check.ts";
import { ENTITY_TYPES, memberOf } from "../../../schemas/collections.ts";
import type { Changes } from "../../wire/shapes.ts";
import type { JsonObject } from "../../../schemas/json.ts";
import { idOf, idsOf } from "../reading.ts";
import * as faulty from "./data-fidelity.mutants.ts";

/** Texts that somebody, somewhere, "cleans". */
const TEXTS = {
  lineEnds: "one\r\ntwo\rthree\n\n",
  space: " \t around  and   within\u00A0 ",
  markup: "<b>bold</b> & <script>1</script> &amp; a<b>c",
  accents: "Fu\u0308r Élise, E\u0301tude",
  quotes: '‘a’ “b” – — it\'s "so"',
  escapes: "\\n \\u0041 %41 ${x} {{y}} '; --",
  invisible: "zero\u200Bwidth \u2028 \u2029 \uFEFF \u202E",
  controls: "\u0001\u0008\u001F\u007F\u0085",
  plane: "🎹𝄞👩‍🎤",
  brackets: "[".repeat(300) + "{".repeat(300),
  time: "2024-03-01T12:00:00+02:00",
  digits: "007",
};

export const textsAsWritten = serverCheck({
  id: "DATA-001/texts-and-lists-as-written",
  name: "texts and lists come back as they were written, character by character and in their order",
  brokenBy: [
    faulty.tidiesLineEnds,
    faulty.takesMarkupOut,
    faulty.storesComposedTexts,
    faulty.sortsLists,
    faulty.storesListsAsSets,
    faulty.countsBracketsInTexts,
  ],
  async run({ device, newDevice, expect, anEntry, anOccurrence }) {
    const lists = { tags: ["b", "a", "B", "a", ""], goalIds: ["g2", "g10", "g1", "g2"] };
    const items = Object.values(TEXTS).map((text, index) =>
      (index % 2 === 0 ? anEntry : anOccurrence)({ notes: text, ...(index % 2 === 0 ? lists : {}) }),
    );
    const entries = items.filter((_, index) => index % 2 === 0);
    const planOccurrences = items.filter((_, index) => index % 2 === 1);
    const first = entries.pop()!;
    await device.push({ entries, planOccurrences });
    await device.batch([{ id: idOf(first), type: "logbook_entry", data: first }]);

    const pulled = await newDevice().pullAll();
    for (const item of items) expect.equal("stored item", expect.live(pulled, idOf(item)).item, item);
  },
});

export const unknownValuesAsWritten = serverCheck({
  id: "DATA-002/values-as-written",
  name: "what stands in unknown members is nobody's to interpret: texts, names, lists, numbers, nulls",
  brokenBy: [faulty.rewritesWhatLooksLikeATime, faulty.dropsNullsFromLists, faulty.refusesOddNames],
  async run(context) {
    const { device, newDevice, expect } = context;
    const values = {
      ...TEXTS,
      $set: { "a.b": 1, "": "", $where: null },
      list: [null, 3, 1, 3, "3", [], {}, "", false, null],
      flags: { yes: true, no: false, zero: 0, one: 1, none: null, empty: {}, list: [] },
      numbers: [0.1, -0.5, 1e-7, 5e-324, 1.7976931348623157e308, 9_007_199_254_740_991, 2_147_483_648],
    };
    const unknown = { ...values, tomorrow: { ...values, deep: [values] } };
    const { changes, items } = oneOfEach(context, unknown);
    await device.push(changes);

    const pulled = await newDevice().pullAll();
    for (const item of items) {
      const { authorId: _author, ...stored } = expect.live(pulled, idOf(item)).item;
      expect.equal("stored item", stored, item);
    }
  },
});

export const idsOfAnyCharacters = serverCheck({
  id: "DATA-016/any-characters",
  name: "an id may have any characters, and ids that look alike are different ones",
  brokenBy: [faulty.ignoresSpaceAfterIds, faulty.comparesIdsComposed, faulty.refusesIdsThatDoNotFitAPath],
  async run({ device, newDevice, expect, aGoal, aDeletion }) {
    const alike = ["a", "A", "a ", " a", "a\n", "\u00E9", "e\u0301", "e", "ß", "ss", "1", "01", "1.0"];
    const odd = [
      "../a/b",
      "a\\b",
      "a:b|c",
      "%2F",
      "a?b#c",
      "\u0001",
      "'\"`;--",
      "null",
      "*",
      "🎹",
      "\u202E",
      ".",
    ];
    const goals = [...alike, ...odd].map((id) => aGoal({ id }));
    const reply = await device.push({ goals });
    for (const [index, goal] of goals.entries()) {
      const { entityId, meta } = expect.outcome(reply, index, "applied");
      expect.equal("entity id", entityId, goal["id"]);
      expect.equal(`version of ${JSON.stringify(entityId)}`, meta?.version, 1);
    }
    const pulled = await newDevice().pullAll();
    for (const goal of goals) expect.equal("goal", expect.live(pulled, idOf(goal)).item, goal);

    const [gone, kept] = [goals.filter((_, index) => index % 2), goals.filter((_, index) => !(index % 2))];
    await device.push({ goals: gone.map((goal) => aDeletion(goal)) });
    expect.liveIds(await newDevice().pullAll(), idsOf(kept));
  },
});

export const replacedInEveryType = serverCheck({
  id: "PUSH-008/every-type",
  name: "an item of any type replaces the stored one as a whole",
  brokenBy: [faulty.mergesPreferences],
  async run(context) {
    const { device, newDevice, expect, edited } = context;
    const { changes, items } = oneOfEach(context, { extra: { a: 1 }, another: [1] });
    await device.push(changes);
    const edits: Changes = {};
    const next = items.map((item, index) => {
      const { another: _gone, ...rest } = edited(item, { extra: { b: 2 } });
      edits[memberOf(ENTITY_TYPES[index]!)] = [rest];
      return rest;
    });
    await newDevice().push(edits);
    const pulled = await device.pullAll();
    for (const item of next) {
      const { authorId: _author, ...stored } = expect.live(pulled, idOf(item)).item;
      expect.equal("stored item", stored, item);
    }
  },
});

export const severalOfEveryType = serverCheck({
  id: "DATA-001/several-of-every-type",
  name: "a user may have several entities of every type, preferences too",
  brokenBy: [faulty.keepsOneSetOfPreferences],
  async run(context) {
    const { device, newDevice, expect, unique } = context;
    const changes: Changes = {};
    const ids = ENTITY_TYPES.flatMap((entityType) => {
      const name = entityType === "repertoire_item" ? "scoreId" : "id";
      const items = [1, 2].map(() => context.anItem(entityType, { [name]: unique("one") }));
      changes[memberOf(entityType)] = items;
      return idsOf(items);
    });
    await device.push(changes);
    expect.liveIds(await newDevice().pullAll(), ids);
  },
});

/** One item of each type with these members beside its own, in the order of ENTITY_TYPES. */
function oneOfEach(
  { anItem }: ServerContext,
  overrides: JsonObject,
): { changes: Changes; items: JsonObject[] } {
  const items = ENTITY_TYPES.map((entityType) => anItem(entityType, overrides));
  const changes = Object.fromEntries(items.map((item, index) => [memberOf(ENTITY_TYPES[index]!), [item]]));
  return { changes, items };
}
