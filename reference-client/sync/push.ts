import { SyncError } from "../errors.ts";
import { bodyOf, freeze, MAX_ITEMS } from "../outbox/freeze.ts";
import { isPermanent, renameRequest, settle, split, type Verdict } from "../outbox/settle.ts";
import type { EntityKey, FrozenRequest } from "../replica/records.ts";
import type { Context } from "./context.ts";
import type { Answer } from "./http.ts";
import { Unfinished } from "./lane.ts";
import { verdictsOf } from "./read.ts";

type Problem = Extract<Answer, { kind: "problem" }>;

/** What was refused for a reason that may pass: it is not tried again at once, nor does it hold up the others (CLI-029). */
class Later {
  readonly #entities = new Set<EntityKey>();
  readonly #skewed = new Set<EntityKey>();

  get size(): number {
    return this.#entities.size;
  }

  has(entity: EntityKey): boolean {
    return this.#entities.has(entity);
  }

  note(entity: EntityKey, code: string): void {
    // Stamped again it may go at once, unless that did not help.
    const stampedAgain = code === "CLOCK_SKEW" && !this.#skewed.has(entity);
    if (stampedAgain) this.#skewed.add(entity);
    else if (!isPermanent(code)) this.#entities.add(entity);
  }
}

/** Sends the outbox, one request after the other, until it is empty (CLI-026). */
export class Pusher {
  readonly #context: Context;
  readonly #answered: (conflict: boolean) => void;

  /** @param answered called after each answer of use; `conflict`: what is stored has to be pulled (CLI-031) */
  constructor(context: Context, answered: (conflict: boolean) => void) {
    this.#context = context;
    this.#answered = answered;
  }

  /** Rejects with `Unfinished` if something has to be sent again later. */
  async flush(): Promise<void> {
    const { replica, metrics } = this.#context;
    const later = new Later();
    let futile = 0;
    for (;;) {
      const request = replica.state.requests[0] ?? (await this.#freeze(later));
      if (request === undefined) break;
      if (await metrics.sync(() => this.#send(request, later))) futile = 0;
      else if (++futile > 2) throw new Unfinished("the server refuses the same request again and again");
    }
    if (later.size > 0) throw new Unfinished("the server refused items for a reason that may pass");
  }

  async #freeze(later: Later): Promise<FrozenRequest | undefined> {
    const { replica, clock, random } = this.#context;
    const candidates: EntityKey[] = [];
    for (const key of replica.mirror.pending) {
      const edits = replica.mirror.edits(key);
      if (edits?.waiting === undefined || edits.sent !== undefined || later.has(key)) continue;
      candidates.push(key);
      if (candidates.length === MAX_ITEMS) break;
    }
    if (candidates.length === 0) return undefined;
    const key = random.unique();
    return replica.commit(candidates, (work) => freeze(work, candidates, key, clock.now()), "local");
  }

  /** Whether something was settled. */
  async #send(request: FrozenRequest, later: Later): Promise<boolean> {
    const { replica, http, connectionId } = this.#context;
    const { body, pointers } = bodyOf(request, (key) => replica.mirror.edits(key)?.sent);
    const { epoch } = replica.state;
    const answer = await http.call("push", body, { key: request.key, connectionId: connectionId() });
    if (answer.kind === "none") throw new Unfinished(answer.why);
    if (answer.kind === "problem") return this.#refused(request, answer);
    const verdicts = verdictsOf(answer.body, pointers);
    if (verdicts === undefined) throw new Unfinished("an answer that is not the protocol's");
    return this.#settle(request, verdicts, later, epoch);
  }

  async #settle(
    request: FrozenRequest,
    verdicts: Map<EntityKey, Verdict>,
    later: Later,
    epoch: string | undefined,
  ): Promise<boolean> {
    const { replica, random, metrics, setClock } = this.#context;
    const keys = new Set(request.entities);
    let conflict = false;
    for (const [entity, verdict] of verdicts) {
      if (verdict.outcome !== "refused") keys.add(verdict.stored.key);
      else {
        conflict ||= verdict.refusal.code === "VERSION_CONFLICT";
        later.note(entity, verdict.refusal.code);
      }
    }
    const settled = await replica.commit(
      keys,
      (work) => {
        setClock(work);
        // CLI-050: what was asked of the server before its data were restored counts as not answered.
        if (epoch !== undefined && work.state.epoch !== epoch) return false;
        settle(work, request.key, verdicts, random.unique());
        return true;
      },
      "remote",
    );
    if (!settled) return false;
    for (const verdict of verdicts.values())
      if (verdict.outcome === "superseded" || (verdict.outcome === "refused" && conflict))
        metrics.add("conflicts");
    this.#answered(conflict);
    return verdicts.size > 0;
  }

  /** The push as a whole. Whether something was settled. */
  async #refused(request: FrozenRequest, problem: Problem): Promise<boolean> {
    const { replica, random, halt } = this.#context;
    const { status, code, detail, retryAfter } = problem;
    // CLI-009: the same key only after these, or no answer.
    if (status === 409 || status === 429 || status >= 500) throw new Unfinished(code, retryAfter);
    const splits =
      status === 413 ||
      ((status === 400 || status === 422) &&
        !["UNSUPPORTED_VERSION", "INVALID_IDEMPOTENCY_KEY", "IDEMPOTENCY_KEY_REUSED"].includes(code));
    const keys = request.entities.length === 1 || !splits ? request.entities : [];
    await replica.commit(
      keys,
      (work) => {
        if (splits) split(work, request.key, { code, detail }, [random.unique(), random.unique()]);
        else renameRequest(work, request.key, random.unique());
      },
      "remote",
    );
    if (splits) return true;
    if (status === 401 || code === "IDEMPOTENCY_KEY_REUSED" || code === "INVALID_IDEMPOTENCY_KEY")
      return false;
    halt(refusal(problem));
    throw refusal(problem);
  }
}

/** Client and server do not fit, or the user may not sync. */
export function refusal({ status, code, detail }: Problem): SyncError {
  return status === 403
    ? new SyncError("FORBIDDEN", `The server refuses this user's sync: ${detail}.`, { reason: code })
    : new SyncError("REFUSED_BY_SERVER", `The server refuses to sync, ${code}: ${detail}.`, { reason: code });
}
