import type { ServerContext } from "../check.ts";
import type { Device } from "../wire/device.ts";
import { excerpt } from "../wire/reply.ts";
import type { Reply } from "../wire/reply.ts";
import type { PushBody } from "../wire/shapes.ts";
import { CheckFailure, CouldNotRun } from "../verdict.ts";
import { count, demandNoMark, emptyPlayed } from "./faults.ts";
import type { Played } from "./faults.ts";
import { bytesOf } from "./requests.ts";
import type { FuzzRequest } from "./requests.ts";
import { compare, enter, judgedOf, write } from "./sender.ts";
import type { Sender } from "./sender.ts";

type Fuzzed = Played<FuzzRequest>;
type RequestSender = Sender<FuzzRequest>;

/** As much of a body as a failure tells. */
const SHOWN = 1_500;

/** Sends the requests for these users in turn, so many at once, and compares what was answered with what is then stored. */
export async function playRequests(
  context: ServerContext,
  requests: readonly FuzzRequest[],
  { users, atOnce, wanted }: { users: readonly Device[]; atOnce: number; wanted: () => boolean },
): Promise<Fuzzed> {
  const played: Fuzzed = emptyPlayed();
  const senders = await Promise.all(users.map((device) => enter<FuzzRequest>(context, device)));
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < requests.length && wanted()) {
      const index = next++;
      await sendOne(context, played, requests[index]!, senders, index % senders.length);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  // Of one request alone there is no more to learn once it has failed.
  if (requests.length === 1 && played.faults.length > 0) return played;
  await Promise.all(senders.map((sender) => leave(context, played, sender)));
  return played;
}

async function sendOne(
  context: ServerContext,
  played: Fuzzed,
  request: FuzzRequest,
  senders: readonly RequestSender[],
  index: number,
): Promise<void> {
  const sender = senders[index]!;
  const { method, path, headers } = request;
  const as = request.deployed ? sender.device.with({ protocol: null }) : sender.device;
  const bytes = bytesOf(request);
  const record = { input: request, text: new TextDecoder().decode(bytes), refused: true };
  sender.sent.push(record);
  played.sent += 1;
  let reply: Reply;
  try {
    reply = await context.http({ method, path, as, headers, ...(bytes === undefined ? {} : { bytes }) });
  } catch (error) {
    sender.unsure = true;
    played.faults.push(await unanswered(context, sender, request, error));
    return;
  }
  const marks = senders.filter((other) => other !== sender).map(({ mark }) => mark);
  demandNoMark(played, reply.text, marks, `the answer to ${shown(request)}`, request);
  if (reply.status === 429) {
    played.limited += 1;
    return;
  }
  count(played.kinds, request.kinds);
  if (reply.status >= 500) {
    played.faults.push({
      property: "answered",
      message: `${shown(request)} was answered with ${reply.status}`,
      expected: "an answer below 500: whatever is wrong with it, it is the client's",
      actual: reply.summary,
      inputs: [request],
    });
    return;
  }
  const refused = reply.status === 400 && reply.problem.code === "INVALID_JSON";
  if (request.noJson && !refused && reply.status !== 413) {
    played.faults.push({
      property: "no-guessing",
      message: `${shown(request)} was taken for JSON`,
      expected: "400 INVALID_JSON",
      actual: reply.summary,
      inputs: [request],
    });
  }
  if (reply.status < 300) record.refused = false;
  if (reply.status === 200 && /push|batch/.test(path)) sender.ledger.add(judgedOf(reply.body as PushBody));
}

/** No answer, or one against its contract. */
async function unanswered(
  context: ServerContext,
  { device }: RequestSender,
  request: FuzzRequest,
  error: unknown,
): Promise<Fuzzed["faults"][number]> {
  context.signal.throwIfAborted();
  const of = { property: "answered", inputs: [request] } as const;
  if (error instanceof CheckFailure) {
    const { message, expected, actual } = error;
    return { ...of, message: `${message}, to ${shown(request)}`, expected, actual };
  }
  // A network may break off any answer; only one that stays away while another comes is the input's doing.
  if (!(error instanceof CouldNotRun) || !error.message.includes("no answer within")) throw error;
  await device.tryStatus();
  const message = `${shown(request)} was never answered, while other requests are`;
  return { ...of, message, expected: "an answer", actual: error.message };
}

async function leave(context: ServerContext, played: Fuzzed, sender: RequestSender): Promise<void> {
  // The fence: whatever was sent, the user is served as ever.
  await write(context, sender);
  await compare(played, sender);
}

/** "POST /api/sync/push with …", for people. */
export function shown(request: FuzzRequest): string {
  const { method, path, headers, about, deployed } = request;
  const bytes = bytesOf(request) ?? new Uint8Array();
  const text = new TextDecoder().decode(bytes);
  const odd = text.includes("\ufffd") ? `, in hex ${excerpt(Buffer.from(bytes).toString("hex"), SHOWN)}` : "";
  const more = [
    ...Object.entries(headers).map(([name, value]) => `${name}: ${excerpt(value, 80)}`),
    ...(deployed ? ["no X-Sync-Protocol"] : []),
  ];
  return `${method} ${excerpt(path, 200)} (${excerpt(about, 200)}${more.length > 0 ? `; ${more.join(", ")}` : ""}) with ${JSON.stringify(excerpt(text, SHOWN))}${odd}`;
}
