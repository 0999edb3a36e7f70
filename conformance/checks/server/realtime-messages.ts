import { serverCheck } from "../../check.ts";
import type { ServerContext } from "../../check.ts";
import * as faulty from "./realtime-messages.mutants.ts";

/** Sends each text on one socket; each gets an ERROR with one of these codes, and the socket goes on. */
async function expectErrors(
  context: ServerContext,
  codes: readonly string[],
  texts: readonly string[],
): Promise<void> {
  const { device, newDevice, anEntry, aGoal, expect } = context;
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
  await other.fence();
  expect.equal("entities told on another socket", other.told, []);
  expect.equal("entries that were stored", (await device.pull()).body.entries, []);

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

export const largeAndNotIJson = serverCheck({
  id: "RT-009/large-and-not-i-json",
  name: "a large message that is not I-JSON is refused like a small one, wherever in it the fault is",
  brokenBy: [
    faulty.parsesLargeMessagesLeniently,
    faulty.looksForRepeatedNamesInTheHead,
    faulty.parsesMessagesLeniently,
  ],
  async run(context) {
    const { limits, anEntry } = context;
    const texts = [70_000, 200_000].flatMap((size) => {
      // The faults stand before and after what makes it large.
      const notes = "la ".repeat(Math.floor(Math.min(size, limits.maxItemBytes - 8_192) / 3));
      const entry = anEntry({ notes, zLast: 1 });
      const good = JSON.stringify({ type: "ENTRY_CREATED", clientChangeId: "c", entry });
      return [
        good.replace('"duration":', '"duration":5,"duration":'),
        good.replace('"zLast":', '"zLast":5,"zLast":'),
        good.replace('"zLast":1', String.raw`"zLast":"\ud800"`),
        good.replace('"zLast":1', '"zLast":9007199254740993'),
        good.replace('"zLast":1', '"zLast":1e999'),
        good.slice(0, -1),
      ];
    });
    await expectErrors(context, ["INVALID_JSON"], texts);
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

export const codesOfBadFrames = serverCheck({
  id: "RT-042/codes-of-bad-frames",
  name: "ERROR says which of three it was: no I-JSON, JSON that is no object, a type that is not known",
  brokenBy: [
    faulty.callsOtherJsonBroken,
    faulty.callsUnknownTypesInvalid,
    faulty.callsBrokenJsonInvalid,
    faulty.saysErrorWithoutCode,
  ],
  async run({ newDevice, anEntry, expect }) {
    const connection = await newDevice().connect();
    await connection.catchUp();
    const good = JSON.stringify({ type: "ENTRY_CREATED", entry: anEntry() });
    const ofType = (type: string) => JSON.stringify({ type, entry: anEntry() });
    const frames = {
      INVALID_JSON: ["{", `${good},`, good.slice(0, -1), "ENTRY_CREATED"],
      INVALID_REQUEST: ["null", "true", "17", '"PING"', "[]", `[${good}]`],
      UNKNOWN_MESSAGE: ["ENTRY_ARCHIVED", "ping", "WELCOME"].map(ofType),
    };
    for (const [code, texts] of Object.entries(frames)) {
      for (const text of texts) {
        connection.sendText(text);
        expect.errorFrame(await connection.next("ERROR"), code);
      }
    }
    expect.ack(await connection.write("logbook_entry", anEntry()), "applied");
  },
});
