import { canonicalJson } from "../../../spec/rules/canonical-json.ts";
import type { Answer } from "../answer.ts";
import type { Context } from "../context.ts";
import { Refusal } from "../refusal.ts";
import { sha256 } from "../sha-256.ts";
import type { IdempotencyRecord } from "../state.ts";

/** What a key names, what is remembered under it, and for how long. */
export interface IdempotencySteps {
  /** The request's key; undefined: none. Refuses one of a wrong form, and two that differ. */
  readKey(context: Context): string | undefined;
  /** The headers that may carry a key, the first of them winning where they agree. */
  keyHeaders(context: Context): readonly string[];
  /** Whether a key has the form that it must have. */
  isKey(context: Context, key: string): boolean;
  /** What a record is stored under: the key within its scope, apart from the user. */
  recordKey(context: Context, key: string): string;
  /** Where the records are: those of the user. */
  records(context: Context): Map<string, IdempotencyRecord>;
  /** What two requests have in common if they count as the same. */
  fingerprint(context: Context): Promise<string>;
  /** The same request, or one with its key, is under way: returns to wait for it (in `lock`), or refuses with 409. */
  meetTwin(context: Context, recordKey: string): Promise<void>;
  /** The unexpired record under a key. */
  recall(context: Context, recordKey: string): Promise<IdempotencyRecord | undefined>;
  /** Whether a record's time is over. */
  isExpired(context: Context, record: IdempotencyRecord): boolean;
  /** Whether a record is that of the same request. */
  matches(context: Context, record: IdempotencyRecord, fingerprint: string): boolean;
  /** The answer to a known key with another body. */
  refuseReuse(context: Context, record: IdempotencyRecord): Refusal;
  /** The answer to a known request. */
  replay(context: Context, record: IdempotencyRecord): Promise<Answer>;
  /** Whether an answer is remembered. */
  isRecorded(context: Context, answer: Answer): boolean;
  /** What is remembered of an answer. */
  recordOf(context: Context, answer: Answer, fingerprint: string): IdempotencyRecord;
}

export const idempotency: IdempotencySteps = {
  readKey(context) {
    const { behaviour } = context;
    const keys = behaviour
      .keyHeaders(context)
      .map((name) => behaviour.fetchHeader(context, name))
      .filter((value) => value !== undefined);
    const [key] = keys;
    if (key === undefined) return undefined;
    if (keys.some((other) => other !== key)) {
      throw new Refusal(
        "INVALID_IDEMPOTENCY_KEY",
        "X-Idempotency-Key and Idempotency-Key must be the same; send one",
      );
    }
    if (behaviour.isKey(context, key)) return key;
    throw new Refusal(
      "INVALID_IDEMPOTENCY_KEY",
      "the idempotency key must be 1 to 255 visible ASCII characters",
    );
  },

  keyHeaders: () => ["x-idempotency-key", "idempotency-key"],

  isKey: (_context, key) => /^[\x21-\x7e]{1,255}$/.test(key),

  recordKey: ({ endpoint }, key) => `${endpoint} ${key}`,

  records: ({ user }) => user.records,

  async fingerprint({ parsed, bytes }) {
    if ("refusal" in parsed) return sha256(bytes);
    try {
      return sha256(canonicalJson(parsed.json));
    } catch {
      // A mutant's parser may let through what has no canonical form.
      return sha256(bytes);
    }
  },

  async meetTwin() {},

  async recall(context, recordKey) {
    const { behaviour } = context;
    const records = behaviour.records(context);
    const record = records.get(recordKey);
    if (record === undefined || !behaviour.isExpired(context, record)) return record;
    records.delete(recordKey);
    return undefined;
  },

  isExpired: ({ server }, { answeredAt }) => server.now() - answeredAt > server.limits.idempotencyRetentionMs,

  matches: (_context, record, fingerprint) => record.fingerprint === fingerprint,

  refuseReuse: () =>
    new Refusal(
      "IDEMPOTENCY_KEY_REUSED",
      "this key was used for a request with another body; send this one under a new key",
    ),

  async replay(_context, { status, headers, body }) {
    return { status, headers: { ...headers, "x-idempotent-replay": "true" }, body, refused: status !== 200 };
  },

  isRecorded: ({ announced }, { status, refused }) => status < 500 && (announced || !refused),

  recordOf: ({ server }, { status, headers, body }, fingerprint) => ({
    fingerprint,
    status,
    headers,
    body,
    answeredAt: server.now(),
  }),
};
