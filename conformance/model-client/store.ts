import type { EntityType } from "../../schemas/collections.ts";
import type { JsonObject } from "../../schemas/json.ts";
import type { Stamp } from "../../spec/rules/stamp.ts";

/** What the server is known to hold of an entity. `item` null: a deletion, whose stamp is kept. Never mutated, only replaced. */
export interface Row {
  type: EntityType;
  id: string;
  item: JsonObject | null;
  stamp: Stamp;
  version: number;
  seq: number;
}

/** A write of the user that is not acknowledged. Never mutated, only replaced. */
export interface Change {
  /** Unique in the store, ascending. */
  n: number;
  type: EntityType;
  id: string;
  /** As it is sent: whole, with its stamp; of a deletion id and `deletedAt`. */
  item: JsonObject;
  /** The stamp's instant, Unix ms. */
  at: number;
  deleted: boolean;
  /** The clock's correction that the stamp was made with, in ms. */
  offset: number;
  /** Whether it may have reached the server: then neither item nor stamp changes any more. */
  sent: boolean;
  /** How often it was refused for a reason that may pass. */
  tries: number;
}

/** A request that went out, or is about to: sent again as it is until it is answered. */
export interface Frozen {
  key: string;
  call: "push" | "batch";
  body: string;
  /** Which change each pointer of the body stands for. */
  items: { pointer: string; n: number }[];
}

/** A write that the server refused for good. */
export interface DeadLetter {
  change: Change;
  code: string;
}

/** What is known of an entity beside its row: from rows that lost, too. */
interface Known {
  /** The greatest stamp that the server is known to hold, Unix ms. */
  seen: number;
  version: number;
}

/** Of a type that was pulled in full. */
interface Floor {
  /** Complete up to this seq. */
  through: number;
  /** The pull's `timestamp`, Unix ms: what was absent counts as seen then. */
  at: number;
}

export interface Settings {
  realtime: boolean;
  autoSync: "never" | "wifi-only" | "always";
  notifications: "all" | "important" | "none";
}

/** Single values. */
export interface State {
  /** Where pulls go on; null: with a full pull. */
  token: string | null;
  /** Where catch-up goes on; null: not before a full pull. */
  seq: number | null;
  epoch: string | null;
  /** How often the epoch has changed: answers to older requests count for nothing. */
  generation: number;
  /** Server's clock − own, in ms. */
  offset: number;
  nextChange: number;
  settings: Settings;
}

/** A map whose changes can be undone. */
class Table<V> extends Map<string, V> {
  readonly #record: (undo: () => void) => void;
  constructor(record: (undo: () => void) => void) {
    super();
    this.#record = record;
  }
  override set(key: string, value: V): this {
    this.#remember(key);
    return super.set(key, value);
  }
  override delete(key: string): boolean {
    this.#remember(key);
    return super.delete(key);
  }
  override clear(): void {
    for (const key of this.keys()) this.delete(key);
  }
  #remember(key: string): void {
    const [had, old] = [this.has(key), this.get(key)];
    this.#record?.(() => void (had ? super.set(key, old as V) : super.delete(key)));
  }
}

/** One user's data on one device: it outlives the client, killed or closed. Entities are named by {@link entityKey}. */
export class Store {
  #undo: (() => void)[] | undefined;
  #state: State = {
    token: null,
    seq: null,
    epoch: null,
    generation: 0,
    offset: 0,
    nextChange: 1,
    settings: { realtime: true, autoSync: "always", notifications: "all" },
  };
  readonly #note = (undo: () => void): void => void this.#undo?.push(undo);

  readonly rows = new Table<Row>(this.#note);
  readonly known = new Table<Known>(this.#note);
  /** By their number. */
  readonly changes = new Table<Change>(this.#note);
  /** By their key. */
  readonly requests = new Table<Frozen>(this.#note);
  readonly dead = new Table<DeadLetter>(this.#note);
  /** By type. */
  readonly floors = new Table<Floor>(this.#note);
  /** What an entity is called since the server named it otherwise. */
  readonly aliases = new Table<string>(this.#note);
  /** What a mutant has to keep. */
  readonly scratch = new Map<string, unknown>();
  /** Names this device to the server. */
  readonly device: string;

  constructor(device: string) {
    this.device = device;
  }

  /** What the next client finds: whoever still holds the original changes nothing of it any more. */
  copy(): Store {
    const copy = new Store(this.device);
    copy.#state = this.#state;
    for (const table of ["rows", "known", "changes", "requests", "dead", "floors", "aliases"] as const)
      for (const [key, value] of this[table]) copy[table].set(key, value as never);
    for (const [name, value] of this.scratch) copy.scratch.set(name, value);
    return copy;
  }

  get state(): Readonly<State> {
    return this.#state;
  }

  put(members: Partial<State>): void {
    const before = this.#state;
    this.#note(() => void (this.#state = before));
    this.#state = { ...before, ...members };
  }

  /** All of it or nothing: what was done is undone where `work` throws. One within another is part of that. */
  transaction<T>(work: () => T): T {
    if (this.#undo !== undefined) return work();
    const undo: (() => void)[] = (this.#undo = []);
    try {
      return work();
    } catch (error) {
      this.#undo = undefined;
      for (const back of undo.toReversed()) back();
      throw error;
    } finally {
      this.#undo = undefined;
    }
  }
}

/** How a store names an entity. */
export function entityKey(type: EntityType, id: string): string {
  return `${type} ${id}`;
}
