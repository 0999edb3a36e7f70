import type { JsonObject } from "../../../schemas/json.ts";
import { isJsonObject } from "../../../schemas/json.ts";
import { afterNormalising, mapObjects } from "../../model/deform.ts";
import { changingMessages, onlyOnSockets } from "../../model/deform-sockets.ts";
import { mutant } from "../../model/mutant.ts";
import { CloseSocket, ItemRefusal, Refusal } from "../../model/refusal.ts";
import type { Behaviour } from "../../model/behaviour.ts";

const lenient = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** Other close codes, or none at all and an ERROR instead, for what breaks the framing. */
function framingBy(change: (code: number) => number | Refusal) {
  return (conforming: Behaviour): Behaviour => ({
    ...conforming,
    answerError(context, connection, error) {
      if (!(error instanceof CloseSocket)) return conforming.answerError(context, connection, error);
      const changed = change(error.code);
      const instead =
        typeof changed === "number" ? new CloseSocket(changed, error.message, error.refusal) : changed;
      conforming.answerError(context, connection, instead);
    },
  });
}

const broken = (code: "INVALID_JSON" | "BODY_TOO_LARGE"): Refusal => new Refusal(code, "not readable");

/** The members of an item as events tell it. */
function tellingItems(change: (item: JsonObject) => JsonObject) {
  return (conforming: Behaviour): Behaviour => ({
    ...conforming,
    eventBody(context, row) {
      const item = context.behaviour.tellItem(context, row);
      if (item === null) return conforming.eventBody(context, row);
      return conforming.eventBody(context, { ...row, item: change(item) });
    },
  });
}

export const readsBinaryFrames = mutant({
  name: "reads-binary-frames",
  story: "The library hands both kinds of frame over as bytes, and the handler decodes whatever it gets.",
  breaks: ["RT-007"],
  deform: (conforming) => ({
    ...conforming,
    checkFraming: (context, incoming) => conforming.checkFraming(context, { ...incoming, binary: false }),
  }),
});

export const answersBinaryFrames = mutant({
  name: "answers-binary-frames-with-error",
  story: "A binary frame is no JSON, and is answered like any other frame that is none.",
  breaks: ["RT-007"],
  deform: framingBy((code) => (code === 1003 ? broken("INVALID_JSON") : code)),
});

export const closesBinaryFramesAsBroken = mutant({
  name: "closes-binary-frames-with-1002",
  story: "There is one close code for everything that breaks the rules.",
  breaks: ["RT-007"],
  deform: framingBy((code) => (code === 1003 ? 1002 : code)),
});

export const takesFramesOfAnyLength = mutant({
  name: "takes-frames-of-any-length",
  story: "The limit is advertised, and the library's own is a hundred times as large.",
  breaks: ["RT-007"],
  deform: (conforming) => ({ ...conforming, messageLimit: () => Infinity, checkItemSize: () => {} }),
});

export const refusesLongFramesByError = mutant({
  name: "refuses-long-frames-by-error",
  story: "A long frame is refused as a long body is, by a code, and the socket stays open.",
  breaks: ["RT-007"],
  deform: framingBy((code) => (code === 1009 ? broken("BODY_TOO_LARGE") : code)),
});

export const closesLongFramesAsBroken = mutant({
  name: "closes-long-frames-with-1011",
  story: "The exception of the parser's buffer ends the connection as an unexpected one.",
  breaks: ["RT-007"],
  deform: framingBy((code) => (code === 1009 ? 1011 : code)),
});

export const refusesTheLongestFrame = mutant({
  name: "refuses-the-longest-frame",
  story: "`>=` in place of `>`.",
  breaks: ["RT-007"],
  deform: (conforming) => ({
    ...conforming,
    messageLimit: (context) => conforming.messageLimit(context) - 1,
  }),
});

export const measuresFramesInCharacters = mutant({
  name: "measures-frames-in-characters",
  story: "`text.length > maxMessageBytes`.",
  breaks: ["RT-007"],
  deform: (conforming) => ({
    ...conforming,
    checkFraming(context, { binary, bytes }) {
      conforming.checkFraming(context, { binary, bytes: new Uint8Array(lenient(bytes).length) });
    },
    checkItemSize: () => {},
  }),
});

export const replacesBrokenUtf8 = mutant({
  name: "replaces-broken-utf-8-on-sockets",
  story: "`buffer.toString()` puts a replacement character where nothing can be read.",
  breaks: ["RT-008"],
  deform: onlyOnSockets(
    (conforming) => ({ ...conforming, decodeText: (_context, bytes) => lenient(bytes) }),
    ["decodeText"],
  ),
});

export const answersBrokenUtf8 = mutant({
  name: "answers-broken-utf-8-with-error",
  story: "The decoder's exception is caught by the handler of bad JSON.",
  breaks: ["RT-008"],
  deform: framingBy((code) => (code === 1007 ? broken("INVALID_JSON") : code)),
});

