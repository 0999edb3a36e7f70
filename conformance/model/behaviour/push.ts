import { COLLECTIONS, isMember, MEMBERS } from "../../../schemas/collections.ts";
import type { Json, JsonObject } from "../../../schemas/json.ts";
import { validate } from "../../../schemas/validators.ts";
import type { SchemaName } from "../../../schemas/validators.ts";
import { formatInstant } from "../../../spec/rules/instant.ts";
import type { Context } from "../context.ts";
import { Refusal } from "../refusal.ts";
import type { Judgement, Submission } from "../submission.ts";

/** A push's envelope and its answer. */
export interface PushSteps {
  /** Refuses a body that breaks the schema of its call, with pointers. */
  checkEnvelope(context: Context, schema: SchemaName, body: Json): void;
  /** The elements of a push, in request order; refuses a malformed envelope. */
  pushItems(context: Context, body: Json): Submission[];
  /** Whether a push or batch says `success`. */
  isSuccess(context: Context, judgements: readonly Judgement[]): boolean;
  /** The refusals as deployed clients read them. */
  pushConflicts(context: Context, judgements: readonly Judgement[]): JsonObject[];
  /** The counts of a push. */
  stats(context: Context, judgements: readonly Judgement[]): JsonObject;
  /** The answer's body. `head`: the greatest seq once the push is stored. */
  pushAnswer(context: Context, judgements: readonly Judgement[], head: number): JsonObject;
}

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
