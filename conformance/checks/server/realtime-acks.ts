import { serverCheck } from "../../check.ts";
import type { Ack } from "../../wire/messages.ts";
import type { Result } from "../../wire/shapes.ts";
import * as faulty from "./realtime-acks.mutants.ts";
import { stored } from "./realtime-shared.ts";

export const everyMutation = serverCheck({
  id: "RT-013/every-mutation-is-acknowledged",
  name: "every message that changes an entity is acknowledged with what is stored now",
  brokenBy: [
    faulty.acknowledgesNoOtherEntities,
    faulty.acknowledgesMetaOfBefore,
    faulty.acknowledgesRemovalsAsLive,
    faulty.answersDissociationByNothing,
  ],
  async run({ device, newDevice, expect, aPiece, anEntry, aPlan, aGoal, aTemplate, anOccurrence, ...more }) {
    const { aDeletion, edited, preferences } = more;
    const observer = newDevice();
    const cursor = await observer.cursor();
    const phone = await device.connect();
    const [entry, piece, other, plan, gone] = [anEntry(), aPiece(), aPiece(), aPlan(), aPlan()];
    const story: [type: string, members: Record<string, unknown>, id: unknown, version: number][] = [
      ["ENTRY_CREATED", { entry }, entry["id"], 1],
      ["ENTRY_UPDATED", { entry: edited(entry) }, entry["id"], 2],
      ["ENTRY_DELETED", { entryId: entry["id"] }, entry["id"], 3],
      ["PIECE_ADDED", { piece }, piece["scoreId"], 1],
      ["PIECE_UPDATED", { piece: edited(piece) }, piece["scoreId"], 2],
      ["PIECE_REMOVED", { scoreId: piece["scoreId"] }, piece["scoreId"], 3],
      ["PIECE_ADDED", { piece: other }, other["scoreId"], 1],
      ["PIECE_DISSOCIATED", { scoreId: other["scoreId"] }, other["scoreId"], 2],
      ["PLAN_CREATED", { plan }, plan["id"], 1],
      ["PLAN_UPDATED", { plan: edited(plan) }, plan["id"], 2],
      ["PLAN_CREATED", { plan: gone }, gone["id"], 1],
      ["PLAN_UPDATED", { plan: aDeletion(gone) }, gone["id"], 2],
    ];
    const occurrence = anOccurrence({ status: "completed" });
    story.push(["PLAN_OCCURRENCE_COMPLETED", { occurrence }, occurrence["id"], 1]);
    const others = { goal: aGoal(), plan_template: aTemplate(), user_preferences: preferences() };
    for (const [entityType, item] of Object.entries(others)) {
      story.push(["ENTITY_CHANGED", { entityType, item }, item["id"], 1]);
    }
    const latest = new Map<unknown, Ack>();
    for (const [type, members, id, version] of story) {
      const ack = expect.ack(await phone.mutate(type, members), "applied");
      expect.equal(`entity of the ack of ${type}`, ack.meta.entityId, id);
      expect.equal(`version in the ack of ${type}`, ack.meta.version, version);
      latest.set(id, ack);
    }

    const pulled = await observer.changesSince(cursor);
    for (const [id, { meta }] of latest) {
      const row = pulled.find(id as string) ?? expect.fail(`${String(id)} is not stored`);
      expect.equal(`meta in the latest ack of ${String(id)}`, stored(meta), stored(row.meta));
    }
  },
});

export const itemThatDiffers = serverCheck({
  id: "RT-013/item-where-it-differs",
  name: "an acknowledgement carries the stored item where it differs from what was sent",
  brokenBy: [faulty.acknowledgesWithoutItem, faulty.acknowledgesTheItemAsSent, faulty.echoesTheLoser],
  async run({ device, newDevice, expect, anEntry, aPiece, aDeletion }) {
    const phone = await device.connect();
    const entry = anEntry({ instrument: "PIANO" });
    const normalised = expect.ack(await phone.mutate("ENTRY_CREATED", { entry }), "applied");
    expect.equal("item of the ack", normalised.item, { ...entry, instrument: "piano" });
    const repeated = expect.ack(await phone.mutate("ENTRY_CREATED", { entry }), "duplicate");
    expect.equal("item of the ack of a duplicate", repeated.item, { ...entry, instrument: "piano" });

    const [older, newer] = [anEntry(), anEntry()];
    const winner = { ...newer, id: older["id"]! };
    const first = expect.ack(await phone.mutate("ENTRY_CREATED", { entry: winner }), "applied");
    const lost = expect.ack(await phone.mutate("ENTRY_UPDATED", { entry: older }), "superseded");
    expect.equal("item that superseded", lost.item, winner);
    expect.equal("meta of what superseded", stored(lost.meta), stored(first.meta));

    const piece = aPiece();
    await newDevice().push({ repertoire: [aDeletion(piece)] });
    const tooLate = expect.ack(await phone.mutate("PIECE_ADDED", { piece }), "superseded");
    expect.equal("item where a deletion superseded", tooLate.item, null);
    expect.notEqual("deletedAt in the meta of a deletion that superseded", tooLate.meta.deletedAt, null);
  },
});

