import type { Json, JsonObject } from "../../../schemas/json.ts";
import type { EntityType } from "../../../schemas/collections.ts";
import type { Context } from "../../model/context.ts";
import { mutant } from "../../model/mutant.ts";
import { Refusal } from "../../model/refusal.ts";
import type { IdempotencyRecord, Row } from "../../model/state.ts";

const read = ({ body }: { body: Uint8Array }): JsonObject =>
  JSON.parse(new TextDecoder().decode(body)) as JsonObject;
const written = (body: Json): Uint8Array => new TextEncoder().encode(JSON.stringify(body));
export const forgetsIdempotencyKeys = mutant({
  name: "forgets-idempotency-keys",
  story: "The record is written to a cache with a short life, so a retry a minute later is judged again.",
  breaks: ["IDEM-002", "IDEM-003", "IDEM-011", "IDEM-012", "IDEM-013", "IDEM-016"],
  deform: (conforming) => ({ ...conforming, recall: async () => undefined }),
});

export const forgetsKeysOfBatches = mutant({
  name: "forgets-keys-of-batches",
  story: "Records are written in the push handler; batch calls the same merge, but not that.",
  breaks: ["IDEM-002", "IDEM-003", "IDEM-011"],
  deform: (conforming) => ({
    ...conforming,
    recall: async (context, key) =>
      context.endpoint === "batch" ? undefined : conforming.recall(context, key),
  }),
});

export const forgetsKeysOfDeployedPeers = mutant({
  name: "forgets-keys-of-deployed-peers",
  story: "The compatibility layer calls the merge directly and passes the records by.",
  breaks: ["IDEM-002"],
  deform: (conforming) => ({
    ...conforming,
    isRecorded: (context, answer) => context.announced && conforming.isRecorded(context, answer),
  }),
});

export const replaysSilently = mutant({
  name: "replays-silently",
  story: "The first answer is returned as it was recorded, and nobody says that it is a recording.",
  breaks: ["IDEM-002"],
  deform: (conforming) => ({
    ...conforming,
    replay: async (_context, { status, headers, body }) => ({
      status,
      headers,
      body,
      refused: status !== 200,
    }),
  }),
});

export const replaysOnce = mutant({
  name: "replays-once",
  story: "The record is taken out of the store when it is read: a second lost answer finds nothing.",
  breaks: ["IDEM-002"],
  deform: (conforming) => ({
    ...conforming,
    replay: async (context, record) => {
      const records = context.behaviour.records(context);
      for (const [key, one] of records) if (one === record) records.delete(key);
      return conforming.replay(context, record);
    },
  }),
});

export const replaysWith200 = mutant({
  name: "replays-with-200",
  story: "The body is recorded and its status is not.",
  breaks: ["IDEM-002", "IDEM-013"],
  deform: (conforming) => ({
    ...conforming,
    replay: async (context, record) => ({ ...(await conforming.replay(context, record)), status: 200 }),
  }),
});

export const refreshesTokensInReplays = mutant({
  name: "refreshes-tokens-in-replays",
  story: "The answer is put together again from recorded results and the present head.",
  breaks: ["IDEM-002"],
  deform: (conforming) => ({
    ...conforming,
    replay: async (context, record) => {
      const answer = await conforming.replay(context, record);
      if (answer.status !== 200) return answer;
      const syncToken = context.behaviour.headToken(context, context.user.head);
      const name = context.endpoint === "push" ? "syncToken" : "newSyncToken";
      return { ...answer, body: written({ ...read(answer), [name]: syncToken }) };
    },
  }),
});

export const answersFromThePresentState = mutant({
  name: "answers-replays-from-the-present-state",
  story: "Only the fact of the request is recorded; the results are read from the table again.",
  breaks: ["IDEM-002"],
  deform: (conforming) => ({
    ...conforming,
    replay: async (context, record) => {
      const answer = await conforming.replay(context, record);
      if (answer.status !== 200) return answer;
      const body = read(answer);
      const results = (body["results"] as JsonObject[]).map((result) => {
        const [type, id] = [result["entityType"] as EntityType, result["entityId"] as string];
        const row = context.behaviour.findRow(context, type, id);
        return row && result["meta"] ? { ...result, meta: context.behaviour.tellMeta(context, row) } : result;
      });
      return { ...answer, body: written({ ...body, results }) };
    },
  }),
});

/** Keeps the rows of each recorded transaction, for servers that do something with them again. */
function rowsOf(context: Context, record: IdempotencyRecord): Row[] {
  return (context.server.scratch.get(`rows ${record.fingerprint} ${record.answeredAt}`) ?? []) as Row[];
}
function keepRows(context: Context, record: IdempotencyRecord, rows: readonly Row[]): void {
  context.server.scratch.set(`rows ${record.fingerprint} ${record.answeredAt}`, [...rows]);
}

