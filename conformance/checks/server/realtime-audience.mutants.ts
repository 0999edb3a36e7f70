import type { Behaviour } from "../../model/behaviour.ts";
import type { Context } from "../../model/context.ts";
import { mutant } from "../../model/mutant.ts";
import type { Connection } from "../../model/realtime/connection.ts";
import type { Judgement } from "../../model/submission.ts";

const isFrom = (context: Context, connection: Connection): boolean => context.connection === connection;

/** Tells only those other connections for which `told` holds. */
const tellingOnly =
  (told: (connection: Connection, context: Context) => boolean) =>
  (conforming: Behaviour): Behaviour => ({
    ...conforming,
    audience: (context) =>
      conforming
        .audience(context)
        .filter(
          (connection) =>
            context.connection === undefined || isFrom(context, connection) || told(connection, context),
        ),
  });

/** Tells, beside the user's own, connections of others for which `told` holds. */
const tellingAlso =
  (told: (connection: Connection, context: Context) => boolean) =>
  (conforming: Behaviour): Behaviour => ({
    ...conforming,
    audience: (context) => [
      ...conforming.audience(context),
      ...[...context.server.connections].filter(
        (connection) => connection.userId !== context.user.id && told(connection, context),
      ),
    ],
  });

export const tellsTheLatestSocketAlone = mutant({
  name: "tells-the-latest-socket-alone",
  story: "A map from user to socket holds the one that was opened last.",
  breaks: ["RT-016"],
  deform: (conforming) => ({
    ...conforming,
    audience: (context) => conforming.audience(context).slice(-1),
  }),
});

export const sparesTheSendersDevice = mutant({
  name: "spares-the-sender-s-device",
  story: "The sender is recognised by its device id, which another tab has as well.",
  breaks: ["RT-016"],
  deform: tellingOnly(
    ({ deviceId }, context) => deviceId === undefined || deviceId !== context.connection?.deviceId,
  ),
});

export const tellsOnlyWhoHasSpoken = mutant({
  name: "tells-only-who-has-spoken",
  story: "A socket enters the room with its first message.",
  breaks: ["RT-016"],
  deform: tellingOnly(({ announced }) => announced !== undefined),
});

export const tellsOnlyWhoHasCaughtUp = mutant({
  name: "tells-only-who-has-caught-up",
  story: "A socket enters the room when its catch-up ends, and one that never asks stays outside.",
  breaks: ["RT-016"],
  deform: tellingOnly(({ watermark }) => watermark !== null),
});

export const tellsOnlyThoseOfTheSameProtocol = mutant({
  name: "tells-only-those-of-the-same-protocol",
  story: "Deployed clients and new ones are served by two rooms.",
  breaks: ["RT-016"],
  deform: tellingOnly(
    ({ announced }, context) => announced === undefined || announced === context.connection?.announced,
  ),
});

const echoing =
  (echoes: (context: Context, connection: Connection) => boolean) =>
  (conforming: Behaviour): Behaviour => ({
    ...conforming,
    isOwn: (context, connection) =>
      conforming.isOwn(context, connection) && !(isFrom(context, connection) && echoes(context, connection)),
  });

export const echoesToTheSender = mutant({
  name: "echoes-to-the-sender",
  story: "The room is told, and the sender is in it.",
  breaks: ["RT-016"],
  deform: echoing(() => true),
});

export const echoesBulks = mutant({
  name: "echoes-bulk-messages",
  story: "Bulk messages take the path of a push, which knows no sending socket.",
  breaks: ["RT-016"],
  deform: echoing(({ message }) => String(message?.["type"]).endsWith("BULK_SYNC")),
});

export const echoesOnceCaughtUp = mutant({
  name: "echoes-to-the-sender-once-it-has-caught-up",
  story: "A socket with a place in the log is served from the log, where nobody notes who wrote what.",
  breaks: ["RT-016"],
  deform: echoing((_context, { watermark }) => watermark !== null),
});

