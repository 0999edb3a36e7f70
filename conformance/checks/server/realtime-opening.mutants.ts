import { changingMessages } from "../../model/deform-sockets.ts";
import { mutant } from "../../model/mutant.ts";

export const greetsWhenSpokenTo = mutant({
  name: "greets-when-spoken-to",
  story: "WELCOME is sent by the handler of messages when it meets a connection for the first time.",
  breaks: ["RT-005"],
  deform: (conforming) => ({
    ...conforming,
    greet: () => {},
    noteHeard(context, connection, incoming) {
      conforming.noteHeard(context, connection, incoming);
      if (connection.memory.has("greeted")) return;
      connection.memory.set("greeted", true);
      conforming.greet(context, connection);
    },
  }),
});

export const greetsAfterAWhile = mutant({
  name: "greets-after-it-has-loaded-the-user",
  story:
    "The connection is registered at once, and WELCOME waits until the user's state is read from the store.",
  breaks: ["RT-005"],
  deform: (conforming) => ({
    ...conforming,
    greet: (context, connection) => void setTimeout(() => conforming.greet(context, connection), 20),
  }),
});

export const startsWithAnotherWord = mutant({
  name: "starts-with-a-pong",
  story: "The library that keeps the sockets says a word of its own before the application does.",
  breaks: ["RT-005"],
  deform: (conforming) => ({
    ...conforming,
    greet(context, connection) {
      context.behaviour.send(context, connection, { type: "PONG" });
      conforming.greet(context, connection);
    },
  }),
});

export const welcomesWithAPlace = mutant({
  name: "welcomes-with-the-head",
  story: "WELCOME goes through the helper that adds the present head to every message.",
  breaks: ["RT-005"],
  deform: (conforming) => ({
    ...conforming,
    welcomeFrame: (context, connection) => ({
      ...conforming.welcomeFrame(context, connection),
      lastSeq: context.user.head,
    }),
  }),
});

export const namesConnectionsByUser = mutant({
  name: "names-connections-by-user",
  story: "The id of the object that holds a user's sockets is sent out as the id of each of them.",
  breaks: ["RT-005"],
  deform: (conforming) => ({ ...conforming, connectionId: ({ user }) => `user-${user.id}` }),
});

export const namesConnectionsByDevice = mutant({
  name: "names-connections-by-token",
  story: "The id is a hash of the token, as one device was thought to have one socket.",
  breaks: ["RT-005"],
  deform: (conforming) => ({
    ...conforming,
    connectionId: ({ query }) => `t-${(query.get("token") ?? "").slice(-12)}`,
  }),
});

export const namesNoConnections = mutant({
  name: "names-no-connections",
  story: "The server is older than the member.",
  breaks: ["RT-005"],
  deform: changingMessages(["WELCOME"], ({ connectionId: _id, ...frame }) => frame),
});

export const countsConnectionsPerUser = mutant({
  name: "counts-connections-in-each-user",
  story: "The id is the number of the user's live sockets, so users share names, and a freed one comes back.",
  breaks: ["RT-005"],
  deform: (conforming) => ({
    ...conforming,
    connectionId: (context) => `c${conforming.audience(context).length}`,
  }),
});

export const ignoresTheProtocol = mutant({
  name: "ignores-the-protocol-of-messages",
  story: "There has been one version only, so nobody looks.",
  breaks: ["RT-006"],
  deform: (conforming) => ({
    ...conforming,
    negotiateSocket(_context, connection, message) {
      if (message["type"] !== "PING") connection.announced ??= (message["protocol"] ?? null) !== null;
    },
  }),
});

export const closesWithoutAWord = mutant({
  name: "closes-on-other-versions-without-a-word",
  story: "The close code was thought to say enough.",
  breaks: ["RT-006"],
  deform: changingMessages(["ERROR"], (frame) =>
    frame["code"] === "UNSUPPORTED_VERSION" ? undefined : frame,
  ),
});

export const staysOpenOnOtherVersions = mutant({
  name: "stays-open-on-other-versions",
  story: "The refusal is answered like any other, by ERROR alone.",
  breaks: ["RT-006"],
  deform: (conforming) => ({
    ...conforming,
    closeSocket(context, connection, code, reason) {
      if (code !== 4400) conforming.closeSocket(context, connection, code, reason);
    },
  }),
});

