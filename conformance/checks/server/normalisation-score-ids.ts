import { serverCheck } from "../../check.ts";
import type { PushBody } from "../../wire/shapes.ts";
import type { JsonObject } from "../../../schemas/json.ts";
import {
  appliesNfcToScoreIds,
  collapsesAsciiSpaceOnly,
  derivesScoreIdsFromBlankTitles,
  derivesScoreIdsInThePlaceOfNull,
  derivesScoreIdsOfRepertoireOnly,
  derivesScoreIdsWithoutTitle,
  foldsDashesOfComposers,
  joinsAlwaysByDash,
  keepsCurlyQuotes,
  keepsFullStopsOfComposers,
  keepsLongDashes,
  removesFullStopsOfTitles,
  takesEmptyComposersForNames,
  takesFullStopsForComposers,
} from "./normalisation-derived-ids.mutants.ts";
import { leavesScoreIdsOfOtherTypes } from "./normalisation-references.mutants.ts";
import {
  collapsesSpaceInsideIds,
  derivesScoreIdsAnew,
  doesNotTrimScoreIds,
  keepsIdsAsSent,
  leavesIdsOfPieceReferences,
  leavesIdsOfPieces,
  leavesScoreIdsOfEntries,
  lowerCasesCanonicalIds,
  lowerCasesEveryScoreId,
  replacesQuotesInsideIds,
  takesMoreForCanonical,
} from "./normalisation-score-ids.mutants.ts";

const STAMP = "2024-01-01T10:00:00Z";

/** Titles and composers, and the score ids that they make, worked out by hand from "Score ids". */
const DERIVED: [title: string, composer: string | null | undefined, id: string][] = [
  ["Für Elise", "Beethoven", "für elise-beethoven"],
  ["Sonata No.14 – I", "Beethoven", "sonata no.14 - i||beethoven"],
  ["Prelude in C", "J.S. Bach", "prelude in c-js bach"],
  ["Prelude", ". Bach", "prelude-bach"],
  ["Clair de Lune", undefined, "clair de lune-unknown"],
  ["Arabesque", null, "arabesque-unknown"],
  ["Rêverie", "", "rêverie-unknown"],
  ["Toccata", " . . ", "toccata-unknown"],
  ["Scheherazade", "Rimsky-Korsakov", "scheherazade||rimsky-korsakov"],
  // A composer's long dash is untouched, and is no "-" that would ask for another joint.
  ["The Swan", "Saint–Saëns", "the swan-saint–saëns"],
  ["Étude — “Winter Wind”", "Chopin", 'étude - "winter wind"||chopin'],
  ["‘Raindrop’", "F. Chopin’s pupil", "'raindrop'-f chopin's pupil"],
  [
    "  Two \t\n Spaces\u00a0\u3000\ufeff and \u2009more ",
    " C.  P. E. \u00a0Bach ",
    "two spaces and more-c p e bach",
  ],
  // Decomposed, and so it stays.
  ["Fu\u0308r Therese", "Beethoven", "fu\u0308r therese-beethoven"],
  ["ΝΑΝΟΥΡΙΣΜΑΣ", "Σκαλκώτας", "νανουρισμας-σκαλκώτας"],
];

const pieceOf = ([title, composer]: (typeof DERIVED)[0]): JsonObject => ({
  title,
  ...(composer === undefined ? {} : { composer }),
});

export const derivedIds = serverCheck({
  id: "NORM-004/repertoire-item",
  name: "a repertoire item without any id gets the score id of its title and composer",
  brokenBy: [
    joinsAlwaysByDash,
    removesFullStopsOfTitles,
    keepsFullStopsOfComposers,
    keepsLongDashes,
    foldsDashesOfComposers,
    keepsCurlyQuotes,
    collapsesAsciiSpaceOnly,
    takesEmptyComposersForNames,
    takesFullStopsForComposers,
    appliesNfcToScoreIds,
  ],
  async run({ device, newDevice, expect }) {
    const repertoire = DERIVED.map((row) => ({ ...pieceOf(row), status: "learning", updatedAt: STAMP }));
    const reply = await device.push({ repertoire });
    const pulled = await newDevice().pullAll();
    for (const [index, [title, , id]] of DERIVED.entries()) {
      expect.equal(`score id of ${title}`, expect.outcome(reply, index, "applied").entityId, id);
      const { item } = expect.live(pulled, id, "repertoire_item");
      expect.equal("scoreId", item["scoreId"], id);
      expect.equal("title stays as it was written", item["title"], title);
    }
    // Sent again under the id that the answer named, it is the same piece.
    const named = repertoire.map((item, index) => ({ ...item, scoreId: DERIVED[index]?.[2] as string }));
    expect.outcomes(
      await newDevice().push({ repertoire: named }),
      DERIVED.map(() => "duplicate" as const),
    );
  },
});

