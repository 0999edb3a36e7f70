import { COLLECTIONS, isMember, MEMBERS, SERVER_MEMBERS, BOOKKEEPING } from "../../../schemas/collections.ts";
import type { JsonObject, Json } from "../../../schemas/json.ts";
import { isJsonObject } from "../../../schemas/json.ts";
import { validate } from "../../../schemas/validators.ts";
import type { SchemaName } from "../../../schemas/validators.ts";
import { formatInstant } from "../../../spec/rules/instant.ts";
import type { Context } from "../context.ts";
import { Refusal } from "../refusal.ts";
import type { Judgement, Submission } from "../submission.ts";

/** A push's envelope and its answer; the results are those of a batch too. */
export interface PushSteps {
  /** Refuses a body that breaks the schema of its call, with pointers. */
  checkEnvelope(context: Context, schema: SchemaName, body: Json): void;
  /** The elements of a push, in request order; refuses a malformed envelope. */
  pushItems(context: Context, body: Json): Submission[];
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
  /** Whether a push or batch says `success`. */
  isSuccess(context: Context, judgements: readonly Judgement[]): boolean;
  /** The refusals as deployed clients read them. */
  pushConflicts(context: Context, judgements: readonly Judgement[]): JsonObject[];
  /** The counts of a push. */
  stats(context: Context, judgements: readonly Judgement[]): JsonObject;
  /** The answer's body. `head`: the greatest seq once the push is stored. */
  pushAnswer(context: Context, judgements: readonly Judgement[], head: number): JsonObject;
}

const NEVER_STORED = new Set<string>([...SERVER_MEMBERS, "user_id"]);
const NULL_IS_ABSENT = new Set<string>(BOOKKEEPING);

export const push: PushSteps = {
  checkEnvelope(_context, schema, body) {
    const violations = validate(schema, body);
    if (violations.length === 0) return;
    const errors = violations.map(({ pointer, missing, detail }) => ({
      pointer: pointer + (missing === undefined ? "" : `/${missing}`),
      code: "INVALID_REQUEST",
      detail,
    }));
    throw new Refusal("INVALID_REQUEST", `${errors[0]!.pointer || "the body"} ${errors[0]!.detail}`, {
      errors,
    });
  },

  pushItems(context, body) {
    context.behaviour.checkEnvelope(context, "push_request", body);
    const changes = (body as { changes: Record<string, Json[] | null> }).changes;
    return Object.entries(changes).flatMap(([member, items]) =>
      (Array.isArray(items) ? items : []).map((raw, index) => {
        const pointer = `/changes/${member.replaceAll("~", "~0").replaceAll("/", "~1")}/${index}`;
        return {
          pointer,
          itemPointer: pointer,
          entityType: isMember(member) ? COLLECTIONS[member] : null,
          raw,
          element: raw,
        };
      }),
    );
  },

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

  isSuccess: (_context, judgements) => judgements.every(({ outcome }) => outcome !== "refused"),

  pushConflicts: (_context, judgements) =>
    judgements
      .filter(({ outcome }) => outcome === "refused")
      .map(({ entityId, submission, reason, code }) => ({
        entityId,
        entityType: submission.entityType,
        reason: reason!,
        code: code!,
      })),

  stats(_context, judgements) {
    const accepted = judgements.filter(({ outcome }) => outcome !== "refused");
    const processed = MEMBERS.map((member): [string, number] => [
      `${member}Processed`,
      accepted.filter(({ submission }) => submission.entityType === COLLECTIONS[member]).length,
    ]);
    const duplicatesPrevented = judgements.filter(({ outcome }) => outcome === "duplicate").length;
    return { ...Object.fromEntries(processed), duplicatesPrevented };
  },

  pushAnswer(context, judgements, head) {
    const { behaviour } = context;
    return {
      success: behaviour.isSuccess(context, judgements),
      syncToken: behaviour.headToken(context, head),
      conflicts: behaviour.pushConflicts(context, judgements),
      stats: behaviour.stats(context, judgements),
      results: behaviour.tellResults(context, judgements),
      timestamp: formatInstant(context.server.now()),
    };
  },
};
