import type { ServerContext } from "../check.ts";
import type { Connection } from "../wire/connection.ts";
import type { Device } from "../wire/device.ts";
import { isError } from "../wire/messages.ts";
import type { Message } from "../wire/messages.ts";
import { excerpt } from "../wire/reply.ts";
import { CheckFailure } from "../verdict.ts";
import { count, demandNoMark, emptyPlayed, suspects } from "./faults.ts";
import type { Fault, Played } from "./faults.ts";
import type { Judged } from "./ledger.ts";
import type { FuzzMessage } from "./messages.ts";
import { compare, ENOUGH, enter, write } from "./sender.ts";
import type { Sender } from "./sender.ts";

type Fuzzed = Played<FuzzMessage>;

/** One user with sockets. */
interface MessageSender extends Sender<FuzzMessage> {
  connections: Connection[];
}

interface Options {
  users: readonly Device[];
  /** Sockets of one user at once. */
  sockets: number;
  /** Messages on one socket, before there is another in its place. */
  perSocket: number;
  /** False once no more are to be sent. */
  wanted: () => boolean;
}

const SHOWN = 1_500;
const FENCE_ID = "fuzz-fence";
/** Sent on each socket before its last events: whatever a server makes of such a frame shows in those. */
const LAST: FuzzMessage = {
  kinds: ["cut short"],
  about: "half a message, before the fence",
  raw: '{"type":"ENTRY_CRE',
  noJson: true,
};
/** What answers a message; all else on a socket are events. */
const ANSWERS: readonly string[] = ["ERROR", "SYNC_RESPONSE", "PONG", "WELCOME"];

/** Sends the messages, one after another on each of several sockets, and compares what was answered with what is told and stored. */
export async function playMessages(
  context: ServerContext,
  messages: readonly FuzzMessage[],
  { users, sockets, perSocket, wanted }: Options,
): Promise<Fuzzed> {
  const played: Fuzzed = emptyPlayed();
  const senders: MessageSender[] = await Promise.all(
    users.map(async (device) => ({ ...(await enter<FuzzMessage>(context, device)), connections: [] })),
  );
  let next = 0;
  const more = (): boolean => next < messages.length && played.faults.length < ENOUGH && wanted();
  const lane = async (sender: MessageSender, index: number): Promise<void> => {
    // Now and then one that announces nothing, as deployed clients.
    const device = index % 3 === 2 ? sender.device.with({ protocol: null }) : sender.device;
    let connection: Connection | undefined;
    while (more()) {
      connection = await open(sender, device);
      for (let n = 0; n < perSocket && more(); n += 1)
        if (!(await sendOne(played, sender, connection, messages[next++]!))) break;
    }
    if (connection?.closing === undefined && connection) await sendOne(played, sender, connection, LAST);
  };
  await Promise.all(
    senders.flatMap((sender) => Array.from({ length: sockets }, (_, index) => lane(sender, index))),
  );
  // Of one message alone there is no more to learn once it has failed.
  if (messages.length === 1 && played.faults.length > 0) return played;
  // Every user's words go out while all sockets are open, and then a fence behind them: what was not heard by then will not be.
  for (const sender of senders) await write(context, sender, FENCE_ID);
  for (const sender of senders) await fence(context, played, sender);
  for (const sender of senders) await leave(played, sender, senders);
  return played;
}

async function open(sender: MessageSender, device: Device): Promise<Connection> {
  const connection = await device.connect();
  sender.connections.push(connection);
  // What it speaks is settled by this, whatever follows.
  await connection.catchUp();
  return connection;
}

/** @returns whether the socket is to be used on */
async function sendOne(
  played: Fuzzed,
  sender: MessageSender,
  connection: Connection,
  input: FuzzMessage,
): Promise<boolean> {
  const from = connection.frames.length;
  const { raw, json, binary = false, noJson = false } = input;
  const record = { input, text: textOf(input), refused: true };
  sender.sent.push(record);
  played.sent += 1;
  const ending = binary ? 1003 : raw instanceof Uint8Array && !isUtf8(raw) ? 1007 : undefined;
  try {
    if (!(raw instanceof Uint8Array)) connection.sendText(raw ?? JSON.stringify(json));
    else if (binary) connection.sendBytes(raw);
    else connection.sendBytes(raw, "text");
    if (ending !== undefined) {
      const { code } = await connection.closed();
      count(played.kinds, input.kinds);
      if (code !== ending)
        played.faults.push(fault("answered", input, `ended the socket with ${code}`, ending, code));
      return false;
    }
    const answer = await answerAfter(connection, from);
    count(played.kinds, input.kinds);
    record.refused = isError(answer);
    judge(played, sender, input, answer, noJson);
    return true;
  } catch (error) {
    if (!(error instanceof CheckFailure)) throw error;
    const { code } = connection.closing ?? {};
    // Beyond its rate a socket is ended, or late (RT-045): that says nothing of the input.
    sender.unsure = true;
    if (code === 4429) played.limited += 1;
    else
      played.faults.push(
        fault(
          "answered",
          input,
          `was not answered as it should: ${error.message}`,
          error.expected,
          error.actual,
        ),
      );
    return false;
  }
}