export const closesBrokenUtf8AsBroken = mutant({
  name: "closes-broken-utf-8-with-1002",
  story: "There is one close code for everything that breaks the rules of WebSockets.",
  breaks: ["RT-008"],
  deform: framingBy((code) => (code === 1007 ? 1002 : code)),
});

export const takesSurrogatesInUtf8 = mutant({
  name: "takes-surrogates-in-utf-8",
  story: "The language's strings are UTF-16 inside, and its decoder lets CESU-8 through.",
  breaks: ["RT-008"],
  deform: onlyOnSockets(
    (conforming) => ({
      ...conforming,
      decodeText(context, bytes) {
        const hasSurrogate = bytes.some((byte, at) => byte === 0xed && (bytes[at + 1] ?? 0) >= 0xa0);
        return hasSurrogate ? lenient(bytes) : conforming.decodeText(context, bytes);
      },
    }),
    ["decodeText"],
  ),
});

/** Another answer to messages that are refused with one of these codes. */
function answering(codes: readonly string[], answer: "close" | "nothing") {
  return (conforming: Behaviour): Behaviour => ({
    ...conforming,
    send(context, connection, frame) {
      if (frame["type"] !== "ERROR" || !codes.includes(frame["code"] as string))
        return conforming.send(context, connection, frame);
      if (answer === "close") context.behaviour.closeSocket(context, connection, 1002, "bad message");
    },
  });
}

export const closesOnBrokenJson = mutant({
  name: "closes-on-broken-json",
  story: "An exception in the handler ends the connection, and nobody catches that of the parser.",
  breaks: ["RT-009"],
  deform: (conforming) => {
    const closing = answering(["INVALID_JSON", "INVALID_REQUEST"], "close")(conforming);
    return {
      ...conforming,
      answerError(context, connection, error) {
        const source = context.message === undefined ? closing : conforming;
        source.answerError(
          { ...context, behaviour: { ...context.behaviour, send: source.send } },
          connection,
          error,
        );
      },
    };
  },
});

export const saysNothingToBrokenJson = mutant({
  name: "says-nothing-to-broken-json",
  story: "`catch { return; }` around JSON.parse.",
  breaks: ["RT-009"],
  deform: answering(["INVALID_JSON"], "nothing"),
});

export const saysNothingToOtherJson = mutant({
  name: "says-nothing-to-json-that-is-no-object",
  story: "`message?.type` is undefined, no case of the switch fits, and there is no default.",
  breaks: ["RT-009"],
  deform: (conforming) => ({
    ...conforming,
    answerError(context, connection, error) {
      const isOther = error instanceof Refusal && error.code === "INVALID_REQUEST" && !context.message;
      if (!isOther) conforming.answerError(context, connection, error);
    },
  }),
});

export const parsesMessagesLeniently = mutant({
  name: "parses-messages-by-json-parse",
  story: "HTTP has a strict parser; the socket's handler was written with JSON.parse.",
  breaks: ["RT-004", "RT-009"],
  deform: onlyOnSockets(
    (conforming) => ({
      ...conforming,
      parseJson: (_context, text) => JSON.parse(text, (_name, value: unknown) => finite(value)),
    }),
    ["parseJson"],
  ),
});

const finite = (value: unknown): unknown =>
  value === Infinity ? Number.MAX_VALUE : typeof value === "string" ? value.toWellFormed() : value;

export const relaysBrokenMessages = mutant({
  name: "relays-before-it-validates",
  story: "Frames are passed on to the user's other sockets as they come, to be quick, and judged afterwards.",
  breaks: ["RT-009", "RT-014"],
  deform: (conforming) => ({
    ...conforming,
    answerError(context, connection, error) {
      for (const other of conforming.audience(context)) {
        if (other === connection || error instanceof CloseSocket) continue;
        const meta = { entityType: "goal", entityId: "g", version: 1, seq: 1, checksum: "0".repeat(64) };
        const when = { updatedAt: "2026-01-01T10:00:00.000Z", deletedAt: null };
        const item = { id: "g", title: "t", updatedAt: when.updatedAt };
        const told = { type: "ENTITY_CHANGED", entityType: "goal", item, meta: { ...meta, ...when } };
        conforming.send(context, other, told);
      }
      conforming.answerError(context, connection, error);
    },
  }),
});

export const saysErrorWithoutCode = mutant({
  name: "says-error-without-a-code",
  story: "Deployed servers send `error` alone.",
  breaks: ["RT-009", "RT-014"],
  deform: changingMessages(["ERROR"], ({ code: _code, ...frame }) => frame),
});

