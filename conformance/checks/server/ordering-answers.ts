import { serverCheck } from "../../check.ts";
import {
  answersBatchesWithoutItems,
  answersNoItemToDuplicates,
  answersTheHeadAsEverySeq,
  answersTheLosersMeta,
  answersTheSendersItem,
  answersTheVersionBefore,
  answersWithoutNormalisedItems,
  answersWithoutStampedItems,
} from "./ordering-answers.mutants.ts";

export const metaAfterwards = serverCheck({
  id: "ORD-018/meta-after-the-request",
  name: "the meta of an applied write is the one that a pull tells",
  brokenBy: [answersTheVersionBefore, answersTheHeadAsEverySeq],
  async run({ device, newDevice, expect, anEntry, aGoal, aPiece, edited }) {
    const [entry, goal, piece] = [anEntry(), aGoal(), aPiece()];
    await device.push({ entries: [entry], goals: [goal] });
    const reply = await device.push({
      entries: [edited(entry), anEntry()],
      goals: [edited(goal)],
      repertoire: [piece],
    });
    const pulled = await newDevice().pullAll();
    for (const { meta } of reply.body.results) {
      const row = expect.live(pulled, meta?.entityId ?? "", meta?.entityType);
      expect.equal(`meta of ${meta?.entityType}`, meta, row.meta);
    }
    expect.outcomes(reply, ["applied", "applied", "applied", "applied"]);
  },
});

export const metaOfTheWinner = serverCheck({
  id: "ORD-018/meta-of-the-winner",
  name: "the meta of a superseded write is that of the stored one, deletion or item",
  brokenBy: [answersTheLosersMeta],
  async run({ device, newDevice, expect, aGoal, aDeletion, edited }) {
    const [goal, gone] = [aGoal(), aGoal()];
    await device.push({ goals: [goal, gone] });
    const winners = await device.push({ goals: [edited(goal), aDeletion(gone)] });
    const late = await newDevice().push({
      goals: [
        { ...goal, title: "late", updatedAt: "2024-01-01T00:00:00Z" },
        { ...gone, title: "late", updatedAt: "2024-01-01T00:00:00Z" },
      ],
    });
    for (const index of [0, 1]) {
      const winner = expect.outcome(winners, index, "applied").meta;
      expect.equal("version of the winner", winner?.version, 2);
      expect.equal("meta of a superseded write", expect.outcome(late, index, "superseded").meta, winner);
    }
  },
});

export const winningItem = serverCheck({
  id: "ORD-019/item-of-the-winner",
  name: "a superseded write is answered with the winner's item, and with null where the winner is a deletion",
  brokenBy: [answersTheSendersItem],
  async run({ device, newDevice, expect, aGoal, aDeletion, edited }) {
    const [goal, gone] = [aGoal(), aGoal()];
    await device.push({ goals: [goal, gone] });
    await device.push({ goals: [edited(goal, { title: "the winner" }), aDeletion(gone)] });
    const stored = expect.live(await device.pullAll(), goal["id"] as string).item;

    const late = await newDevice().push({ goals: [goal, gone] });
    expect.equal("item of the winner", expect.outcome(late, 0, "superseded").item, stored);
    expect.equal("title of the winner", stored["title"], "the winner");
    expect.equal("item where a deletion won", expect.outcome(late, 1, "superseded").item, null);
  },
});

export const normalisedItem = serverCheck({
  id: "ORD-019/normalised-item",
  name: "an applied or duplicate write that was normalised is answered with the stored item",
  brokenBy: [answersWithoutNormalisedItems, answersNoItemToDuplicates],
  async run({ device, newDevice, expect, anEntry, aPiece }) {
    const entry = anEntry({ type: "Lesson", goal_ids: ["g1"] });
    const piece = aPiece({ scoreId: undefined, title: "Clair de Lune", composer: "Debussy" });
    const reply = await device.push({ entries: [entry], repertoire: [piece] });
    const pulled = await newDevice().pullAll();
    const [storedEntry] = pulled.live("logbook_entry");
    const [storedPiece] = pulled.live("repertoire_item");
    expect.equal("type as stored", storedEntry?.["type"], "lesson");
    expect.equal("score id as stored", storedPiece?.["scoreId"], "clair de lune-debussy");
    expect.equal("item of the entry", expect.outcome(reply, 0, "applied").item, storedEntry);
    expect.equal("item of the piece", expect.outcome(reply, 1, "applied").item, storedPiece);

    const again = await newDevice().push({ entries: [entry], repertoire: [piece] });
    expect.equal("item of the entry", expect.outcome(again, 0, "duplicate").item, storedEntry);
    expect.equal("item of the piece", expect.outcome(again, 1, "duplicate").item, storedPiece);
  },
});

export const stampedItem = serverCheck({
  id: "ORD-019/stamped-by-the-server",
  name: "a write that the server stamped is answered with the stamped item",
  brokenBy: [answersWithoutStampedItems],
  async run({ device, deployedDevice, expect, aGoal }) {
    const goal = aGoal({ updatedAt: undefined });
    const { item } = expect.outcome(await deployedDevice().push({ goals: [goal] }), 0, "applied");
    const stored = expect.live(await device.pullAll(), goal["id"] as string).item;
    expect.equal("item of the answer", item, stored);
    expect.ok("the stored item has its stamp", stored["updatedAt"] !== undefined, stored);
  },
});

export const batchItems = serverCheck({
  id: "ORD-019/batch",
  name: "a batch answers with the stored items too",
  brokenBy: [answersBatchesWithoutItems, answersTheSendersItem],
  async run({ device, newDevice, expect, anEntry, edited }) {
    const [entry, known] = [anEntry({ type: "Lesson" }), anEntry()];
    await device.push({ entries: [known] });
    await device.push({ entries: [edited(known, { notes: "the winner" })] });
    const reply = await newDevice().batch(
      [entry, known].map((data) => ({ id: data["id"] as string, type: "logbook_entry" as const, data })),
    );
    expect.equal("type", expect.outcome(reply, 0, "applied").item?.["type"], "lesson");
    expect.equal("notes", expect.outcome(reply, 1, "superseded").item?.["notes"], "the winner");
    expect.equal("version", expect.result(reply, 1).meta?.version, 2);
  },
});
