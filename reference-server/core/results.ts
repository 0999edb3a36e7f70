import { MEMBERS, memberOf, type Member } from "../../schemas/collections.ts";
import type { JsonObject } from "../../schemas/json.ts";
import type { Meta } from "../../schemas/meta.ts";
import type { Result } from "../../schemas/result.ts";
import { formatInstant } from "../../spec/rules/instant.ts";
import type { Candidate } from "./candidate.ts";
import type { Verdict } from "./judge.ts";
import type { Row } from "./ports.ts";

export function metaOf(row: Row): Meta {
  const updatedAt = formatInstant(row.updatedAt);
  return {
    entityType: row.entityType,
    entityId: row.entityId,
    version: row.version,
    seq: row.seq,
    updatedAt,
    deletedAt: row.deleted ? updatedAt : null,
    checksum: row.checksum,
  };
}

/** The stored item; null for a deletion. */
export function itemOf(row: Row): JsonObject | null {
  return row.item === null ? null : (JSON.parse(row.item) as JsonObject);
}

export function resultOf(verdict: Verdict): Result {
  if (verdict.outcome === "refused") {
    const { pointer, entityType, entityId, code, errors } = verdict.refusal;
    return {
      pointer,
      entityType,
      entityId,
      outcome: "refused",
      code,
      errors,
      ...(verdict.serverTime !== undefined && { serverTime: verdict.serverTime }),
    };
  }
  const { outcome, candidate, stored } = verdict;
  const { pointer, entityType, entityId } = candidate;
  const tellsItem = outcome === "superseded" || differs(candidate, stored);
  return {
    pointer,
    entityType,
    entityId,
    outcome,
    meta: metaOf(stored),
    ...(tellsItem && { item: itemOf(stored) }),
  };
}

/** Both texts are canonical JSON; a deletion has none. */
function differs(candidate: Candidate, stored: Row): boolean {
  return candidate.sent !== stored.item;
}

/** The refusals once more, as deployed clients read them (PUSH-003). */
export function conflictsOf(verdicts: readonly Verdict[]) {
  return verdicts.flatMap((verdict) =>
    verdict.outcome === "refused"
      ? [
          {
            entityId: verdict.refusal.entityId,
            entityType: verdict.refusal.entityType,
            reason: verdict.refusal.errors.map((error) => `${error.pointer} ${error.detail}`).join("; "),
            code: verdict.refusal.code,
          },
        ]
      : [],
  );
}

/** PUSH-012. */
export function statsOf(
  verdicts: readonly Verdict[],
): Record<`${Member}Processed` | "duplicatesPrevented", number> {
  const stats = Object.fromEntries([
    ...MEMBERS.map((member) => [`${member}Processed`, 0]),
    ["duplicatesPrevented", 0],
  ]) as Record<`${Member}Processed` | "duplicatesPrevented", number>;
  for (const verdict of verdicts) {
    if (verdict.outcome === "refused") continue;
    stats[`${memberOf(verdict.candidate.entityType)}Processed`] += 1;
    if (verdict.outcome === "duplicate") stats.duplicatesPrevented += 1;
  }
  return stats;
}
