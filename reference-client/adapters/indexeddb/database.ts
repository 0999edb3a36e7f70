import { deleteDB, openDB, type DBSchema, type IDBPDatabase } from "idb";
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

export const STORES = ["state", "rows", "edits"] as const;
const VERSION = 1;

export interface DatabaseOptions {
  name: string;
  /** How long another tab may take to let go of an older version, in milliseconds. */
  patience: number;
  /** Called once if the database is closed by somebody else, with why. */
  lost: (why: SyncError) => void;
}

/** Rejects with a `STORAGE_…` error. */
export async function openDatabase({ name, patience, lost }: DatabaseOptions): Promise<Database> {
  if (typeof indexedDB === "undefined")
    throw new SyncError("STORAGE_UNAVAILABLE", "There is no IndexedDB here.");
  const database = await patiently(patience, "it can't be opened", (blocked) =>
    openDB<Replicas>(name, VERSION, {
      upgrade(fresh) {
        for (const store of STORES) fresh.createObjectStore(store);
      },
      blocked,
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
  await patiently(patience, "its data are removed when they have let go of it", (blocked) =>
    deleteDB(name, { blocked }),
  );
}

/** What is blocked goes on when other tabs have closed the database, as ours do when they are asked; others get so long. */
async function patiently<T extends { close(): void } | void>(
  patience: number,
  meanwhile: string,
  request: (blocked: () => void) => Promise<T>,
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let gaveUp = false;
  try {
    return await new Promise<T>((resolve, reject) => {
      const blocked = (): void => {
        timer = setTimeout(() => {
          gaveUp = true;
          const what = `Another tab holds this user's database open; ${meanwhile}.`;
          reject(new SyncError("STORAGE_BLOCKED", what));
        }, patience);
      };
      request(blocked).then((done) => {
        // Nobody waits for it any more.
        if (gaveUp && done) done.close();
        resolve(done);
      }, reject);
    });
  } catch (error) {
    // Some browsers refuse private windows in this way.
    if (error instanceof Error && error.name === "InvalidStateError")
      throw new SyncError("STORAGE_UNAVAILABLE", "The browser lets this page store nothing.", {
        reason: error.name,
        cause: error,
      });
    throw storageError(error, "to open the database");
  } finally {
    clearTimeout(timer);
  }
}
