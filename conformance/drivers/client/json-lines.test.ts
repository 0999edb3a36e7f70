import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { ADAPTER_PROTOCOL } from "../../../schemas/adapter-verbs.ts";
import { CouldNotRun } from "../../verdict.ts";
import { createRedactor } from "../../wire/redaction.ts";
import { Conversation } from "./json-lines.ts";
import { AdapterRefusal } from "./port.ts";

const TOKEN = "a-token-that-nobody-else-has";
const OPEN = {
  client: "a",
  url: "http://127.0.0.1:1",
  user: "alice",
  token: TOKEN,
  storage: "/s",
  realtime: false,
  secondMs: 50,
};

function conversation({ answerTimeoutMs = 5_000, highWaterMark = 16_384 } = {}) {
  const [input, output] = [new PassThrough(), new PassThrough({ highWaterMark })];
  const { promise: ended, resolve: end } = Promise.withResolvers<string>();
  let overs = 0;
  const talk = new Conversation({
    input,
    output,
    ended,
    lastWords: () => ": my-adapter",
    redactor: createRedactor(),
    answerTimeoutMs,
    startTimeoutMs: answerTimeoutMs,
    onOver: () => (overs += 1),
  });
  const say = (...lines: (string | object)[]): void => {
    const texts = lines.map((line) => `${typeof line === "string" ? line : JSON.stringify(line)}\n`);
    input.write(texts.join(""));
  };
  return { talk, input, output, say, end, overs: () => overs };
}

/** What an `open` is rejected with when the adapter says this. */
async function refusalOf(...lines: (string | object)[]): Promise<string> {
  const { talk, say, overs } = conversation();
  const asked = talk.ask("open", OPEN).then(
    () => expect.unreachable("it was answered"),
    (error: unknown) => error,
  );
  say(...lines);
  const error = await asked;
  expect(error).toBeInstanceOf(CouldNotRun);
  expect(overs()).toBe(1);
  await expect(talk.ask("status", { client: "a" })).rejects.toBe(error);
  return (error as Error).message;
}

describe("requests and answers", () => {
  it("are lines of JSON, answered in whatever order, and whatever else stands in an answer is ignored", async () => {
    const { talk, output, say } = conversation();
    const opened = talk.ask("open", OPEN);
    const listed = talk.ask("list", { client: "a", type: "goal" });
    say(
      { id: 2, ok: true, result: { items: [{ title: "Play" }], more: 1 }, took: 3 },
      { id: 1, ok: true, result: {} },
    );
    expect(await listed).toMatchObject({ items: [{ title: "Play" }] });
    await opened;
    expect(
      String(output.read())
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as object),
    ).toEqual([
      { id: 1, verb: "open", params: OPEN },
      { id: 2, verb: "list", params: { client: "a", type: "goal" } },
    ]);
  });

  it("come in pieces, or many at once, in UTF-8", async () => {
    const { talk, input } = conversation();
    const asked = talk.ask("create", { client: "a", type: "goal", item: {} });
    const bytes = Buffer.from(`{"event":"x"}\n{"id":1,"ok":true,"result":{"id":"Übung 🎹"}}\n`);
    for (const byte of bytes) input.write(Buffer.from([byte]));
    expect(await asked).toEqual({ id: "Übung 🎹" });
  });

  it("an error of the adapter is a refusal, with its code, and ends nothing", async () => {
    const { talk, say } = conversation();
    const asked = talk.ask("open", OPEN);
    say({ id: 1, ok: false, error: { code: "NO_TOKEN", message: `${TOKEN} is not good` } });
    const error: unknown = await asked.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(AdapterRefusal);
    expect(error).toMatchObject({
      code: "NO_TOKEN",
      message: "the adapter answered open with NO_TOKEN: <redacted> is not good",
    });
    expect(talk.over).toBe(false);
  });

  it("events are kept", async () => {
    const { talk, say } = conversation();
    const asked = talk.ask("close", { client: "a" });
    const status = { event: "status", client: "a", status: "connected" };
    const deadLetter = { event: "dead-letter", client: "a", type: "goal", id: "g" };
    say(status, deadLetter, { id: 1, ok: true, result: {} });
    await asked;
    expect(talk.events).toEqual([status, deadLetter]);
  });
});

