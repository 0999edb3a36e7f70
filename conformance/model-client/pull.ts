import { pageOf } from "./behaviour/pulling.ts";
import type { Walk } from "./behaviour/pulling.ts";
import { call } from "./call.ts";
import type { Context } from "./context.ts";
import type { Outcome } from "./lane.ts";
import { askForCatchUp } from "./socket.ts";

/** Most times that one round begins anew because its cursor is no good. */
const MOST_STARTS = 3;

/** Pulls to the end, page by page. */
export async function pullRound(context: Context): Promise<Outcome> {
  const { behaviour, store } = context;
  for (let starts = 0; starts < MOST_STARTS; starts += 1) {
    const outcome = await walk(context);
    if (outcome === "start-over") {
      store.transaction(() => behaviour.forgetCursor(context));
      continue;
    }
    if (outcome.kind === "done" && context.session?.phase === "open" && context.session.connectionId !== null)
      askForCatchUp(context, context.session);
    return outcome;
  }
  return { kind: "failed", why: "the server takes no cursor" };
}

async function walk(context: Context): Promise<Outcome | "start-over"> {
  const { behaviour, life, lanes, store } = context;
  let since = behaviour.pullFrom(context);
  const walked: Walk = { full: since === undefined, entities: new Set(), pages: 0 };
  for (;;) {
    const called = await call(context, "pull", JSON.stringify(behaviour.pullBody(context, since)));
    if ("outcome" in called) return called.outcome;
    const { answer, fate } = called;
    lanes.pull.useful();
    if (fate === "full-pull") return "start-over";
    if (fate !== "settle") {
      context.stopped = answer.code ?? String(answer.status);
      return { kind: "blocked", why: "stopped" };
    }
    const page = pageOf(answer.body);
    if (!walked.full && behaviour.isNewEpoch(context, page)) return "start-over";
    const { generation } = store.state;
    await life.wait(Promise.resolve(behaviour.applyPage(context, walked, page)));
    // A socket is of the data that it was opened on.
    const { session } = context;
    if (behaviour.isFromBefore(context, generation) && session && session.phase !== "open")
      session.socket.terminate();
    walked.pages += 1;
    if (page.last) return { kind: "done" };
    since = page.syncToken;
  }
}
