import { serverCheck } from "../../check.ts";
import * as faulty from "./realtime-items.mutants.ts";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A goal whose canonical JSON has exactly this many bytes, padded with characters of one or more bytes. */
function goalOfBytes(goal: Record<string, unknown>, bytes: number, pad = "x"): Record<string, unknown> {
  const bare = { ...goal, description: "" };
  const padding = bytes - bytesOf(JSON.stringify(bare)).length;
  const each = bytesOf(pad).length;
  return { ...bare, description: pad.repeat(Math.floor(padding / each)) + "x".repeat(padding % each) };
}

export const largestItems = serverCheck({
  id: "RT-010/largest-items-are-accepted",
  name: "an item of exactly maxItemBytes is accepted on a socket, and one byte more is refused without closing it",
  brokenBy: [
    faulty.limitsFramesToTheItem,
    faulty.storesSmallItemsOnly,
    faulty.countsEscapesOfItems,
    faulty.closesOnLargeItems,
  ],
  async run({ device, newDevice, deployedDevice, aGoal, limits, expect }) {
    const most = limits.maxItemBytes;
    const listener = await newDevice().connect();
    for (const sender of [newDevice(), deployedDevice()]) {
      const connection = await sender.connect();
      for (const pad of ["x", "♪"]) {
        const item = goalOfBytes(aGoal(), most, pad);
        const ack = await connection.mutate("ENTITY_CHANGED", { entityType: "goal", item });
        expect.ack(ack, "applied");
        const told = await listener.hears(item["id"] as string);
        expect.equal("description as told", told.item?.["description"], item["description"]);
      }
      const larger = goalOfBytes(aGoal(), most + 1);
      const refusal = await connection.tryMutate("ENTITY_CHANGED", { entityType: "goal", item: larger });
      expect.errorFrame(refusal, "ITEM_TOO_LARGE");
      expect.ack(await connection.write("goal", aGoal()), "applied");
    }
    expect.equal("goals that were stored", (await device.pullAll()).live("goal").length, 6);
  },
});

export const roomBesideTheItem = serverCheck({
  id: "RT-010/room-beside-the-item",
  name: "a message of the largest item has room for 4,096 bytes beside it",
  brokenBy: [faulty.leavesLittleRoomBesideItems, faulty.limitsFramesToTheItem],
  async run({ device, newDevice, unique, aGoal, limits, expect }) {
    const connection = await device.connect();
    await connection.catchUp();
    const listener = await newDevice().connect();
    const item = goalOfBytes(aGoal(), limits.maxItemBytes);
    const clientChangeId = unique("change");
    const message = { type: "ENTITY_CHANGED", clientChangeId, entityType: "goal", item, trace: "" };
    const beside = bytesOf(JSON.stringify(message)).length - limits.maxItemBytes;
    const text = JSON.stringify({ ...message, trace: "x".repeat(4_096 - beside) });
    const answer = await connection.answerTo(clientChangeId, () => connection.sendText(text));
    expect.ack(answer, "applied");
    const told = await listener.hears(item["id"] as string);
    expect.equal("description as told", told.item?.["description"], item["description"]);
  },
});

/** Members that no schema knows, with values that are easily lost. */
const UNKNOWN = {
  zz_future: { deep: { list: [null, 0, -0.5, 1e21, "", [], {}, { tempo_marks: [true, false] }] } },
  nothing: null,
  "♪ café": "é ↔ e\u0301, 𝄞",
  score_hint: "kept as it is",
  length: 3,
};

export const unknownMembersSurvive = serverCheck({
  id: "RT-011/unknown-members-of-items",
  name: "unknown members of items of every type survive from socket to socket, and to a pull",
  brokenBy: [
    faulty.tellsKnownMembersOnly,
    faulty.tellsNoNulls,
    faulty.tellsShallowItems,
    faulty.tellsDefaults,
    faulty.renamesDeeplyOnSockets,
  ],
  async run({ device, newDevice, expect, ...make }) {
    const writer = await device.connect();
    const listener = await newDevice().connect();
    const items = {
      logbook_entry: make.anEntry(UNKNOWN),
      repertoire_item: make.aPiece(UNKNOWN),
      goal: make.aGoal(UNKNOWN),
      practice_plan: make.aPlan(UNKNOWN),
      plan_occurrence: make.anOccurrence(UNKNOWN),
      plan_template: make.aTemplate(UNKNOWN),
      user_preferences: make.preferences(UNKNOWN),
    } as const;
    for (const [entityType, item] of Object.entries(items) as [keyof typeof items, object][]) {
      expect.ack(await writer.write(entityType, item as never), "applied");
    }
    const pulled = await newDevice().pull();
    for (const [entityType, item] of Object.entries(items)) {
      const id = (item["scoreId"] ?? item["id"]) as string;
      // The author of a template is the server's to say (NORM-011).
      const expected = entityType === "plan_template" ? { ...item, authorId: device.user } : (item as object);
      expect.equal(`${entityType} as told`, (await listener.hears(id)).item, expected);
      expect.equal(`${entityType} as pulled`, expect.live(pulled, id).item, expected);
    }
  },
});

export const unknownMembersOfMessages = serverCheck({
  id: "RT-011/unknown-members-of-messages",
  name: "unknown members of messages are allowed, and those of items survive in bulk, in normal form, both ways",
  brokenBy: [
    faulty.refusesUnknownMembersOfMessages,
    faulty.takesEnvelopesForItems,
    faulty.relaysWhatItWasSent,
    faulty.tellsKnownMembersOnly,
  ],
  async run({ device, newDevice, anEntry, aGoal, aPiece, expect }) {
    const writer = await device.connect();
    const listener = await newDevice().connect();
    const envelope = { traceId: "t-1", hints: { retry: [1, null] }, title: "of the message" };
    const entry = anEntry({ ...UNKNOWN, instrument: "PIANO", goal_ids: ["g-1"] });
    const { goal_ids: goalIds, ...rest } = entry;
    const normal = { ...rest, instrument: "piano", goalIds };
    const goal = aGoal(UNKNOWN);
    const piece = aPiece(UNKNOWN);
    await writer.mutate("BULK_SYNC", { ...envelope, entries: [entry], goals: [goal] });
    await writer.mutate("REPERTOIRE_BULK_SYNC", { ...envelope, pieces: [piece] });
    expect.equal("entry as told", (await listener.hears(entry["id"] as string)).item, normal);
    expect.equal("goal as told", (await listener.hears(goal["id"] as string)).item, goal);
    expect.equal("piece as told", (await listener.hears(piece["scoreId"] as string)).item, piece);

    // From HTTP to the sockets.
    const pushed = anEntry({ ...UNKNOWN, instrument: "PIANO" });
    await device.push({ entries: [pushed] });
    expect.equal("pushed entry as told", (await listener.hears(pushed["id"] as string)).item, {
      ...pushed,
      instrument: "piano",
    });
  },
});
