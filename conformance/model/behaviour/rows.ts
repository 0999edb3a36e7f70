import type { EntityType } from "../../../schemas/collections.ts";
import type { Context } from "../context.ts";
import { rowKey } from "../state.ts";
import type { Row } from "../state.ts";
import type { Candidate, EntityPlan, Judgement } from "../submission.ts";

/** Which items become rows, and what stands in them. */
export interface RowSteps {
  /** An entity's stored row, deletions included. */
  findRow(context: Context, entityType: EntityType, entityId: string): Row | undefined;
  /** What becomes of the items of one entity: the greatest stamp is applied, once. In order of `plan.candidates`; `row` is not yet known. */
  decide(
    context: Context,
    plan: EntityPlan,
  ): { winner: Candidate | undefined; outcomes: Judgement["outcome"][] };
  /** Which of the rows that a request is to write are written; the last step before the answer is made. */
  selectRows(context: Context, judgements: readonly Judgement[], rows: Row[]): Row[];
  /** The version of an entity's next write. */
  nextVersion(context: Context, plan: EntityPlan): number;
  /** The seq of the n-th row of a transaction, n from 0. */
  nextSeq(context: Context, n: number): number;
  /** The row that a winner becomes. */
  buildRow(context: Context, plan: EntityPlan, winner: Candidate, seq: number): Row;
}

export const rows: RowSteps = {
  findRow: ({ user }, entityType, entityId) => user.rows.get(rowKey(entityType, entityId)),

  decide(context, { stored, candidates }) {
    const { behaviour } = context;
    let winner: Candidate | undefined;
    for (const candidate of candidates) {
      const top = winner?.stamp ?? stored?.stamp;
      if (behaviour.judge(context, top, candidate.stamp) === "applied") winner = candidate;
    }
    const final = winner?.stamp ?? stored?.stamp;
    const outcomes = candidates.map((candidate) => {
      if (candidate === winner) return "applied";
      return behaviour.judge(context, final, candidate.stamp) === "duplicate" ? "duplicate" : "superseded";
    });
    return { winner, outcomes };
  },

  selectRows: (_context, _judgements, planned) => planned,

  nextVersion: (_context, { stored }) => (stored?.version ?? 0) + 1,

  nextSeq: ({ user }, n) => user.head + 1 + n,

  buildRow(context, plan, winner, seq) {
    const { behaviour } = context;
    const claim = behaviour.keepClaim(context, plan, winner);
    return {
      entityType: winner.entityType,
      entityId: winner.entityId,
      item: winner.deleted ? null : winner.item,
      stamp: winner.stamp,
      version: behaviour.nextVersion(context, plan),
      seq,
      writtenAt: context.server.now(),
      ...(claim === undefined ? {} : { claim }),
    };
  },
};