export const forgetsTheDeviceOfAClosedSocket = mutant({
  name: "forgets-the-device-of-a-closed-socket",
  story: "Closing removes the device from the room, with all of its sockets.",
  breaks: ["RT-016"],
  deform: (conforming) => {
    const slot = (userId: string): string => `devices ${userId}`;
    return {
      ...conforming,
      audience(context) {
        const { scratch } = context.server;
        const live = conforming.audience(context);
        const known = (scratch.get(slot(context.user.id)) ?? new Set()) as Set<Connection>;
        scratch.set(slot(context.user.id), new Set([...known, ...live]));
        const gone = new Set([...known].filter(({ open }) => !open).map(({ deviceId }) => deviceId));
        return live.filter(({ deviceId }) => deviceId === undefined || !gone.has(deviceId));
      },
    };
  },
});

export const tellsEverybody = mutant({
  name: "tells-everybody",
  story: "One process serves all users, and its loop over sockets knows no rooms.",
  breaks: ["RT-020", "ISO-001"],
  deform: tellingAlso(() => true),
});

export const tellsWhoeverHasTheDeviceId = mutant({
  name: "tells-whoever-has-the-device-id",
  story: "Subscriptions are kept by device id, and two users share a tablet.",
  breaks: ["RT-020", "ISO-001"],
  deform: tellingAlso(
    ({ deviceId }, context) => deviceId !== undefined && deviceId === context.connection?.deviceId,
  ),
});

export const tellsEverybodyOfRemovals = mutant({
  name: "tells-everybody-of-removals",
  story: "Removals go through a bus of their own, as they carry no data.",
  breaks: ["RT-020", "ISO-001"],
  deform: tellingAlso((_connection, { message }) => message?.["type"] === "PIECE_REMOVED"),
});

export const answersWhoeverUsedTheChangeId = mutant({
  name: "answers-whoever-used-the-change-id",
  story: "Answers find their socket by the name of the change, which two users may give alike.",
  breaks: ["RT-020", "RT-013"],
  deform: (conforming) => ({
    ...conforming,
    acknowledge(context, connection, judgements) {
      const name = `asker ${String(context.message?.["clientChangeId"])}`;
      const first = (context.server.scratch.get(name) ?? connection) as Connection;
      context.server.scratch.set(name, first);
      const frame = conforming.ackFrame(context, connection, judgements);
      if (first !== connection) conforming.send(context, first, frame);
      conforming.acknowledge(context, connection, judgements);
    },
  }),
});

export const takesTheUserOfAMessage = mutant({
  name: "takes-the-user-of-a-message",
  story: "Messages are routed to the object of the user whom they name.",
  breaks: ["RT-020", "ISO-002", "ISO-003"],
  deform: (conforming) => ({
    ...conforming,
    checkMessage(context, message) {
      conforming.checkMessage(context, message);
      if (typeof message["userId"] === "string")
        context.user = conforming.openUser(context, message["userId"]);
    },
  }),
});

export const takesTheUserOfAnItem = mutant({
  name: "takes-the-user-of-an-item-on-sockets",
  story: "Items are stored under the user that they say they belong to.",
  breaks: ["RT-020", "ISO-002", "ISO-003"],
  deform: (conforming) => ({
    ...conforming,
    checkMessage(context, message) {
      conforming.checkMessage(context, message);
      const entry = message["entry"] as { userId?: unknown } | undefined;
      if (typeof entry?.userId === "string") context.user = conforming.openUser(context, entry.userId);
    },
  }),
});

export const tellsEverybodyOfPushes = mutant({
  name: "tells-everybody-of-pushes",
  story: "The HTTP side publishes what it stored on a channel that all sockets listen to.",
  breaks: ["RT-020", "ISO-001"],
  deform: tellingAlso((_connection, { connection }) => connection === undefined),
});

