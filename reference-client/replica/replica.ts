import { SyncError } from "../errors.ts";
import type { Random } from "../ports/random.ts";
import type { Changes, Current, Storage } from "../ports/storage.ts";
import { Mirror } from "./mirror.ts";
import type { EntityKey, LocalEdits, ReplicaState, Row, Settings } from "./records.ts";
import { Work } from "./work.ts";

/** Where a change comes from: the user of this device, in this tab or another, or the server. */
export type Origin = "local" | "remote";

/** Hears of each transaction, here or in another tab. */
export interface ReplicaEvents {
  /** What the user sees of these entities is another now. */
  changed(keys: readonly EntityKey[], origin: Origin): void;
  /** A transaction of this tab is durable: other tabs need to be told. `all`: of more entities than these. */
  committed(keys: readonly EntityKey[], origin: Origin, all: boolean): void;
  /** What is stored of these entities, or the state, may be another now; after the other two. */
  touched(keys: readonly EntityKey[]): void;
}

const SETTINGS: Settings = { realtime: true, autoSync: "always", notifications: "all" };

/** One user's data on this device: the storage, and what this tab has read of it. */
export class Replica {
  readonly mirror = new Mirror();
  readonly #storage: Storage;
  readonly #events: ReplicaEvents;
  readonly #fresh: () => ReplicaState;
  #state: ReplicaState;

  constructor(storage: Storage, random: Random, events: ReplicaEvents, settings: Partial<Settings> = {}) {
    this.#storage = storage;
    this.#events = events;
    this.#fresh = () => ({
      revision: 0,
      deviceId: random.unique(),
      clockOffset: 0,
      requests: [],
      settings: { ...SETTINGS, ...settings },
    });
    this.#state = this.#fresh();
  }

  /** As of the last transaction that this tab knows of. */
  get state(): Readonly<ReplicaState> {
    return this.#state;
  }

  /** Reads everything into memory, and gives a storage that is new its first state. */
  async open(): Promise<void> {
    await this.reload();
    await this.commit([], () => {}, "remote");
  }

  /** Reads everything again: this tab has missed something. Entities that are gone from storage go. */
  async reload(): Promise<void> {
    const before = new Set(this.mirror.keys());
    const changed: EntityKey[] = [];
    const revision = this.#state.revision;
    const put = (key: EntityKey, row?: Row, edits?: LocalEdits): void => {
      before.delete(key);
      if (this.mirror.put(key, row, edits, revision)) changed.push(key);
    };
    const state = await this.#storage.load((batch) => {
      for (const { key, row, edits } of batch) put(key, row, edits);
      return breath();
    });
    for (const key of before) put(key);
    if (state !== undefined && state.revision >= this.#state.revision) this.#state = state;
    if (changed.length > 0) this.#events.changed(changed, "remote");
    this.#events.touched([...this.mirror.keys()]);
  }

  /** Reads everything again if another tab has changed something without this one's noticing, as while it slept. */
  async catchUp(): Promise<void> {
    let missed = false;
    await this.#storage.transact([], ({ state }) => {
      missed = (state?.revision ?? 0) > this.#state.revision;
      return undefined;
    });
    if (missed) await this.reload();
  }

  /** Reads what another tab has changed. */
  async reread(keys: readonly EntityKey[], origin: Origin): Promise<void> {
    const changed: EntityKey[] = [];
    await this.#storage.transact(keys, ({ state, rows, edits }) => {
      const revision = state?.revision ?? 0;
      for (const key of keys)
        if (this.mirror.put(key, rows.get(key), edits.get(key), revision)) changed.push(key);
      if (state !== undefined && revision >= this.#state.revision) this.#state = state;
      return undefined;
    });
    if (changed.length > 0) this.#events.changed(changed, origin);
    this.#events.touched(keys);
  }

  /**
   * One transaction over these entities. `act` is called once, with what is stored at that moment, and must not wait for
   * anything. Resolves with what it returned, when that is durable; rejects with what it threw, having changed nothing.
   */
  async commit<T>(keys: Iterable<EntityKey>, act: (work: Work) => T, origin: Origin): Promise<T> {
    const asked = new Set(keys);
    let result: { value: T } | undefined;
    let changes: Changes = {};
    await this.#storage.transact([...asked], (current: Current) => {
      const state = structuredClone(current.state) ?? this.#fresh();
      const work = new Work(current, asked, state);
      result = { value: act(work) };
      state.revision++;
      changes = work.changes();
      return changes;
    });
    if (result === undefined) throw new SyncError("STORAGE_FAILED", "A transaction was not done.");
    this.#show(changes, origin);
    return result.value;
  }

  close(): Promise<void> {
    return this.#storage.close();
  }

  destroy(): Promise<void> {
    return this.#storage.destroy();
  }

  #show(changes: Changes, origin: Origin): void {
    const { state, rows, edits, dropRows } = changes;
    const revision = state!.revision;
    if (revision >= this.#state.revision) this.#state = state!;
    const all = dropRows === true;
    const dropped = all ? [...this.mirror.confirmed()].filter((key) => !rows?.has(key)) : [];
    const keys = new Set([...(rows?.keys() ?? []), ...(edits?.keys() ?? []), ...dropped]);
    const changed = [...keys].filter((key) => {
      const row = all ? (rows?.get(key) ?? null) : rows?.get(key);
      return this.mirror.patch(key, { row, edits: edits?.get(key) }, revision);
    });
    if (changed.length > 0) this.#events.changed(changed, origin);
    this.#events.committed([...keys], origin, all);
    this.#events.touched([...keys]);
  }
}

/** Lets the page draw and answer between two batches. */
function breath(): Promise<void> {
  return new Promise((resolve) => {
    const channel = new MessageChannel();
    channel.port1.addEventListener("message", () => {
      channel.port1.close();
      resolve();
    });
    channel.port1.start();
    channel.port2.postMessage(null);
  });
}
