import { serverCheck } from "../../check.ts";
import type { PushBody, BatchBody } from "../../wire/shapes.ts";
import type { JsonObject } from "../../../schemas/json.ts";
import {
  doesNotNormaliseBatches,
  doesNotValidateBatches,
  dropsTheIdBesideAScoreId,
  findsPiecesByTheirPlainId,
  keepsTheIdThatBecameTheScoreId,
  normalisesAgainAndAgain,
  normalisesOnReadOnly,
  prefersIdToScoreId,
  wantsAScoreId,
} from "./normalisation-paths.mutants.ts";

const STAMP = "2024-01-01T10:00:00Z";
const rest = { title: "Nocturne", status: "learning", updatedAt: STAMP };

export const idOfAPiece = serverCheck({
  id: "NORM-007/which-member-is-the-id",
  name: "a repertoire item is known by its scoreId, else its score_id, else its id, which becomes the scoreId",
  brokenBy: [prefersIdToScoreId, keepsTheIdThatBecameTheScoreId, wantsAScoreId],
  async run({ device, newDevice, expect }) {
    const reply = await device.push({
      repertoire: [
        { ...rest, scoreId: "first", score_id: "second", id: "third" },
        { ...rest, score_id: "second", id: "third" },
        { ...rest, id: "Third-X" },
      ],
    });
    expect.equal(
      "entity ids",
      reply.body.results.map(({ entityId }) => entityId),
      ["first", "second", "third-x"],
    );
    const pulled = await newDevice().pullAll();
    expect.equal("first", expect.live(pulled, "first").item, { ...rest, scoreId: "first", id: "third" });
    expect.equal("second", expect.live(pulled, "second").item, { ...rest, scoreId: "second", id: "third" });
    expect.equal("third", expect.live(pulled, "third-x").item, { ...rest, scoreId: "third-x" });
  },
});

export const idIsContent = serverCheck({
  id: "NORM-007/id-beside-score-id-is-content",
  name: "an id beside a scoreId is content: it stays as it was written and counts in the checksum",
  brokenBy: [dropsTheIdBesideAScoreId, prefersIdToScoreId, findsPiecesByTheirPlainId],
  async run({ device, newDevice, expect, aDeletion }) {
    const piece = {
      id: "my own id",
      scoreId: "Clair de Lune-Debussy",
      title: "Clair de Lune",
      composer: "Debussy",
      status: "learning",
      updatedAt: STAMP,
    };
    const { meta, entityId } = expect.outcome(await device.push({ repertoire: [piece] }), 0, "applied");
    expect.equal("entity id", entityId, "clair de lune-debussy");
    // {"composer":"Debussy","id":"my own id","scoreId":"clair de lune-debussy","status":"learning","title":"Clair de Lune"}
    expect.equal(
      "checksum",
      meta?.checksum,
      "66aeb5b840a7435bca76c61327b3a3c9103af83623f3de4e3a7bde8af9df7997",
    );
    expect.equal(
      "id",
      expect.live(await newDevice().pullAll(), "clair de lune-debussy").item["id"],
      "my own id",
    );

    // A deletion of "my own id" is that of another piece.
    await device.push({ repertoire: [aDeletion("my own id")] });
    expect.liveIds(await newDevice().pullAll(), ["clair de lune-debussy"]);
  },
});

export const roundTrip = serverCheck({
  id: "NORM-008/round-trip",
  name: "what a pull returned is a duplicate when it is pushed back, for items of every type and spelling",
  brokenBy: [normalisesOnReadOnly, normalisesAgainAndAgain],
  async run({
    device,
    newDevice,
    deployedDevice,
    expect,
    anEntry,
    aGoal,
    aPlan,
    anOccurrence,
    aTemplate,
    preferences,
  }) {
    const pieces = [
      { title: "Étude — “X”", composer: "J.S. Bach" },
      { id: " A-B ", title: "B" },
      { id: "score_A--B", title: "C" },
    ];
    await device.push({
      entries: [
        anEntry({
          type: "LESSON",
          mood: "Proud",
          instrument: "\u0130X",
          goal_ids: ["g"],
          pieces,
          scoreTitle: "A – B",
          updatedAt: undefined,
          updated_at: STAMP,
        }),
        anEntry({
          timestamp: 1_704_103_200_000,
          duration: 30.0,
          mood: null,
          deletedAt: "",
          device_id: "phone",
        }),
      ],
      repertoire: [
        { ...rest, id: "X-Y", composer: null },
        { ...rest, title: "Sonata No.14 – I", composer: "L. v. Beethoven" },
        { ...rest, scoreId: "score_Ab-C", id: "kept", composer: "" },
      ],
      goals: [
        aGoal({
          version: 9,
          seq: 1,
          checksum: "x",
          userId: "u",
          target_date: "2024-06-01",
          x: 1e21,
          y: [0.1, -0.5],
        }),
      ],
      practicePlans: [aPlan({ pieceRefs: pieces.map(({ title }) => ({ title })) })],
      planOccurrences: [
        anOccurrence({ planId: undefined, plan_id: "P-1", updatedAt: "2024-01-01T12:00:00.1239+02:00" }),
      ],
      planTemplates: [aTemplate({ pieceRefs: [{ scoreId: " Q-R " }] })],
      preferences: [preferences()],
    });
    // And one whose stamp the server gave.
    await deployedDevice().push({ goals: [aGoal({ updatedAt: undefined })] });

    const laptop = newDevice();
    const pulled = await laptop.pull();
    const {
      entries,
      repertoire,
      goals,
      practicePlans,
      planOccurrences,
      planTemplates,
      preferences: prefs,
    } = pulled.body;
    const back = {
      entries,
      repertoire,
      goals,
      practicePlans,
      planOccurrences,
      planTemplates,
      preferences: prefs,
    };
    const count = Object.values(back).flat().length;
    expect.equal("number of items", count, 11);
    const reply = await laptop.push(back);
    expect.outcomes(
      reply,
      Array.from({ length: count }, () => "duplicate" as const),
    );
    expect.nothing("changes", await device.changesSince(pulled.body.syncToken));
  },
});

