import { ENTITY_TYPES, memberOf } from "../../schemas/collections.ts";
import type { JsonObject } from "../../schemas/json.ts";
import type { BatchEntity, Changes } from "../wire/shapes.ts";
import { idOf } from "./reading.ts";

/** Items or deletions, one or more rounds of all types in the order of ENTITY_TYPES, as `changes` of a push. */
export function asChanges(items: readonly JsonObject[]): Changes {
  const changes: Changes = {};
  for (const [index, item] of items.entries()) {
    const member = memberOf(ENTITY_TYPES[index % ENTITY_TYPES.length]!);
    changes[member] = [...(changes[member] ?? []), item];
  }
  return changes;
}

/** The same as `entities` of a batch; `more` beside each. */
export function asBatch(items: readonly JsonObject[], more: Partial<BatchEntity> = {}): BatchEntity[] {
  return items.map((data, index) => ({
    id: idOf(data),
    type: ENTITY_TYPES[index % ENTITY_TYPES.length]!,
    data,
    ...more,
  }));
}
