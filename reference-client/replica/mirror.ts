import { ENTITY_TYPES, type EntityType } from "../../schemas/collections.ts";
import type { JsonObject } from "../../schemas/json.ts";
import { equalJson } from "./equal-json.ts";
import { partsOf } from "./key.ts";
import type { EntityKey, LocalEdits, Row } from "./records.ts";
import { visibleItem } from "./visible.ts";

/** A write that is on its way into storage: visible at once (CLI-015). */
export interface Draft {
  item: JsonObject | null;
}

interface Entry {
  row: Row | undefined;
  edits: LocalEdits | undefined;
  drafts: Draft[];
  visible: JsonObject | null;
  /** The revisions of the transactions that row and edits are from. */
  rowAt: number;
  editsAt: number;
}

interface Stored {
  row?: Row | null;
  edits?: LocalEdits | null;
}

/** All entities in memory, as far as this tab knows: what the app reads. The truth is in storage. */
export class Mirror {
  readonly #entries = new Map<EntityKey, Entry>();
  readonly #visible = new Map<EntityType, Map<EntityKey, JsonObject>>();
  readonly #lists = new Map<EntityType, readonly JsonObject[]>();
  readonly #pending = new Set<EntityKey>();
  readonly #dead = new Set<EntityKey>();
  /** Those of which a write was refused for good since somebody emptied this. */
  readonly buried: EntityKey[] = [];

  constructor() {
    for (const type of ENTITY_TYPES) this.#visible.set(type, new Map());
  }

  get(key: EntityKey): JsonObject | undefined {
    return this.#entries.get(key)?.visible ?? undefined;
  }

  edits(key: EntityKey): LocalEdits | undefined {
    return this.#entries.get(key)?.edits;
  }

  /** Newest first; the same array until something in it changes. */
  list(type: EntityType): readonly JsonObject[] {
    let list = this.#lists.get(type);
    if (list === undefined) {
      const dated = [...this.#visible.get(type)!].map(([key, item]) => [dateOf(item), key, item] as const);
      dated.sort((a, b) => b[0] - a[0] || (a[1] < b[1] ? -1 : 1));
      list = Object.freeze(dated.map(([, , item]) => item));
      this.#lists.set(type, list);
    }
    return list;
  }

  /** The entities with edits that are not acknowledged, in the order in which they came to be edited. */
  get pending(): ReadonlySet<EntityKey> {
    return this.#pending;
  }

  /** The entities with a write that was refused for good. */
  get dead(): ReadonlySet<EntityKey> {
    return this.#dead;
  }

  /** All entities of which something is stored. */
  keys(): Iterable<EntityKey> {
    return this.#entries.keys();
  }

  /** The entities that the server is known to hold, deletions included. */
  *confirmed(): Generator<EntityKey> {
    for (const [key, { row }] of this.#entries) if (row !== undefined) yield key;
  }

  /**
   * Puts what a transaction stored of an entity: its row, its edits, or both; null: nothing. What a later one stored stays.
   * Returns whether what is visible changed.
   */
  put(key: EntityKey, { row, edits }: Stored, revision: number): boolean {
    const entry = this.#entry(key);
    if (row !== undefined && revision >= entry.rowAt)
      Object.assign(entry, { row: row ?? undefined, rowAt: revision });
    if (edits !== undefined && revision >= entry.editsAt) {
      Object.assign(entry, { edits: edits ?? undefined, editsAt: revision });
      mark(this.#pending, key, edits?.sent !== undefined || edits?.waiting !== undefined);
      if (edits?.dead !== undefined && !this.#dead.has(key)) this.buried.push(key);
      mark(this.#dead, key, edits?.dead !== undefined);
    }
    return this.#show(key, entry);
  }

  draft(key: EntityKey, draft: Draft): boolean {
    const entry = this.#entry(key);
    entry.drafts.push(draft);
    return this.#show(key, entry);
  }

  /** The draft is stored, or was not. */
  settleDraft(key: EntityKey, draft: Draft): boolean {
    const entry = this.#entry(key);
    entry.drafts = entry.drafts.filter((one) => one !== draft);
    return this.#show(key, entry);
  }

  #entry(key: EntityKey): Entry {
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      entry = { row: undefined, edits: undefined, drafts: [], visible: null, rowAt: 0, editsAt: 0 };
      this.#entries.set(key, entry);
    }
    return entry;
  }

  #show(key: EntityKey, entry: Entry): boolean {
    const draft = entry.drafts.at(-1);
    const item = draft === undefined ? visibleItem(entry.row, entry.edits) : draft.item;
    if (entry.row === undefined && entry.edits === undefined && entry.drafts.length === 0)
      this.#entries.delete(key);
    // An object that says the same stays, so that nothing is drawn anew for an acknowledgement.
    if (equalJson(item, entry.visible)) return false;
    entry.visible = item;
    const { type } = partsOf(key);
    if (item === null) this.#visible.get(type)!.delete(key);
    else this.#visible.get(type)!.set(key, item);
    this.#lists.delete(type);
    return true;
  }
}

function mark(set: Set<EntityKey>, key: EntityKey, is: boolean): void {
  if (is) set.add(key);
  else set.delete(key);
}

/** By what a list is sorted: when a session took place; else when it was made, else when it was written. Unix milliseconds. */
function dateOf(item: JsonObject): number {
  for (const member of ["timestamp", "createdAt", "updatedAt"]) {
    const instant = new Date(item[member] as string | number).getTime();
    if (instant) return instant;
  }
  return 0;
}
