import { memberOf } from "../../schemas/collections.ts";
import { isError } from "../wire/messages.ts";
import type { Ack, ErrorMessage } from "../wire/messages.ts";
import type { Prepared } from "../wire/device.ts";
import type { Reply } from "../wire/reply.ts";
import type { BatchBody, Changes, PushBody, Result } from "../wire/shapes.ts";
import { CheckFailure, CouldNotRun, NotApplicable } from "../verdict.ts";
import type { Line, Player, SentRequest } from "./device.ts";
import { seenOf } from "./device.ts";
import type { Ready } from "./items.ts";
import type { Answered, Operation, Recorder } from "./record.ts";
import type { Fate } from "./schedule.ts";

/** What sending needs beside the device. */
export interface Sending {
  recorder: Recorder;
  /** A token of this user that has expired. @throws NotApplicable where none can be made */
  expired(user: string): Promise<string>;
  final?: boolean;
}

/** Sends a request over HTTP, for the first time or again: the same key, the same body. */
export async function sendByHttp(
  sending: Sending,
  player: Player,
  request: number,
  fate?: Fate,
): Promise<void> {
  const known = player.requests.get(request);
  if (!known) return;
  let { device } = player;
  if (fate === "expired") {
    try {
      device = device.with({ token: await sending.expired(device.user) });
    } catch (error) {
      if (!(error instanceof NotApplicable)) throw error;
    }
  }
  const prepared = prepare(device, request, known);
  const copy = (): Promise<void> => oneCopy(sending, player, request, known, prepared, fate);
  await Promise.all(fate === "twice" ? [copy(), copy()] : [copy()]);
}

function prepare(
  device: Player["device"],
  request: number,
  known: SentRequest,
): Prepared<PushBody> | Prepared<BatchBody> {
  // Keys are the user's own, and the user is fresh.
  const key = `history-${request}`;
  if (known.channel !== "batch") return device.preparePush(changesOf(known.items), { key });
  const entities = known.items.map(({ entityType, entityId, entity, sent, conditional }) => {
    const version = known.versions.get(entity);
    return {
      id: entityId,
      type: entityType,
      data: sent,
      ...(conditional && version !== undefined ? { version } : {}),
    };
  });
  return device.prepareBatch(entities, { key });
}

function changesOf(items: readonly Ready[]): Changes {
  const changes: Changes = {};
  for (const { entityType, sent } of items) (changes[memberOf(entityType)] ??= []).push(sent);
  return changes;
}

async function oneCopy(
  { recorder, final }: Sending,
  player: Player,
  request: number,
  known: SentRequest,
  prepared: Prepared<PushBody> | Prepared<BatchBody>,
  fate?: Fate,
): Promise<void> {
  const operation = recorder.begin({
    user: player.user,
    device: player.name,
    channel: known.channel === "batch" ? "batch" : "push",
    writes: known.items,
    request,
    ...(final ? { final } : {}),
  });
  let reply: Reply<PushBody> | Reply<BatchBody>;
  try {
    if (fate === "cut") {
      await prepared.abandon();
      return recorder.end(operation, { outcome: "unknown", why: "the connection was cut before the answer" });
    }
    reply = await prepared.send();
  } catch (error) {
    if (!(error instanceof CouldNotRun)) throw error;
    return recorder.end(operation, { outcome: "unknown", why: "no answer came" });
  }
  if (fate === "lost")
    return recorder.end(operation, { outcome: "unknown", why: "the answer was lost on its way" });
  if (reply.status !== 200) {
    const outcome = reply.status >= 500 ? "unknown" : "fail";
    return recorder.end(operation, { outcome, why: `answered ${reply.status}` });
  }
  known.answered = true;
  recorder.end(operation, {
    outcome: "ok",
    results: answeredOf(player, known.items, reply.body.results),
    ...(reply.headers["x-idempotent-replay"] === "true" ? { replay: true } : {}),
  });
}