export const replaysAfterReapplying = mutant({
  name: "replays-after-reapplying",
  story: "The write is an upsert and thought harmless, so the record is looked up only for the answer.",
  breaks: ["IDEM-002", "ORD-001"],
  deform: (conforming) => ({
    ...conforming,
    commit: async (context, transaction) => {
      await conforming.commit(context, transaction);
      if (transaction.record) keepRows(context, transaction.record.record, transaction.rows);
    },
    replay: async (context, record) => {
      for (const row of rowsOf(context, record)) {
        const stored = conforming.findRow(context, row.entityType, row.entityId);
        conforming.applyRow(context, {
          ...row,
          version: (stored?.version ?? 0) + 1,
          seq: context.user.head + 1,
        });
      }
      return conforming.replay(context, record);
    },
  }),
});

export const tellsReplayedItemsAgain = mutant({
  name: "tells-replayed-items-again",
  story: "An UPDATE that changes no value still fires the trigger that numbers changes.",
  breaks: ["IDEM-002", "ORD-020"],
  deform: (conforming) => ({
    ...conforming,
    commit: async (context, transaction) => {
      await conforming.commit(context, transaction);
      if (transaction.record) keepRows(context, transaction.record.record, transaction.rows);
    },
    replay: async (context, record) => {
      for (const { entityType, entityId } of rowsOf(context, record)) {
        const stored = conforming.findRow(context, entityType, entityId)!;
        conforming.applyRow(context, { ...stored, seq: context.user.head + 1 });
      }
      return conforming.replay(context, record);
    },
  }),
});

export const replaysWhateverTheBody = mutant({
  name: "replays-whatever-the-body",
  story: "The key is looked up, the body is not compared.",
  breaks: ["IDEM-003", "IDEM-005"],
  deform: (conforming) => ({ ...conforming, matches: () => true }),
});

export const judgesOtherBodiesAnew = mutant({
  name: "judges-other-bodies-anew",
  story: "Key and fingerprint together are the primary key, so another body is another request.",
  breaks: ["IDEM-003", "IDEM-005"],
  deform: (conforming) => ({
    ...conforming,
    recall: async (context, key) => {
      const record = await conforming.recall(context, key);
      const same = record && record.fingerprint === (await context.behaviour.fingerprint(context));
      return same ? record : undefined;
    },
  }),
});

export const refusesReuseAfterwards = mutant({
  name: "refuses-reuse-afterwards",
  story: "The unique index of the records complains, but the items were written by another transaction.",
  breaks: ["IDEM-003"],
  deform: (conforming) => ({
    ...conforming,
    recall: async (context, key) => {
      const record = await conforming.recall(context, key);
      if (!record || record.fingerprint === (await context.behaviour.fingerprint(context))) return record;
      Object.assign(context, { lateRefusal: conforming.refuseReuse(context, record) });
      return undefined;
    },
    isRecorded: (context, answer) => !("lateRefusal" in context) && conforming.isRecorded(context, answer),
    finish: (context, answer) => {
      const { lateRefusal } = context as Context & { lateRefusal?: Refusal };
      return conforming.finish(
        context,
        lateRefusal ? context.behaviour.refuse(context, lateRefusal) : answer,
      );
    },
  }),
});

export const losesTheRecordOverAReuse = mutant({
  name: "loses-the-record-over-a-reuse",
  story: "A record that does not fit is thought to be stale and deleted.",
  breaks: ["IDEM-002", "IDEM-003"],
  deform: (conforming) => ({
    ...conforming,
    refuseReuse: (context, record) => {
      const records = context.behaviour.records(context);
      for (const [key, one] of records) if (one === record) records.delete(key);
      return conforming.refuseReuse(context, record);
    },
  }),
});

export const callsReuseAConflict = mutant({
  name: "calls-reuse-a-conflict",
  story:
    "Older drafts of the header's RFC answer 409 here, which to this protocol's clients means: try again.",
  breaks: ["IDEM-003"],
  deform: (conforming) => ({
    ...conforming,
    refuseReuse: () =>
      new Refusal("IDEMPOTENCY_IN_FLIGHT", "this key is taken", { headers: { "retry-after": "1" } }),
  }),
});

export const parsesBeforeLookingUp = mutant({
  name: "parses-before-looking-up",
  story: "The body is parsed by a middleware, so broken JSON never comes as far as the keys.",
  breaks: ["IDEM-003", "IDEM-013", "HTTP-012"],
  deform: (conforming) => ({
    ...conforming,
    fingerprint: async (context) => {
      if ("refusal" in context.parsed) throw context.parsed.refusal;
      return conforming.fingerprint(context);
    },
  }),
});
