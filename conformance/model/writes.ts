import type { Answer } from "./answer.ts";
import type { Context } from "./context.ts";
import { judgeItems } from "./plan.ts";
import { Refusal } from "./refusal.ts";
import type { Row, Transaction } from "./state.ts";

/** A push or batch: read, known by its key or judged, committed with its record, answered. */
export async function writeRequest(context: Context): Promise<Answer> {
  const { behaviour } = context;
  behaviour.checkContentType(context);
  context.bytes = await behaviour.readBody(context);
  context.key = behaviour.readKey(context);
  context.parsed = parse(context);
  if (context.key === undefined) return behaviour.lock(context, () => judgeAndCommit(context));

  const recordKey = behaviour.recordKey(context, context.key);
  const fingerprint = await behaviour.fingerprint(context);
  return underWay(context, recordKey, () =>
    behaviour.lock(context, async () => {
      await behaviour.beforeRead(context);
      const record = await behaviour.recall(context, recordKey);
      if (record === undefined) return judgeAndCommit(context, { recordKey, fingerprint });
      if (!behaviour.matches(context, record, fingerprint)) throw behaviour.refuseReuse(context, record);
      return behaviour.replay(context, record);
    }),
  );
}

/** The body is parsed once: the fingerprint needs it before it is judged. */
function parse(context: Context): Context["parsed"] {
  try {
    return { json: context.behaviour.readJson(context) };
  } catch (error) {
    if (error instanceof Refusal) return { refusal: error };
    throw error;
  }
}

/** Runs `task`; while it does, other requests with its key meet it as their twin. */
async function underWay(context: Context, recordKey: string, task: () => Promise<Answer>): Promise<Answer> {
  const { inFlight } = context.server;
  const name = `${context.user.id} ${recordKey}`;
  const others = inFlight.get(name) ?? 0;
  if (others > 0) await context.behaviour.meetTwin(context, recordKey);
  inFlight.set(name, (inFlight.get(name) ?? 0) + 1);
  try {
    return await task();
  } finally {
    const left = (inFlight.get(name) ?? 1) - 1;
    if (left > 0) inFlight.set(name, left);
    else inFlight.delete(name);
  }
}

async function judgeAndCommit(
  context: Context,
  keyed?: { recordKey: string; fingerprint: string },
): Promise<Answer> {
  const { behaviour } = context;
  const { answer, rows } = await judge(context);
  const transaction: Transaction = { rows };
  if (keyed !== undefined && behaviour.isRecorded(context, answer)) {
    const record = behaviour.recordOf(context, answer, keyed.fingerprint);
    transaction.record = { key: keyed.recordKey, record };
  }
  if (rows.length > 0 || transaction.record) await behaviour.commit(context, transaction);
  return answer;
}

/** The answer, and the rows that it promises. A refusal of the whole request is an answer too: it may be recorded. */
async function judge(context: Context): Promise<{ answer: Answer; rows: Row[] }> {
  const { behaviour } = context;
  try {
    if ("refusal" in context.parsed) throw context.parsed.refusal;
    const body = context.parsed.json;
    const isPush = context.endpoint === "push";
    const submissions = isPush ? behaviour.pushItems(context, body) : behaviour.batchItems(context, body);
    behaviour.checkItemCount(context, submissions.length);
    const judged = await judgeItems(context, submissions);
    const { judgements } = judged;
    const rows = behaviour.selectRows(context, judgements, judged.rows);
    const head = Math.max(context.user.head, ...rows.map(({ seq }) => seq));
    const told = isPush
      ? behaviour.pushAnswer(context, judgements, head)
      : behaviour.batchAnswer(context, judgements, head);
    const refused = judgements.some(({ outcome }) => outcome === "refused");
    return { answer: { ...behaviour.succeed(context, told), refused }, rows };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { answer: behaviour.refuse(context, error), rows: [] };
  }
}
