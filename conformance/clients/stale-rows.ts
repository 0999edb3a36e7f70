import { memberOf } from "../../schemas/collections.ts";
import { alterJson } from "../simulator/faults.ts";
import type { Fault } from "../simulator/faults.ts";
import type { Row } from "../wire/pulled.ts";
import type { PullBody } from "../wire/shapes.ts";

/**
 * Puts rows into each page of a pull, in place of what it has of the same entities: as if they had been read earlier, or came out of a
 * cache on the way.
 */
export function staleRows(rows: readonly Row[]): Fault {
  return alterJson((page) => {
    const body = page as unknown as PullBody;
    for (const { entityType, entityId, item, meta } of rows) {
      const member = memberOf(entityType);
      const live = body[member].map((one, index) => ({ item: one, meta: body.meta[member][index]! }));
      const others = live.filter((one) => one.meta.entityId !== entityId);
      const deleted = body.deleted.filter((other) => other.entityId !== entityId);
      if (item === null) deleted.push(meta as PullBody["deleted"][number]);
      else others.push({ item, meta });
      others.sort((a, b) => a.meta.seq - b.meta.seq);
      body[member] = others.map((one) => one.item);
      body.meta[member] = others.map((one) => one.meta);
      body.deleted = deleted.toSorted((a, b) => a.seq - b.seq);
    }
    return body;
  });
}
