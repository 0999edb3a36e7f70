import { UsageError } from "../../conformance/run/select.ts";
import type { Entity, SyncClient } from "../../reference-client/index.ts";
import type { EntityType } from "../../schemas/collections.ts";
import type { JsonObject } from "../../schemas/json.ts";
import { entityIdOf } from "../../spec/rules/entity-id.ts";
import { type Kind, KINDS } from "./kinds.ts";

/** An entity, as commands name it. */
export interface Named {
  type: EntityType;
  id: string;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-/;

/** What is shown of an id: ids made by chance are known by their beginning. */
export function shortId(id: string): string {
  return UUID.test(id) ? id.slice(0, 8) : id;
}

/** The one of `all` that a word names: its id, the beginning of its id, or type/id. @throws UsageError */
export function named(word: string | undefined, all: readonly Named[], what = "entity"): Named {
  if (word === undefined)
    throw new UsageError(`which one? Give an id, or the beginning of one, as list shows it`);
  const exact = all.filter(({ type, id }) => id === word || `${type}/${id}` === word);
  const found = exact.length > 0 ? exact : all.filter(({ id }) => id.startsWith(word));
  if (found.length === 1) return found[0]!;
  if (found.length === 0) throw new UsageError(`there is no ${what} "${word}" here: list shows the ids`);
  const several = found.slice(0, 5).map(({ type, id }) => `${type}/${id}`);
  const more = found.length > several.length ? ", …" : "";
  throw new UsageError(
    `"${word}" is the beginning of several: ${several.join(", ")}${more}; give more of it`,
  );
}

/** The id that an item goes by. */
export function idOf({ type }: Kind, item: Entity): string {
  return entityIdOf(type, item as JsonObject) ?? "";
}

/** All that is here: what the user sees, and deletions that wait or were refused. */
export function allNamed(client: SyncClient): Named[] {
  const seen = KINDS.flatMap((kind) =>
    client.list(kind.type).map((item) => ({ type: kind.type, id: idOf(kind, item) })),
  );
  const known = new Set(seen.map(({ type, id }) => `${type}/${id}`));
  const edits = [...client.pending(), ...client.deadLetters()];
  return [...seen, ...edits.filter(({ type, id }) => !known.has(`${type}/${id}`))];
}
