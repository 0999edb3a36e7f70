import { serverCheck } from "../../check.ts";
import { ENTITY_TYPES, memberOf } from "../../../schemas/collections.ts";
import {
  comparesBatchIdsAsSent,
  deletesByTheIdAsSent,
  leavesScoreIdsOfOtherTypes,
  leavesScoreIdsOfRareTypes,
  normalisesEveryEntityId,
  normalisesPiecesOfEveryType,
} from "./normalisation-references.mutants.ts";

const STAMP = "2024-01-01T10:00:00Z";

export const deletionsByScoreId = serverCheck({
  id: "NORM-006/deletions",
  name: "a deletion names its repertoire item by any spelling of the score id, in any of its members",
  brokenBy: [deletesByTheIdAsSent],
  async run({ device, newDevice, expect }) {
    const ids = ["moonlight sonata-beethoven", "a||b", "Nocturne"];
    const repertoire = ids.map((scoreId) => ({ scoreId, title: "T", status: "learning", updatedAt: STAMP }));
    await device.push({ repertoire });
    const before = await device.cursor();

    const deletedAt = "2024-01-02T10:00:00Z";
    const reply = await newDevice().push({
      repertoire: [
        { id: "Moonlight Sonata-Beethoven", deletedAt },
        { scoreId: " A||B ", deletedAt },
        { score_id: "Nocturne ", deletedAt },
      ],
    });
    expect.equal(
      "entity ids",
      reply.body.results.map(({ entityId }) => entityId),
      ids,
    );
    expect.outcomes(reply, ["applied", "applied", "applied"]);
    const told = await device.changesSince(before);
    for (const id of ids) expect.deleted(told, id, "repertoire_item");
    expect.liveIds(await newDevice().pullAll(), []);
  },
});

export const batchesByScoreId = serverCheck({
  id: "NORM-006/batch",
  name: "a batch names a repertoire item by any spelling of its score id",
  brokenBy: [comparesBatchIdsAsSent, deletesByTheIdAsSent],
  async run({ device, newDevice, expect }) {
    const data = { scoreId: "Moonlight Sonata-Beethoven", title: "T", status: "learning", updatedAt: STAMP };
    const first = await device.batch([{ id: "MOONLIGHT Sonata-Beethoven", type: "repertoire_item", data }]);
    expect.equal("entity id", expect.outcome(first, 0, "applied").entityId, "moonlight sonata-beethoven");

    const { scoreId: _none, ...nameless } = data;
    const edit = { ...nameless, title: "U", updatedAt: "2024-01-02T10:00:00Z" };
    const second = await newDevice().batch([
      { id: " moonlight SONATA-beethoven", type: "repertoire_item", data: edit },
    ]);
    expect.equal("version", expect.outcome(second, 0, "applied").meta?.version, 2);

    const deletion = { deletedAt: "2024-01-03T10:00:00Z" };
    const third = await device.batch([
      { id: "Moonlight sonata-BEETHOVEN", type: "repertoire_item", data: deletion },
    ]);
    expect.equal("version", expect.outcome(third, 0, "applied").meta?.version, 3);
    expect.liveIds(await newDevice().pullAll(), []);
  },
});

export const everyTypesScoreId = serverCheck({
  id: "NORM-006/score-id-of-every-type",
  name: "a scoreId at the top level is normalised in items of every type, also where no schema knows it",
  brokenBy: [leavesScoreIdsOfOtherTypes, leavesScoreIdsOfRareTypes],
  async run({ device, newDevice, expect, anItem }) {
    for (const entityType of ENTITY_TYPES) {
      const item = anItem(entityType, { scoreId: " Moonlight Sonata-Beethoven " });
      const reply = await device.push({ [memberOf(entityType)]: [item] });
      expect.outcome(reply, 0, "applied");
    }
    const pulled = await newDevice().pullAll();
    expect.equal("number of items", pulled.live().length, ENTITY_TYPES.length);
    for (const { entityType, item } of pulled.final) {
      expect.equal(`scoreId of a ${entityType}`, item?.["scoreId"], "moonlight sonata-beethoven");
    }
  },
});

export const otherIdsStay = serverCheck({
  id: "NORM-006/other-ids-stay",
  name: "ids that name no score stay exactly as they are",
  brokenBy: [normalisesEveryEntityId, normalisesPiecesOfEveryType],
  async run({ device, newDevice, expect, anEntry, aGoal, anOccurrence, aDeletion }) {
    const ids = { entry: "Entry-A||B", goal: " Goal-A ", planId: "Plan-A||B", logEntryId: "Entry-A||B" };
    const entry = anEntry({ id: ids.entry, sessionId: "Session-A", goalIds: ["Goal-A"] });
    // Lists that are named like those of entries and plans are nobody's references here.
    const goal = aGoal({
      id: ids.goal,
      pieces: [{ id: " A-B ", title: "T" }],
      pieceRefs: [{ scoreId: "A-B" }, { title: "T" }],
    });
    const occurrence = anOccurrence({ planId: ids.planId, logEntryId: ids.logEntryId });
    await device.push({ entries: [entry], goals: [goal], planOccurrences: [occurrence] });
    const pulled = await newDevice().pullAll();
    expect.equal("entry", expect.live(pulled, ids.entry).item, entry);
    expect.equal("goal", expect.live(pulled, ids.goal).item, goal);
    expect.equal("occurrence", expect.live(pulled, occurrence["id"] as string).item, occurrence);

    // Another spelling is another entity.
    await device.push({ entries: [aDeletion("entry-a||b")] });
    expect.live(await newDevice().pullAll(), ids.entry);
  },
});