export const appliesBeforeItAsksForTheVersion = mutant({
  name: "applies-before-it-asks-for-the-version",
  story: "The version is compared where the answer is made, after the handler has run.",
  breaks: ["RT-006"],
  deform: (conforming) => ({
    ...conforming,
    negotiateSocket(context, connection, message) {
      try {
        conforming.negotiateSocket(context, connection, message);
      } catch (error) {
        connection.announced = true;
        connection.memory.set("refused", error);
      }
    },
    send(context, connection, frame) {
      const refused = connection.memory.get("refused");
      if (refused === undefined || frame["type"] !== "SYNC_RESPONSE")
        return conforming.send(context, connection, frame);
      connection.memory.delete("refused");
      conforming.answerError(context, connection, refused);
    },
  }),
});

export const comparesVersionsAsNumbers = mutant({
  name: "compares-versions-as-numbers",
  story: '`parseInt(protocol) === 1`, so "1.0" is 1.',
  breaks: ["RT-006"],
  deform: (conforming) => ({
    ...conforming,
    negotiateSocket(context, connection, message) {
      const { protocol } = message;
      const isOne = typeof protocol === "string" && Number.parseInt(protocol) === 1;
      conforming.negotiateSocket(context, connection, isOne ? { ...message, protocol: "1" } : message);
    },
  }),
});

export const asksForTheVersionOfMutationsOnly = mutant({
  name: "asks-for-the-version-of-mutations-only",
  story: "The check was written into the handler that writes.",
  breaks: ["RT-006"],
  deform: (conforming) => ({
    ...conforming,
    negotiateSocket(context, connection, message) {
      const type = message["type"];
      if (type !== "SYNC_REQUEST" && type !== "AUTH")
        return conforming.negotiateSocket(context, connection, message);
      connection.announced ??= (message["protocol"] ?? null) !== null;
    },
  }),
});

export const looksAtTheTypeFirst = mutant({
  name: "looks-at-the-type-before-the-version",
  story: "Messages are parsed by a schema of this version before anything else is done with them.",
  breaks: ["RT-006"],
  deform: (conforming) => ({
    ...conforming,
    negotiateSocket(context, connection, message) {
      if (message["type"] !== "PING") conforming.checkMessage(context, message);
      conforming.negotiateSocket(context, connection, message);
    },
  }),
});

export const takesPingForTheFirstMessage = mutant({
  name: "takes-ping-for-the-first-message",
  story: "The first message is the first one that comes in, and a client that pings has announced nothing.",
  breaks: ["RT-006"],
  deform: (conforming) => ({
    ...conforming,
    negotiateSocket(context, connection, message) {
      if (message["type"] === "PING") connection.announced ??= false;
      conforming.negotiateSocket(context, connection, message);
    },
  }),
});

export const takesEverybodyForDeployed = mutant({
  name: "takes-every-socket-for-a-deployed-one",
  story:
    "The header that announces the version over HTTP is looked for in the upgrade, where no browser sends it.",
  breaks: ["RT-004", "RT-006"],
  deform: (conforming) => ({
    ...conforming,
    negotiateSocket(context, connection, message) {
      conforming.negotiateSocket(context, connection, message);
      if (connection.announced) connection.announced = false;
    },
  }),
});

export const takesEverybodyForAnnounced = mutant({
  name: "takes-no-socket-for-a-deployed-one",
  story: "Messages were new in version 1 of this server, so all who speak them are thought to know it.",
  breaks: ["RT-003", "RT-004", "RT-006"],
  deform: (conforming) => ({
    ...conforming,
    negotiateSocket(context, connection, message) {
      conforming.negotiateSocket(context, connection, message);
      if (connection.announced === false) connection.announced = true;
    },
  }),
});

export const asksForTheVersionInEveryMessage = mutant({
  name: "asks-for-the-version-in-every-message",
  story: "Whether a peer is a deployed one is read off each message, though only the first announces it.",
  breaks: ["RT-004", "RT-006"],
  deform: (conforming) => ({
    ...conforming,
    negotiateSocket(context, connection, message) {
      if (message["type"] !== "PING") connection.announced = undefined;
      conforming.negotiateSocket(context, connection, message);
    },
  }),
});
