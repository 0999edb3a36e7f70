import type { Random } from "../ports/random.ts";
import type { Changes, Current, Storage, StoredEntity } from "../ports/storage.ts";
import { Mirror } from "./mirror.ts";
import type { EntityKey, ReplicaState, Settings } from "./records.ts";
import { Work } from "./work.ts";

/** Where a change comes from: the user of this device, in this tab or another, or the server. */
export type Origin = "local" | "remote";

/** Hears of each transaction, here or in another tab. */
export interface ReplicaEvents {
  /** What the user sees of these entities is another now. */
  changed(keys: readonly EntityKey[], origin: Origin): void;
  /** A transaction of this tab is durable: other tabs need to be told. */
  committed(changes: Required<Changes>, origin: Origin): void;
  /** What is stored of these entities, or the state, may be another now; after `changed`. */
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
  /** This tab knows of every transaction up to this revision, and of these beyond. */
  #known = 0;
  readonly #heard = new Set<number>();

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
    await this.#reload(await this.#revision());
    await this.commit([], () => {}, "remote");
  }

  /** Reads everything again if another tab has changed something without this one's noticing, as while it slept. */
  async catchUp(): Promise<void> {
    const revision = await this.#revision();
    if (revision > this.#known) await this.#reload(revision);
  }

  /** Takes over what another tab has committed. */
  adopt(changes: Required<Changes>, origin: Origin): void {
    if (changes.state.revision > this.#known) this.#show(changes, origin);
  }

  /**
   * One transaction over these entities. `act` is called once, with what is stored at that moment, and must not wait for
   * anything. Resolves with what it returned, when that is durable; rejects with what it threw, having changed nothing.
   */
  async commit<T>(keys: Iterable<EntityKey>, act: (work: Work) => T, origin: Origin): Promise<T> {
    const asked = new Set(keys);
    let result: T;
    let changes: Required<Changes>;
    await this.#storage.transact([...asked], (current: Current) => {
      const work = new Work(current, asked, structuredClone(current.state) ?? this.#fresh());
      result = act(work);
      work.state.revision++;
      return (changes = work.changes());
    });
    this.#show(changes!, origin);
    this.#events.committed(changes!, origin);
    return result!;
  }

  close(): Promise<void> {
    return this.#storage.close();
  }

  destroy(): Promise<void> {
    return this.#storage.destroy();
  }

  /** The revision of what is stored. */
  async #revision(): Promise<number> {
    let revision = 0;
    await this.#storage.transact([], ({ state }) => {
      revision = state?.revision ?? 0;
      return undefined;
    });
    return revision;
  }

  /** @param revision of before: what is read is that, or newer */
  async #reload(revision: number): Promise<void> {
    const gone = new Set(this.mirror.keys());
    const changed: EntityKey[] = [];
    const put = ({ key, row, edits }: StoredEntity): void => {
      gone.delete(key);
      if (this.mirror.put(key, { row: row ?? null, edits: edits ?? null }, revision)) changed.push(key);
    };
    const state = await this.#storage.load((batch) => {
      batch.forEach(put);
      return breath();
    });
    for (const key of gone) put({ key });
    this.#known = Math.max(this.#known, revision);
    if (state !== undefined && state.revision >= this.#state.revision) this.#state = state;
    if (changed.length > 0) this.#events.changed(changed, "remote");
    this.#events.touched(changed);
  }

  #show({ state, rows, edits, dropRows }: Required<Changes>, origin: Origin): void {
    const { revision } = state;
    if (revision >= this.#state.revision) this.#state = state;
    // Tabs may hear of each other's transactions out of order.
    this.#heard.add(revision);
    while (this.#heard.delete(this.#known + 1)) this.#known++;
    const keys = [...new Set([...rows.keys(), ...edits.keys(), ...(dropRows ? this.mirror.keys() : [])])];
    const changed = keys.filter((key) => {
      const row = dropRows ? (rows.get(key) ?? null) : rows.get(key);
      return this.mirror.put(key, { row, edits: edits.get(key) }, revision);
    });
    if (changed.length > 0) this.#events.changed(changed, origin);
    this.#events.touched(keys);
  }
}

/** Lets the page draw and answer between two batches; a timer would be slow in a page that is hidden. */
function breath(): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    // Begins to listen, too, which addEventListener does not.
    // oxlint-disable-next-line unicorn/prefer-add-event-listener
    port1.onmessage = () => resolve(port1.close());
    port2.postMessage(0);
  });
}
