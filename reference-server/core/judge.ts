import { canonicalJson } from "../../spec/rules/canonical-json.ts";
import { formatInstant } from "../../spec/rules/instant.ts";
import { judge as judgeStamps } from "../../spec/rules/merge.ts";
import { isRefusal, refuse, type Candidate, type Refusal } from "./candidate.ts";
import type { Claim, Row } from "./ports.ts";

/** What became of one item, with the state that its writer has to know. */
export type Verdict =
  | { outcome: "refused"; refusal: Refusal; serverTime?: string; localVersion?: number; stored?: Row }
  | { outcome: "applied" | "duplicate" | "superseded"; candidate: Candidate; stored: Row };

export interface Judgement {
  /** One per item, in request order. */
  verdicts: Verdict[];
  /** The rows to write: the new state of each entity that changed. */
  rows: Row[];
  /** The head after them. */
  head: number;
}

export interface Circumstances {
  now: number;
  head: number;
  clockSkewMs: number;
  /** Whether the peer announced the protocol's version: only then can it react to INCOMPLETE and CLOCK_SKEW. */
  announced: boolean;
}

type Settled = { duplicate: true } | { refusal: Refusal; serverTime?: string } | { stamp: number };

/** What happens to one entity within one request. */
class Contest {
  readonly before: Row | undefined;
  claim: Claim | null;
  /** The last receipt stamp given in this request. */
  receipt = -Infinity;
  winner: { index: number; candidate: Candidate; stamp: number } | undefined;
  after: Row | undefined;

  constructor(before: Row | undefined) {
    this.before = before;
    this.claim = before?.claim ?? null;
    this.after = before;
  }
}

/**
 * Judges the items of a push or batch against the stored rows. Pure: the same items over the same rows at the same time give the
 * same result, so a write that lost a race is simply judged again.
 */
export function judgeItems(
  items: readonly (Candidate | Refusal)[],
  stored: readonly Row[],
  circumstances: Circumstances,
): Judgement {
  const rows = new Map(stored.map((row) => [keyOf(row), row]));
  const contests = new Map<string, Contest>();
  const settled = items.map((item, index) => {
    if (isRefusal(item)) return undefined;
    const key = keyOf(item);
    const contest = contests.get(key) ?? new Contest(rows.get(key));
    contests.set(key, contest);
    const verdict = settle(item, contest, circumstances);
    if ("stamp" in verdict) enter(contest, index, item, verdict.stamp);
    return verdict;
  });

  // Numbers follow the request's order of the applied items (ORD-021).
  let head = circumstances.head;
  const winners = [...contests.values()].filter((contest) => contest.winner !== undefined);
  winners.sort((a, b) => a.winner!.index - b.winner!.index);
  for (const contest of winners) contest.after = rowOf(contest, ++head);

  const verdicts = items.map((item, index): Verdict => {
    if (isRefusal(item)) return { outcome: "refused", refusal: item };
    const contest = contests.get(keyOf(item))!;
    const verdict = settled[index]!;
    if ("refusal" in verdict)
      return { outcome: "refused", ...verdict, localVersion: item.version, stored: contest.before };
    const row = contest.after!;
    if ("duplicate" in verdict) return { outcome: "duplicate", candidate: item, stored: row };
    if (contest.winner?.index === index) return { outcome: "applied", candidate: item, stored: row };
    const incoming = { updatedAt: verdict.stamp, deleted: item.deleted, checksum: item.checksum };
    const outcome = judgeStamps(row, incoming) === "duplicate" ? "duplicate" : "superseded";
    return { outcome, candidate: item, stored: row };
  });
  return { verdicts, rows: winners.map((contest) => contest.after!), head };
}

function keyOf(entity: { entityType: string; entityId: string }): string {
  return `${entity.entityType}/${entity.entityId}`;
}

/** Everything about an item but last write wins: duplicate by claim, precondition, stamp, skew. */
function settle(item: Candidate, contest: Contest, circumstances: Circumstances): Settled {
  const { before } = contest;
  const { now, announced } = circumstances;
  const claim: Claim = { updatedAt: item.stamp ?? null, deleted: item.deleted, checksum: item.checksum };
  if (contest.claim !== null && sameClaim(contest.claim, claim)) return { duplicate: true };

  if (item.version !== undefined && before !== undefined && item.version < before.version) {
    const equal =
      item.stamp === before.updatedAt && item.deleted === before.deleted && item.checksum === before.checksum;
    if (!equal) {
      const detail = `the stored version is ${before.version}`;
      return {
        refusal: refuse(item, "VERSION_CONFLICT", detail, { ...item, at: `${item.pointer}/version` }),
      };
    }
  }
  if (item.stamp === undefined && announced) {
    const detail = "must have the member updatedAt: when this state was written";
    return { refusal: refuse(item, "INCOMPLETE", detail, { ...item, at: `${item.itemPointer}/updatedAt` }) };
  }
  const ahead =
    item.stamp !== undefined &&
    item.stamp > now + circumstances.clockSkewMs &&
    (before === undefined || item.stamp > before.updatedAt + 1);
  if (item.stamp !== undefined && !ahead) return { stamp: item.stamp };
  if (announced) {
    const serverTime = formatInstant(now);
    const member = item.deleted ? "deletedAt" : "updatedAt";
    const detail = `is more than ${circumstances.clockSkewMs} ms ahead of the server's time, ${serverTime}`;
    return {
      refusal: refuse(item, "CLOCK_SKEW", detail, { ...item, at: `${item.itemPointer}/${member}` }),
      serverTime,
    };
  }
  // A deployed peer could not react, so it gets a receipt stamp, and its claim is kept (ORD-012, ORD-013, ORD-016).
  contest.receipt = Math.max(now, (before?.updatedAt ?? -Infinity) + 1, contest.receipt + 1);
  contest.claim = claim;
  return { stamp: contest.receipt };
}

/** Last write wins, among what is stored and what this request brought (PUSH-010). */
function enter(contest: Contest, index: number, candidate: Candidate, stamp: number): void {
  const best = contest.winner
    ? {
        updatedAt: contest.winner.stamp,
        deleted: contest.winner.candidate.deleted,
        checksum: contest.winner.candidate.checksum,
      }
    : contest.before;
  const incoming = { updatedAt: stamp, deleted: candidate.deleted, checksum: candidate.checksum };
  if (judgeStamps(best, incoming) === "applied") contest.winner = { index, candidate, stamp };
}

function rowOf(contest: Contest, seq: number): Row {
  const { candidate, stamp } = contest.winner!;
  return {
    entityType: candidate.entityType,
    entityId: candidate.entityId,
    seq,
    version: (contest.before?.version ?? 0) + 1,
    updatedAt: stamp,
    deleted: candidate.deleted,
    checksum: candidate.checksum,
    item: textOf(candidate, stamp),
    claim: contest.claim,
  };
}

/** The item as stored: with its writer's text of the stamp, or the receipt stamp where the server gave one (ORD-009). */
function textOf({ item, text, stamp: sent }: Candidate, stamp: number): string | null {
  if (text === null || sent === stamp) return text;
  return canonicalJson({ ...item, updatedAt: formatInstant(stamp) });
}

function sameClaim(a: Claim, b: Claim): boolean {
  return a.updatedAt === b.updatedAt && a.deleted === b.deleted && a.checksum === b.checksum;
}
