import type { EntityType } from "../../schemas/collections.ts";
import { ENTITY_TYPES } from "../../schemas/collections.ts";
import type { JsonObject } from "../../schemas/json.ts";
import { withAuthor } from "../../spec/rules/author.ts";
import { checksumOf } from "../../spec/rules/checksum.ts";
import type { Planned } from "./schedule.ts";
import type { Written } from "./record.ts";

/** A change that is ready to be sent. */
export interface Ready extends Written {
  entityType: EntityType;
  entityId: string;
  /** What goes out: the item, or the deletion. */
  sent: JsonObject;
  conditional: boolean;
}

/** Entity n of a schedule. All users have the same ones: what belongs to whom shows only in the values. */
export function entityOf(n: number): { entityType: EntityType; entityId: string } {
  const entityType = ENTITY_TYPES[n % ENTITY_TYPES.length]!;
  const entityId =
    entityType === "user_preferences" ? "preferences" : `history-${Math.floor(n / ENTITY_TYPES.length)}`;
  return { entityType, entityId };
}

/** @param base what `at` counts from, Unix ms @param owner the user's own id, and what makes the values unlike any other user's */
export async function itemOf(planned: Planned, base: number, owner: string): Promise<Ready> {
  const { entityType, entityId } = entityOf(planned.entity);
  const instant = base + planned.at;
  const stamped = new Date(instant).toISOString();
  const entity = `${entityType}/${entityId}`;
  const conditional = planned.conditional === true;
  const idMember = entityType === "repertoire_item" ? "scoreId" : "id";
  if (planned.deleted) {
    const sent = { [idMember]: entityId, deletedAt: stamped };
    const stamp = { updatedAt: instant, deleted: true, checksum: "" };
    return { entity, entityType, entityId, stamp, item: null, sent, conditional };
  }
  const value = `${owner} wrote ${planned.write}`;
  const content = withAuthor(
    entityType,
    { [idMember]: entityId, ...CONTENT[entityType](value, planned.write) },
    owner,
  );
  const sent = { ...content, updatedAt: stamped };
  const stamp = { updatedAt: instant, deleted: false, checksum: await checksumOf(content) };
  return { entity, entityType, entityId, stamp, item: content, sent, conditional };
}

/** Normal forms, so that what is stored is what was sent. */
const CONTENT: Record<EntityType, (value: string, n: number) => JsonObject> = {
  logbook_entry: (notes, n) => ({
    timestamp: "2026-01-01T10:00:00.000Z",
    duration: (n * 37) % 90,
    type: "practice",
    instrument: "piano",
    notes,
  }),
  repertoire_item: (notes, n) => ({
    title: "Nocturne",
    composer: "Chopin",
    status: "learning",
    targetTempo: 60 + ((n * 37) % 60),
    notes,
  }),
  goal: (title, n) => ({ title, currentValue: (n * 37) % 101 }),
  practice_plan: (title) => ({ title, schedule: { kind: "single" } }),
  plan_occurrence: (notes) => ({ planId: "history-0", status: "scheduled", notes }),
  plan_template: (title) => ({
    title,
    schedule: { kind: "single" },
    templateVersion: 1,
    visibility: "private",
  }),
  user_preferences: (primaryInstrument) => ({ theme: "dark", primaryInstrument }),
};
