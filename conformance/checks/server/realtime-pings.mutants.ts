import { closingWith } from "../../model/deform-sockets.ts";
import { mutant } from "../../model/mutant.ts";
import { Refusal } from "../../model/refusal.ts";

export const knowsNoPing = mutant({
  name: "knows-no-ping-message",
  story: "The protocol of WebSockets has pings of its own, so there was thought to be no need of another.",
  breaks: ["RT-034"],
  deform: (conforming) => ({ ...conforming, pong: () => {} }),
});

export const answersPingOfAnnouncedPeersOnly = mutant({
  name: "answers-pings-after-the-first-message-only",
  story: "Until a client has said which version it speaks, everything that it sends is kept waiting.",
  breaks: ["RT-034"],
  deform: (conforming) => ({
    ...conforming,
    pong(context, connection) {
      if (connection.announced !== undefined) conforming.pong(context, connection);
    },
  }),
});

export const answersTheFirstPingOnly = mutant({
  name: "answers-the-first-ping-only",
  story: "A message that equals an earlier one of the connection is taken for a repetition, and dropped.",
  breaks: ["RT-034"],
  deform: (conforming) => ({
    ...conforming,
    pong(context, connection) {
      if (connection.memory.has("ponged")) return;
      connection.memory.set("ponged", true);
      conforming.pong(context, connection);
    },
  }),
});

export const tellsPongsToEverybody = mutant({
  name: "tells-pongs-to-all-sockets-of-the-user",
  story: "Everything that the object of the user says goes through its broadcast.",
  breaks: ["RT-034"],
  deform: (conforming) => ({
    ...conforming,
    pong(context) {
      for (const connection of conforming.audience(context)) conforming.pong(context, connection);
    },
  }),
});

export const refusesPingWithoutProtocol = mutant({
  name: "wants-a-protocol-in-pings",
  story: "The first message must announce the version, and no exception was made.",
  breaks: ["RT-034"],
  deform: (conforming) => ({
    ...conforming,
    pong(context, connection) {
      if (connection.announced !== undefined) return conforming.pong(context, connection);
      const refusal = new Refusal("INVALID_REQUEST", "/protocol is missing");
      conforming.send(context, connection, conforming.errorFrame(context, refusal));
    },
  }),
});

export const forgetsPingsWhenEvicted = mutant({
  name: "forgets-pings-when-evicted",
  story: "The automatic answer is set in memory at the opening, and not set again by who wakes.",
  breaks: ["RT-034"],
  deform: (conforming) => ({
    ...conforming,
    evict(server) {
      conforming.evict(server);
      for (const connection of server.connections) connection.memory.set("evicted", true);
    },
    pong(context, connection) {
      if (!connection.memory.has("evicted")) conforming.pong(context, connection);
    },
  }),
});

export const neverClosesIdleSockets = mutant({
  name: "never-closes-idle-sockets",
  story: "A socket is closed by who opened it.",
  breaks: ["RT-036"],
  deform: (conforming) => ({ ...conforming, idleAt: () => Infinity }),
});

export const closesIdleSocketsWith1000 = mutant({
  name: "closes-idle-sockets-with-1000",
  story: "Nothing was wrong with it, so it is closed normally.",
  breaks: ["RT-036"],
  deform: closingWith(4408, 1000),
});

export const countsNoPings = mutant({
  name: "counts-no-pings",
  story: "Pings are answered before the application, which therefore never hears of them.",
  breaks: ["RT-036"],
  deform: (conforming) => ({
    ...conforming,
    noteHeard(context, connection, incoming) {
      if (!conforming.isPing(context, incoming)) conforming.noteHeard(context, connection, incoming);
    },
  }),
});

export const countsWhatItTells = mutant({
  name: "counts-what-it-tells",
  story: "The time of the latest activity is set by every frame, in either direction.",
  breaks: ["RT-036"],
  deform: (conforming) => ({
    ...conforming,
    send(context, connection, frame) {
      connection.heardAt = context.server.now();
      conforming.send(context, connection, frame);
    },
  }),
});

export const countsFromTheOpening = mutant({
  name: "counts-idle-time-from-the-opening",
  story: "The timer is set once and never again.",
  breaks: ["RT-036"],
  deform: (conforming) => ({ ...conforming, noteHeard: () => {} }),
});

export const countsMutationsOnly = mutant({
  name: "counts-mutations-only",
  story: "Only what the user does is activity.",
  breaks: ["RT-036"],
  deform: (conforming) => ({
    ...conforming,
    noteHeard: () => {},
    mutationItems(context, message) {
      if (context.connection) context.connection.heardAt = context.server.now();
      return conforming.mutationItems(context, message);
    },
  }),
});

export const closesAfterHalfTheTime = mutant({
  name: "closes-idle-sockets-after-half-the-time",
  story:
    "The sweep is as long as the time-out, and a socket that was silent for most of one is taken for idle.",
  breaks: ["RT-036"],
  deform: (conforming) => ({
    ...conforming,
    idleAt: (context, connection) =>
      connection.heardAt + (conforming.idleAt(context, connection) - connection.heardAt) / 2,
  }),
});

export const closesIdleOnesWithTheirSiblings = mutant({
  name: "closes-idle-sockets-with-all-of-their-user",
  story: "The alarm belongs to the object of the user, and closes what the object has.",
  breaks: ["RT-036"],
  deform: (conforming) => ({
    ...conforming,
    closeSocket(context, connection, code, reason) {
      conforming.closeSocket(context, connection, code, reason);
      if (code !== 4408) return;
      for (const other of conforming.audience(context)) conforming.closeSocket(context, other, code, reason);
    },
  }),
});

export const answersTheExactBytesOnly = mutant({
  name: "answers-pings-of-the-exact-bytes-only",
  story: "The platform answers the exact bytes by itself, and what gets past it meets a switch without PING.",
  breaks: ["RT-044"],
  deform: (conforming) => ({
    ...conforming,
    interceptMessage: async (context, connection, message) =>
      message["type"] === "PING" || conforming.interceptMessage(context, connection, message),
  }),
});

export const refusesPingsWithMembers = mutant({
  name: "refuses-pings-with-members",
  story: "A PING has no members, and the schema is closed to be on the safe side.",
  breaks: ["RT-044", "RT-011"],
  deform: (conforming) => ({
    ...conforming,
    checkMessage(context, message) {
      if (message["type"] === "PING" && Object.keys(message).length > 1)
        throw new Refusal("INVALID_REQUEST", "PING must have no members");
      conforming.checkMessage(context, message);
    },
  }),
});

export const readsTheProtocolOfPings = mutant({
  name: "reads-the-protocol-of-pings",
  story: "The version is looked at in every first message, whatever its type.",
  breaks: ["RT-044", "RT-006"],
  deform: (conforming) => ({
    ...conforming,
    negotiateSocket(context, connection, message) {
      const isPing = message["type"] === "PING" && (message["protocol"] ?? null) !== null;
      conforming.negotiateSocket(context, connection, isPing ? { ...message, type: "HELLO" } : message);
    },
  }),
});

export const takesPingForTheFirstMessage = mutant({
  name: "takes-a-ping-for-the-first-message",
  story: "Who has sent anything without a version is a deployed peer from then on.",
  breaks: ["RT-044", "RT-006"],
  deform: (conforming) => ({
    ...conforming,
    negotiateSocket(context, connection, message) {
      if (message["type"] === "PING") connection.announced ??= false;
      conforming.negotiateSocket(context, connection, message);
    },
  }),
});
