import type { BatchResponse } from "../../schemas/http/batch.ts";
import type { PushResponse } from "../../schemas/http/push.ts";
import type { Json } from "../../schemas/json.ts";
import type { Limits } from "../../schemas/limits.ts";
import { fingerprintOf, fingerprintOfBytes } from "../../spec/rules/fingerprint.ts";
import type { Answer } from "./answer.ts";
import { isRefusal, type Candidate, type Refusal } from "./candidate.ts";
import { mintCursor } from "./cursor.ts";
import { judgeItems, type Verdict } from "./judge.ts";
import { parseBody } from "./parse-body.ts";
import type {
  EntityRef,
  IdempotencyRecord,
  Row,
  Storage,
  Visit,
  WriteEndpoint,
  WriteQuery,
  WriteView,
} from "./ports.ts";
import { StorageError } from "./ports.ts";
import { Problem } from "./problem.ts";
import type { RestoreGuard } from "./restore-guard.ts";

/** What an item is judged by before the stored state is known. */
export interface ItemRules {
  /** The `sub` of the writer's token. */
  user: string;
  maxItems: number;
  maxItemBytes: number;
  announced: boolean;
}

/** What push and batch do not share. */
export interface WriteCall {
  endpoint: WriteEndpoint;
  /** The items of a body, in request order. Throws a {@link Problem} for a bad envelope. */
  items(body: Json, rules: ItemRules): Promise<(Candidate | Refusal)[]>;
  /** The answer's body. */
  answer(verdicts: readonly Verdict[], syncToken: string, now: number): PushResponse | BatchResponse;
}

export interface WriteRequest {
  call: WriteCall;
  body: Uint8Array;
  key: string | null;
  announced: boolean;
  visit: Visit;
}

export interface WriteAnswer extends Answer {
  replay: boolean;
  /** One per item in request order; none in a replay. */
  verdicts: readonly Verdict[];
}

/** Another writer came between so often; only two servers over one store can bring that about. */
const MOST_ATTEMPTS = 8;
/** An answer leaves a moment after its record is stamped, and is promised to be kept from then on (IDEM-016). */
const RETENTION_SLACK_MS = 1_000;

interface Understood {
  fingerprint: string;
  items: (Candidate | Refusal)[];
  /** The refusal of the whole request, if it is refused. */
  problem: Problem | undefined;
}

/**
 * Judges a push or batch and applies it, once: two transactions whatever the number of items, one to read and one to write. The
 * caller sees to it that a user's writes come one after the other.
 */
export async function write(
  request: WriteRequest,
  limits: Limits,
  storage: Storage,
  guard: RestoreGuard,
): Promise<{ result: WriteAnswer; logged: Logged | undefined }> {
  const { call, visit, key, announced } = request;
  const understood = await understand(request, limits);
  const recordedSince = recordsSince(visit, limits);
  if (understood.problem && key === null) throw understood.problem;

  return commitJudged(
    visit,
    { endpoint: call.endpoint, key, recordedSince, entities: entitiesOf(understood.items) },
    storage,
    guard,
    async (view) => {
      if (view.record) return { result: replayed(view.record, understood.fingerprint) };
      const { answer, refused, rows, head, verdicts } = await judged(request, understood, limits, view);
      // A deployed peer's key is made from its data: a recorded refusal would be final (IDEM-015).
      const recorded = key !== null && (announced || !refused);
      return {
        result: { ...answer, replay: false, verdicts },
        rows,
        head,
        record: recorded
          ? { endpoint: call.endpoint, key, fingerprint: understood.fingerprint, ...answer }
          : null,
      };
    },
  );
}

/** Records of answers that are older than this have expired, Unix ms. */
export function recordsSince(visit: Visit, limits: Limits): number {
  return visit.now - limits.idempotencyRetentionMs - RETENTION_SLACK_MS;
}

/** What a write has put into the log, for those who listen to it. */
export interface Logged {
  epoch: string;
  /** The head before it. */
  before: number;
  head: number;
  /** The rows written, by ascending `seq`. */
  rows: readonly Row[];
}

interface Decision<T> {
  result: T;
  /** Absent: nothing is written. */
  rows?: Row[];
  head?: number;
  record?: IdempotencyRecord | null;
}

/** The one path into the store: reads what the items are judged by, lets them be judged, commits, and begins again if another writer came between. */
export async function commitJudged<T>(
  visit: Visit,
  query: WriteQuery,
  storage: Storage,
  guard: RestoreGuard,
  decide: (view: WriteView) => Promise<Decision<T>>,
): Promise<{ result: T; logged: Logged | undefined }> {
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const witness = await guard.witness();
    const view = await storage.openWrite(visit, query);
    const identity = await guard.admit(visit, witness, view.identity);
    const { result, rows = [], head = identity.head, record = null } = await decide({ ...view, identity });
    if (rows.length === 0 && record === null) return { result, logged: undefined };
    const outcome = await storage.commit({
      user: visit.user,
      now: visit.now,
      expected: identity,
      head,
      rows,
      record,
      recordedSince: query.recordedSince,
    });
    if (outcome === "committed") {
      await guard.acknowledge({ epoch: identity.epoch, head });
      return { result, logged: { epoch: identity.epoch, before: identity.head, head, rows } };
    }
  }
  throw new StorageError(`another writer moved the head ${MOST_ATTEMPTS} times`);
}

/** The entities that the items are about, each once. */
export function entitiesOf(items: readonly (Candidate | Refusal)[]): EntityRef[] {
  const entities = items
    .filter((item): item is Candidate => !isRefusal(item))
    .map(({ entityType, entityId }) => [`${entityType}/${entityId}`, { entityType, entityId }] as const);
  return [...new Map(entities).values()];
}

async function understand(
  { call, body, announced, visit }: WriteRequest,
  limits: Limits,
): Promise<Understood> {
  let fingerprint: string | undefined;
  try {
    const json = parseBody(body, limits.maxDepth);
    fingerprint = await fingerprintOf(json);
    const rules = {
      user: visit.user,
      maxItems: announced ? limits.maxItems : limits.legacyMaxItems,
      maxItemBytes: limits.maxItemBytes,
      announced,
    };
    return { fingerprint, items: await call.items(json, rules), problem: undefined };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { fingerprint: fingerprint ?? (await fingerprintOfBytes(body)), items: [], problem: error };
  }
}

function replayed(record: IdempotencyRecord, fingerprint: string): WriteAnswer {
  if (record.fingerprint !== fingerprint) {
    throw new Problem(
      "IDEMPOTENCY_KEY_REUSED",
      "This key was used with another body; send this one under a new key.",
    );
  }
  return { status: record.status, body: record.body, replay: true, verdicts: [] };
}

async function judged(
  request: WriteRequest,
  understood: Understood,
  limits: Limits,
  { identity, rows }: WriteView,
) {
  const { call, announced, visit } = request;
  if (understood.problem) {
    const { status } = understood.problem;
    return {
      answer: { status, body: understood.problem.body() },
      refused: true,
      rows: [],
      verdicts: [],
      head: identity.head,
    };
  }
  const judgement = judgeItems(understood.items, rows, {
    now: visit.now,
    head: identity.head,
    clockSkewMs: limits.clockSkewMs,
    announced,
  });
  const { verdicts, head } = judgement;
  const syncToken = await mintCursor(identity, { after: head, types: undefined, full: undefined });
  const body = JSON.stringify(call.answer(verdicts, syncToken, visit.now));
  const refused = verdicts.some((verdict) => verdict.outcome === "refused");
  return { answer: { status: 200, body }, refused, rows: judgement.rows, verdicts, head };
}
