import { serverCheck } from "../../check.ts";
import * as faulty from "./realtime-judgements.mutants.ts";
import { toldDuring } from "./realtime-shared.ts";

export const supersededIsNotTold = serverCheck({
  id: "RT-015/superseded-is-acknowledged-and-not-told",
  name: "a mutation that loses is acknowledged to its sender, and the others hear nothing",
  brokenBy: [
    faulty.tellsTheLoser,
    faulty.tellsTheWinnerToAll,
    faulty.answersSupersededByError,
    faulty.leavesSupersededUnanswered,
  ],
  async run({ device, newDevice, expect, anEntry, aPiece, aGoal, aDeletion, edited }) {
    const phone = await device.connect();
    const laptop = await newDevice().connect();
    const [entry, piece, goal] = [anEntry(), aPiece(), aGoal()];
    const early = aDeletion(goal);
    await newDevice().push({
      entries: [edited(entry)],
      repertoire: [aDeletion(piece)],
      goals: [edited(goal)],
    });
    const told = await toldDuring(laptop, async () => {
      expect.ack(await phone.mutate("ENTRY_UPDATED", { entry }), "superseded");
      expect.ack(await phone.mutate("PIECE_UPDATED", { piece }), "superseded");
      const item = early;
      expect.ack(await phone.mutate("ENTITY_CHANGED", { entityType: "goal", item }), "superseded");
      const bulk = await phone.mutate("BULK_SYNC", { entries: [entry], goals: [goal] });
      const outcomes = (bulk.results ?? []).map(({ outcome }) => outcome);
      expect.equal("outcomes of a bulk", outcomes, ["superseded", "superseded"]);
    });
    expect.equal("told of what lost", told, []);
    // The twin: what wins is told.
    const again = edited(entry);
    expect.ack(await phone.mutate("ENTRY_UPDATED", { entry: again }), "applied");
    const id = entry["id"] as string;
    await laptop.hears(id, ({ item }) => item?.["updatedAt"] === again["updatedAt"]);
  },
});

export const duplicateIsNotTold = serverCheck({
  id: "RT-015/duplicate-is-acknowledged-and-not-told",
  name: "a repeated mutation is acknowledged as a duplicate, on whichever channel it came first, and not told again",
  brokenBy: [
    faulty.tellsDuplicates,
    faulty.leavesDuplicatesUnanswered,
    faulty.takesANewChangeIdForANewChange,
  ],
  async run({ device, newDevice, expect, anEntry, aPiece, aGoal }) {
    const phone = await device.connect();
    const tablet = await newDevice().connect();
    const laptop = await newDevice().connect();
    const [entry, piece, goal] = [anEntry(), aPiece(), aGoal()];
    expect.ack(await phone.mutate("ENTRY_CREATED", { entry }), "applied");
    await newDevice().push({ repertoire: [piece], goals: [goal] });
    const { scoreId } = piece;
    const deletedAt = goal["updatedAt"];
    const removed = expect.ack(await phone.mutate("PIECE_REMOVED", { scoreId, deletedAt }), "applied");

    const told = await toldDuring(laptop, async () => {
      for (const socket of [phone, tablet]) {
        const repeated = expect.ack(await socket.mutate("ENTRY_CREATED", { entry }), "duplicate");
        expect.equal("version after a repetition", repeated.meta.version, 1);
        const gone = expect.ack(await socket.mutate("PIECE_REMOVED", { scoreId, deletedAt }), "duplicate");
        expect.equal("seq after a repeated removal", gone.meta.seq, removed.meta.seq);
      }
      const bulk = await tablet.mutate("BULK_SYNC", { entries: [entry], goals: [goal] });
      const outcomes = (bulk.results ?? []).map(({ outcome }) => outcome);
      expect.equal("outcomes of a bulk of repetitions", outcomes, ["duplicate", "duplicate"]);
    });
    expect.equal("told of repetitions", told, []);
    expect.event(laptop, entry["id"] as string);
  },
});

