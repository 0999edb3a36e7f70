import type { Behaviour } from "../../model/behaviour.ts";
import { onlyOnSockets } from "../../model/deform-sockets.ts";
import { mutant } from "../../model/mutant.ts";
import { CloseSocket, Refusal } from "../../model/refusal.ts";

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
