import type { Answer } from "./behaviour/answers.ts";
import type { Settled } from "./behaviour/settling.ts";
import { blocked, call } from "./call.ts";
import type { Context } from "./context.ts";
import type { Outcome } from "./lane.ts";
import type { Change, Frozen } from "./store.ts";

/** Sends what is frozen, then what waits, until nothing is left that may go, or an attempt was of no use. */
export async function pushRound(context: Context): Promise<Outcome> {
  const { behaviour, life, lanes } = context;
  const why = blocked(context);
  if (why && behaviour.outbox(context).length > 0) return why;
  const busy = new Set<string>();
  const workers = Array.from({ length: behaviour.pushesAtOnce(context) }, () => pushOnAndOn(context, busy));
  const outcomes = await life.wait(Promise.all(workers));
  const flushed = outcomes.some(({ sent }) => sent > 0);
  if (flushed && context.session?.phase !== "live" && behaviour.pullsAfter(context, "flush"))
    void lanes.pull.runAnew();
  return outcomes.find(({ outcome }) => outcome.kind !== "done")?.outcome ?? { kind: "done" };
}

async function pushOnAndOn(context: Context, busy: Set<string>): Promise<{ outcome: Outcome; sent: number }> {
  for (let sent = 0; ; sent += 1) {
    const frozen = nextRequest(context, busy);
    if (frozen === undefined) return { outcome: { kind: "done" }, sent };
    busy.add(frozen.key);
    const outcome = await sendOnce(context, frozen);
    busy.delete(frozen.key);
    if (outcome) return { outcome, sent };
  }
}

function nextRequest(context: Context, busy: Set<string>): Frozen | undefined {
  const { behaviour, store } = context;
  const waiting = [...store.requests.values()].find(({ key }) => !busy.has(key));
  if (waiting || blocked(context)) return waiting;
  const changes = behaviour.select(context);
  return changes.length === 0 ? undefined : behaviour.freeze(context, changes);
}

/** Returns what ends the round, if this does. */
async function sendOnce(context: Context, frozen: Frozen): Promise<Outcome | undefined> {
  const { behaviour, store, sendings, lanes } = context;
  const attempt = sendings.get(frozen.key) ?? 0;
  const { generation } = store.state;
  const request = behaviour.requestToSend(context, frozen, attempt);
  const calling = call(context, request.call, request.body, request.key);
  sendings.set(frozen.key, attempt + 1);
  behaviour.afterSending(context, frozen);
  const called = await calling;
  if ("outcome" in called) {
    if (called.outcome.kind === "failed") behaviour.afterFailure(context, frozen);
    return called.outcome;
  }
  // The data that the answer speaks of is gone: ask again (CLI-050).
  if (behaviour.isFromBefore(context, generation)) return undefined;
  const { answer, fate } = called;
  if (fate === "settle") return settle(context, frozen, answer);
  lanes.push.useful();
  const changes = changesOf(context, frozen);
  const code = answer.code ?? String(answer.status);
  if (fate === "new-key") {
    replace(context, frozen, [{ ...frozen, key: behaviour.newKey(context) }]);
    return attempt === 0 ? undefined : { kind: "failed", why: code };
  }
  if (fate === "split") {
    if (changes.length > 1) {
      const parts = behaviour.split(context, changes).filter((part) => part.length > 0);
      replace(
        context,
        frozen,
        parts.map((part) => ({
          key: behaviour.newKey(context),
          ...behaviour.body(context, part, frozen.call),
        })),
      );
    } else {
      store.transaction(() => {
        replace(context, frozen, []);
        for (const change of changes) behaviour.bury(context, change, code);
      });
    }
    return undefined;
  }
  // Its key is used up; what it carried goes under another one when there is a reason to try again.
  replace(context, frozen, []);
  context.stopped = code;
  return { kind: "blocked", why: "stopped" };
}

async function settle(context: Context, frozen: Frozen, answer: Answer): Promise<Outcome | undefined> {
  const { behaviour, life, lanes } = context;
  const tally = await life.wait(Promise.resolve(behaviour.settle(context, frozen, answer)));
  if (tally.settled === 0 && tally.refused.length === 0) return { kind: "failed", why: "nothing was judged" };
  lanes.push.useful();
  await afterRefusals(context, tally);
  return undefined;
}

/** What was refused is tried again: at once, later, or after a pull. */
export async function afterRefusals(
  context: Context,
  { refused, conflicts, ahead = [] }: Settled,
): Promise<void> {
  const { behaviour, life, lanes, held, refusals } = context;
  for (const { n } of refused) {
    const count = (refusals.get(n) ?? 0) + 1;
    refusals.set(n, count);
    const wait = behaviour.holdMs(context, count);
    if (wait > 0) {
      held.add(n);
      life.after(wait, () => {
        held.delete(n);
        lanes.push.due(0);
      });
    }
  }
  if (conflicts.length + ahead.length === 0) return;
  const pulled = await life.wait(lanes.pull.runAnew());
  if (pulled.kind !== "done") return;
  for (const change of conflicts) behaviour.resolveConflict(context, change);
  for (const { change, serverTime } of ahead) behaviour.stampAnew(context, change, serverTime);
}

function changesOf({ store }: Context, { items }: Frozen): Change[] {
  return items.flatMap(({ n }) => store.changes.get(String(n)) ?? []);
}

function replace({ store }: Context, frozen: Frozen, by: Frozen[]): void {
  store.transaction(() => {
    store.requests.delete(frozen.key);
    for (const request of by) store.requests.set(request.key, request);
  });
}
