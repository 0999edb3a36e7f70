import type { Behaviour } from "../../model/behaviour.ts";
import { changingMessages } from "../../model/deform-sockets.ts";
import { mutant } from "../../model/mutant.ts";
import { Refusal } from "../../model/refusal.ts";

/** A frame that is refused before it is a message makes its sender a deployed peer. */
const decidingByRefusal =
  (code: string) =>
  (conforming: Behaviour): Behaviour => ({
    ...conforming,
    readMessage(context, incoming) {
      try {
        return conforming.readMessage(context, incoming);
      } catch (error) {
        if (error instanceof Refusal && error.code === code && context.connection !== undefined)
          context.connection.announced ??= false;
        throw error;
      }
    },
  });

export const takesBrokenFramesForTheFirst = mutant({
  name: "takes-broken-frames-for-the-first-message",
  story: "`message?.protocol` is read whether the frame could be parsed or not.",
  breaks: ["RT-049"],
  deform: decidingByRefusal("INVALID_JSON"),
});

export const takesOtherJsonForTheFirst = mutant({
  name: "takes-json-that-is-no-object-for-the-first-message",
  story: "The first frame that can be parsed has no `protocol`, as a list has none.",
  breaks: ["RT-049"],
  deform: decidingByRefusal("INVALID_REQUEST"),
});

export const decidesByGoodMessagesOnly = mutant({
  name: "decides-by-good-messages-only",
  story: "The peer is noted once its message has passed all checks.",
  breaks: ["RT-049"],
  deform: (conforming) => ({
    ...conforming,
    negotiateSocket(context, connection, message) {
      if (connection.announced === undefined) connection.memory.set("first", message);
      conforming.negotiateSocket(context, connection, message);
    },
    answerError(context, connection, error) {
      if (context.message !== undefined && connection.memory.get("first") === context.message)
        connection.announced = undefined;
      conforming.answerError(context, connection, error);
    },
  }),
});

export const letsPeersAnnounceLater = mutant({
  name: "lets-peers-announce-later",
  story: "Whichever message names the version first makes its sender an announced peer.",
  breaks: ["RT-049"],
  deform: (conforming) => ({
    ...conforming,
    negotiateSocket(context, connection, message) {
      conforming.negotiateSocket(context, connection, message);
      if (message["protocol"] === "1") connection.announced = true;
    },
  }),
});

export const judgesEveryVersion = mutant({
  name: "judges-the-version-of-every-message",
  story: "The version is looked at wherever a message names one.",
  breaks: ["RT-049"],
  deform: (conforming) => ({
    ...conforming,
    negotiateSocket(context, connection, message) {
      const known = connection.announced;
      if ((message["protocol"] ?? null) !== null) connection.announced = undefined;
      conforming.negotiateSocket(context, connection, message);
      connection.announced = known ?? connection.announced;
    },
  }),
});

export const namesConnectionsAnewOnAuth = mutant({
  name: "names-connections-anew-on-auth",
  story: "Every WELCOME is made with a fresh id, as only the first was thought of.",
  breaks: ["RT-053"],
  deform: (conforming) => ({
    ...conforming,
    welcomeFrame(context, connection) {
      const frame = conforming.welcomeFrame(context, connection);
      const isFirst = !connection.memory.has("welcomed");
      connection.memory.set("welcomed", true);
      return isFirst ? frame : { ...frame, connectionId: conforming.connectionId(context) };
    },
  }),
});

/** After such a message the next one decides anew. */
const decidingAnewAfter = (types: readonly string[]) =>
  changingMessages(types, (frame, connection) => {
    if (frame["type"] !== "WELCOME" || connection.announced !== undefined) connection.announced = undefined;
    return frame;
  });

export const decidesAnewAfterAuth = mutant({
  name: "decides-who-is-deployed-anew-after-auth",
  story: "AUTH runs the code that opens a connection, and that knows nothing of its peer yet.",
  breaks: ["RT-049"],
  deform: decidingAnewAfter(["WELCOME"]),
});

export const decidesAnewAfterErrors = mutant({
  name: "decides-who-is-deployed-anew-after-an-error",
  story: "An error resets the state of the connection to be on the safe side.",
  breaks: ["RT-049"],
  deform: decidingAnewAfter(["ERROR"]),
});

export const decidesAnewByCatchUp = mutant({
  name: "decides-who-is-deployed-anew-by-a-catch-up",
  story: "SYNC_REQUEST is thought to be every client's first message, so what it says of the version counts.",
  breaks: ["RT-049"],
  deform: (conforming) => ({
    ...conforming,
    beginCatchUp(context, connection, baseline) {
      conforming.beginCatchUp(context, connection, baseline);
      connection.announced = typeof context.message?.["protocol"] === "string";
    },
  }),
});