export const readsListsOfMessages = mutant({
  name: "reads-lists-of-messages",
  story: "Clients were to send several messages in one frame once, and the loop over them stayed.",
  breaks: ["RT-009"],
  deform: onlyOnSockets(
    (conforming) => ({
      ...conforming,
      parseJson(context, text) {
        const json = conforming.parseJson(context, text);
        return Array.isArray(json) && isJsonObject(json[0]) ? json[0] : json;
      },
    }),
    ["parseJson"],
  ),
});

export const ignoresUnknownTypes = mutant({
  name: "ignores-unknown-types",
  story: "The switch has no default.",
  breaks: ["RT-009"],
  deform: answering(["UNKNOWN_MESSAGE"], "nothing"),
});

export const callsUnknownTypesBroken = mutant({
  name: "closes-on-unknown-types",
  story: "A client that says what the server does not know is thought to be an attacker.",
  breaks: ["RT-009"],
  deform: answering(["UNKNOWN_MESSAGE"], "close"),
});

export const relaysUnknownTypes = mutant({
  name: "relays-unknown-types",
  story: "What the server does not know is passed on, for newer clients among themselves.",
  breaks: ["RT-009"],
  deform: (conforming) => ({
    ...conforming,
    checkMessage(context, message) {
      try {
        conforming.checkMessage(context, message);
      } catch (error) {
        for (const other of conforming.audience(context))
          if (other !== context.connection) conforming.send(context, other, message);
        throw error;
      }
    },
  }),
});

export const takesTypesInAnyCase = mutant({
  name: "takes-types-in-any-case",
  story: "`type.trim().toUpperCase()`, to be kind.",
  breaks: ["RT-009"],
  deform: onlyOnSockets(
    (conforming) => ({
      ...conforming,
      parseJson(context, text) {
        const json = conforming.parseJson(context, text);
        const type = isJsonObject(json) ? json["type"] : undefined;
        return typeof type === "string" ? { ...(json as JsonObject), type: type.trim().toUpperCase() } : json;
      },
    }),
    ["parseJson"],
  ),
});

export const takesItsOwnTypesBack = mutant({
  name: "swallows-messages-of-its-own-types",
  story: "The list of types is one for both directions, so WELCOME from a client is known, and does nothing.",
  breaks: ["RT-009"],
  deform: (conforming) => ({
    ...conforming,
    checkMessage(context, message) {
      if (!OWN_TYPES.has(message["type"])) conforming.checkMessage(context, message);
    },
    interceptMessage: async (_context, _connection, message) => OWN_TYPES.has(message["type"]),
  }),
});

const OWN_TYPES = new Set<unknown>(["WELCOME", "SYNC_RESPONSE", "PONG", "ERROR"]);

export const checksNoSchemas = mutant({
  name: "checks-no-schemas-of-messages",
  story: "Members are read where they are needed; what is not there is skipped.",
  breaks: ["RT-009"],
  deform: (conforming) => ({
    ...conforming,
    messageViolations: () => [],
    mutationItems(context, message) {
      const members = ["entries", "goals", "occurrences", "pieces"];
      const lists = Object.entries(message).filter(
        ([name, value]) => !members.includes(name) || Array.isArray(value),
      );
      return conforming.mutationItems(context, Object.fromEntries(lists));
    },
    answerError(context, connection, error) {
      if (error instanceof Refusal || error instanceof CloseSocket)
        conforming.answerError(context, connection, error);
    },
  }),
});

export const closesOnBadMessages = mutant({
  name: "closes-on-messages-against-their-schema",
  story: "A client that breaks the protocol is cut off.",
  breaks: ["RT-009"],
  deform: answering(["INVALID_REQUEST"], "close"),
});

export const saysNothingToBadMessages = mutant({
  name: "says-nothing-to-messages-against-their-schema",
  story: "What fails validation goes into a log, and only there.",
  breaks: ["RT-009"],
  deform: answering(["INVALID_REQUEST"], "nothing"),
});

export const limitsFramesToTheItem = mutant({
  name: "limits-frames-to-the-size-of-an-item",
  story: "The library's greatest frame was set to maxItemBytes, and the envelope around the item forgotten.",
  breaks: ["RT-010"],
  deform: (conforming) => ({ ...conforming, messageLimit: ({ server }) => server.limits.maxItemBytes }),
});

export const storesSmallItemsOnly = mutant({
  name: "takes-items-of-128-kib-on-sockets",
  story: "What comes on a socket is kept in a store whose values have 128 KiB at most.",
  breaks: ["RT-004", "RT-010"],
  deform: onlyOnSockets(
    (conforming) => ({
      ...conforming,
      checkItemSize(context, candidate) {
        if (conforming.itemBytes(context, candidate.item) > 131_072)
          throw new ItemRefusal("ITEM_TOO_LARGE", candidate.submission.pointer, "is too large");
      },
    }),
    ["checkItemSize"],
  ),
});

