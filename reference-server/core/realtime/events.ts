import { formatInstant } from "../../../spec/rules/instant.ts";
import { metaOf } from "../results.ts";
import type { Row } from "../ports.ts";

/**
 * The message that tells one stored entity (RT-018). Items are JSON already and go in as they are.
 *
 * @param numbered whether it carries the envelope's `seq`
 */
export function eventOf(row: Row, now: number, numbered: boolean): string {
  const envelope = {
    meta: metaOf(row),
    ...(numbered && { seq: row.seq }),
    timestamp: formatInstant(now),
  };
  const [type, members] = row.deleted ? deletionOf(row) : liveOf(row);
  return `{"type":"${type}",${members},${JSON.stringify(envelope).slice(1)}`;
}

/** A deletion is one message, whatever its writer sent. */
function deletionOf({ entityType, entityId }: Row): [type: string, members: string] {
  const id = JSON.stringify(entityId);
  if (entityType === "logbook_entry") return ["ENTRY_DELETED", `"entryId":${id}`];
  if (entityType === "repertoire_item") return ["PIECE_REMOVED", `"scoreId":${id}`];
  return ["ENTITY_CHANGED", `"entityType":"${entityType}","item":null`];
}

function liveOf({ entityType, version, item }: Row): [type: string, members: string] {
  const first = version === 1;
  switch (entityType) {
    case "logbook_entry":
      return [first ? "ENTRY_CREATED" : "ENTRY_UPDATED", `"entry":${item}`];
    case "repertoire_item":
      return [first ? "PIECE_ADDED" : "PIECE_UPDATED", `"piece":${item}`];
    case "practice_plan":
      return [first ? "PLAN_CREATED" : "PLAN_UPDATED", `"plan":${item}`];
    case "plan_occurrence":
      if ((JSON.parse(item!) as { status?: unknown }).status === "completed")
        return ["PLAN_OCCURRENCE_COMPLETED", `"occurrence":${item}`];
  }
  return ["ENTITY_CHANGED", `"entityType":"${entityType}","item":${item}`];
}
