import type { EntityType } from "../../schemas/collections.ts";
import type { Behaviour } from "./behaviour.ts";
import type { Context } from "./context.ts";
import type { Row } from "./state.ts";
import { rowKey } from "./state.ts";

/** What has happened to an entity so far, for mutants whose fault comes of a long life. */
interface Life {
  /** Who wrote it: devices, and sockets that name none. */
  writers: Set<string>;
  /** How often a deletion was followed by a live write. */
  returns: number;
  /** Its row before the present one. */
  before: Row | undefined;
  /** Who wrote the present row. */
  last: string | undefined;
  /** Whether the present row came on a socket. */
  bySocket: boolean;
}

type Named = { entityType: EntityType; entityId: string };

/** Remembers the lives of all entities. */
export function remembering(conforming: Behaviour): Behaviour {
  return {
    ...conforming,
    applyRow(context, row) {
      const life = lifeOf(context, row);
      const stored = context.user.rows.get(rowKey(row.entityType, row.entityId));
      if (stored?.item === null && row.item !== null) life.returns += 1;
      life.before = stored;
      life.bySocket = context.connection !== undefined;
      life.last = writerOf(context);
      life.writers.add(life.last);
      conforming.applyRow(context, row);
    },
  };
}

export function lifeOf({ server, user }: Context, { entityType, entityId }: Named): Life {
  const name = `life ${user.id} ${entityType}/${entityId}`;
  let life = server.scratch.get(name) as Life | undefined;
  if (!life) {
    life = {
      writers: new Set(),
      returns: 0,

      before: undefined,
      last: undefined,
      bySocket: false,
    };
    server.scratch.set(name, life);
  }
  return life;
}

export function writerOf({ request, connection }: Context): string {
  return connection?.id ?? request.headers["x-device-id"] ?? "";
}

/** An entity that several devices wrote, three times at least together: what a cache, a compaction or a hot-row path takes up. */
export function isHot(context: Context, named: Named): boolean {
  const row = context.user.rows.get(rowKey(named.entityType, named.entityId));
  return row !== undefined && row.version >= 3 && lifeOf(context, named).writers.size >= 2;
}

/** A hot one that three writers have written, four times at least together: what few situations made by hand come to. */
export function isContested(context: Context, named: Named): boolean {
  const row = context.user.rows.get(rowKey(named.entityType, named.entityId));
  return row !== undefined && row.version >= 4 && lifeOf(context, named).writers.size >= 3;
}
