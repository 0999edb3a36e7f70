import { isJsonObject } from "../../../schemas/json.ts";
import type { Json, JsonObject } from "../../../schemas/json.ts";
import type { Behaviour } from "../../model/behaviour.ts";
import { changingMessages, onlyOnSockets } from "../../model/deform-sockets.ts";
import { mutant } from "../../model/mutant.ts";
import { CloseSocket, Refusal } from "../../model/refusal.ts";

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
  breaks: ["RT-009", "RT-014", "RT-042"],
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

/** Another code for what is refused with one, where the frame could be read as a message, or where it could not. */
const calling = (code: string, other: "INVALID_JSON" | "INVALID_REQUEST", asMessage: boolean) =>
  changingMessages(["ERROR"], (frame, _connection, { message }) =>
    frame["code"] === code && (message !== undefined) === asMessage ? { ...frame, code: other } : frame,
  );

export const callsOtherJsonBroken = mutant({
  name: "calls-json-that-is-no-object-broken",
  story: "Parsing and the look whether it is an object share one catch.",
  breaks: ["RT-042"],
  deform: calling("INVALID_REQUEST", "INVALID_JSON", false),
});

export const callsUnknownTypesInvalid = mutant({
  name: "calls-unknown-types-invalid",
  story: "The schema is a union over all types, and a type that is not in it breaks the schema.",
  breaks: ["RT-042", "RT-009"],
  deform: calling("UNKNOWN_MESSAGE", "INVALID_REQUEST", true),
});

export const callsBrokenJsonInvalid = mutant({
  name: "calls-broken-json-an-invalid-request",
  story: "There is one code for every frame that the server can't use.",
  breaks: ["RT-042", "RT-009"],
  deform: calling("INVALID_JSON", "INVALID_REQUEST", false),
});

/** Longer frames go through another parser than short ones. */
const parsingLarge = (parse: (strict: () => Json, text: string) => Json) =>
  onlyOnSockets(
    (conforming) => ({
      ...conforming,
      parseJson: (context, text) =>
        text.length > 65_536
          ? parse(() => conforming.parseJson(context, text), text)
          : conforming.parseJson(context, text),
    }),
    ["parseJson"],
  );

export const parsesLargeMessagesLeniently = mutant({
  name: "parses-large-messages-by-json-parse",
  story: "The strict parser is slow, so what is larger than 64 KiB goes through JSON.parse.",
  breaks: ["RT-004", "RT-009"],
  deform: parsingLarge((_strict, text) => JSON.parse(text, (_name, value: unknown) => finite(value)) as Json),
});

export const looksForRepeatedNamesInTheHead = mutant({
  name: "looks-for-repeated-names-in-the-first-64-kib",
  story: "The scan that comes before JSON.parse has a buffer of 64 KiB, and stops at its end.",
  breaks: ["RT-004", "RT-009"],
  deform: parsingLarge((strict, text) => {
    if (/"duration":5,"duration"/.test(text.slice(0, 65_536))) return strict();
    return JSON.parse(text, (_name, value: unknown) => finite(value)) as Json;
  }),
});
