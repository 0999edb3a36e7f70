import type { Behaviour } from "../../model/behaviour.ts";
import type { Context } from "../../model/context.ts";
import { mutant } from "../../model/mutant.ts";
import { drained } from "../../model/realtime/connection.ts";
import type { Connection } from "../../model/realtime/connection.ts";
import { CloseSocket } from "../../model/refusal.ts";
import { counting } from "./realtime-rates.mutants.ts";

export const closesAfterAHundred = mutant({
  name: "closes-after-a-hundred-messages-at-once",
  story: "The rate limit was set with people in mind, not with an outbox that is flushed.",
  breaks: ["RT-038"],
  deform: counting(
    (count) => count > 100,
    () => {
      throw new CloseSocket(4429, "too many messages");
    },
  ),
});

export const dropsWhatComesTooFast = mutant({
  name: "drops-messages-that-come-too-fast",
  story: "What is over the rate of one second is thrown away.",
  breaks: ["RT-038", "RT-013"],
  deform: counting((count) => count > 50 && count % 10 === 0),
});

export const servesHalfTheBurst = mutant({
  name: "tells-nobody-of-messages-that-come-too-fast",
  story: "Under load the others are told of a sample, in the belief that they will catch up.",
  breaks: ["RT-038", "RT-016"],
  deform: (conforming) => ({
    ...conforming,
    fanOut(context, rows) {
      const backlog = context.connection?.backlog ?? 0;
      if (backlog < 50 || rows[0]!.seq % 2 === 0) conforming.fanOut(context, rows);
    },
  }),
});

const othersOf = (context: Context): Connection[] =>
  context.behaviour.audience(context).filter((connection) => connection !== context.connection);

export const waitsForTheSlowest = mutant({
  name: "waits-for-the-slowest-socket",
  story: "The loop over sockets awaits each of them before it goes on with the next event.",
  breaks: ["RT-039"],
  deform: (conforming) => ({
    ...conforming,
    fanOut(context, rows) {
      void Promise.all(othersOf(context).map(drained)).then(() => conforming.fanOut(context, rows));
    },
  }),
});

export const acknowledgesWhenAllHaveRead = mutant({
  name: "acknowledges-when-all-have-read",
  story: "The acknowledgement waits until the message has gone out to the room.",
  breaks: ["RT-039", "RT-013"],
  deform: (conforming) => ({
    ...conforming,
    acknowledge(context, connection, judgements) {
      const all = othersOf(context).map(drained);
      void Promise.all(all).then(() => conforming.acknowledge(context, connection, judgements));
    },
  }),
});

/** Tells connections in the order of their opening, until one of which `stops` holds. */
const tellingUntil =
  (stops: (connection: Connection, context: Context) => boolean) =>
  (conforming: Behaviour): Behaviour => ({
    ...conforming,
    audience(context) {
      const all = conforming.audience(context);
      const end = all.findIndex(
        (connection) => connection !== context.connection && stops(connection, context),
      );
      return end < 0 ? all : all.slice(0, end + 1);
    },
  });

export const stopsAtAFullSocket = mutant({
  name: "stops-at-a-socket-that-is-full",
  story: "Sending to a socket whose buffer is full throws, and ends the loop over the others.",
  breaks: ["RT-039", "RT-016"],
  deform: tellingUntil(({ unsent }) => unsent > 3),
});

export const stopsAtASilentSocket = mutant({
  name: "stops-at-a-socket-that-never-spoke",
  story: "A field that the first message sets is read without a look whether it is there, and the loop ends.",
  breaks: ["RT-039", "RT-016"],
  deform: tellingUntil(({ announced }) => announced === undefined),
});

/** Whether a connection of the user is gone that was there when something was told before. */
function hasDead(context: Context, all: readonly Connection[]): boolean {
  const { scratch } = context.server;
  const slot = `sockets of ${context.user.id}`;
  const known = new Set([...((scratch.get(slot) as Set<Connection> | undefined) ?? []), ...all]);
  scratch.set(slot, known);
  return [...known].some(({ open }) => !open);
}

export const stopsAtADeadSocket = mutant({
  name: "stops-at-a-socket-that-is-dead",
  story: "Nothing takes a vanished socket out of the room, and sending to it throws.",
  breaks: ["RT-039", "RT-016"],
  deform: (conforming) => ({
    ...conforming,
    audience(context) {
      const all = conforming.audience(context);
      return hasDead(context, all) ? all.filter((connection) => connection === context.connection) : all;
    },
  }),
});

export const failsForADeadSocket = mutant({
  name: "fails-mutations-for-a-socket-that-is-dead",
  story: "The error of a vanished socket passes for one of the sender's message.",
  breaks: ["RT-039", "RT-013"],
  deform: (conforming) => ({
    ...conforming,
    acknowledge(context, connection, judgements) {
      if (!hasDead(context, conforming.audience(context)))
        return conforming.acknowledge(context, connection, judgements);
      throw new Error("the socket is closed");
    },
  }),
});

export const catchesUpUnderTheLock = mutant({
  name: "catches-up-under-the-lock",
  story:
    "A catch-up runs in the queue of the user's writes, so that nothing changes under it, and waits for its reader.",
  breaks: ["RT-039"],
  deform: (conforming) => ({
    ...conforming,
    async beforeChunk(context, connection) {
      await conforming.lock(context, () => conforming.beforeChunk(context, connection));
    },
  }),
});