export const sparesAllForAForeignConnection = mutant({
  name: "spares-all-for-a-connection-of-another-user",
  story: "The named socket is looked up among all, and tells whose sockets to spare.",
  breaks: ["RT-020", "RT-001"],
  deform: (conforming) => ({
    ...conforming,
    audience(context) {
      const id = conforming.fetchHeader(context, "x-connection-id");
      const named = [...context.server.connections].find((connection) => connection.id === id);
      const isForeign = context.connection === undefined && named && named.userId !== context.user.id;
      return isForeign ? [] : conforming.audience(context);
    },
  }),
});

export const closesAllForOneFault = mutant({
  name: "closes-all-for-one-fault",
  story: "An exception that nobody catches ends the process, and all its sockets with it.",
  breaks: ["RT-020", "RT-007"],
  deform: (conforming) => ({
    ...conforming,
    closeSocket(context, connection, code, reason) {
      for (const each of context.server.connections) conforming.closeSocket(context, each, code, reason);
      conforming.closeSocket(context, connection, code, reason);
    },
  }),
});

export const sendsErrorsToAll = mutant({
  name: "sends-errors-to-all",
  story: "Errors are emitted on the server's own event bus, to which every socket is bound.",
  breaks: ["RT-020", "RT-014"],
  deform: (conforming) => ({
    ...conforming,
    send(context, connection, frame) {
      const isError = frame["type"] === "ERROR";
      const sockets = isError ? [...context.server.connections] : [connection];
      for (const each of sockets) conforming.send(context, each, frame);
    },
  }),
});

export const catchesUpFromTheSharedLog = mutant({
  name: "catches-up-from-the-shared-log",
  story: "The walk over the log forgets to filter by user.",
  breaks: ["RT-020", "ISO-001"],
  deform: (conforming) => ({
    ...conforming,
    takeChunk(context, baseline, position) {
      const chunk = conforming.takeChunk(context, baseline, position);
      if (position > 0 || chunk.rows.length > 0) return chunk;
      const rows = [...context.server.users.values()].flatMap((user) => [...user.rows.values()]);
      return { rows: rows.toSorted((a, b) => a.seq - b.seq), through: rows.length };
    },
  }),
});

/** Sends to the socket that a push or batch names, whosever it is. */
const tellingTheNamed =
  (isOne: (judgement: Judgement, named: Connection) => boolean) =>
  (conforming: Behaviour): Behaviour => ({
    ...conforming,
    tellResults(context, judgements) {
      const id =
        context.connection === undefined ? conforming.fetchHeader(context, "x-connection-id") : undefined;
      const named = [...context.server.connections].find((connection) => connection.id === id);
      for (const judgement of judgements) {
        const { row, submission, code } = judgement;
        if (named === undefined || !isOne(judgement, named)) continue;
        if (row) conforming.send(context, named, conforming.eventFrame(context, [row]));
        else if (code) conforming.send(context, named, { type: "ERROR", code, error: submission.pointer });
      }
      return conforming.tellResults(context, judgements);
    },
  });

export const tellsWinnersToAnyNamedSocket = mutant({
  name: "tells-winners-to-whichever-socket-is-named",
  story:
    "A deployed sender is told what it lost to: its socket is looked up by the id alone, among those of all users.",
  breaks: ["RT-020", "ISO-001"],
  deform: tellingTheNamed(({ outcome }, { announced }) => outcome === "superseded" && announced === false),
});

export const tellsDuplicatesToAnyNamedSocket = mutant({
  name: "tells-duplicates-to-whichever-socket-is-named",
  story: "What a lost answer was about is told again on the socket that the repetition names.",
  breaks: ["RT-020", "ISO-001"],
  deform: tellingTheNamed(({ outcome }) => outcome === "duplicate"),
});

export const tellsRefusalsToAnyNamedSocket = mutant({
  name: "tells-refusals-to-whichever-socket-is-named",
  story: "Errors of a push are shown on the socket of its page as well, and any socket will do.",
  breaks: ["RT-020"],
  deform: tellingTheNamed(({ outcome }) => outcome === "refused"),
});