export const derivedElsewhere = serverCheck({
  id: "NORM-004/wherever-a-score-is-named",
  name: "absent score ids are derived in a logbook entry, its pieces and the piece references of plans too",
  brokenBy: [derivesScoreIdsOfRepertoireOnly, derivesScoreIdsWithoutTitle, keepsLongDashes],
  async run({ device, newDevice, expect, anEntry, aPlan, aTemplate }) {
    const pieces = DERIVED.map(pieceOf);
    const entry = anEntry({ scoreTitle: "Sonata No.14 – I", scoreComposer: "J.S. Bach", pieces });
    const solo = anEntry({ scoreTitle: "Clair de Lune" });
    const without = anEntry({ scoreComposer: "Bach", title: "no score's title", pieces: [] });
    const plan = aPlan({ pieceRefs: [...pieces, { note: "neither id nor title" }] });
    const template = aTemplate({ pieceRefs: pieces });
    await device.push({ entries: [entry, solo, without], practicePlans: [plan], planTemplates: [template] });

    const pulled = await newDevice().pullAll();
    const stored = (item: JsonObject): JsonObject => expect.live(pulled, item["id"] as string).item;
    expect.equal("scoreId", stored(entry)["scoreId"], "sonata no.14 - i||js bach");
    expect.equal("scoreId without composer", stored(solo)["scoreId"], "clair de lune-unknown");
    expect.equal("entry without scoreTitle", stored(without), without);
    expect.equal(
      "pieces",
      stored(entry)["pieces"],
      DERIVED.map((row) => ({ ...pieceOf(row), id: row[2] })),
    );
    const references = DERIVED.map((row) => ({ ...pieceOf(row), scoreId: row[2] }));
    expect.equal("pieceRefs of a plan", stored(plan)["pieceRefs"], [
      ...references,
      { note: "neither id nor title" },
    ]);
    expect.equal("pieceRefs of a template", stored(template)["pieceRefs"], references);
  },
});

export const nothingToDeriveFrom = serverCheck({
  id: "NORM-004/nothing-to-derive-from",
  name: "no score id is derived from a title of white space alone, nor in the place of an id that is null",
  brokenBy: [derivesScoreIdsFromBlankTitles, derivesScoreIdsInThePlaceOfNull],
  async run({ device, newDevice, expect, anEntry, http }) {
    const blank = anEntry({ scoreTitle: " ", pieces: [{ title: " \u00a0 ", composer: "Bach" }] });
    const nulled = anEntry({ pieces: [{ id: null, title: "Prelude" }] });
    const piece = { title: " ", composer: "Bach", status: "learning", updatedAt: STAMP };
    const reply = await http<PushBody>({
      path: "/api/sync/push",
      as: device,
      json: { changes: { entries: [blank, nulled], repertoire: [piece] } },
    });
    expect.outcome(reply, 0, "applied");
    expect.refused(reply, 1, "INVALID_ITEM");
    expect.refused(reply, 2, "INCOMPLETE");
    const pulled = await newDevice().pullAll();
    expect.equal("entry", expect.live(pulled, blank["id"] as string).item, blank);
    expect.equal("number of items", pulled.live().length, 1);
  },
});

