import { isJsonObject } from "../../../schemas/json.ts";
import type { Context } from "../../model/context.ts";
import { mutant } from "../../model/mutant.ts";
import { Refusal } from "../../model/refusal.ts";

const bytesOf = ({ request }: Context): number => request.body?.length ?? 0;

export const judgesSizesBeforeTokens = mutant({
  name: "judges-sizes-before-tokens",
  story: "The body parser runs first of all, with its own limit, and strangers learn what that is.",
  breaks: ["HTTP-012"],
  deform: (conforming) => ({
    ...conforming,
    async authenticate(context) {
      if (bytesOf(context) > context.server.limits.maxBodyBytes)
        throw new Refusal("BODY_TOO_LARGE", "the body is too large");
      return conforming.authenticate(context);
    },
  }),
});

export const believesContentLength = mutant({
  name: "believes-content-length",
  story: "Content-Length is compared with the limit; a body in chunks has none, and is read to its end.",
  breaks: ["LIM-002"],
  deform: (conforming) => ({
    ...conforming,
    readBody: async (context) =>
      context.request.headers["transfer-encoding"] === undefined
        ? conforming.readBody(context)
        : (context.request.body ?? new Uint8Array()),
  }),
});

export const measuresBodiesInCharacters = mutant({
  name: "measures-bodies-in-characters",
  story: "The body is read as a text, and the text's length is compared with the limit.",
  breaks: ["LIM-002"],
  deform: (conforming) => ({
    ...conforming,
    async readBody(context) {
      const bytes = context.request.body ?? new Uint8Array();
      const characters = new TextDecoder().decode(bytes).length;
      return characters > conforming.bodyLimit(context) ? conforming.readBody(context) : bytes;
    },
  }),
});

export const takesChunksForNoBody = mutant({
  name: "takes-chunks-for-no-body",
  story: "A request without Content-Length is taken to have no body, so a push in chunks is an empty one.",
  breaks: ["LIM-001"],
  deform: (conforming) => ({
    ...conforming,
    readBody: async (context) =>
      context.request.headers["transfer-encoding"] === undefined
        ? conforming.readBody(context)
        : new TextEncoder().encode('{"changes":{},"entities":[]}'),
  }),
});

/** What a crash becomes, like an exception that nobody catches. */
const crash = (): never => {
  throw new Error("value out of range");
};

export const limitsOverflow = mutant({
  name: "limits-overflow",
  story: "A limit goes into the query as it came, and the database's integers end at 2^63.",
  breaks: ["HTTP-007"],
  deform: (conforming) => ({
    ...conforming,
    readQuery(context, body) {
      const limit = isJsonObject(body) ? body["limit"] : undefined;
      return typeof limit === "number" && Math.abs(limit) >= 2 ** 63
        ? crash()
        : conforming.readQuery(context, body);
    },
  }),
});

export const framesNeedAnId = mutant({
  name: "frames-need-an-id",
  story: "`element.id.length` is looked at before anybody asked whether there is an id.",
  breaks: ["HTTP-007"],
  deform: (conforming) => ({
    ...conforming,
    checkElement(context, submission) {
      if (submission.frame?.["id"] === null) crash();
      conforming.checkElement(context, submission);
    },
  }),
});

export const versionsOverflow = mutant({
  name: "versions-overflow",
  story:
    "The precondition is a parameter of the statement, and the driver throws at what is no 64-bit integer.",
  breaks: ["HTTP-007"],
  deform: (conforming) => ({
    ...conforming,
    checkElement(context, submission) {
      const version = submission.frame?.["version"];
      if (typeof version === "number" && Math.abs(version) >= 2 ** 63) crash();
      conforming.checkElement(context, submission);
    },
  }),
});

export const recordsNo413OfBatches = mutant({
  name: "records-no-413-of-batches",
  story:
    "The number of a batch's elements is judged in its handler, outside of what wraps and records answers.",
  breaks: ["IDEM-013"],
  deform: (conforming) => ({
    ...conforming,
    isRecorded: (context, answer) =>
      !(context.endpoint === "batch" && answer.status === 413) && conforming.isRecorded(context, answer),
  }),
});

export const takesTheFirstUserItReads = mutant({
  name: "takes-the-first-user-it-reads",
  story:
    "A streaming parser reads the user from the body's beginning, for what the gateway in front once put there.",
  breaks: ["ISO-003", "ISO-002"],
  deform: (conforming) => ({
    ...conforming,
    userOf(context, claims) {
      const text = new TextDecoder().decode(context.request.body ?? new Uint8Array());
      return (
        /^\s*\{\s*"(?:userId|user_id|user)"\s*:\s*"([^"]+)"/.exec(text)?.[1] ??
        conforming.userOf(context, claims)
      );
    },
  }),
});
