import { SyncError } from "../../errors.ts";
import type { Changes, Current, OpenStorage, Storage, StoredEntity } from "../../ports/storage.ts";
import type { EntityKey, LocalEdits, ReplicaState, Row } from "../../replica/records.ts";
import { storedEdits, storedKey, storedRow, storedState } from "../stored-shape.ts";
import { type Database, deleteDatabase, openDatabase, STORES, type Transaction } from "./database.ts";
import { storageError } from "./errors.ts";

const BATCH = 500;

/**
 * @param prefix of the databases' names, so that two apps of one origin share none
 * @param patience how long it may take to be opened, other tabs to let go of an older version, in milliseconds
 */
export interface IndexedDbOptions {
  prefix?: string;
  patience?: number;
}

/** Keeps replicas in the browser, one database a user, which the user's tabs share. */
export function indexedDbStorage(options: IndexedDbOptions = {}): OpenStorage {
  const { prefix = "mirubato-sync", patience = 15_000 } = options;
  return async (user) => {
    const name = `${prefix}:${user}`;
    const ending: Ending = { why: undefined };
    const lost = (why: SyncError): void => void (ending.why ??= why);
    const database = await openDatabase({ name, patience, lost });
    return new IndexedDbStorage(database, ending, () => deleteDatabase(name, patience));
  };
}

/** Why nothing can be done any more: set by who ends it. */
interface Ending {
  why: SyncError | undefined;
}

class IndexedDbStorage implements Storage {
  readonly #database: Database;
  readonly #ending: Ending;
  readonly #remove: () => Promise<void>;
  readonly #running = new Set<Promise<unknown>>();

  constructor(database: Database, ending: Ending, remove: () => Promise<void>) {
    this.#database = database;
    this.#ending = ending;
    this.#remove = remove;
  }

  async load(
    each: (batch: readonly StoredEntity[]) => void | Promise<void>,
  ): Promise<ReplicaState | undefined> {
    const transaction = this.#begin("readonly");
    // All of one moment: only then is anything waited for that is no request, which would end the transaction.
    const [state, batches] = await this.#run(transaction, () =>
      Promise.all([transaction.objectStore("state").get("state"), allOf(transaction)]),
    );
    for (const batch of batches) await each(batch);
    return storedState(state);
  }

  async transact(keys: readonly EntityKey[], plan: (current: Current) => Changes | undefined): Promise<void> {
    const transaction = this.#begin("readwrite");
    await this.#run(transaction, async () => {
      const changes = plan(await read(transaction, keys));
      if (changes !== undefined) write(transaction, changes);
    });
  }

  async close(): Promise<void> {
    this.#ending.why ??= new SyncError("STORAGE_CLOSED", "The storage is closed.");
    this.#database.close();
    await Promise.allSettled(this.#running);
  }

  async destroy(): Promise<void> {
    await this.close();
    await this.#remove();
  }

  #begin<Mode extends "readonly" | "readwrite">(mode: Mode): Transaction<Mode> {
    if (this.#ending.why !== undefined) throw again(this.#ending.why);
    try {
      // Strict: complete means that it is on the disk, not that the system was told of it.
      return this.#database.transaction(STORES, mode, { durability: "strict" });
    } catch (error) {
      throw storageError(error, "to begin a transaction");
    }
  }

  /** Resolves when the transaction is complete; rejects with what `act` throws, or why it failed, when all of it is undone. */
  async #run<T>(transaction: Transaction<"readonly" | "readwrite">, act: () => Promise<T>): Promise<T> {
    const ended = transaction.done.then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    this.#running.add(ended);
    try {
      const result = await act();
      const failure = await ended;
      if (failure !== undefined) throw failure.error;
      return result;
    } catch (error) {
      abort(transaction);
      // A request that fails tells less than the transaction that it took with it, as when there is no space.
      const failure = (await ended)?.error ?? error;
      if (!(error instanceof DOMException)) throw error;
      if (this.#ending.why !== undefined) throw again(this.#ending.why);
      throw storageError(nameOf(failure) === "AbortError" ? error : failure, "to read or write");
    } finally {
      this.#running.delete(ended);
    }
  }
}

async function allOf(transaction: Transaction<"readonly">): Promise<StoredEntity[][]> {
  const batches: StoredEntity[][] = [];
  for (let range: IDBKeyRange | undefined; ;) {
    const [rows, edits] = [transaction.objectStore("rows"), transaction.objectStore("edits")];
    const [rowKeys, rowValues, editKeys, editValues] = await Promise.all([
      rows.getAllKeys(range, BATCH),
      rows.getAll(range, BATCH),
      edits.getAllKeys(range, BATCH),
      edits.getAll(range, BATCH),
    ]);
    // What is behind the end of a list that is not complete comes with the next batch, its row and edits together.
    const ends = [rowKeys, editKeys].filter((keys) => keys.length === BATCH).map((keys) => keys.at(-1)!);
    const end = ends.length === 0 ? undefined : ends.reduce((a, b) => (a < b ? a : b));
    const batch = new Map<EntityKey, StoredEntity>();
    const put = (keys: EntityKey[], add: (entity: StoredEntity, at: number) => void): void => {
      for (const [at, key] of keys.entries()) {
        if (end !== undefined && key > end) return;
        const entity = batch.get(key) ?? { key: storedKey(key) };
        batch.set(key, entity);
        add(entity, at);
      }
    };
    put(rowKeys, (entity, at) => (entity.row = storedRow(entity.key, rowValues[at])));
    put(editKeys, (entity, at) => (entity.edits = storedEdits(entity.key, editValues[at])));
    batches.push([...batch.values()]);
    if (end === undefined) return batches;
    range = IDBKeyRange.lowerBound(end, true);
  }
}

async function read(transaction: Transaction<"readwrite">, keys: readonly EntityKey[]): Promise<Current> {
  const [rows, edits] = [transaction.objectStore("rows"), transaction.objectStore("edits")];
  const [state, rowValues, editValues] = await Promise.all([
    transaction.objectStore("state").get("state"),
    Promise.all(keys.map((key) => rows.get(key))),
    Promise.all(keys.map((key) => edits.get(key))),
  ]);
  const found = <T>(values: readonly (T | undefined)[], check: (key: EntityKey, value: unknown) => T) =>
    new Map(
      keys.flatMap((key, at): [EntityKey, T][] =>
        values[at] === undefined ? [] : [[key, check(key, values[at])]],
      ),
    );
  return {
    state: storedState(state),
    rows: found<Row>(rowValues, storedRow),
    edits: found<LocalEdits>(editValues, storedEdits),
  };
}

function write(transaction: Transaction<"readwrite">, { state, dropRows, rows, edits }: Changes): void {
  const [rowStore, editStore] = [transaction.objectStore("rows"), transaction.objectStore("edits")];
  // Whatever fails, the transaction tells.
  const asked = (request: Promise<unknown>): void => void request.catch(() => {});
  if (dropRows) asked(rowStore.clear());
  if (state !== undefined) asked(transaction.objectStore("state").put(state, "state"));
  for (const [key, row] of rows ?? []) asked(row === null ? rowStore.delete(key) : rowStore.put(row, key));
  for (const [key, one] of edits ?? []) asked(one === null ? editStore.delete(key) : editStore.put(one, key));
}

function abort(transaction: Transaction<"readonly" | "readwrite">): void {
  try {
    transaction.abort();
  } catch {
    // It has ended already.
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : "";
}

/** The same error with a stack of its own. */
function again({ code, message }: SyncError): SyncError {
  return new SyncError(code, message);
}
