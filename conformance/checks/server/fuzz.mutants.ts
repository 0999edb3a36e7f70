import type { Behaviour } from "../../model/behaviour.ts";
import { beforeNormalising } from "../../model/deform.ts";
import { onlyOnSockets } from "../../model/deform-sockets.ts";
import { mutant } from "../../model/mutant.ts";
import { CloseSocket, Refusal } from "../../model/refusal.ts";

type Deform = (conforming: Behaviour) => Behaviour;

/** Trims the tags as if they were what the schema says, before anybody has looked. */
const tidyingTags: Deform = beforeNormalising((item) => {
  const { tags } = item;
  if (tags !== undefined && tags !== null && !Array.isArray(tags))
    throw new TypeError("tags.map is not a function");
  return item;
});

export const tidiesTagsUnseen = mutant({
  name: "tidies-tags-unseen",
  story:
    "`(item.tags ?? []).map(…)` runs while items are normalised, which is before they are held against the schema.",
  breaks: ["HTTP-007", "PUSH-007"],
  deform: tidyingTags,
});

export const formatsCreationTimesUnseen = mutant({
  name: "formats-creation-times-unseen",
  story:
    "`new Date(item.createdAt).toISOString()` fills a column for reports, and throws a RangeError for what is no date.",
  breaks: ["HTTP-007", "PUSH-007"],
  deform: beforeNormalising((item) => {
    const { createdAt } = item;
    if (createdAt !== undefined) new Date(createdAt as string).toISOString();
    return item;
  }),
});

export const detectsEncodings = mutant({
  name: "detects-encodings",
  story: "The platform's JSON library takes bytes, and guesses UTF-16 and UTF-32 by where the zeros are.",
  breaks: ["HTTP-005", "DATA-012"],
  deform: (conforming) => ({
    ...conforming,
    decodeText(context, bytes) {
      const marked = bytes[0] === 0xff && bytes[1] === 0xfe;
      if (!marked && bytes[1] !== 0) return conforming.decodeText(context, bytes);
      return new TextDecoder("utf-16le").decode(bytes);
    },
  }),
});

/** Reads one value, and leaves the rest for whoever comes next. */
const readingTheFirst: Deform = (conforming) => ({
  ...conforming,
  parseJson(context, text) {
    try {
      return conforming.parseJson(context, text);
    } catch (error) {
      const end = endOfFirst(text);
      if (end === undefined || end === text.length) throw error;
      return conforming.parseJson(context, text.slice(0, end));
    }
  },
});

export const readsTheFirstValue = mutant({
  name: "reads-the-first-value",
  story: "A streaming decoder gives the first value of the body, and nobody asks whether there is more.",
  breaks: ["HTTP-005"],
  deform: readingTheFirst,
});

export const rollsBackBesideRefusals = mutant({
  name: "rolls-back-beside-refusals",
  story:
    "A refusal marks the transaction as failed, and the answer is put together from the results all the same.",
  breaks: ["CONS-001", "PUSH-002"],
  deform: (conforming) => ({
    ...conforming,
    selectRows: (context, judgements, rows) =>
      judgements.some(({ outcome }) => outcome === "refused")
        ? []
        : conforming.selectRows(context, judgements, rows),
  }),
});

export const refusesAfterStoring = mutant({
  name: "refuses-after-storing",
  story:
    "One handler makes a 400 of every answer with `success: false`, after the items that were good are stored.",
  breaks: ["CONS-008", "PUSH-002"],
  deform: (conforming) => ({
    ...conforming,
    succeed(context, body) {
      if (context.endpoint !== "push" || body["success"] !== false) return conforming.succeed(context, body);
      return conforming.refuse(context, new Refusal("INVALID_REQUEST", "some items are not valid"));
    },
  }),
});