export const severalByResults = serverCheck({
  id: "RT-013/several-by-results",
  name: "a message with several entities is acknowledged by a result for each of them",
  brokenBy: [faulty.acknowledgesTheFirstAlone, faulty.leavesRefusalsOut, faulty.pointsIntoAPush],
  async run({ device, newDevice, expect, anEntry, aGoal, aPiece, aPlan, anOccurrence, edited }) {
    const goal = aGoal();
    const old = anEntry();
    await newDevice().push({ goals: [goal], entries: [edited(old)] });
    const phone = await device.connect();
    const fresh = anEntry({ instrument: "PIANO" });
    const bad = anEntry({ duration: -1 });
    const bulk = await phone.mutate(
      "BULK_SYNC",
      { entries: [fresh, old, bad], goals: [goal] },
      { invalid: "on purpose" },
    );
    const results = byPointer(bulk);
    expect.equal("results of the bulk", outcomesOf(bulk), [
      "/entries/0 applied",
      "/entries/1 superseded",
      "/entries/2 refused",
      "/goals/0 duplicate",
    ]);
    expect.equal("normalised item in its result", results["/entries/0"]?.item, {
      ...fresh,
      instrument: "piano",
    });
    expect.equal("entity of a result", results["/entries/1"]?.entityId, old["id"]);
    expect.equal("version in a result", results["/entries/1"]?.meta?.version, 1);
    expect.equal("code of the refusal", results["/entries/2"]?.code, "INVALID_ITEM");

    const pieces = await phone.mutate("REPERTOIRE_BULK_SYNC", { pieces: [aPiece(), aPiece()] });
    expect.equal("results of pieces", outcomesOf(pieces), ["/pieces/0 applied", "/pieces/1 applied"]);
    const plan = aPlan();
    const occurrences = [anOccurrence({ planId: plan["id"] }), anOccurrence({ planId: plan["id"] })];
    const planned = await phone.mutate("PLAN_CREATED", { plan, occurrences });
    expect.equal("results of a plan with occurrences", outcomesOf(planned), [
      "/occurrences/0 applied",
      "/occurrences/1 applied",
      "/plan applied",
    ]);
    expect.liveIds(await newDevice().pull(), [plan["id"] as string], "practice_plan");
  },
});

export const emptyBulk = serverCheck({
  id: "RT-013/empty-bulk",
  name: "a bulk message without entities is acknowledged by no results",
  brokenBy: [faulty.ignoresEmptyBulks],
  async run({ device, expect, aPiece }) {
    const phone = await device.connect();
    expect.equal("results", (await phone.mutate("BULK_SYNC", { entries: [] })).results, []);
    expect.equal("results", (await phone.mutate("REPERTOIRE_BULK_SYNC", { pieces: [] })).results, []);
    expect.ack(await phone.mutate("PIECE_ADDED", { piece: aPiece() }), "applied");
  },
});

export const stampedByEnvelope = serverCheck({
  id: "RT-013/stamped-by-the-envelope",
  name: "what has no stamp of its own is acknowledged with the envelope's timestamp as its stamp",
  brokenBy: [faulty.stampsByItsClock, faulty.putsTheEnvelopeFirst, faulty.stampsRemovalsByItsClock],
  async run({ device, expect, at, anEntry, aPiece }) {
    const phone = await device.connect();
    const [created, removed, envelope] = [at(-50_000), at(-40_000), at(-30_000)];
    const entry = anEntry({ updatedAt: undefined });
    const entryId = entry["id"];
    const added = await phone.mutate("ENTRY_CREATED", { entry, timestamp: created });
    expect.equal("stamp of an item without updatedAt", added.meta.updatedAt, created);
    const gone = await phone.mutate("ENTRY_DELETED", { entryId, timestamp: removed });
    expect.equal("stamp of a removal without deletedAt", gone.meta.deletedAt, removed);

    const piece = aPiece({ updatedAt: created });
    const { scoreId } = piece;
    const stamped = await phone.mutate("PIECE_ADDED", { piece, timestamp: envelope });
    expect.equal("stamp of an item with updatedAt", stamped.meta.updatedAt, created);
    const dropped = await phone.mutate("PIECE_REMOVED", {
      scoreId,
      deletedAt: removed,
      timestamp: envelope,
    });
    expect.equal("stamp of a removal with deletedAt", dropped.meta.deletedAt, removed);
  },
});

export const manyInFlight = serverCheck({
  id: "RT-013/each-of-many-in-flight",
  name: "mutations that are sent without waiting are each acknowledged under their own name",
  brokenBy: [faulty.acknowledgesTheLastOfAQueue, faulty.namesTheLatestChange],
  async run({ device, newDevice, expect, aGoal, unique }) {
    const phone = await device.connect();
    // Names as clients make them, some of which are members of every object in some languages.
    const names = ["1", "constructor", "__proto__", "ünï ✓", "x".repeat(200), unique("change")];
    const goals = names.map(() => aGoal());
    const answers = await Promise.all(
      names.map((clientChangeId, index) =>
        phone.mutate("ENTITY_CHANGED", { clientChangeId, entityType: "goal", item: goals[index] }),
      ),
    );
    for (const [index, answer] of answers.entries()) {
      expect.ack(answer, "applied");
      expect.equal(`entity of the ack of "${names[index]}"`, answer.meta.entityId, goals[index]!["id"]);
    }
    const ids = goals.map(({ id }) => id as string);
    expect.liveIds(await newDevice().pull(), ids, "goal");
  },
});

function outcomesOf({ results }: Ack): string[] {
  return (results ?? []).map(({ pointer, outcome }) => `${pointer} ${outcome}`).toSorted();
}

function byPointer({ results }: Ack): Record<string, Result | undefined> {
  return Object.fromEntries((results ?? []).map((result) => [result.pointer, result]));
}
