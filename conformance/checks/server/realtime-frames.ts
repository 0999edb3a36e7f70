import { serverCheck } from "../../check.ts";
import type { ServerContext } from "../../check.ts";
import type { Connection } from "../../wire/connection.ts";
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
