/** Assertions about what was seen on sockets, part of `expect`. */
import { Connection } from "./wire/connection.ts";
import { isAck, isError, summaryOf, toldBy } from "./wire/messages.ts";
import type { Ack, ErrorMessage, Message, Told } from "./wire/messages.ts";
import type { Pulled } from "./wire/pulled.ts";
import { Reply } from "./wire/reply.ts";
import type { Meta, Outcome } from "./wire/shapes.ts";
import { CheckFailure } from "./verdict.ts";

/** The entity was told on the connection, up to now; returns its latest telling. Comes after a fence, or a wait. */
export function event(connection: Connection, entityId: string): Told {
  const found = connection.told.findLast((one) => one.entityId === entityId);
  if (found) return found;
  throw new CheckFailure(`${entityId} was not told on ${connection.label}`, {
    expected: `an event of ${entityId}`,
    actual: latest(connection),
  });
}

/** Nothing of the entity was told on the connection, up to now. Comes after a fence: `await connection.fence()`. */
export function notTold(connection: Connection, entityId: string): void {
  const found = connection.told.find((one) => one.entityId === entityId);
  if (!found) return;
  throw new CheckFailure(`${entityId} was told on ${connection.label}`, {
    expected: "nothing of it",
    actual: found.message,
  });
}

/** After a fence that this call sets, no message since the connection began (or of `within`) is such a one. */
export async function noFrame(
  connection: Connection,
  what: string,
  holds: (message: Message) => boolean,
  within: { from?: number } = {},
): Promise<void> {
  await connection.fence();
  const found = connection.frames.slice(within.from ?? 0).find(holds);
  if (found) {
    throw new CheckFailure(`${what} came on ${connection.label}`, {
      expected: "no such message",
      actual: found,
    });
  }
}

/** An acknowledgement with this outcome; returns it. */
export function ack(answer: Message, outcome: Outcome): Ack {
  if (isAck(answer) && answer.outcome === outcome) return answer;
  throw new CheckFailure("the mutation was answered otherwise", {
    expected: `an acknowledgement: ${outcome}`,
    actual: answer,
  });
}

/** An ERROR with this code and a text; returns it. */
export function errorFrame(answer: object, code: string): ErrorMessage {
  const message = answer as Message;
  if (
    isError(message) &&
    message.code === code &&
    typeof message.error === "string" &&
    message.error !== ""
  ) {
    return message;
  }
  throw new CheckFailure("the message was not refused as it should be", {
    expected: `ERROR with code ${code} and a text in "error"`,
    actual: message.type === undefined ? "no refusal" : message,
  });
}

/** Waits for the end of the connection: it ends with this code. */
export async function closedWith(connection: Connection, code: number): Promise<void> {
  const closing = await connection.closed();
  if (closing.code === code) return;
  throw new CheckFailure(`${connection.label} was closed with another code`, {
    expected: code,
    actual: `${closing.code}${closing.reason ? ` ${closing.reason}` : ""}`,
  });
}

/** The upgrade was agreed to; returns the connection. */
export function opened(result: Connection | Reply): Connection {
  if (result instanceof Connection) return result;
  throw new CheckFailure("the server refused the WebSocket", { expected: 101, actual: result.summary });
}

/** The upgrade was refused; returns the answer, for `expect.problem`. */
export function refusedUpgrade(result: Connection | Reply): Reply {
  if (result instanceof Reply) return result;
  throw new CheckFailure("the server agreed to the WebSocket", {
    expected: "a refusal before the upgrade",
    actual: `101, ${result.label} opened`,
  });
}

/**
 * No place in the log that a message names was ahead of what the connection had been told by then (RT-022), and the
 * places never went back. The log is what a complete pull told afterwards; what `after` excludes (the baseline of the
 * catch-up), the connection's own changes, and what a later change replaced, need no telling.
 * For a connection that caught up once, at most.
 * @param options `own`: seqs of changes that were made over HTTP in the connection's name
 */
export function followsLog(
  connection: Connection,
  log: Pulled,
  { after = 0, own = [] }: { after?: number; own?: readonly number[] } = {},
): void {
  const exempt = new Set([...own, ...connection.frames.filter(isAck).flatMap(acknowledged)]);
  const due = log.final.filter(({ meta }) => meta.seq > after && !exempt.has(meta.seq));
  const known = new Set<string>();
  let place = 0;
  for (const message of connection.frames) {
    for (const { meta } of toldBy(message)) known.add(nameOf(meta));
    const named = Math.max(message.seq ?? 0, message.lastSeq ?? 0);
    if (named === 0) continue;
    if (named < place) {
      const details = { expected: `${place} or more`, actual: summaryOf(message) };
      throw new CheckFailure(`the places in the log went back on ${connection.label}`, details);
    }
    place = named;
    const hole = due.find(({ meta }) => meta.seq <= named && !known.has(nameOf(meta)));
    if (!hole) continue;
    throw new CheckFailure(`${summaryOf(message)} came on ${connection.label} before all that it covers`, {
      expected: `${hole.entityType} ${hole.entityId} seq ${hole.meta.seq} told before`,
      actual: "not told by then",
    });
  }
}

function acknowledged(message: Ack): number[] {
  return [message.meta, ...(message.results ?? []).map(({ meta }) => meta)].flatMap(
    (meta) => meta?.seq ?? [],
  );
}

function nameOf({ entityType, entityId, seq }: Meta): string {
  return `${entityType} ${entityId} ${seq}`;
}

function latest(connection: Connection): string[] {
  return connection.frames.slice(-5).map(summaryOf);
}
