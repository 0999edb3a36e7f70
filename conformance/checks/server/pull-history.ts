import type { Behaviour } from "../../model/behaviour.ts";
import type { Context } from "../../model/context.ts";
import { rowKey } from "../../model/state.ts";
import type { Row } from "../../model/state.ts";

/** For mutants that keep a row for each write in place of one for each entity: the step that remembers them. */
export function keepingHistory(conforming: Behaviour): Pick<Behaviour, "applyRow"> {
  return {
    applyRow(context, row) {
      conforming.applyRow(context, row);
      historyOf(context).push(row);
    },
  };
}

/** All rows that ever were, in order of seq. */
export function historyOf({ server, user }: Context): Row[] {
  const slot = `history ${user.id}`;
  const rows = (server.scratch.get(slot) as Row[] | undefined) ?? [];
  server.scratch.set(slot, rows);
  return rows;
}

/** The rows that ever were of one entity, in order of seq. */
export function revisionsOf(context: Context, { entityType, entityId }: Row): Row[] {
  return historyOf(context).filter(
    (row) => rowKey(row.entityType, row.entityId) === rowKey(entityType, entityId),
  );
}

/** A set that a mutant keeps in the store for this user. */
export function remembered<T>({ server, user }: Context, name: string): Set<T> {
  const slot = `set ${name} ${user.id}`;
  const set = (server.scratch.get(slot) as Set<T> | undefined) ?? new Set<T>();
  server.scratch.set(slot, set);
  return set;
}
