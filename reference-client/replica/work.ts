import type { Changes, Current } from "../ports/storage.ts";
import type { EntityKey, LocalEdits, ReplicaState, Row } from "./records.ts";

/**
 * A transaction under way: what it read, with what it has changed so far. Everything that the protocol demands to happen together
 * is done on one of these. Nothing that was read is changed in place.
 */
export class Work {
  /** A copy: assign its members. */
  readonly state: ReplicaState;
  readonly #current: Current;
  readonly #asked: ReadonlySet<EntityKey>;
  readonly #rows = new Map<EntityKey, Row | null>();
  readonly #edits = new Map<EntityKey, LocalEdits | null>();
  #dropped = false;

  /** @param asked the entities that were read, the only ones that may be touched */
  constructor(current: Current, asked: ReadonlySet<EntityKey>, state: ReplicaState) {
    this.#current = current;
    this.#asked = asked;
    this.state = state;
  }

  row(key: EntityKey): Row | undefined {
    this.#check(key);
    const changed = this.#rows.get(key);
    if (changed !== undefined) return changed ?? undefined;
    return this.#dropped ? undefined : this.#current.rows.get(key);
  }

  edits(key: EntityKey): LocalEdits {
    this.#check(key);
    const changed = this.#edits.get(key);
    return (changed === undefined ? this.#current.edits.get(key) : changed) ?? {};
  }

  putRow(key: EntityKey, row: Row | null): void {
    this.#check(key);
    this.#rows.set(key, row);
  }

  /** Edits of which nothing is left are removed. */
  putEdits(key: EntityKey, edits: LocalEdits): void {
    this.#check(key);
    const left = Object.entries(edits).filter(([, write]) => write !== undefined);
    this.#edits.set(key, left.length === 0 ? null : Object.fromEntries(left));
  }

  /** Forgets the confirmed layer: it is of another epoch (CLI-050). */
  dropRows(): void {
    this.#dropped = true;
    this.#rows.clear();
  }

  changes(): Required<Changes> {
    return { state: this.state, dropRows: this.#dropped, rows: this.#rows, edits: this.#edits };
  }

  #check(key: EntityKey): void {
    if (!this.#asked.has(key)) throw new Error(`${key} was not read`);
  }
}