/** Parallel to the items, whatever the order of the results. */
function answeredOf(player: Player, items: readonly Ready[], results: readonly Result[]): Answered[] {
  return items.map((item) => {
    const own = results.find((one) => one.entityType === item.entityType && one.entityId === item.entityId);
    if (!own) {
      throw new CheckFailure(`no result names ${item.entity}, which the request carried`, {
        expected: `a result for ${item.entity}`,
        actual: results.map(({ entityType, entityId }) => `${entityType}/${entityId}`),
      });
    }
    return answered(player, item, own.outcome, own.meta);
  });
}

function answered(
  player: Player,
  { entity }: Ready,
  outcome: Result["outcome"],
  meta: Result["meta"],
): Answered {
  if (outcome === "refused" || !meta) return { outcome };
  player.versions.set(entity, Math.max(meta.version, player.versions.get(entity) ?? 0));
  return { outcome, stored: seenOf(meta) };
}

/** Sends a mutation on a socket, and waits for its answer unless the connection is cut. */
export async function sendOnSocket(
  { recorder }: Sending,
  player: Player,
  line: Line,
  request: number,
  fate?: Fate,
): Promise<void> {
  const { items } = player.requests.get(request)!;
  const { connection, listening } = line;
  const { type, ...members } = messageOf(items);
  const operation = recorder.begin({
    user: player.user,
    device: player.name,
    channel: "mutation",
    writes: items,
    request,
    socket: listening.id,
  });
  let answer: Ack | ErrorMessage;
  try {
    if (fate === "cut") {
      connection.send({ type, clientChangeId: `change-${operation.id}`, ...members });
      connection.terminate();
      return recorder.end(operation, { outcome: "unknown", why: "the connection was cut before the answer" });
    }
    answer = await connection.tryMutate(type, members);
  } catch (error) {
    if (!(error instanceof CheckFailure) || connection.closing === undefined) throw error;
    return recorder.end(operation, { outcome: "unknown", why: "the socket ended before the answer" });
  }
  if (fate === "lost") {
    connection.terminate();
    return recorder.end(operation, { outcome: "unknown", why: "the answer was lost with the connection" });
  }
  settle(recorder, player, operation, items, answer);
}

function settle(
  recorder: Recorder,
  player: Player,
  operation: Operation,
  items: readonly Ready[],
  answer: Ack | ErrorMessage,
): void {
  if (isError(answer)) {
    const outcome = answer.code === "UNAVAILABLE" ? "unknown" : "fail";
    return recorder.end(operation, { outcome, why: `answered ERROR ${answer.code}` });
  }
  player.requests.get(operation.request!)!.answered = true;
  const results = answer.results
    ? answeredOf(player, items, answer.results)
    : [answered(player, items[0]!, answer.outcome, answer.meta)];
  recorder.end(operation, { outcome: "ok", results });
}

function messageOf(items: readonly Ready[]): { type: string } & Record<string, unknown> {
  const [{ entityType, entityId, item, sent }] = items as [Ready];
  if (items.length > 1) {
    const changes = changesOf(items);
    const { repertoire } = changes;
    return repertoire
      ? { type: "REPERTOIRE_BULK_SYNC", pieces: repertoire }
      : { type: "BULK_SYNC", entries: [], ...changes };
  }
  const { deletedAt } = sent;
  if (entityType === "logbook_entry")
    return item
      ? { type: "ENTRY_UPDATED", entry: sent }
      : { type: "ENTRY_DELETED", entryId: entityId, deletedAt };
  if (entityType === "repertoire_item")
    return item
      ? { type: "PIECE_UPDATED", piece: sent }
      : { type: "PIECE_REMOVED", scoreId: entityId, deletedAt };
  if (entityType === "practice_plan" && item) return { type: "PLAN_UPDATED", plan: sent };
  return { type: "ENTITY_CHANGED", entityType, item: sent };
}