export const countsEscapesOfItems = mutant({
  name: "counts-escapes-of-items-on-sockets",
  story: "The size is that of the item as the server's own library writes it, which escapes all but ASCII.",
  breaks: ["RT-004", "RT-010"],
  deform: onlyOnSockets(
    (conforming) => ({
      ...conforming,
      itemBytes: (context, item) =>
        conforming
          .canonicalText(context, item)
          // Every character that is not ASCII becomes six.
          .replaceAll(/[^\u0020-\u007e]/g, "\\u0000").length,
    }),
    ["itemBytes"],
  ),
});

export const closesOnLargeItems = mutant({
  name: "closes-on-items-that-are-too-large",
  story: "Too large is too large: 1009 for items as for frames.",
  breaks: ["RT-010", "RT-014"],
  deform: (conforming) => ({
    ...conforming,
    send(context, connection, frame) {
      if (frame["type"] === "ERROR" && frame["code"] === "ITEM_TOO_LARGE")
        return conforming.closeSocket(context, connection, 1009, "too large");
      conforming.send(context, connection, frame);
    },
  }),
});

const KNOWN = new Set(
  "id scoreId title composer status targetTempo timestamp duration type instrument notes tags targetValue currentValue schedule visibility planId scheduledStart templateVersion authorId theme primaryInstrument description goalIds updatedAt deviceId".split(
    " ",
  ),
);

export const tellsKnownMembersOnly = mutant({
  name: "tells-known-members-only",
  story: "Events are built by a typed serialiser, which drops what its class has no field for.",
  breaks: ["RT-011", "RT-018"],
  deform: tellingItems((item) =>
    Object.fromEntries(Object.entries(item).filter(([name]) => KNOWN.has(name))),
  ),
});

export const tellsNoNulls = mutant({
  name: "tells-no-nulls",
  story: "The serialiser of events leaves out members that are null.",
  breaks: ["RT-011", "RT-018"],
  deform: tellingItems((item) =>
    Object.fromEntries(Object.entries(item).filter(([, value]) => value !== null)),
  ),
});

export const tellsShallowItems = mutant({
  name: "tells-items-down-to-some-depth",
  story: "The broadcast's encoder stops at a depth that no item of the first app ever had.",
  breaks: ["RT-011", "RT-018"],
  deform: tellingItems((item) => cut(item, 3) as JsonObject),
});

function cut(value: unknown, levels: number): unknown {
  if (Array.isArray(value)) return levels === 0 ? [] : value.map((one) => cut(one, levels - 1));
  if (!isJsonObject(value)) return value;
  if (levels === 0) return {};
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, cut(one, levels - 1)]));
}

export const tellsDefaults = mutant({
  name: "tells-defaults",
  story: "Events go through the class of the type, whose constructor fills in what is missing.",
  breaks: ["RT-011", "RT-018"],
  deform: tellingItems((item) => ({ tags: [], isArchived: false, ...item })),
});

export const renamesDeeplyOnSockets = mutant({
  name: "renames-deeply-on-sockets",
  story: "The library that turns snake case into camel case for messages goes through everything.",
  breaks: ["RT-004", "RT-011"],
  deform: onlyOnSockets(
    afterNormalising(
      (item) =>
        mapObjects(item, (object) =>
          Object.fromEntries(
            Object.entries(object).map(([name, value]) => [
              name.replaceAll(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase()),
              value,
            ]),
          ),
        ) as JsonObject,
    ),
    ["normalise"],
  ),
});

export const refusesUnknownMembersOfMessages = mutant({
  name: "refuses-unknown-members-of-messages",
  story: "The schemas of messages are closed, as generators make them.",
  breaks: ["RT-011"],
  deform: (conforming) => ({
    ...conforming,
    checkMessage(context, message) {
      conforming.checkMessage(context, message);
      if (Object.hasOwn(message, "traceId")) throw new Refusal("INVALID_REQUEST", "/traceId is not known");
    },
  }),
});

export const takesEnvelopesForItems = mutant({
  name: "mixes-the-envelope-into-items",
  story: "`{ ...message, ...item }` was written to have the timestamp at hand.",
  breaks: ["RT-004", "RT-011"],
  deform: (conforming) => ({
    ...conforming,
    withEnvelopeStamp(context, submission, item) {
      const { traceId } = submission.message ?? {};
      const whole = traceId === undefined ? item : { traceId, ...item };
      return conforming.withEnvelopeStamp(context, submission, whole);
    },
  }),
});

export const relaysWhatItWasSent = mutant({
  name: "relays-items-as-they-were-sent",
  story: "The event is the message that came in, passed on; only the stored item is normalised.",
  breaks: ["RT-011", "RT-018"],
  deform: tellingItems((item) =>
    typeof item["instrument"] === "string" ? { ...item, instrument: item["instrument"].toUpperCase() } : item,
  ),
});