/** Items that only a validator lets by, each of another kind of fault; `code` is what it must be refused with. */
const BAD: {
  type: "logbook_entry" | "goal" | "repertoire_item" | "practice_plan";
  data: JsonObject;
  code: string;
}[] = [
  {
    type: "logbook_entry",
    data: { timestamp: STAMP, type: "practice", updatedAt: STAMP },
    code: "INCOMPLETE",
  },
  {
    type: "logbook_entry",
    data: { timestamp: STAMP, type: "practice", duration: "30", updatedAt: STAMP },
    code: "INVALID_ITEM",
  },
  {
    type: "logbook_entry",
    data: { timestamp: "noon", type: "practice", duration: 30, updatedAt: STAMP },
    code: "INVALID_ITEM",
  },
  { type: "goal", data: { updatedAt: STAMP }, code: "INCOMPLETE" },
  { type: "goal", data: { title: 5, updatedAt: STAMP }, code: "INVALID_ITEM" },
  { type: "goal", data: { title: "no stamp" }, code: "INCOMPLETE" },
  { type: "repertoire_item", data: { title: "T", updatedAt: STAMP }, code: "INCOMPLETE" },
  {
    type: "practice_plan",
    data: { title: "T", schedule: { kind: "never" }, updatedAt: STAMP },
    code: "INVALID_ITEM",
  },
];
const MEMBERS = {
  logbook_entry: "entries",
  goal: "goals",
  repertoire_item: "repertoire",
  practice_plan: "practicePlans",
} as const;

export const validatedAlike = serverCheck({
  id: "NORM-009/validated-alike",
  name: "what a push refuses a batch refuses with the same code",
  brokenBy: [doesNotValidateBatches],
  async run({ device, newDevice, expect, http }) {
    const items = BAD.map(({ type, data }, index) => ({
      type,
      data: { ...data, [type === "repertoire_item" ? "scoreId" : "id"]: `bad${index}` },
      id: `bad${index}`,
    }));
    const entities = [
      ...items,
      { id: "good", type: "goal", data: { id: "good", title: "Good", updatedAt: STAMP } },
    ];
    const batch = await http<BatchBody>({ path: "/api/sync/batch", as: device, json: { entities } });
    for (const [index, { code }] of BAD.entries()) {
      const { type, data } = items[index] as (typeof items)[0];
      const push = await http<PushBody>({
        path: "/api/sync/push",
        as: device,
        json: { changes: { [MEMBERS[type]]: [data] } },
      });
      expect.equal(
        `code of ${JSON.stringify(data)} in a push`,
        expect.outcome(push, 0, "refused").code,
        code,
      );
      expect.equal(
        `code of ${JSON.stringify(data)} in a batch`,
        expect.outcome(batch, index, "refused").code,
        code,
      );
    }
    expect.outcome(batch, BAD.length, "applied");
    expect.liveIds(await newDevice().pullAll(), ["good"]);
  },
});

export const normalisedAlike = serverCheck({
  id: "NORM-009/normalised-alike",
  name: "push and batch make the same stored item of the same sent one",
  brokenBy: [doesNotNormaliseBatches],
  async run({ device, stranger, expect }) {
    const entry = {
      id: "e1",
      timestamp: STAMP,
      duration: 30,
      type: "Lesson",
      mood: "Proud",
      goal_ids: ["g1"],
      pieces: [{ title: "Für Elise", composer: "Beethoven" }],
      version: 3,
      updated_at: STAMP,
    };
    const piece = {
      id: "Für Elise-Beethoven",
      title: "Für Elise",
      status: "learning",
      target_tempo: 72,
      updatedAt: STAMP,
    };
    const pushed = await device.push({ entries: [entry], repertoire: [piece] });
    const { version: _none, ...data } = entry;
    const other = await stranger();
    const batched = await other.batch([
      { id: "e1", type: "logbook_entry", data: { ...data, version: 3 } },
      { id: "Für Elise-Beethoven", type: "repertoire_item", data: piece },
    ]);
    expect.outcomes(pushed, ["applied", "applied"]);
    expect.outcomes(batched, ["applied", "applied"]);
    for (const index of [0, 1]) {
      const [a, b] = [expect.result(pushed, index), expect.result(batched, index)];
      expect.equal("checksum", b.meta?.checksum, a.meta?.checksum);
      expect.equal("entity id", b.entityId, a.entityId);
    }
    const [byPush, byBatch] = [await device.pull(), await other.pull()];
    expect.equal("type of the entry", byPush.body.entries[0]?.["type"], "lesson");
    expect.equal("entry", byBatch.body.entries, byPush.body.entries);
    expect.equal("piece", byBatch.body.repertoire, byPush.body.repertoire);
  },
});
