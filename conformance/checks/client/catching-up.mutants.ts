import type { JsonObject } from "../../../schemas/json.ts";
import { advance } from "../../model-client/behaviour/realtime.ts";
import { clientMutant, tally } from "../../model-client/mutant.ts";

const seqOf = (value: unknown): number | undefined =>
  Number.isInteger(value) ? (value as number) : undefined;
const metaSeqOf = ({ meta }: JsonObject): number | undefined =>
  seqOf((meta as JsonObject | undefined)?.["seq"]);

export const catchesUpOnce = clientMutant({
  name: "catches-up-once",
  story: "Catch-up is part of starting the app; a socket that is opened later only listens.",
  breaks: ["CLI-037"],
  deform: (conforming) => ({
    ...conforming,
    syncRequest(context) {
      const request = conforming.syncRequest(context);
      if (request === undefined || tally(context, "catch-ups") === 1) return request;
      context.session!.phase = "live";
      return { type: "PING" };
    },
  }),
});

export const catchesUpFromNothing = clientMutant({
  name: "catches-up-from-nothing",
  story: "The cursor lives in the object of the connection, so each new one asks for the whole history.",
  breaks: ["CLI-037"],
  deform: (conforming) => ({
    ...conforming,
    syncRequest(context) {
      const request = conforming.syncRequest(context);
      return request && { type: "SYNC_REQUEST" };
    },
  }),
});

export const asksSinceItWasLastOpen = clientMutant({
  name: "asks-since-it-was-last-open",
  story:
    "The number of the last event that the old socket brought is remembered apart from what was stored, and asked from.",
  breaks: ["CLI-037", "CLI-038"],
  deform: (conforming) => ({
    ...conforming,
    onEvent(context, session, message) {
      void conforming.onEvent(context, session, message);
      const seq = seqOf(message["seq"]) ?? metaSeqOf(message);
      if (seq !== undefined) context.scratch.set("last heard", seq);
    },
    syncRequest(context) {
      const request = conforming.syncRequest(context);
      const heard = seqOf(context.scratch.get("last heard"));
      return request && heard !== undefined ? { ...request, lastSeq: heard } : request;
    },
  }),
});

export const movesTheCursorByAnyEvent = clientMutant({
  name: "moves-the-cursor-by-any-event",
  story:
    "As deployed clients do, it takes the seq of each event for its cursor, whether it has caught up or not.",
  breaks: ["CLI-038"],
  deform: (conforming) => ({ ...conforming, cursorOfEvent: (_context, _session, { seq }) => seqOf(seq) }),
});

export const movesTheCursorByMeta = clientMutant({
  name: "moves-the-cursor-by-meta",
  story: "meta.seq looks like the place in the log, and it is there even where the envelope has none.",
  breaks: ["CLI-038"],
  deform: (conforming) => ({
    ...conforming,
    cursorOfEvent: (_context, _session, message) => metaSeqOf(message),
  }),
});

export const isLiveFromTheStart = clientMutant({
  name: "is-live-from-the-start",
  story:
    "The flag that lets events move the cursor is set when catch-up is asked for, not when it has ended.",
  breaks: ["CLI-037", "CLI-038"],
  deform: (conforming) => ({
    ...conforming,
    syncRequest(context) {
      const request = conforming.syncRequest(context);
      // The engine notes afterwards that it was asked for.
      if (request) queueMicrotask(() => context.session && (context.session.phase = "live"));
      return request;
    },
  }),
});

export const staysLiveForEver = clientMutant({
  name: "stays-live-for-ever",
  story: "That it has caught up is a flag of the client, not of the connection: the next socket inherits it.",
  breaks: ["CLI-037", "CLI-038"],
  deform: (conforming) => ({
    ...conforming,
    onCatchUpEnd(context, session, message) {
      context.scratch.set("caught up", true);
      conforming.onCatchUpEnd(context, session, message);
    },
    cursorOfEvent: (context, session, message) =>
      context.scratch.get("caught up")
        ? seqOf(message["seq"])
        : conforming.cursorOfEvent(context, session, message),
  }),
});

export const takesAnAcknowledgementForTheEnd = clientMutant({
  name: "takes-an-acknowledgement-for-the-end",
  story: "Every SYNC_RESPONSE ends the catch-up, those that acknowledge a write included.",
  breaks: ["CLI-038", "CLI-010"],
  deform: (conforming) => ({
    ...conforming,
    kindOf: (context, message) =>
      message["type"] === "SYNC_RESPONSE" ? "catch-up-end" : conforming.kindOf(context, message),
  }),
});

export const keepsTheCursorBeforeTheEvent = clientMutant({
  name: "keeps-the-cursor-before-the-event",
  story:
    "The cursor is stored when the frame is parsed, the change when the batch of the next second is written.",
  breaks: ["CLI-038", "CLI-010"],
  deform: (conforming) => ({
    ...conforming,
    onEvent(context, session, message) {
      advance(context, conforming.cursorOfEvent(context, session, message));
      context.life.after(1_000, () => void conforming.onEvent(context, session, message));
    },
  }),
});