export const quotesThePooledBuffer = mutant({
  name: "quotes-the-pooled-buffer",
  story:
    "The parser's error quotes the text around it from a buffer of the pool, which still holds a request before.",
  breaks: ["CONS-007", "ISO-001"],
  deform: (conforming) => ({
    ...conforming,
    readJson(context) {
      const { scratch } = context.server;
      try {
        const json = conforming.readJson(context);
        if (context.endpoint === "push" && !scratch.has("buffer"))
          scratch.set("buffer", new TextDecoder().decode(context.bytes));
        return json;
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        throw new Refusal("INVALID_JSON", `unexpected character near ${String(scratch.get("buffer"))}`);
      }
    },
  }),
});

export const tidiesTagsOfMessages = mutant({
  name: "tidies-tags-of-messages",
  story:
    "The handler of messages normalises before it validates, which that of requests does the other way round.",
  breaks: ["RT-009", "RT-004"],
  deform: onlyOnSockets(tidyingTags, ["normalise"]),
});

export const readsTheFirstMessage = mutant({
  name: "reads-the-first-of-a-frame",
  story: "Frames go through the decoder for lines of JSON, which stops after the first value.",
  breaks: ["RT-009", "RT-042"],
  deform: onlyOnSockets(readingTheFirst, ["parseJson"]),
});

export const endsTheSocketForAMember = mutant({
  name: "ends-the-socket-for-a-member",
  story:
    "A message that does not fit the class of its type throws in the decoder, above which nothing catches.",
  breaks: ["RT-009"],
  deform: (conforming) => ({
    ...conforming,
    checkMessage(context, message) {
      if (conforming.messageViolations(context, message).some(({ keyword }) => keyword === "type"))
        throw new CloseSocket(1011, "unexpected condition");
      conforming.checkMessage(context, message);
    },
  }),
});

export const rollsBackMessagesBesideRefusals = mutant({
  name: "rolls-back-messages-beside-refusals",
  story: "A refused item ends the transaction of a bulk message; the results are those of before.",
  breaks: ["CONS-012", "RT-004"],
  deform: (conforming) => ({
    ...conforming,
    settle: (context, connection, judgements, rows) =>
      conforming.settle(
        context,
        connection,
        judgements,
        judgements.some(({ outcome }) => outcome === "refused") ? [] : rows,
      ),
  }),
});

export const refusesMessagesAfterStoring = mutant({
  name: "refuses-messages-after-storing",
  story:
    "The acknowledgement of a bulk message asks for the first error, and has an ERROR to send where there is one; the others are stored by then.",
  breaks: ["CONS-012", "RT-050"],
  deform: (conforming) => ({
    ...conforming,
    ackFrame(context, connection, judgements) {
      const refused = judgements.find(({ outcome }) => outcome === "refused");
      return refused
        ? conforming.refusalFrame(context, refused)
        : conforming.ackFrame(context, connection, judgements);
    },
  }),
});

export const forgetsWhoseSocketItWas = mutant({
  name: "forgets-whose-socket-it-was",
  story:
    "After a frame that could not be read the session starts anew, without its user, and listens to everybody.",
  breaks: ["CONS-013", "RT-020"],
  deform: (conforming) => {
    const lost = (context: Parameters<Behaviour["audience"]>[0]): Set<unknown> => {
      const { scratch } = context.server;
      if (!scratch.has("lost")) scratch.set("lost", new Set());
      return scratch.get("lost") as Set<unknown>;
    };
    return {
      ...conforming,
      readMessage(context, incoming) {
        try {
          return conforming.readMessage(context, incoming);
        } catch (error) {
          lost(context).add(context.connection);
          throw error;
        }
      },
      audience(context) {
        const own = conforming.audience(context);
        const strays = [...context.server.connections].filter(
          (one) => lost(context).has(one) && !own.includes(one),
        );
        return [...own, ...strays];
      },
    };
  },
});

/** Where the first JSON object of a text ends; undefined where it does not. */
function endOfFirst(text: string): number | undefined {
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const one = text[at];
    if (quoted) {
      if (one === "\\") at += 1;
      else if (one === '"') quoted = false;
    } else if (one === '"') quoted = true;
    else if (one === "{" || one === "[") depth += 1;
    else if (one === "}" || one === "]") {
      depth -= 1;
      if (depth <= 0) return at + 1;
    }
  }
  return undefined;
}
