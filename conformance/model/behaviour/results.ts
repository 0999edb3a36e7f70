import { BOOKKEEPING, SERVER_MEMBERS } from "../../../schemas/collections.ts";
import { isJsonObject } from "../../../schemas/json.ts";
import type { Json, JsonObject } from "../../../schemas/json.ts";
import type { Context } from "../context.ts";
import type { Judgement, Submission } from "../submission.ts";

const NEVER_STORED = new Set<string>([...SERVER_MEMBERS, "user_id"]);
const NULL_IS_ABSENT = new Set<string>(BOOKKEEPING);

/** What the sender is told of each item, in a push or batch. */
export interface ResultSteps {
  /** `results`, of a push or batch. */
  tellResults(context: Context, judgements: readonly Judgement[]): JsonObject[];
  /** One element of `results`. */
  result(context: Context, judgement: Judgement): JsonObject;
  /** The `item` of a result; undefined: none. */
  resultItem(context: Context, judgement: Judgement): JsonObject | null | undefined;
  /** Whether a stored item differs from what was sent, what the server always drops apart. */
  differs(context: Context, sent: Json, stored: JsonObject): boolean;
  /** The entity id that a refused submission is told under; null: none that can be read. */
  refusedId(context: Context, submission: Submission): string | null;
}

export const results: ResultSteps = {
  tellResults: (context, judgements) =>
    judgements.map((judgement) => context.behaviour.result(context, judgement)),

  result(context, judgement) {
    const { submission, entityId, outcome, row } = judgement;
    const base = { pointer: submission.pointer, entityType: submission.entityType, entityId, outcome };
    if (row === undefined) {
      const errors = (judgement.errors ?? []).map((error) => ({ ...error }));
      return { ...base, code: judgement.code!, errors, ...judgement.members };
    }
    const item = context.behaviour.resultItem(context, judgement);
    const meta = context.behaviour.tellMeta(context, row);
    return { ...base, meta, ...(item === undefined ? {} : { item }) };
  },

  resultItem(context, { outcome, candidate, row, submission }) {
    const { behaviour } = context;
    if (row === undefined || candidate === undefined) return undefined;
    const stored = behaviour.tellItem(context, row);
    if (outcome === "superseded") return stored;
    if (stored !== null) return behaviour.differs(context, submission.raw, stored) ? stored : undefined;
    return candidate.deleted && candidate.writtenAt === row.stamp.updatedAt ? undefined : null;
  },

  differs(context, sent, stored) {
    const { behaviour } = context;
    if (!isJsonObject(sent)) return true;
    const kept = Object.entries(sent).filter(
      ([name, value]) => !NEVER_STORED.has(name) && !(value === null && NULL_IS_ABSENT.has(name)),
    );
    return (
      behaviour.canonicalText(context, Object.fromEntries(kept)) !== behaviour.canonicalText(context, stored)
    );
  },

  refusedId(context, { entityType, raw, frame }) {
    const { behaviour } = context;
    if (entityType === null) return null;
    const ofItem = isJsonObject(raw) ? behaviour.entityId(context, entityType, raw) : undefined;
    if (ofItem !== undefined || frame?.["id"] === undefined) return ofItem ?? null;
    return behaviour.entityId(context, entityType, { id: frame["id"] }) ?? null;
  },
};
