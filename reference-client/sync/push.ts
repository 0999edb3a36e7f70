import { unreachable } from "../errors.ts";
import { bodyOf, freeze, MAX_ITEMS } from "../outbox/freeze.ts";
import { isPermanent, renameRequest, settle, split, type Verdict } from "../outbox/settle.ts";
import type { EntityKey, FrozenRequest } from "../replica/records.ts";
import type { Work } from "../replica/work.ts";
import type { Context } from "./context.ts";
import type { Answer } from "./http.ts";
import { verdictsOf } from "./read.ts";

/**
 * Sends the outbox, one request after the other, until it is empty (CLI-026). Rejects with `UNREACHABLE` if something has to be sent again later.
 *
 * @param answered called after each answer of use; `conflict`: what is stored has to be pulled (CLI-031)
 */
export async function flush(context: Context, answered: Answered): Promise<void> {
  const { replica, metrics } = context;
  const refused: Refused = { later: new Set(), skewed: new Set() };
  let futile = 0;
  for (;;) {
    const request = replica.state.requests[0] ?? (await freezeNext(context, refused.later));
    if (request === undefined) break;
    if (await metrics.sync(() => send(context, request, refused, answered))) futile = 0;
    else if (++futile > 2) throw unreachable("it is refused again");
  }
  if (refused.later.size > 0) throw unreachable("items were refused for now");
}

async function freezeNext(
  context: Context,
  later: ReadonlySet<EntityKey>,
): Promise<FrozenRequest | undefined> {
  const { replica, clock, random } = context;
  const candidates: EntityKey[] = [];
  for (const key of replica.mirror.pending) {
    const edits = replica.mirror.edits(key);
    if (!edits?.waiting || edits.sent || later.has(key)) continue;
    if (candidates.push(key) === MAX_ITEMS) break;
  }
  if (candidates.length === 0) return undefined;
  const key = random.unique();
  return replica.commit(candidates, (work) => freeze(work, candidates, key, clock.now()), "local");
}

/** Whether something was settled. */
async function send(
  context: Context,
  request: FrozenRequest,
  refused: Refused,
  answered: Answered,
): Promise<boolean> {
  const { replica, http, connectionId } = context;
  const { body, pointers } = bodyOf(request, (key) => replica.mirror.edits(key)?.sent);
  const { epoch } = replica.state;
  const answer = await http.call("push", body, {
    key: request.key,
    connectionId: connectionId(),
    takes: (status, code) => status === 401 || splits(status, code) || ITS_KEY.has(code),
  });
  // With another token the same request goes out again (CLI-009).
  if (answer.status === 401) return false;
  if (answer.status !== 200) return refuse(context, request, answer);
  const verdicts = verdictsOf(answer.body, pointers);
  if (verdicts === undefined) throw unreachable("the answer is not the protocol's");
  if (!(await settleAll(context, request, verdicts, refused, epoch))) return false;
  answered([...verdicts.values()].some(isConflict));
  return verdicts.size > 0;
}

/** Whether the answer was of use. */
async function settleAll(
  { replica, random, metrics, setClock }: Context,
  request: FrozenRequest,
  verdicts: Map<EntityKey, Verdict>,
  refused: Refused,
  epoch: string | undefined,
): Promise<boolean> {
  const keys = new Set(request.entities);
  for (const [entity, verdict] of verdicts) {
    if (verdict.outcome === "refused") note(refused, entity, verdict.refusal.code);
    else keys.add(verdict.stored.key);
    if (verdict.outcome === "superseded" || isConflict(verdict)) metrics.counts.conflicts++;
  }
  const act = (work: Work): boolean => {
    setClock(work);
    // CLI-050: what was asked of the server before its data were restored counts as not answered.
    if (epoch !== undefined && work.state.epoch !== epoch) return false;
    settle(work, request.key, verdicts, random.unique());
    return true;
  };
  return replica.commit(keys, act, "remote");
}

function isConflict(verdict: Verdict): boolean {
  return verdict.outcome === "refused" && verdict.refusal.code === "VERSION_CONFLICT";
}

/** The push as a whole. Whether something was settled. */
async function refuse(
  { replica, random }: Context,
  { key, entities }: FrozenRequest,
  { status, code, detail }: Answer,
): Promise<boolean> {
  const divide = splits(status, code);
  const act = (work: Work): void => {
    if (divide) split(work, key, { code, detail }, [random.unique(), random.unique()]);
    else renameRequest(work, key, random.unique());
  };
  await replica.commit(entities, act, "remote");
  return divide;
}

type Answered = (conflict: boolean) => void;

/** What was refused for a reason that may pass: it is not tried again at once, nor does it hold up the others (CLI-029). */
interface Refused {
  later: Set<EntityKey>;
  skewed: Set<EntityKey>;
}

function note({ later, skewed }: Refused, entity: EntityKey, code: string): void {
  // Stamped again it may go at once, unless that did not help.
  if (code === "CLOCK_SKEW" && !skewed.has(entity)) skewed.add(entity);
  else if (!isPermanent(code)) later.add(entity);
}

const ITS_KEY: ReadonlySet<string> = new Set(["IDEMPOTENCY_KEY_REUSED", "INVALID_IDEMPOTENCY_KEY"]);

/** Whether a push that is refused so is to be split (CLI-028). */
function splits(status: number, code: string): boolean {
  return [400, 413, 422].includes(status) && code !== "UNSUPPORTED_VERSION" && !ITS_KEY.has(code);
}
