/** More messages at once than a socket is served at once: what the checks of rates have in common. No checks. */
import type { JsonObject } from "../../../schemas/json.ts";
import type { Limits } from "../../../schemas/limits.ts";
import type { Connection, Outgoing } from "../../wire/connection.ts";
import type { Message } from "../../wire/messages.ts";

/** A server that takes more at once shows that no better for being asked for it all. */
const MOST = 500;

/** Messages that a server must serve at once. */
export const burstOf = ({ messageBurst = 250 }: Limits): number => Math.min(messageBurst, MOST);

/**
 * Messages beyond the burst: those of four seconds, so that a server which serves them at once is seen to, where it is not slow itself.
 * Not more than another burst (RT-041).
 */
export const beyondOf = ({ messagesPerSecond = 25, ...limits }: Limits): number =>
  Math.min(burstOf(limits), 250, Math.max(20, 4 * messagesPerSecond));

/** A mutation under the goal's own id as its name. */
export const changing = (item: JsonObject): Outgoing => ({
  type: "ENTITY_CHANGED",
  clientChangeId: item["id"],
  entityType: "goal",
  item,
});

/** Each wait has its own time: a server may take long for all of them, not for the next one. */
export const answerFor = (connection: Connection, name: string): Promise<Message> =>
  connection.until(`the answer to ${name}`, ({ clientChangeId }) => clientChangeId === name);

/**
 * Sends so many mutations at once and waits for the answer to each. Repetitions of one change cost a server little, so that it is the
 * number of messages that counts.
 * @returns ms from the first message to the last answer
 */
export async function flood(connection: Connection, goal: JsonObject, count: number): Promise<number> {
  const names = Array.from({ length: count }, (_, n) => `${goal["id"] as string} ${n}`);
  const began = Date.now();
  for (const name of names) connection.send({ ...changing(goal), clientChangeId: name });
  for (const name of names) await answerFor(connection, name);
  return Date.now() - began;
}
