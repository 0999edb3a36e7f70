import { advance } from "../../model-client/behaviour/realtime.ts";
import { clientMutant, tally } from "../../model-client/mutant.ts";
import { socketRound } from "../../model-client/socket.ts";

/** Longer than any check lasts, in ms of the client's time. */
const NEVER = 1e8;

export const neverPings = clientMutant({
  name: "never-pings",
  story: "That a socket is open is what its readyState says.",
  breaks: ["CLI-040"],
  deform: (conforming) => ({ ...conforming, silenceMs: () => NEVER }),
});

export const pingsEveryMinute = clientMutant({
  name: "pings-every-minute",
  story: "Its heartbeat is as rare as the proxy in front of the first server allowed; others cut sooner.",
  breaks: ["CLI-040"],
  deform: (conforming) => ({ ...conforming, silenceMs: () => 60_000 }),
});

export const pingsSoonAndThenRarely = clientMutant({
  name: "pings-soon-and-then-rarely",
  story: "A new socket is tried with a PING after five seconds; after that a minute passes between two.",
  breaks: ["CLI-040"],
  deform: (conforming) => ({
    ...conforming,
    // Opened, greeted, caught up.
    silenceMs: (context) => (tally(context, "silences") <= 3 ? 5_000 : 60_000),
  }),
});

export const pingsOnce = clientMutant({
  name: "pings-once",
  story: "The heartbeat is a setTimeout that nobody sets again after the first PONG.",
  breaks: ["CLI-040"],
  deform: (conforming) => ({
    ...conforming,
    silenceMs: (context) => (context.scratch.has("pinged") ? NEVER : conforming.silenceMs(context)),
    pingFrame(context) {
      context.scratch.set("pinged", true);
      return conforming.pingFrame(context);
    },
  }),
});

export const trustsASocketThatIsSilent = clientMutant({
  name: "trusts-a-socket-that-is-silent",
  story: "PING goes out, and nobody looks whether anything comes back.",
  breaks: ["CLI-040"],
  deform: (conforming) => ({ ...conforming, pongMs: () => NEVER }),
});

export const givesUpASocketAtOnce = clientMutant({
  name: "gives-up-a-socket-at-once",
  story: "A second was enough for PONG in the office; on the train each heartbeat costs a reconnect.",
  breaks: ["CLI-040"],
  deform: (conforming) => ({ ...conforming, pongMs: () => 1_000 }),
});

export const closesOnAnUnknownMessage = clientMutant({
  name: "closes-on-an-unknown-message",
  story: "The default branch of the switch throws, and the frame handler closes the socket.",
  breaks: ["CLI-041"],
  deform: (conforming) => ({
    ...conforming,
    onUnknown: (_context, session) => session.socket.close(1000),
  }),
});

export const movesTheCursorByAnUnknownMessage = clientMutant({
  name: "moves-the-cursor-by-an-unknown-message",
  story: "seq and lastSeq are taken from the envelope before anybody looks at the type.",
  breaks: ["CLI-038", "CLI-041"],
  deform: (conforming) => ({
    ...conforming,
    onUnknown(context, _session, message) {
      const place = message["lastSeq"] ?? message["seq"];
      if (typeof place === "number") advance(context, place);
    },
  }),
});

export const stopsListeningAfterAnUnknownMessage = clientMutant({
  name: "stops-listening-after-an-unknown-message",
  story: "The loop that reads frames ends with the first exception, and the socket stays open.",
  breaks: ["CLI-041"],
  deform: (conforming) => ({
    ...conforming,
    onUnknown: ({ scratch }) => void scratch.set("deaf", true),
    kindOf: (context, message) =>
      context.scratch.has("deaf") ? "unknown" : conforming.kindOf(context, message),
  }),
});

export const takesOnlyMembersThatItKnows = clientMutant({
  name: "takes-only-members-that-it-knows",
  story:
    "Messages go through a validator that forbids further members, and what it does not pass is dropped.",
  breaks: ["CLI-041"],
  deform: (conforming) => ({
    ...conforming,
    toldByMessage: (context, message) =>
      Object.keys(message).every((name) => KNOWN.has(name)) ? conforming.toldByMessage(context, message) : [],
  }),
});

const KNOWN = new Set(
  (
    "type timestamp protocol clientChangeId deviceId seq lastSeq meta message entry entryId piece scoreId plan occurrence occurrences " +
    "entityType item entries goals practicePlans planOccurrences planTemplates preferences pieces deleted"
  ).split(" "),
);

export const tellsMessagesByTheirMembers = clientMutant({
  name: "tells-messages-by-their-members",
  story: "What has an entryId and no entry is a deletion, whatever its type says.",
  breaks: ["CLI-041"],
  deform: (conforming) => ({
    ...conforming,
    onUnknown({ store }, _session, { entryId, entry }) {
      if (entry !== undefined) return;
      for (const [key, { id }] of store.rows) if (id === entryId) store.rows.delete(key);
    },
  }),
});

export const dialsWheneverItIsTold = clientMutant({
  name: "dials-whenever-it-is-told",
  story: "connect() makes a socket, and each screen calls it.",
  breaks: ["CLI-047"],
  deform: (conforming) => ({ ...conforming, mayDial: () => true }),
});

export const dialsUntilOneIsOpen = clientMutant({
  name: "dials-until-one-is-open",
  story: "connect() looks whether a socket is open, and one whose handshake is under way is not.",
  breaks: ["CLI-047"],
  deform: (conforming) => ({ ...conforming, mayDial: ({ session }) => session === null }),
});

export const dialsTwiceAfterALoss = clientMutant({
  name: "dials-twice-after-a-loss",
  story: "Both onerror and onclose reconnect.",
  breaks: ["CLI-047"],
  deform: (conforming) => ({
    ...conforming,
    afterClose(context, code) {
      if (tally(context, "closes") === 1) context.life.after(100, () => void socketRound(context));
      return conforming.afterClose(context, code);
    },
  }),
});

export const keepsAHandshakeThatIsUnderWay = clientMutant({
  name: "keeps-a-handshake-that-is-under-way",
  story:
    "close() closes the socket that is there; one that is about to open has no reference yet, and opens into nowhere.",
  breaks: ["CLI-047"],
  deform: (conforming) => ({
    ...conforming,
    close(context) {
      if (context.session !== null || !context.lanes.socket.running) return conforming.close(context);
      // The engine cancels its own handshake: one that nobody holds stands for it.
      void context.dial(conforming.socketRequest(context)).catch(() => {});
      conforming.close(context);
    },
  }),
});