function answerAfter(connection: Connection, from: number): Promise<Message> {
  let seen = 0;
  return connection.until("an answer", ({ type }) => {
    seen += 1;
    return seen > from && ANSWERS.includes(type);
  });
}

function judge(
  played: Fuzzed,
  { ledger }: MessageSender,
  input: FuzzMessage,
  answer: Message,
  noJson: boolean,
): void {
  if (isError(answer) && (answer.code === "INTERNAL" || answer.code === "UNAVAILABLE"))
    played.faults.push(
      fault(
        "answered",
        input,
        `was answered with ${answer.code}`,
        "an ERROR that says what is wrong with the message",
        answer,
      ),
    );
  if (noJson && !(isError(answer) && answer.code === "INVALID_JSON"))
    played.faults.push(fault("no-guessing", input, "was taken for JSON", "ERROR INVALID_JSON", answer));
  if (answer.type !== "SYNC_RESPONSE") return;
  const { outcome, meta, results } = answer as Partial<Judged> & { results?: Judged[] };
  ledger.add(results ?? (outcome === undefined ? [] : [{ outcome, ...(meta ? { meta } : {}) }]));
}

async function fence(context: ServerContext, played: Fuzzed, sender: MessageSender): Promise<void> {
  const seq = await write(context, sender, FENCE_ID);
  for (const connection of sender.connections)
    if (connection.closing === undefined && played.faults.length < ENOUGH)
      await connection.hears(FENCE_ID, (told) => told.meta.seq >= seq);
}

async function leave(
  played: Fuzzed,
  sender: MessageSender,
  senders: readonly MessageSender[],
): Promise<void> {
  const { ledger, before, connections } = sender;
  const others = senders.filter((other) => other !== sender).map(({ mark }) => mark);
  for (const connection of connections) {
    const text = connection.frames.map((frame) => JSON.stringify(frame)).join("\n");
    demandNoMark(played, text, others, connection.label, sender.sent[0]!.input);
  }
  if (!sender.unsure) {
    const head = before.last.lastSeq ?? 0;
    const told = connections.flatMap((connection) => connection.told);
    const stray = told.find(({ meta }) => meta.seq > head && !ledger.knows(meta));
    if (stray !== undefined) {
      const inputs = suspects(sender.sent, stray.entityId, false);
      played.faults.push({
        property: "no-effect",
        message: `${stray.entityType} ${stray.entityId} was told, though no such change was acknowledged`,
        expected: "events of acknowledged changes alone",
        actual: stray.message,
        inputs,
      });
    }
    await compare(played, sender);
  }
  // A server has room for so many sockets of a user.
  await Promise.all(
    connections.filter(({ closing }) => closing === undefined).map((connection) => connection.close()),
  );
}

function textOf({ json, raw }: FuzzMessage): string {
  return raw instanceof Uint8Array ? new TextDecoder().decode(raw) : (raw ?? JSON.stringify(json));
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

function fault(
  property: Fault<FuzzMessage>["property"],
  input: FuzzMessage,
  what: string,
  expected: unknown,
  actual: unknown,
): Fault<FuzzMessage> {
  return { property, message: `${shownMessage(input)} ${what}`, expected, actual, inputs: [input] };
}

/** A message for people. */
export function shownMessage(input: FuzzMessage): string {
  const text = textOf(input);
  const hex =
    input.raw instanceof Uint8Array
      ? `, in hex ${excerpt(Buffer.from(input.raw).toString("hex"), SHOWN)}`
      : "";
  return `the message (${excerpt(input.about, 200)}) ${JSON.stringify(excerpt(text, SHOWN))}${hex}`;
}