export const sameIdTwice = serverCheck({
  id: "RT-017/same-id-twice",
  name: "a clientChangeId that was used before changes no judgement, on its socket and on another",
  brokenBy: [
    faulty.ignoresAKnownChangeId,
    faulty.takesAKnownChangeIdForADuplicate,
    faulty.sharesChangeIdsAmongSockets,
  ],
  async run({ device, newDevice, expect, anEntry, aGoal, edited, unique }) {
    const phone = await device.connect();
    const laptop = await newDevice().connect();
    const clientChangeId = unique("change");
    const entry = anEntry();
    const next = edited(entry);
    const first = await phone.mutate("ENTRY_CREATED", { entry, clientChangeId });
    expect.equal("version", expect.ack(first, "applied").meta.version, 1);
    const second = await phone.mutate("ENTRY_UPDATED", { entry: next, clientChangeId });
    expect.equal("version of another change of the same name", expect.ack(second, "applied").meta.version, 2);

    const goal = aGoal();
    const elsewhere = await laptop.mutate("ENTITY_CHANGED", {
      entityType: "goal",
      item: goal,
      clientChangeId,
    });
    expect.ack(elsewhere, "applied");
    expect.equal("entity of the ack on another socket", elsewhere.meta.entityId, goal["id"]);
    expect.ack(await laptop.mutate("ENTRY_UPDATED", { entry, clientChangeId }), "superseded");
    await phone.hears(goal["id"] as string);
    const pulled = await newDevice().pull();
    expect.equal("stored entry", expect.live(pulled, entry["id"] as string).item, next);
    expect.live(pulled, goal["id"] as string);
  },
});

export const otherId = serverCheck({
  id: "RT-017/same-change-under-another-id",
  name: "a change that was stored is a duplicate under whatever clientChangeId it comes",
  brokenBy: [faulty.takesANewChangeIdForANewChange],
  async run({ device, newDevice, expect, anEntry, aPiece, unique }) {
    const phone = await device.connect();
    const [entry, piece] = [anEntry(), aPiece()];
    const first = await phone.mutate("ENTRY_CREATED", { entry, clientChangeId: unique("change") });
    const again = await phone.mutate("ENTRY_CREATED", { entry, clientChangeId: unique("change") });
    expect.equal("seq of the repetition", expect.ack(again, "duplicate").meta.seq, first.meta.seq);
    await newDevice().push({ repertoire: [piece] });
    const over = await phone.mutate("PIECE_ADDED", { piece, clientChangeId: unique("change") });
    expect.equal("version of what HTTP brought before", expect.ack(over, "duplicate").meta.version, 1);
  },
});

export const refusedIdAgain = serverCheck({
  id: "RT-017/id-of-a-refusal-again",
  name: "a mended change under the clientChangeId of its refusal is judged afresh",
  brokenBy: [faulty.remembersRefusalsByChangeId],
  async run({ device, newDevice, expect, anEntry, unique }) {
    const phone = await device.connect();
    const laptop = await newDevice().connect();
    const clientChangeId = unique("change");
    const entry = anEntry();
    const bad = { ...entry, duration: -5 };
    const refusal = await phone.tryMutate(
      "ENTRY_CREATED",
      { entry: bad, clientChangeId },
      { invalid: "on purpose" },
    );
    expect.errorFrame(refusal, "INVALID_ITEM");
    expect.ack(await phone.mutate("ENTRY_CREATED", { entry, clientChangeId }), "applied");
    await laptop.hears(entry["id"] as string);
  },
});

export const withoutId = serverCheck({
  id: "RT-017/without-an-id",
  name: "mutations without a clientChangeId are stored and told like any other",
  brokenBy: [faulty.demandsAChangeId, faulty.knowsOneChangeWithoutId],
  async run({ device, newDevice, expect, anEntry }) {
    const phone = await device.connect();
    const laptop = await newDevice().connect();
    const entries = [anEntry(), anEntry(), anEntry()];
    // How these are answered is left to the server: an answer names what was not named.
    for (const entry of entries) phone.send({ type: "ENTRY_CREATED", entry, clientChangeId: undefined });
    const ids = entries.map(({ id }) => id as string);
    await Promise.all(ids.map((id) => laptop.hears(id)));
    expect.liveIds(await newDevice().pull(), ids);
    expect.ack(await phone.mutate("ENTRY_CREATED", { entry: anEntry() }), "applied");
  },
});
