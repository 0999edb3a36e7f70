import type { Limits } from "../../../schemas/limits.ts";
import { serverCheck } from "../../check.ts";
import type { Ack } from "../../wire/messages.ts";
import { pointsIntoAPush } from "./realtime-acks.mutants.ts";
import * as faulty from "./realtime-collections.mutants.ts";

const refused = { invalid: "on purpose" } as const;

/** "/entries/0 refused INVALID_ITEM", in alphabetical order. */
function resultsOf({ results }: Ack): string[] {
  return (results ?? [])
    .map(({ pointer, outcome, code }) => [pointer, outcome, code].filter(Boolean).join(" "))
    .toSorted();
}

export const allRefused = serverCheck({
  id: "RT-050/results-where-all-is-refused",
  name: "a message of several entities is answered by results that point into it, also where each is refused",
  brokenBy: [faulty.answersByErrorWhereNothingIsGood, pointsIntoAPush],
  async run({ device, newDevice, expect, anEntry, aGoal, aPiece, aPlan, anOccurrence }) {
    const phone = await device.connect();
    const entries = [anEntry({ duration: -1 }), "no item"];
    const bulk = await phone.mutate("BULK_SYNC", { entries, goals: [aGoal({ title: undefined })] }, refused);
    expect.equal("results of a bulk", resultsOf(bulk), [
      "/entries/0 refused INVALID_ITEM",
      "/entries/1 refused INVALID_ITEM",
      "/goals/0 refused INCOMPLETE",
    ]);
    const pieces = await phone.mutate("REPERTOIRE_BULK_SYNC", { pieces: [aPiece({ status: 5 })] }, refused);
    expect.equal("results of pieces", resultsOf(pieces), ["/pieces/0 refused INVALID_ITEM"]);
    const occurrences = [anOccurrence({ planId: 7 }), anOccurrence({ planId: 8 })];
    const planned = await phone.mutate("PLAN_CREATED", { plan: aPlan({ title: 7 }), occurrences }, refused);
    expect.equal("results of a plan with occurrences", resultsOf(planned), [
      "/occurrences/0 refused INVALID_ITEM",
      "/occurrences/1 refused INVALID_ITEM",
      "/plan refused INVALID_ITEM",
    ]);
    expect.nothing("what was refused", await newDevice().pull());
  },
});

export const unknownCollections = serverCheck({
  id: "RT-051/collections-that-are-none-of-the-message",
  name: "items under a name that is no collection of a bulk message are refused one by one, and not lost unheard",
  brokenBy: [
    faulty.ignoresOtherCollections,
    faulty.takesPiecesFromAnyBulk,
    faulty.refusesBulksOfUnknownMembers,
  ],
  async run({ device, newDevice, expect, anEntry, aGoal, aPiece }) {
    const phone = await device.connect();
    const [entry, piece] = [anEntry(), aPiece()];
    const more = { hints: ["fast", 3], marks: [], trace: { repertoire: [aPiece()] }, none: null };
    const bulk = await phone.mutate("BULK_SYNC", {
      entries: [entry],
      repertoire: [aPiece(), aPiece()],
      pieces: [aPiece()],
      etudes: [aGoal()],
      "a/b": [aGoal()],
      ...more,
    });
    expect.equal("results of a bulk", resultsOf(bulk), [
      "/a~1b/0 refused UNKNOWN_COLLECTION",
      "/entries/0 applied",
      "/etudes/0 refused UNKNOWN_COLLECTION",
      "/pieces/0 refused UNKNOWN_COLLECTION",
      "/repertoire/0 refused UNKNOWN_COLLECTION",
      "/repertoire/1 refused UNKNOWN_COLLECTION",
    ]);
    const pieces = await phone.mutate("REPERTOIRE_BULK_SYNC", {
      pieces: [piece],
      entries: [anEntry()],
      ...more,
    });
    expect.equal("results of pieces", resultsOf(pieces), [
      "/entries/0 refused UNKNOWN_COLLECTION",
      "/pieces/0 applied",
    ]);
    const pulled = await newDevice().pull();
    expect.liveIds(pulled, [entry["id"], piece["scoreId"]] as string[]);
  },
});

/** As many items as a message may have; undefined: they don't fit into a frame. */
function fitting(most: number, { maxMessageBytes }: Limits): number | undefined {
  return (most + 1) * 3 + 1_000 < maxMessageBytes ? most : undefined;
}

export const limitsOfMessages = serverCheck({
  id: "LIM-008/messages-keep-the-limits-of-bodies",
  name: "the number of items and the depth of a message are bounded as those of a body, and the socket goes on",
  brokenBy: [
    faulty.countsNoItemsOnSockets,
    faulty.holdsDeployedPeersToMaxItems,
    faulty.hasNoDepthLimitOnSockets,
    faulty.countsDepthFromTheItem,
    faulty.countsDepthAsInAPush,
  ],
  async run({ device, deployedDevice, expect, limits, aGoal, anEntry }) {
    const announced = await device.connect();
    const deployed = await deployedDevice().connect();
    for (const [connection, limit] of [
      [announced, limits.maxItems],
      [deployed, limits.legacyMaxItems],
    ] as const) {
      const most = fitting(limit, limits);
      if (most === undefined) continue;
      // They need not be good to be counted.
      const entries = Array.from({ length: most }, () => ({}));
      const judged = await connection.mutate("BULK_SYNC", { entries }, refused);
      expect.equal("number of results", judged.results?.length, most);
      const over = await connection.tryMutate("BULK_SYNC", { entries: [...entries, {}] }, refused);
      expect.errorFrame(over, "TOO_MANY_ITEMS");
      expect.ack(await connection.write("logbook_entry", anEntry()), "applied");
    }

    // Level 1 is the message, level 2 the item.
    const nested = (levels: number) => JSON.parse("[".repeat(levels) + "]".repeat(levels)) as never;
    const deepest = aGoal({ deep: nested(limits.maxDepth - 2) });
    expect.ack(await announced.write("goal", deepest), "applied");
    const item = aGoal({ deep: nested(limits.maxDepth - 1) });
    const from = announced.frames.length;
    announced.sendText(JSON.stringify({ type: "ENTITY_CHANGED", entityType: "goal", item }));
    const answer = await announced.until(
      "the answer to a message that is too deep",
      (one) => ["ERROR", "SYNC_RESPONSE"].includes(one.type) && announced.frames.indexOf(one) >= from,
    );
    expect.errorFrame(answer, "INVALID_JSON");
    expect.ack(await announced.write("goal", aGoal()), "applied");
  },
});
