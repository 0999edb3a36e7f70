import type { Context } from "../../model/context.ts";
import { mutant } from "../../model/mutant.ts";
import type { Mutant } from "../../model/mutant.ts";
import { Refusal } from "../../model/refusal.ts";
import type { IdempotencyRecord } from "../../model/state.ts";

const takesKeysLike = (name: string, pattern: RegExp, story: string): Mutant =>
  mutant({
    name,
    story,
    breaks: ["IDEM-001"],
    deform: (conforming) => ({ ...conforming, isKey: (_context, key) => pattern.test(key) }),
  });

export const refusesPunctuation = takesKeysLike(
  "refuses-punctuation-in-keys",
  /^[A-Za-z0-9_-]{1,255}$/,
  "The author only ever saw UUIDs and wrote the pattern for them.",
);
export const takesKeysOfAnyLength = takesKeysLike(
  "takes-keys-of-any-length",
  /^[\x21-\x7e]+$/,
  "The column takes any text, so nobody counted.",
);
export const takesOneCharacterTooMany = takesKeysLike(
  "takes-keys-of-256-characters",
  /^[\x21-\x7e]{1,256}$/,
  "`length > 256` stands where `length > 255` should.",
);
export const refusesTheLongestKey = takesKeysLike(
  "refuses-keys-of-255-characters",
  /^[\x21-\x7e]{1,254}$/,
  "`length < 255` stands where `length <= 255` should.",
);
export const takesKeysUpTo128 = takesKeysLike(
  "takes-keys-up-to-128-characters",
  /^[\x21-\x7e]{1,128}$/,
  "Another API's limit was copied.",
);
export const wantsEightCharacters = takesKeysLike(
  "wants-keys-of-eight-characters",
  /^[\x21-\x7e]{8,255}$/,
  "Short keys were thought to collide.",
);
export const takesBlanksInKeys = takesKeysLike(
  "takes-blanks-in-keys",
  /^[\t\x20-\x7e]{1,255}$/,
  "Printable was meant, and the blank is printable.",
);
export const takesLatinLetters = takesKeysLike(
  "takes-latin-letters-in-keys",
  /^[\x21-\x7e\x80-\xff]{1,255}$/,
  "HTTP libraries hand over bytes above 0x7F as Latin-1, and nobody looked at them.",
);

export const takesEmptyKeysForNone = mutant({
  name: "takes-empty-keys-for-none",
  story: "`if (key)` is false for the empty text: the request is judged as one without a key.",
  breaks: ["IDEM-001"],
  deform: (conforming) => ({
    ...conforming,
    fetchHeader: (context, name) => {
      const value = conforming.fetchHeader(context, name);
      return value === "" && name.endsWith("idempotency-key") ? undefined : value;
    },
  }),
});

export const dropsBadKeys = mutant({
  name: "drops-bad-keys",
  story: "A key of a wrong form is logged and ignored, so as not to lose the write.",
  breaks: ["IDEM-001"],
  deform: (conforming) => ({
    ...conforming,
    readKey: (context) => {
      try {
        return conforming.readKey(context);
      } catch {
        return undefined;
      }
    },
  }),
});

export const checksKeysOfPushesOnly = mutant({
  name: "checks-keys-of-pushes-only",
  story: "Batch reads the header by itself and passes it on unseen.",
  breaks: ["IDEM-001"],
  deform: (conforming) => ({
    ...conforming,
    isKey: (context, key) => context.endpoint === "batch" || conforming.isKey(context, key),
  }),
});

export const refusesBadKeysAfterwards = mutant({
  name: "refuses-bad-keys-afterwards",
  story: "The key is looked at when the record is to be written, and by then the items are.",
  breaks: ["IDEM-001"],
  deform: (conforming) => ({
    ...conforming,
    readKey: (context) => {
      try {
        return conforming.readKey(context);
      } catch (lateRefusal) {
        Object.assign(context, { lateRefusal });
        return undefined;
      }
    },
    finish: (context, answer) => {
      const { lateRefusal } = context as Context & { lateRefusal?: Refusal };
      return conforming.finish(
        context,
        lateRefusal ? context.behaviour.refuse(context, lateRefusal) : answer,
      );
    },
  }),
});

export const takesTheFirstOfTwoKeys = mutant({
  name: "takes-the-first-of-two-keys",
  story: "`headers['x-idempotency-key'] ?? headers['idempotency-key']`, and nobody compares the two.",
  breaks: ["IDEM-001"],
  deform: (conforming) => ({
    ...conforming,
    keyHeaders: (context) =>
      context.request.headers["x-idempotency-key"] === undefined
        ? ["idempotency-key"]
        : ["x-idempotency-key"],
  }),
});

export const refusesTwoHeaders = mutant({
  name: "refuses-two-headers",
  story: "Both headers at once are taken for a mistake, whatever they say.",
  breaks: ["IDEM-010"],
  deform: (conforming) => ({
    ...conforming,
    readKey: (context) => {
      const { headers } = context.request;
      if (headers["x-idempotency-key"] !== undefined && headers["idempotency-key"] !== undefined)
        throw new Refusal("INVALID_IDEMPOTENCY_KEY", "send one key, not two");
      return conforming.readKey(context);
    },
  }),
});

