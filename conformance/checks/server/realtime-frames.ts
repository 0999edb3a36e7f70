import { serverCheck } from "../../check.ts";
import type { ServerContext } from "../../check.ts";
import type { Connection } from "../../connection.ts";
import * as faulty from "./realtime-frames.mutants.ts";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A good mutation as text: a new entry that would be applied. */
function creation({ anEntry, unique }: ServerContext, overrides: Record<string, unknown> = {}): string {
  return JSON.stringify({
    type: "ENTRY_CREATED",
    protocol: "1",
    clientChangeId: unique("change"),
    entry: anEntry(overrides),
  });
}

/** Nothing is stored of this user, and another socket works as before. */
async function expectNoTrace({ device, expect }: ServerContext, other: Connection): Promise<void> {
  await other.fence();
  expect.equal("entities told on another socket", other.told, []);
  const stored = (await device.pull()).body.entries;
  expect.equal("entries that were stored", stored, []);
}

export const binaryFrames = serverCheck({
  id: "RT-007/binary-frames",
  name: "a binary frame closes the socket with 1003 and is not applied, though it holds a good message",
  brokenBy: [faulty.readsBinaryFrames, faulty.answersBinaryFrames, faulty.closesBinaryFramesAsBroken],
  async run(context) {
    const { newDevice, expect } = context;
    const other = await newDevice().connect();
    for (const data of [creation(context), '{"type":"PING"}', "", "\u0000\u0001"]) {
      const connection = await newDevice().connect();
      connection.sendBytes(bytesOf(data));
      await expect.closedWith(connection, 1003);
    }
    const amid = await newDevice().connect();
    await amid.catchUp();
    amid.sendBytes(bytesOf(creation(context)));
    await expect.closedWith(amid, 1003);
    await expectNoTrace(context, other);

    const good = await newDevice().connect();
    good.sendText(creation(context));
    expect.equal("outcome of the same as text", (await good.next("SYNC_RESPONSE"))["outcome"], "applied");
  },
});

export const longFrames = serverCheck({
  id: "RT-007/frames-that-are-too-long",
  name: "a frame one byte over maxMessageBytes closes the socket with 1009; one of exactly that length is served",
  brokenBy: [
    faulty.takesFramesOfAnyLength,
    faulty.refusesLongFramesByError,
    faulty.closesLongFramesAsBroken,
    faulty.refusesTheLongestFrame,
  ],
  async run(context) {
    const { newDevice, limits, expect } = context;
    const most = limits.maxMessageBytes;
    // White space between tokens belongs to no item, so that nothing but the frame is long.
    const padded = (bytes: number): string => {
      const text = creation(context);
      return `${text.slice(0, -1)}${" ".repeat(bytes - text.length)}}`;
    };
    const other = await newDevice().connect();
    const long = await newDevice().connect();
    long.sendText(padded(most + 1));
    await expect.closedWith(long, 1009);
    await expectNoTrace(context, other);

    const good = await newDevice().connect();
    good.sendText(padded(most));
    expect.equal("outcome in the longest frame", (await good.next("SYNC_RESPONSE"))["outcome"], "applied");
  },
});

export const framesAreMeasuredInBytes = serverCheck({
  id: "RT-007/length-in-bytes",
  name: "the length of a frame is that of its UTF-8, not the number of its characters",
  brokenBy: [faulty.measuresFramesInCharacters, faulty.takesFramesOfAnyLength],
  async run(context) {
    const { newDevice, limits, expect } = context;
    const other = await newDevice().connect();
    const text = creation(context, { notes: "♪".repeat(Math.ceil(limits.maxMessageBytes / 3)) });
    expect.ok("fewer characters than the limit has bytes", text.length < limits.maxMessageBytes, text.length);
    const long = await newDevice().connect();
    long.sendText(text);
    await expect.closedWith(long, 1009);
    await expectNoTrace(context, other);

    const good = await newDevice().connect();
    good.sendText(creation(context, { notes: "♪".repeat(1_000) }));
    expect.equal("outcome of a short frame", (await good.next("SYNC_RESPONSE"))["outcome"], "applied");
  },
});

export const brokenUtf8 = serverCheck({
  id: "RT-008/text-that-is-not-utf-8",
  name: "a text frame that is not UTF-8 closes the socket with 1007 and is not applied",
  brokenBy: [
    faulty.replacesBrokenUtf8,
    faulty.answersBrokenUtf8,
    faulty.closesBrokenUtf8AsBroken,
    faulty.takesSurrogatesInUtf8,
  ],
  async run(context) {
    const { newDevice, expect } = context;
    const other = await newDevice().connect();
    const broken = {
      "a byte that no character has": [0xff],
      "a character that is cut off": [0xc3],
      "an overlong form": [0xc0, 0xaf],
      "a surrogate": [0xed, 0xa0, 0x80],
      "a code point beyond the last": [0xf4, 0x90, 0x80, 0x80],
      "Latin-1": [0x65, 0xe9, 0x65],
    };
    for (const [what, bytes] of Object.entries(broken)) {
      const connection = await newDevice().connect();
      const [head = "", tail = ""] = creation(context, { notes: "HERE" }).split("HERE");
      connection.sendBytes(Uint8Array.from([...bytesOf(head), ...bytes, ...bytesOf(tail)]), "text");
      await connection.until(`WELCOME (before ${what})`, ({ type }) => type === "WELCOME");
      await expect.closedWith(connection, 1007);
    }
    await expectNoTrace(context, other);

    const good = await newDevice().connect();
    good.sendBytes(bytesOf(creation(context, { notes: "é ♪ 𝄞" })), "text");
    expect.equal("outcome of good UTF-8", (await good.next("SYNC_RESPONSE"))["outcome"], "applied");
  },
});

