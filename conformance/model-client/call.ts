import { parseInstant } from "../../spec/rules/instant.ts";
import type { Call } from "./behaviour/announcing.ts";
import type { Answer, Fate } from "./behaviour/answers.ts";
import type { Context } from "./context.ts";
import type { Outcome } from "./lane.ts";

/** An answer that says something, or how the round ends without one. */
export type Called = { answer: Answer; fate: Fate } | { outcome: Outcome };

const PATHS = {
  pull: ["POST", "/api/sync/pull"],
  push: ["POST", "/api/sync/push"],
  batch: ["POST", "/api/sync/batch"],
  status: ["GET", "/api/sync/status"],
} as const;

/** Why nothing can be sent now, if so. */
export function blocked(context: Context): Outcome | undefined {
  if (!context.online) return { kind: "blocked", why: "offline" };
  if (context.token === null) return { kind: "blocked", why: "no-token" };
  return context.stopped === null ? undefined : { kind: "blocked", why: "stopped" };
}

/** One HTTP call. What it means for token and clock is dealt with here, the rest is for the caller. */
export async function call(context: Context, name: Call, body?: string, key?: string): Promise<Called> {
  const { behaviour, life, clock, metrics, transport } = context;
  const why = blocked(context);
  if (why) return { outcome: why };
  const token = context.token!;
  const [method, path] = PATHS[name];
  const sentAt = clock.now();
  if (name !== "status") metrics.totalSyncs += 1;
  const failed = (reason: string, retryAfterMs?: number): Called => {
    context.reached = false;
    if (name !== "status") metrics.failedSyncs += 1;
    return {
      outcome: { kind: "failed", why: reason, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) },
    };
  };
  try {
    const headers = behaviour.headers(context, name, key);
    const bytes = body === undefined ? {} : { body: new TextEncoder().encode(body) };
    const response = await life.within(behaviour.requestTimeoutMs(context), (signal) =>
      transport({ method, path, headers, ...bytes }, behaviour.endOf(context, signal)),
    );
    const answer = behaviour.readAnswer(context, name, response);
    if (answer === undefined)
      return failed("no answer of the protocol", behaviour.retryAfterMs(context, response));
    const receivedAt = clock.now();
    const fate = behaviour.fateOf(context, name, answer);
    if (fate === "new-token") {
      behaviour.onRefusedToken(context, token);
      // Another one may have come meanwhile.
      return { outcome: blocked(context) ?? { kind: "failed", why: "the token was replaced", waitMs: 0 } };
    }
    if (fate === "same-again") return failed(String(answer.code), behaviour.retryAfterMs(context, response));
    context.reached = true;
    if (name !== "status") metrics.successfulSyncs += 1;
    metrics.latencySum += receivedAt - sentAt;
    metrics.latencies += 1;
    metrics.lastSyncTime = receivedAt;
    const serverMs = parseInstant(answer.body["timestamp"]);
    if (serverMs !== undefined && !answer.replay) behaviour.measure(context, serverMs, sentAt, receivedAt);
    return { answer, fate };
  } catch (error) {
    return failed(error instanceof Error ? error.message : String(error));
  }
}