const comparesKeys = (name: string, story: string, fold: (key: string) => string): Mutant =>
  mutant({
    name,
    story,
    breaks: ["IDEM-006"],
    deform: (conforming) => ({
      ...conforming,
      recordKey: (context, key) => conforming.recordKey(context, fold(key)),
    }),
  });

export const foldsTheCaseOfKeys = comparesKeys(
  "folds-the-case-of-keys",
  "The column's collation compares without regard to case.",
  (key) => key.toLowerCase(),
);
export const cutsKeysAt64 = comparesKeys(
  "cuts-keys-at-64-characters",
  "The column is CHAR(64), meant for hashes, and the database cuts what is longer.",
  (key) => key.slice(0, 64),
);
export const cutsTheLastCharacter = comparesKeys(
  "cuts-keys-at-254-characters",
  "A buffer of 255 bytes loses one to its terminator.",
  (key) => key.slice(0, 254),
);
export const dropsPunctuation = comparesKeys(
  "drops-punctuation-from-keys",
  "Keys become names in a store that takes letters and digits; the rest is dropped.",
  (key) => key.replace(/[^A-Za-z0-9]/g, ""),
);
export const decodesKeys = comparesKeys(
  "decodes-percent-signs-in-keys",
  "A middleware decodes all values that come from outside, headers included.",
  (key) => {
    try {
      return decodeURIComponent(key);
    } catch {
      return key;
    }
  },
);
export const comparesKeysAsNumbers = comparesKeys(
  "compares-keys-as-numbers",
  "The column has no type, and the database makes numbers of what looks like one.",
  (key) => (/^[\d.e]+$/.test(key) ? String(Number(key)) : key),
);
export const unquotesKeys = comparesKeys(
  "unquotes-keys",
  "The draft for Idempotency-Key makes it a quoted string, so quotation marks are taken off.",
  (key) => key.replace(/^"(.+)"$/, "$1"),
);

export const looksKeysUpByPattern = mutant({
  name: "looks-keys-up-by-pattern",
  story: "The query says LIKE, where `_` and `%` stand for other characters.",
  breaks: ["IDEM-006"],
  deform: (conforming) => ({
    ...conforming,
    recall: async (context, recordKey) => {
      const escaped = recordKey.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
      const pattern = new RegExp(`^${escaped.replaceAll("_", ".").replaceAll("%", ".*")}$`);
      for (const [key, record] of context.behaviour.records(context)) if (pattern.test(key)) return record;
      return undefined;
    },
  }),
});

export const knowsNoAlias = mutant({
  name: "knows-no-alias",
  story: "Only the header with X- was implemented.",
  breaks: ["IDEM-010"],
  deform: (conforming) => ({ ...conforming, keyHeaders: () => ["x-idempotency-key"] }),
});

export const keepsAliasesApart = mutant({
  name: "keeps-aliases-apart",
  story: "The record is stored under the header's name and value.",
  breaks: ["IDEM-010"],
  deform: (conforming) => ({
    ...conforming,
    recordKey: (context, key) => {
      const named = context.request.headers["x-idempotency-key"] === undefined ? "alias " : "";
      return named + conforming.recordKey(context, key);
    },
  }),
});

export const sharesKeysAmongUsers = mutant({
  name: "shares-keys-among-users",
  story: "The table of records has the key as its primary key, without the user.",
  breaks: ["IDEM-007", "ISO-001", "ISO-002"],
  deform: (conforming) => ({
    ...conforming,
    records: ({ server }) => {
      const all = server.scratch.get("records") as Map<string, IdempotencyRecord> | undefined;
      if (all) return all;
      const fresh = new Map<string, IdempotencyRecord>();
      server.scratch.set("records", fresh);
      return fresh;
    },
  }),
});

export const sharesKeysAmongEndpoints = mutant({
  name: "shares-keys-among-endpoints",
  story: "The record is looked up by user and key alone.",
  breaks: ["IDEM-008"],
  deform: (conforming) => ({ ...conforming, recordKey: (_context, key) => key }),
});

const narrowsKeys = (to: string, header: string, story: string): Mutant =>
  mutant({
    name: `narrows-keys-to-${to}`,
    story,
    breaks: ["IDEM-009"],
    deform: (conforming) => ({
      ...conforming,
      recordKey: (context, key) =>
        `${context.request.headers[header] ?? "none"} ${conforming.recordKey(context, key)}`,
    }),
  });

export const narrowsKeysToDevices = narrowsKeys(
  "devices",
  "x-device-id",
  "The device id went into the primary key, since each device makes its own keys.",
);
export const narrowsKeysToTokens = narrowsKeys(
  "tokens",
  "authorization",
  "A gateway in front caches answers by the whole Authorization header.",
);
export const narrowsKeysToProtocols = narrowsKeys(
  "protocols",
  "x-sync-protocol",
  "Answers to deployed peers go to a cache of their own.",
);
