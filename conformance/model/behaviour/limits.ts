import type { JsonObject } from "../../../schemas/json.ts";
import type { Context } from "../context.ts";
import { ItemRefusal, Refusal } from "../refusal.ts";
import type { Candidate } from "../submission.ts";

/** How much, how deep, how often. */
export interface LimitSteps {
  /** Most bytes of this request's body. */
  bodyLimit(context: Context): number;
  /** Deepest nesting of a body. */
  depthLimit(context: Context): number;
  /** Most items of this push or batch. */
  itemLimit(context: Context): number;
  /** Refuses too many items. */
  checkItemCount(context: Context, count: number): void;
  /** The size of an item, in bytes. */
  itemBytes(context: Context, item: JsonObject): number;
  /** Refuses an item that is too large. */
  checkItemSize(context: Context, candidate: Candidate): void;
  /** Takes one request from the user's allowance; refuses with 429 when there is none left. */
  checkRate(context: Context): void;
  /** Whose allowance a request uses up. */
  rateBucket(context: Context): string;
}

export const limits: LimitSteps = {
  bodyLimit: ({ server, announced }) =>
    announced ? server.limits.maxBodyBytes : server.limits.legacyMaxBodyBytes,

  depthLimit: ({ server }) => server.limits.maxDepth,

  itemLimit: ({ server, announced }) => (announced ? server.limits.maxItems : server.limits.legacyMaxItems),

  checkItemCount(context, count) {
    const limit = context.behaviour.itemLimit(context);
    if (count <= limit) return;
    throw new Refusal("TOO_MANY_ITEMS", `there must be at most ${limit} items; got ${count}; split them`);
  },

  itemBytes: (context, item) =>
    new TextEncoder().encode(context.behaviour.canonicalText(context, item)).length,

  checkItemSize(context, { item, submission }) {
    const limit = context.server.limits.maxItemBytes;
    const bytes = context.behaviour.itemBytes(context, item);
    if (bytes <= limit) return;
    throw new ItemRefusal(
      "ITEM_TOO_LARGE",
      submission.pointer,
      `must have at most ${limit} bytes; has ${bytes}`,
    );
  },

  checkRate(context) {
    const { server, behaviour } = context;
    const { requestBurst: burst, requestsPerSecond: rate } = server.limits;
    if (burst === undefined || rate === undefined) return;
    const name = behaviour.rateBucket(context);
    const before = server.buckets.get(name) ?? { tokens: burst, at: context.now };
    const refilled = Math.min(burst, before.tokens + (Math.max(0, context.now - before.at) * rate) / 1000);
    const allowed = refilled >= 1;
    server.buckets.set(name, { tokens: allowed ? refilled - 1 : refilled, at: context.now });
    if (allowed) return;
    const wait = behaviour.retryAfter(context, ((1 - refilled) * 1000) / rate);
    throw new Refusal("RATE_LIMITED", `wait ${wait} s, then send the same again`, {
      headers: { "retry-after": wait },
    });
  },

  rateBucket: ({ user }) => user.id,
};
