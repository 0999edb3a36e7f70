import { unwrap } from "idb";
import { SyncError } from "../../errors.ts";
import type { Changes, Current, OpenStorage, Storage, StoredEntity } from "../../ports/storage.ts";
import type { EntityKey, ReplicaState } from "../../replica/records.ts";
import { storedEdits, storedKey, storedRow, storedState } from "../stored-shape.ts";
import { deleteDatabase, openDatabase, STORES, type Database } from "./database.ts";
import { storageError } from "./errors.ts";

const BATCH = 500;

/** @param prefix of the databases' names, so that two apps of one origin don't share any
 * @param patience how long another tab may take to let go of an older version, in milliseconds */
export interface IndexedDbOptions {
  prefix?: string;
  patience?: number;
}

/** Keeps replicas in the browser, a database each user; the tabs of a user share it. Writes are on the disk when they resolve. */
export function indexedDbStorage(options: IndexedDbOptions = {}): OpenStorage {
  const { prefix = "mirubato-sync", patience = 5_000 } = options;
  return async (user) => {
    const name = `${prefix}:${user}`;
    let storage: IndexedDbStorage | undefined;
    let lostEarly: SyncError | undefined;
    const database = await openDatabase({
      name,
      patience,
      lost: (why) => {
        if (storage === undefined) lostEarly ??= why;
        else storage.end(why);
      },
    });
    storage = new IndexedDbStorage(database, () => deleteDatabase(name, patience));
    if (lostEarly !== undefined) storage.end(lostEarly);
    return storage;
  };
}

type Transaction<Mode extends IDBTransactionMode> = ReturnType<
  typeof Database.prototype.transaction<typeof STORES, Mode>
>;

class IndexedDbStorage implements Storage {
  readonly #database: Database;
  readonly #remove: () => Promise<void>;
  readonly #running = new Set<Promise<unknown>>();
  /** Why nothing can be done any more. */
  #ended: SyncError | undefined;

  constructor(database: Database, remove: () => Promise<void>) {
    this.#database = database;
    this.#remove = remove;
  }
}
