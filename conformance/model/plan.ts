import type { Context } from "./context.ts";
import { ItemRefusal } from "./refusal.ts";
import { rowKey } from "./state.ts";
import type { Row } from "./state.ts";
import type { Candidate, EntityPlan, Judgement, Submission } from "./submission.ts";

/** Judges the items of one request against the store as it is: what becomes of each, and the rows that are to be written. */
export async function judgeItems(
  context: Context,
  submissions: readonly Submission[],
): Promise<{ judgements: Judgement[]; rows: Row[] }> {
  const { behaviour } = context;
  const plans = new Map<string, EntityPlan>();
  const judgements: Judgement[] = [];
  const open: { plan: EntityPlan; judgement: Judgement }[] = [];

  const examined = await Promise.all(submissions.map((submission) => examine(context, submission)));
  await behaviour.beforeRead(context);
  for (const [index, found] of examined.entries()) {
    if (found instanceof ItemRefusal) {
      judgements.push(refused(context, submissions[index]!, found));
      continue;
    }
    const plan = planOf(context, plans, found);
    const judgement = admit(context, found, plan);
    judgements.push(judgement);
    if (judgement.outcome !== "refused") open.push({ plan, judgement });
  }

  const rows = writeRows(context, plans, open);
  for (const { plan, judgement } of open) {
    const row = rows.get(plan) ?? plan.stored;
    if (row) judgement.row = row;
  }
  return { judgements, rows: [...rows.values()].toSorted((a, b) => a.seq - b.seq) };
}

async function examine(context: Context, submission: Submission): Promise<Candidate | ItemRefusal> {
  try {
    return await context.behaviour.examine(context, submission);
  } catch (error) {
    if (error instanceof ItemRefusal) return error;
    throw error;
  }
}

function planOf(
  context: Context,
  plans: Map<string, EntityPlan>,
  { entityType, entityId }: Candidate,
): EntityPlan {
  const key = rowKey(entityType, entityId);
  const known = plans.get(key);
  if (known) return known;
  const stored = context.behaviour.findRow(context, entityType, entityId);
  const plan = { entityType, entityId, stored, claim: stored?.claim, candidates: [], top: stored?.stamp };
  plans.set(key, plan);
  return plan;
}

/** Claim, precondition, stamp, skew. What passes becomes a candidate of its entity; its outcome stands when all are known. */
function admit(context: Context, candidate: Candidate, plan: EntityPlan): Judgement {
  const { behaviour } = context;
  const { submission, entityId } = candidate;
  const judgement: Judgement = { submission, entityId, outcome: "duplicate", candidate };
  if (behaviour.repeatsClaim(context, candidate, plan.claim)) return judgement;
  if (submission.frame) {
    if (behaviour.repeatsStored(context, candidate, plan)) return judgement;
    const version = behaviour.preconditionOf(context, candidate);
    if (version !== undefined && behaviour.isConflict(context, version, plan)) {
      return conflicting(context, candidate, plan, version);
    }
  }
  try {
    behaviour.resolveStamp(context, candidate, plan);
  } catch (error) {
    if (error instanceof ItemRefusal) return refused(context, submission, error);
    throw error;
  }
  if (candidate.claim) plan.claim = candidate.claim;
  if (behaviour.judge(context, plan.top, candidate.stamp) === "applied") plan.top = candidate.stamp;
  plan.candidates.push(candidate);
  return judgement;
}

/** Settles the outcomes of each entity's candidates, and gives seqs in the order of the request. */
function writeRows(
  context: Context,
  plans: ReadonlyMap<string, EntityPlan>,
  open: readonly { plan: EntityPlan; judgement: Judgement }[],
): Map<EntityPlan, Row> {
  const { behaviour } = context;
  const outcomes = new Map<Candidate, Judgement["outcome"]>();
  const winners = new Map<Candidate, EntityPlan>();
  for (const plan of plans.values()) {
    const decision = behaviour.decide(context, plan);
    plan.candidates.forEach((candidate, index) => outcomes.set(candidate, decision.outcomes[index]!));
    if (decision.winner) winners.set(decision.winner, plan);
  }
  const rows = new Map<EntityPlan, Row>();
  for (const { judgement } of open) {
    const candidate = judgement.candidate!;
    judgement.outcome = outcomes.get(candidate) ?? judgement.outcome;
    const plan = winners.get(candidate);
    if (plan)
      rows.set(plan, behaviour.buildRow(context, plan, candidate, behaviour.nextSeq(context, rows.size)));
  }
  return rows;
}

function refused(context: Context, submission: Submission, refusal: ItemRefusal): Judgement {
  return {
    submission,
    entityId: context.behaviour.refusedId(context, submission),
    outcome: "refused",
    code: refusal.code,
    reason: refusal.message,
    errors: refusal.errors,
    members: refusal.members,
  };
}

function conflicting(
  context: Context,
  candidate: Candidate,
  { stored }: EntityPlan,
  localVersion: number,
): Judgement {
  const { submission } = candidate;
  const detail = `the stored version is ${stored!.version}; apply it, pull, and compare`;
  const refusal = new ItemRefusal("VERSION_CONFLICT", `${submission.pointer}/version`, detail);
  return { ...refused(context, submission, refusal), conflict: { localVersion, stored: stored! } };
}
