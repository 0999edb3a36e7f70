import type { Cursor } from "../../model/behaviour/cursor.ts";
import type { Behaviour } from "../../model/behaviour.ts";
import { mutant } from "../../model/mutant.ts";
import type { Mutant } from "../../model/mutant.ts";
import { Refusal } from "../../model/refusal.ts";

export const tokensFitEveryUser = mutant({
  name: "tokens-fit-every-user",
  story: "The token is signed, and whose it is was thought to follow from the request.",
  breaks: ["PULL-018"],
  deform: (conforming) => ({ ...conforming, isOwnCursor: () => true, isOfEpoch: () => true }),
});

export const tokensAreGlobalPositions = mutant({
  name: "tokens-are-positions-in-one-log-of-all",
  story: "One counter numbers the writes of all users, so no position can be ahead of anything.",
  breaks: ["PULL-018"],
  deform: (conforming) => ({
    ...conforming,
    isOwnCursor: () => true,
    isOfEpoch: () => true,
    isAhead: () => false,
  }),
});

export const tokensAreBareNumbers = mutant({
  name: "tokens-are-bare-numbers",
  story: "The token is the seq in decimal digits, and one that is ahead just finds nothing.",
  breaks: ["PULL-018"],
  deform: (conforming) => ({
    ...conforming,
    encodeCursor: (context, cursor) =>
      cursor.types === null && cursor.full === null
        ? String(cursor.seq)
        : conforming.encodeCursor(context, cursor),
    decodeCursor(context, token) {
      if (!/^\d+$/.test(token)) return conforming.decodeCursor(context, token);
      return {
        user: context.user.id,
        epoch: context.user.epoch,
        seq: Number(token),
        types: null,
        full: null,
      };
    },
    isAhead: () => false,
  }),
});

export const tokensAreBareJson = mutant({
  name: "tokens-are-bare-json",
  story: "The token is JSON in base64, with the user in it and without a signature.",
  breaks: ["PULL-018"],
  deform: (conforming) => ({
    ...conforming,
    encodeCursor: (_context, cursor) => Buffer.from(JSON.stringify(cursor)).toString("base64url"),
    decodeCursor: (_context, token) => parsed(token),
    isAhead: () => false,
  }),
});

export const answersForeignTokensInFull = mutant({
  name: "answers-bad-tokens-with-a-full-pull",
  story: "A token that is not understood is treated as none, to be kind.",
  breaks: ["PULL-018"],
  deform: (conforming) => ({
    ...conforming,
    startWalk(context, query) {
      try {
        return conforming.startWalk(context, query);
      } catch (error) {
        if (!(error instanceof Refusal) || error.code !== "CURSOR_EXPIRED") throw error;
        return conforming.startWalk(context, { ...query, since: null });
      }
    },
  }),
});

export const foreignTokensAreForbidden = mutant({
  name: "tokens-of-others-are-forbidden",
  story: "A token of someone else was thought to be a matter of permission: 403.",
  breaks: ["PULL-018"],
  deform: (conforming) => ({
    ...conforming,
    checkCursor(context, cursor, types) {
      if (!conforming.isOwnCursor(context, cursor)) throw new Refusal("FORBIDDEN", "this token is not yours");
      conforming.checkCursor(context, cursor, types);
    },
  }),
});

export const crashesOnTokensOfOtherForm = mutant({
  name: "crashes-on-tokens-of-another-form",
  story: "The decoder takes it for granted that there are two parts and JSON in the first.",
  breaks: ["PULL-018", "HTTP-007"],
  deform: (conforming) => ({
    ...conforming,
    decodeCursor(context, token) {
      const [payload = "", mac] = token.split(".");
      const cursor = JSON.parse(Buffer.from(payload, "base64url").toString("utf8")) as Cursor;
      return mac === conforming.cursorMac(context, payload) ? cursor : undefined;
    },
  }),
});

export const callsBadTokensBadRequests = mutant({
  name: "calls-bad-tokens-bad-requests",
  story: "The token is validated with the other parameters: 400.",
  breaks: ["PULL-018"],
  deform: (conforming) => ({
    ...conforming,
    refuseCursor: () =>
      new Refusal("INVALID_REQUEST", "since is no token", {
        errors: [{ pointer: "/since", code: "INVALID_REQUEST", detail: "must be a token" }],
      }),
  }),
});

export const emptyTokenIsNone = mutant({
  name: "empty-token-is-none",
  story: "since is tested by truth, and the empty text is false.",
  breaks: ["PULL-018"],
  deform: (conforming) => ({
    ...conforming,
    readQuery(context, body) {
      const query = conforming.readQuery(context, body);
      return query.since === "" ? { ...query, since: null } : query;
    },
  }),
});

export const signatureIsNotChecked = mutant({
  name: "signature-of-tokens-is-not-checked",
  story: "Tokens are signed when they are made and decoded without a look at the signature.",
  breaks: ["PULL-018"],
  deform: (conforming) => ({
    ...conforming,
    decodeCursor: (_context, token) => parsed(token.split(".")[0]!),
  }),
});

