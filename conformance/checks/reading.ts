import type { JsonObject } from "../../schemas/json.ts";
import type { Row } from "../wire/pulled.ts";
import type { Reply } from "../wire/reply.ts";
import type { BatchBody, PushBody } from "../wire/shapes.ts";

/** The id of an item that the suite built. */
export function idOf(item: JsonObject): string {
  return (item["scoreId"] ?? item["id"]) as string;
}

export function idsOf(items: readonly JsonObject[]): string[] {
  return items.map(idOf);
}

/** The greatest seq that a push or batch was told: the head, if nobody else wrote. */
export function headAfter(reply: Reply<PushBody> | Reply<BatchBody>): number {
  return Math.max(...reply.body.results.map(({ meta }) => meta?.seq ?? Number.NaN));
}

/** "logbook_entry e1 v2", "goal g1 v3 deleted", in alphabetical order. */
export function told(rows: readonly Row[]): string[] {
  return rows
    .map(
      ({ entityType, entityId, meta, item }) =>
        `${entityType} ${entityId} v${meta.version}${item ? "" : " deleted"}`,
    )
    .sort();
}
