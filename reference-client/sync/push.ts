import { unreachable } from "../errors.ts";
import { bodyOf, freeze, MAX_ITEMS } from "../outbox/freeze.ts";
import { isPermanent, renameRequest, settle, split } from "../outbox/settle.ts";
import type { EntityKey, FrozenRequest } from "../replica/records.ts";
import type { Work } from "../replica/work.ts";
import type { Context } from "./context.ts";
import { refusalOf, verdictsOf } from "./read.ts";

/**
 * Sends the outbox, one request after the other, until it is empty (CLI-026). Rejects with `UNREACHABLE` if something has to be sent again later.
 *
 * @param answered called, and awaited, after each answer of use; `outdated`: a pull has to come before anything else goes out (CLI-031, CLI-053)
 */
export async function flush(context: Context, answered: (outdated: boolean) => Promise<void>): Promise<void> {
  const { replica, metrics, clock, random, http } = context;
  const { mirror } = replica;
  // What was refused for a reason that may pass is not tried again at once, nor does it hold up the others (CLI-029).
  const later = new Set<EntityKey>();
  const skewed = new Set<EntityKey>();

  const freezeNext = async (): Promise<FrozenRequest | undefined> => {
    const candidates: EntityKey[] = [];
    for (const key of mirror.pending) {
      const edits = mirror.edits(key);
      if (!edits?.waiting || edits.sent || later.has(key)) continue;
      if (candidates.push(key) === MAX_ITEMS) break;
    }
    if (candidates.length === 0) return undefined;
    const key = random.unique();
    return replica.commit(candidates, (work) => freeze(work, candidates, key, clock.now()), "local");
  };

  const note = (entity: EntityKey, code: string): void => {
    // Stamped again it may go at once, unless that did not help.
    if (code === "CLOCK_SKEW" && !skewed.has(entity)) skewed.add(entity);
    else if (!isPermanent(code)) later.add(entity);
  };

  /** Whether something was settled. */
  const send = async ({ key, entities }: FrozenRequest): Promise<boolean> => {
    const { body, pointers } = bodyOf(entities, (entity) => mirror.edits(entity)?.sent);
    const { epoch } = replica.state;
    const answer = await http.call("push", body, {
      key,
      connectionId: context.connectionId(),
      takes: (status, code) =>
        ITS_KEY.includes(code) || ([400, 413, 422].includes(status) && code !== "UNSUPPORTED_VERSION"),
    });
    if (answer.status !== 200) {
      // It is split (CLI-028), or goes again under another key.
      const divide = !ITS_KEY.includes(answer.code);
      const act = (work: Work): void => {
        if (divide) split(work, key, refusalOf(answer.code, answer.body), [random.unique(), random.unique()]);
        else renameRequest(work, key, random.unique());
      };
      await replica.commit(entities, act, "remote");
      return divide;
    }
    const verdicts = verdictsOf(answer.body, pointers);
    if (verdicts === undefined) throw unreachable("the answer is not the protocol's");
    const keys = new Set(entities);
    let conflict = false;
    let rewound = false;
    for (const [entity, verdict] of verdicts) {
      let disputed = verdict.outcome === "superseded";
      if (verdict.outcome === "refused") {
        note(entity, verdict.refusal.code);
        disputed = verdict.refusal.code === "VERSION_CONFLICT";
        conflict ||= disputed;
        rewound ||= verdict.serverTime! < (replica.state.floor?.at ?? 0);
      } else keys.add(verdict.stored.key);
      if (disputed) metrics.counts.conflicts++;
    }
    const act = (work: Work): boolean => {
      context.setClock(work);
      // CLI-050: what was asked of the server before its data were restored counts as not answered.
      if (epoch !== undefined && work.state.epoch !== epoch) return false;
      settle(work, key, verdicts, random.unique());
      // CLI-053: the next pull is a full one.
      if (rewound) delete work.state.syncToken;
      return true;
    };
    if (!(await replica.commit(keys, act, "remote"))) return false;
    await answered(conflict || rewound);
    return verdicts.size > 0;
  };

  let futile = 0;
  for (;;) {
    const request = replica.state.requests[0] ?? (await freezeNext());
    if (request === undefined) break;
    if (await metrics.sync(() => send(request))) futile = 0;
    else if (++futile > 2) throw unreachable("refused for now");
  }
  if (later.size > 0) throw unreachable("refused for now");
}

/** Refusals of the key, not of what it was sent with. */
const ITS_KEY = ["IDEMPOTENCY_KEY_REUSED", "INVALID_IDEMPOTENCY_KEY"];