export const onlyTheSignaturesStartIsCompared = mutant({
  name: "only-the-start-of-the-signature-is-compared",
  story: "The signature is shortened before it is compared, but not before it is sent.",
  breaks: ["PULL-018"],
  deform: (conforming) => ({
    ...conforming,
    decodeCursor(context, token) {
      const [payload = "", mac = ""] = token.split(".");
      return mac.slice(0, 16) === conforming.cursorMac(context, payload).slice(0, 16)
        ? parsed(payload)
        : undefined;
    },
  }),
});

export const signatureIsComparedToItsOwnLength = mutant({
  name: "signature-is-compared-up-to-its-own-length",
  story: "The comparison runs over the bytes that were sent, however few.",
  breaks: ["PULL-018"],
  deform: (conforming) => ({
    ...conforming,
    decodeCursor(context, token) {
      const [payload = "", mac = ""] = token.split(".");
      return conforming.cursorMac(context, payload).startsWith(mac) ? parsed(payload) : undefined;
    },
  }),
});

/** Cursors in lower-case hexadecimal, payload and signature; `agree` compares the two signatures. */
const inHex = (agree: (sent: string, right: string) => boolean): Mutant["deform"] => {
  return (conforming) => {
    const hexMac: Behaviour["cursorMac"] = (context, payload) =>
      Buffer.from(conforming.cursorMac(context, payload), "base64url").toString("hex");
    return {
      ...conforming,
      encodeCursor(context, cursor) {
        const payload = Buffer.from(JSON.stringify(cursor)).toString("hex");
        return `${payload}${hexMac(context, payload)}`;
      },
      decodeCursor(context, token) {
        if (!/^[0-9a-f]{34,}$/.test(token)) return undefined;
        const payload = token.slice(0, -32);
        if (!agree(token.slice(-32), hexMac(context, payload))) return undefined;
        return parsed(Buffer.from(payload, "hex").toString("base64url"));
      },
    };
  };
};

export const onlyTheStartOfAHexSignatureIsCompared = mutant({
  name: "only-the-start-of-a-hex-signature-is-compared",
  story: "The signature is cut to eight bytes in one place of the code, and to sixteen in another.",
  breaks: ["PULL-018"],
  deform: inHex((sent, right) => sent.slice(0, 16) === right.slice(0, 16)),
});

export const lastByteOfAHexSignatureIsNotCompared = mutant({
  name: "last-byte-of-a-hex-signature-is-not-compared",
  story: "The loop over the bytes ends one too early.",
  breaks: ["PULL-018"],
  deform: inHex((sent, right) => sent.slice(0, -2) === right.slice(0, -2)),
});

export const endOfTheSignatureIsNotCompared = mutant({
  name: "end-of-the-signature-is-not-compared",
  story: "The last character, which has spare bits, is left out so that every decoder's token is taken.",
  breaks: ["PULL-018"],
  deform: (conforming) => ({
    ...conforming,
    decodeCursor(context, token) {
      const [payload = "", mac = "", ...rest] = token.split(".");
      const right = conforming.cursorMac(context, payload);
      const agrees = mac.length === right.length && mac.slice(0, -1) === right.slice(0, -1);
      return agrees && rest.length === 0 ? parsed(payload) : undefined;
    },
  }),
});

export const signatureCoversItsSaltAlone = mutant({
  name: "signature-covers-its-salt-alone",
  story: "A salt was added to the token, and the signature is made over the salt in place of the whole.",
  breaks: ["PULL-018"],
  deform: (conforming) => ({
    ...conforming,
    encodeCursor(context, cursor) {
      const salt = context.server.requests.toString(36);
      const payload = Buffer.from(JSON.stringify(cursor)).toString("base64url");
      return `${payload}.${salt}.${conforming.cursorMac(context, salt)}`;
    },
    decodeCursor(context, token) {
      const [payload = "", salt = "", mac] = token.split(".");
      return mac === conforming.cursorMac(context, salt) ? parsed(payload) : undefined;
    },
  }),
});

export const pageTokensAreNotChecked = mutant({
  name: "page-tokens-are-not-checked",
  story: "A token that lives for one page only was thought not worth a signature.",
  breaks: ["PULL-018"],
  deform: (conforming) => ({
    ...conforming,
    decodeCursor(context, token) {
      const cursor = parsed(token.split(".")[0]!);
      return cursor?.full ? cursor : conforming.decodeCursor(context, token);
    },
  }),
});

function parsed(payload: string): Cursor | undefined {
  try {
    const cursor = JSON.parse(Buffer.from(payload, "base64url").toString("utf8")) as Cursor | null;
    return cursor !== null && typeof cursor === "object" ? cursor : undefined;
  } catch {
    return undefined;
  }
}