/** Sends each text on one socket; each gets an ERROR with one of these codes, and the socket goes on. */
async function expectErrors(
  context: ServerContext,
  codes: readonly string[],
  texts: readonly string[],
): Promise<void> {
  const { newDevice, anEntry, aGoal, expect } = context;
  const other = await newDevice().connect();
  const connection = await newDevice().connect();
  // It has announced its version, so that nothing but the message can be wrong.
  await connection.catchUp();
  for (const text of texts) {
    const from = connection.frames.length;
    connection.sendText(text);
    const shown = text.slice(0, 60);
    const answer = await connection.until(
      `an answer to ${shown}`,
      (one) => connection.frames.indexOf(one) >= from,
    );
    expect.ok(`${shown} is answered with a fitting code`, codes.includes(String(answer["code"])), answer);
    expect.errorFrame(answer, String(answer["code"]));
  }
  await expectNoTrace(context, other);
  expect.ack(await connection.write("goal", aGoal()), "applied");
  const entry = anEntry();
  expect.ack(await connection.write("logbook_entry", entry), "applied");
  expect.equal("the good entry as told", (await other.hears(entry["id"] as string)).item, entry);
}

export const notIJson = serverCheck({
  id: "RT-009/not-i-json",
  name: "a frame that is not I-JSON is answered with ERROR, has no effect, and the socket goes on",
  brokenBy: [
    faulty.closesOnBrokenJson,
    faulty.saysNothingToBrokenJson,
    faulty.parsesMessagesLeniently,
    faulty.relaysBrokenMessages,
    faulty.saysErrorWithoutCode,
  ],
  async run(context) {
    const good = JSON.stringify({ type: "ENTRY_CREATED", entry: context.anEntry() });
    await expectErrors(
      context,
      ["INVALID_JSON"],
      [
        "{",
        "ping",
        "",
        `${good}${good}`,
        `[${good}`,
        good.replace('"duration":', '"duration":5,"duration":'),
        good.replace('"notes":"', String.raw`"notes":"\ud800`),
        good.replace('"duration":', '"rating":1e999,"duration":'),
        good.replace('"duration":', '"count":9007199254740993,"duration":'),
      ],
    );
  },
});

export const notAnObject = serverCheck({
  id: "RT-009/no-object",
  name: "JSON that is no object is answered with ERROR, has no effect, and the socket goes on",
  brokenBy: [faulty.closesOnBrokenJson, faulty.readsListsOfMessages, faulty.saysNothingToOtherJson],
  async run(context) {
    const good = JSON.stringify({ type: "ENTRY_CREATED", entry: context.anEntry() });
    const texts = ["null", "42", '"PING"', "[]", `[${good}]`];
    await expectErrors(context, ["INVALID_REQUEST", "INVALID_JSON"], texts);
  },
});

export const unknownTypes = serverCheck({
  id: "RT-009/unknown-types",
  name: "a message of an unknown type is answered UNKNOWN_MESSAGE, has no effect, and the socket goes on",
  brokenBy: [
    faulty.ignoresUnknownTypes,
    faulty.callsUnknownTypesBroken,
    faulty.relaysUnknownTypes,
    faulty.takesTypesInAnyCase,
    faulty.takesItsOwnTypesBack,
  ],
  async run(context) {
    const entry = context.anEntry();
    const types = ["ENTRY_ARCHIVED", "entry_created", "ENTRY_CREATED ", "", "WELCOME", "SYNC_RESPONSE"];
    types.push("toString", "__proto__");
    const texts = types.map((type) => JSON.stringify({ type, clientChangeId: `of ${type}`, entry }));
    await expectErrors(context, ["UNKNOWN_MESSAGE"], texts);
  },
});

export const againstTheSchema = serverCheck({
  id: "RT-009/against-the-schema",
  name: "a message against its schema is answered with ERROR, has no effect, and the socket goes on",
  brokenBy: [
    faulty.checksNoSchemas,
    faulty.closesOnBadMessages,
    faulty.saysNothingToBadMessages,
    faulty.relaysBrokenMessages,
    faulty.saysErrorWithoutCode,
  ],
  async run(context) {
    const { anEntry } = context;
    const messages = [
      { type: "ENTRY_CREATED" },
      { type: "ENTRY_DELETED", entryId: 5 },
      { type: "ENTRY_DELETED" },
      { type: "PIECE_REMOVED", scoreId: ["a"] },
      { type: "BULK_SYNC", entries: anEntry() },
      { type: "BULK_SYNC", entries: [anEntry()], goals: "none" },
      { type: "REPERTOIRE_BULK_SYNC" },
      { type: "ENTITY_CHANGED", item: anEntry() },
      { type: "PLAN_CREATED", plan: { id: "p1" }, occurrences: 3 },
      { type: "AUTH" },
      { type: "SYNC_REQUEST", lastSeq: "0" },
      { type: "SYNC_REQUEST", lastSeq: -1 },
      { type: "ENTRY_CREATED", entry: anEntry(), clientChangeId: 7 },
    ];
    const texts = messages.map((message) => JSON.stringify(message));
    texts.push('{"entry":{}}', '{"type":null}', '{"type":["PING"]}');
    // A message without the member that it is about may be called incomplete, as an item is; one without a type unknown.
    const codes = ["INVALID_REQUEST", "INCOMPLETE", "INVALID_ITEM", "UNKNOWN_COLLECTION", "UNKNOWN_MESSAGE"];
    await expectErrors(context, codes, texts);
  },
});

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
