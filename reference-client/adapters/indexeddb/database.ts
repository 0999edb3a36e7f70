import { deleteDB, openDB, type DBSchema, type IDBPDatabase, type IDBPTransaction } from "idb";
import { SyncError } from "../../errors.ts";
import type { EntityKey, LocalEdits, ReplicaState, Row } from "../../replica/records.ts";
import { storageError } from "./errors.ts";

/** A user's database. A row and the edits of an entity have its key. */
interface Replicas extends DBSchema {
  rows: { key: EntityKey; value: Row };
  edits: { key: EntityKey; value: LocalEdits };
  state: { key: "state"; value: ReplicaState };
}

export type Database = IDBPDatabase<Replicas>;

export type Transaction<Mode extends IDBTransactionMode> = IDBPTransaction<
  Replicas,
  ("state" | "rows" | "edits")[],
  Mode
>;

export const STORES: ("state" | "rows" | "edits")[] = ["state", "rows", "edits"];
const VERSION = 1;

export interface DatabaseOptions {
  name: string;
  /** How long it may take to be opened, other tabs to let go of it, in milliseconds. */
  patience: number;
  /** Called once if the database is closed by somebody else, with why. */
  lost: (why: SyncError) => void;
}

/** Rejects with a `STORAGE_…` error. */
export async function openDatabase({ name, patience, lost }: DatabaseOptions): Promise<Database> {
  if (typeof indexedDB === "undefined")
    throw new SyncError("STORAGE_UNAVAILABLE", "There is no IndexedDB here.");
  const database = await patiently(patience, "can't be opened", () =>
    openDB<Replicas>(name, VERSION, {
      upgrade(fresh) {
        for (const store of STORES) fresh.createObjectStore(store);
      },
      blocking(_, wanted, event) {
        // The other tab waits for this; transactions that were begun are finished first.
        (event.target as IDBDatabase).close();
        lost(
          wanted === null
            ? new SyncError("STORAGE_CLOSED", "Another tab has removed this user's data.")
            : new SyncError("STORAGE_NEWER", "A newer version of the app was opened in another tab."),
        );
      },
      terminated() {
        lost(new SyncError("STORAGE_CLOSED", "The browser has closed or cleared what this site has stored."));
      },
    }),
  );
  if (STORES.every((store) => database.objectStoreNames.contains(store))) return database;
  database.close();
  throw new SyncError("STORAGE_CORRUPT", `The database ${name} was not made by this app.`);
}

/** Rejects with `STORAGE_BLOCKED` if another tab does not let go of it; it is then removed when that tab is closed. */
export async function deleteDatabase(name: string, patience: number): Promise<void> {
  await patiently(patience, "is removed when they have let go of it", () => deleteDB(name));
}

/** Other tabs close a database when they are asked, as ours do; one that does not holds this up, and not every browser says so. */
async function patiently<T extends { close(): void } | void>(
  patience: number,
  meanwhile: string,
  ask: () => Promise<T>,
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    const request = ask();
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        // Should it come after all, nobody waits for it any more.
        request.then(
          (database) => database?.close(),
          () => {},
        );
        const what = `Other tabs hold this user's database open; it ${meanwhile}.`;
        reject(new SyncError("STORAGE_BLOCKED", what));
      }, patience);
    });
    return await Promise.race([request, late]);
  } catch (error) {
    if (!(error instanceof Error) || error.name !== "InvalidStateError")
      throw storageError(error, "to open the database");
    // So some browsers refuse private windows.
    const what = "The browser lets this page store nothing.";
    throw new SyncError("STORAGE_UNAVAILABLE", what, { reason: error.name, cause: error });
  } finally {
    clearTimeout(timer);
  }
}