/** Present ids, and what they are stored as. */
const PRESENT: [sent: string, stored: string][] = [
  ["  Nocturne  ", "Nocturne"],
  ["Moonlight Sonata-Beethoven", "moonlight sonata-beethoven"],
  [" Prélude||Saint-Saëns ", "prélude||saint-saëns"],
  ["A||B", "a||b"],
  ["ABC_Def.9|x", "ABC_Def.9|x"],
  // Canonical: whatever its case.
  ["score_Xk3-9_a", "score_Xk3-9_a"],
  ["score_ABC", "score_ABC"],
  ["\tscore_A1-B2\n", "score_A1-B2"],
  // Not canonical: two in a row, one at the end, another prefix, another letter.
  ["score_Xk3--9", "score_xk3--9"],
  ["score_Xk3-", "score_xk3-"],
  ["score__Xk-3", "score__xk-3"],
  ["Score_Xk3-9", "score_xk3-9"],
  ["score_Ü-1", "score_ü-1"],
  ["xscore_A-1", "xscore_a-1"],
  ["score_A-1 B", "score_a-1 b"],
  // Present ids are not rewritten beyond that.
  ["A  B-C", "a  b-c"],
  ["Étude – “X”", "Étude – “X”"],
  ["J.S. “Bach” – B-A", "j.s. “bach” – b-a"],
];

export const presentIds = serverCheck({
  id: "NORM-005/present-ids",
  name: "a present score id is trimmed, kept if it is canonical or has no joint, else lower-cased; never derived anew",
  brokenBy: [
    lowerCasesCanonicalIds,
    lowerCasesEveryScoreId,
    keepsIdsAsSent,
    doesNotTrimScoreIds,
    derivesScoreIdsAnew,
    collapsesSpaceInsideIds,
    takesMoreForCanonical,
    replacesQuotesInsideIds,
  ],
  async run({ device, newDevice, expect }) {
    const repertoire = PRESENT.map(([scoreId]) => ({
      scoreId,
      title: "Another Title – No.2",
      composer: "Another-Composer",
      status: "learning",
      updatedAt: STAMP,
    }));
    const reply = await device.push({ repertoire });
    const pulled = await newDevice().pullAll();
    for (const [index, [sent, stored]] of PRESENT.entries()) {
      const { entityId, meta } = expect.outcome(reply, index, "applied");
      expect.equal(`entity id for ${JSON.stringify(sent)}`, entityId, stored);
      expect.equal("entity id in meta", meta?.entityId, stored);
      expect.equal("scoreId", expect.live(pulled, stored, "repertoire_item").item["scoreId"], stored);
    }
  },
});

export const presentIdsElsewhere = serverCheck({
  id: "NORM-006/references",
  name: "present score ids are normalised alike in a logbook entry, its pieces and the piece references of plans",
  brokenBy: [
    leavesIdsOfPieces,
    leavesIdsOfPieceReferences,
    leavesScoreIdsOfEntries,
    leavesScoreIdsOfOtherTypes,
  ],
  async run({ device, newDevice, expect, anEntry, aGoal, aPlan, aTemplate }) {
    const title = "Another Title";
    const entries = PRESENT.map(([scoreId]) => anEntry({ scoreId, scoreTitle: title }));
    const entry = anEntry({ pieces: PRESENT.map(([id]) => ({ id, title })) });
    const plan = aPlan({ pieceRefs: PRESENT.map(([scoreId]) => ({ scoreId, title })) });
    const template = aTemplate({ pieceRefs: PRESENT.map(([scoreId]) => ({ scoreId })) });
    // Any type may name a score at its top level.
    const goals = PRESENT.map(([scoreId]) => aGoal({ scoreId }));
    await device.push({
      entries: [...entries, entry],
      goals,
      practicePlans: [plan],
      planTemplates: [template],
    });

    const pulled = await newDevice().pullAll();
    const stored = (item: JsonObject): JsonObject => expect.live(pulled, item["id"] as string).item;
    for (const [index, [sent, id]] of PRESENT.entries()) {
      expect.equal(`scoreId for ${sent}`, stored(entries[index] as JsonObject)["scoreId"], id);
      expect.equal(`scoreId of a goal for ${sent}`, stored(goals[index] as JsonObject)["scoreId"], id);
    }
    expect.equal(
      "pieces",
      stored(entry)["pieces"],
      PRESENT.map(([, id]) => ({ id, title })),
    );
    expect.equal(
      "pieceRefs of a plan",
      stored(plan)["pieceRefs"],
      PRESENT.map(([, scoreId]) => ({ scoreId, title })),
    );
    expect.equal(
      "pieceRefs of a template",
      stored(template)["pieceRefs"],
      PRESENT.map(([, scoreId]) => ({ scoreId })),
    );
  },
});
