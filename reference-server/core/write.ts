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
import type { EntityRef, IdempotencyRecord, Visit, WriteEndpoint, WriteView } from "./ports.ts";
import { Problem } from "./problem.ts";
import type { WritePath, Written } from "./write-path.ts";

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

/** An answer leaves a moment after its record is stamped, and is promised to be kept from then on (IDEM-016). */
const RETENTION_SLACK_MS = 1_000;

interface Understood {
  fingerprint: string;
  items: (Candidate | Refusal)[];
  /** The refusal of the whole request, if it is refused. */
  problem: Problem | undefined;
}

/** Judges a push or batch and applies it, once. The caller sees to it that a user's writes come one after the other. */
export async function write(
  request: WriteRequest,
  limits: Limits,
  path: WritePath,
): Promise<Written<WriteAnswer>> {
  const { call, visit, key, announced } = request;
  const understood = await understand(request, limits);
  const recordedSince = recordsSince(visit, limits);
  if (understood.problem && key === null) throw understood.problem;

  return path.write(
    visit,
    { endpoint: call.endpoint, key, recordedSince, entities: entitiesOf(understood.items) },
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
