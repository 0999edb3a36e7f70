import type { SyncError } from "../errors.ts";
import type { EntityKey, LocalEdits, ReplicaState, Row } from "../replica/records.ts";

/** All that is stored of one entity. */
export interface StoredEntity {
  key: EntityKey;
  row?: Row;
  edits?: LocalEdits;
}

/** What a transaction reads: the state, and of each entity that it asked for what is there. */
export interface Current {
  /** Undefined in a storage that was never written to. */
  readonly state: ReplicaState | undefined;
  readonly rows: ReadonlyMap<EntityKey, Row>;
  readonly edits: ReadonlyMap<EntityKey, LocalEdits>;
}

/** What a transaction writes: all of it or nothing. */
export interface Changes {
  state?: ReplicaState;
  /** Removes every row before `rows` is written: the epoch has changed (CLI-050). */
  dropRows?: boolean;
  /** null removes. */
  rows?: ReadonlyMap<EntityKey, Row | null>;
  /** null removes. */
  edits?: ReadonlyMap<EntityKey, LocalEdits | null>;
}

/**
 * One user's replica on one device. `storage-contract.ts` holds every adapter to this.
 *
 * Every method rejects with a `SyncError` whose code begins with `STORAGE_` if it cannot do what it says, and then has
 * written nothing.
 */
export interface Storage {
  /**
   * Resolves when the data have gone for good without `close` or `destroy` having been called here, with why: the browser has cleared them, or
   * a newer version of the app needs them in another tab. A storage to which that can't happen has none.
   */
  readonly lost?: Promise<SyncError>;

  /**
   * Reads everything, entity by entity in batches, so that thousands do not block the page: `each` is awaited
   * before the next batch. What is committed meanwhile may be in it or not. Resolves with the state.
   */
  load(each: (batch: readonly StoredEntity[]) => void | Promise<void>): Promise<ReplicaState | undefined>;

  /**
   * Reads the state and the entities of `keys`, and writes what `plan` makes of it, in one transaction: no other one, of another tab
   * neither, comes between the read and the write. `plan` is called once, synchronously, and must not change what it is given. It writes
   * nothing if it returns undefined; what it throws rejects the call. Resolves when the changes are durable. Transactions
   * that are begun one after the other in one tab are done, and resolve, in that order.
   */
  transact(keys: readonly EntityKey[], plan: (current: Current) => Changes | undefined): Promise<void>;

  /** Ends what is open, after the transactions that were begun. Idempotent; everything else then rejects with `STORAGE_CLOSED`. */
  close(): Promise<void>;

  /** Closes, and removes all that is stored of this user here. */
  destroy(): Promise<void>;
}

/** Opens the storage of a user: data of two users never share one. An adapter's factory returns this. */
export type OpenStorage = (user: string) => Promise<Storage>;