describe("what breaks the protocol ends it, and says which line, why, and how to mend it:", () => {
  it.each<[string, (string | object)[], RegExp]>([
    [
      "a log line",
      ["Listening on port 3000"],
      /no JSON object; .*log to stderr \(line 1 of its stdout: Listen/,
    ],
    ["a list", [[1]], /no JSON object.*\(line 1 of its stdout: \[1\]\)/],
    ["nothing", [{ event: "x" }, ""], /no JSON object.*\(line 2/],
    [
      "neither answer nor event",
      [{ ok: true }],
      /neither an answer nor an event; it must have an "id" or an "event"/,
    ],
    [
      "another's id",
      [{ id: 7, ok: true, result: {} }],
      /answered a request 7 that was not made; .*its own id/,
    ],
    [
      "an id as text",
      [{ id: "1", ok: true, result: {} }],
      /answered a request "1" that was not made; .*a number/,
    ],
    [
      "no result",
      [{ id: 1, ok: true }],
      /answer to open is not valid: it must have the member result; .*"result" is \{\}/,
    ],
    ["no error", [{ id: 1, ok: false }], /must have the member error; with "ok": false goes "error"/],
    ["an error of text", [{ id: 1, ok: false, error: "no" }], /\/error must be an object/],
    ["no ok", [{ id: 1, result: {} }], /must have the member ok/],
    ["a wrong event", [{ event: 1 }], /event is not valid: \/event must be text/],
    ["a token", [`oh no, ${TOKEN}`], /of its stdout: oh no, <redacted>/],
  ])("%s", async (_, lines, expected) => {
    expect(await refusalOf(...lines)).toMatch(expected);
  });

  it("a member of a result that is missing or wrong", async () => {
    const { talk, say } = conversation();
    const asked = talk.ask("pending", { client: "a" });
    say({ id: 1, ok: true, result: { items: [{ type: "gaol", id: "1" }], count: 1 } });
    await expect(asked).rejects.toThrow(
      /answer to pending is not valid: \/result\/items\/0\/type must be one of/,
    );
  });

  it("another protocol, and unknown verbs", async () => {
    const { talk, say } = conversation();
    const asked = talk.ask("capabilities", {});
    say({ id: 1, ok: true, result: { protocol: ADAPTER_PROTOCOL, name: "x", verbs: ["dance"] } });
    await expect(asked).rejects.toThrow(
      /\/result\/verbs\/0 must be one of .*; name only verbs of the protocol/,
    );
  });

  it("a second answer", async () => {
    const { talk, say, overs } = conversation();
    const asked = talk.ask("close", { client: "a" });
    say({ id: 1, ok: true, result: {} }, { id: 1, ok: true, result: {} });
    await asked;
    expect(overs()).toBe(1);
    await expect(talk.ask("close", { client: "a" })).rejects.toThrow(/answered request 1 twice/);
  });

  it("a line without an end, and one that is no UTF-8", async () => {
    const endless = conversation();
    const asked = endless.talk.ask("close", { client: "a" });
    for (let i = 0; i < 17; i += 1) endless.input.write(Buffer.alloc(1024 * 1024, "x"));
    await expect(asked).rejects.toThrow(/line 1 of the adapter's stdout is longer than 16 MiB/);
    const latin = conversation();
    const other = latin.talk.ask("close", { client: "a" });
    latin.input.write(Buffer.from([0x22, 0xdc, 0x22, 10]));
    await expect(other).rejects.toThrow(/line 1 of the adapter's stdout is no UTF-8/);
  });
});

describe("waiting has an end:", () => {
  it("no answer; what comes too late is passed over", async () => {
    const { talk, say } = conversation({ answerTimeoutMs: 20 });
    await expect(talk.ask("flush", { client: "a" })).rejects.toThrow(
      "the adapter did not answer flush within 0.02 s: my-adapter",
    );
    say({ id: 1, ok: true, result: {} });
    const asked = talk.ask("status", { client: "a" }, { timeoutMs: 5_000 });
    say({ id: 2, ok: true, result: { status: "connected" } });
    expect(await asked).toEqual({ status: "connected" });
  });

  it("an adapter that does not read", async () => {
    const { talk } = conversation({ answerTimeoutMs: 20, highWaterMark: 1 });
    await expect(talk.ask("flush", { client: "a" })).rejects.toThrow(/it does not read its stdin/);
  });

  it("an adapter that ends", async () => {
    const { talk, end } = conversation();
    const asked = talk.ask("flush", { client: "a" });
    end("exit code 3");
    await expect(asked).rejects.toThrow("the adapter ended (exit code 3): my-adapter");
  });
});
