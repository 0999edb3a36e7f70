import type { EntityRef, Identity, Row, WriteView } from "./ports.ts";

/** What a row counts for beside its item's text, and so bounds their number. */
const ROW_UNITS = 256;
/** In UTF-16 code units: at most 2 MiB of memory and 4,096 rows. Many users' objects share the memory of one isolate. */
const MOST_UNITS = 1024 * 1024;

/**
 * What the user's writes have read and written, to judge the next one by without reading again. Only a guess: it is worth what the
 * transaction that writes makes sure of (`write-path.ts`), and may vanish at any time. Rows are those of one state of the log, named by
 * its epoch and head; at another state all are dropped. Bounded; the rows that were used longest ago go first.
 */
export class WriteCache {
  #identity: Identity | undefined;
  readonly #rows = new Map<string, Row>();
  #units = 0;
  /** An object that has just woken up knows no rows. Whether entities are new that it does not know, it guesses by the last ones that it read. */
  #unknownAreNew = true;

  /** What a read of these entities would find, as far as can be told; undefined if it would be worth nothing. */
  view(entities: readonly EntityRef[]): Pick<WriteView, "identity" | "rows"> | undefined {
    if (this.#identity === undefined) return undefined;
    const rows = entities.flatMap((entity) => this.#rows.get(keyOf(entity)) ?? []);
    if (rows.length < entities.length && !this.#unknownAreNew) return undefined;
    return { identity: this.#identity, rows };
  }

  /** Takes what was read of these entities. */
  read(entities: readonly EntityRef[], { identity, rows }: Pick<WriteView, "identity" | "rows">): void {
    if (this.#identity?.epoch !== identity.epoch || this.#identity.head !== identity.head) this.#clear();
    if (entities.some((entity) => !this.#rows.has(keyOf(entity))))
      this.#unknownAreNew = rows.every((row) => this.#rows.has(keyOf(row)));
    this.wrote(identity, rows);
  }

  /** Takes what was written on top of what it knows, which this leads to. */
  wrote(identity: Identity, rows: readonly Row[]): void {
    this.#identity = identity;
    for (const row of rows) {
      this.#drop(keyOf(row));
      this.#rows.set(keyOf(row), row);
      this.#units += unitsOf(row);
    }
    for (const key of this.#rows.keys()) {
      if (this.#units <= MOST_UNITS) break;
      this.#drop(key);
    }
  }

  #clear(): void {
    this.#identity = undefined;
    this.#rows.clear();
    this.#units = 0;
  }

  #drop(key: string): void {
    const row = this.#rows.get(key);
    if (row === undefined) return;
    this.#rows.delete(key);
    this.#units -= unitsOf(row);
  }
}

function keyOf({ entityType, entityId }: EntityRef): string {
  return `${entityType}/${entityId}`;
}

function unitsOf({ item, entityId }: Row): number {
  return ROW_UNITS + entityId.length + (item?.length ?? 0);
}
