import { unwrap } from "idb";
import { SyncError } from "../../errors.ts";
import type { Changes, Current, OpenStorage, Storage, StoredEntity } from "../../ports/storage.ts";
import type { EntityKey, LocalEdits, ReplicaState, Row } from "../../replica/records.ts";
import { storedEdits, storedKey, storedRow, storedState } from "../stored-shape.ts";
import { type Database, deleteDatabase, openDatabase, STORES, type Transaction } from "./database.ts";
import { storageError } from "./errors.ts";

const BATCH = 500;
/** Writes in one turn of the page. */
const PORTION = 50;

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
    let tell: (why: SyncError) => void = () => {};
    const gone = new Promise<SyncError>((resolve) => (tell = resolve));
    const lost = (why: SyncError): void => {
      // Closed by who uses it, it is not lost.
      if (ending.why === undefined) tell(why);
      ending.why ??= why;
    };
    const database = await openDatabase({ name, patience, lost });
    return new IndexedDbStorage(database, ending, gone, () => deleteDatabase(name, patience));
  };
}

/** Why nothing can be done any more: set by who ends it. */
interface Ending {
  why: SyncError | undefined;
}

class IndexedDbStorage implements Storage {
  readonly lost: Promise<SyncError>;
  readonly #database: Database;
  readonly #ending: Ending;
  readonly #remove: () => Promise<void>;
  readonly #running = new Set<Promise<unknown>>();

  constructor(database: Database, ending: Ending, lost: Promise<SyncError>, remove: () => Promise<void>) {
    this.lost = lost;
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
      if (changes !== undefined) await write(transaction, changes);
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

/** The browser's own stores: a promise for each of thousands of requests costs more than the requests. */
function storesOf(transaction: Transaction<"readwrite">): Record<(typeof STORES)[number], IDBObjectStore> {
  const [state, rows, edits] = STORES.map((name) => unwrap(transaction.objectStore(name)));
  return { state: state!, rows: rows!, edits: edits! };
}

/** Requests of a transaction are done in order: with one all before it are. Whatever fails, the transaction tells. */
function done(request: IDBRequest): Promise<void> {
  return new Promise((resolve) => {
    request.addEventListener("success", () => resolve());
    request.addEventListener("error", () => resolve());
  });
}

async function read(transaction: Transaction<"readwrite">, keys: readonly EntityKey[]): Promise<Current> {
  const stores = storesOf(transaction);
  const all = (store: IDBObjectStore): [EntityKey, IDBRequest<unknown>][] =>
    keys.map((key) => [key, store.get(key)]);
  const [rows, edits, state] = [all(stores.rows), all(stores.edits), stores.state.get("state")];
  await done(state);
  // What failed has no result, and throws so.
  const found = <T>(
    requests: [EntityKey, IDBRequest<unknown>][],
    check: (key: EntityKey, value: unknown) => T,
  ): Map<EntityKey, T> =>
    new Map(
      requests.flatMap(([key, { result }]): [EntityKey, T][] =>
        result === undefined ? [] : [[key, check(key, result)]],
      ),
    );
  return {
    rows: found<Row>(rows, storedRow),
    edits: found<LocalEdits>(edits, storedEdits),
    state: storedState(state.result),
  };
}

/** Writes in portions, each in a turn of its own, all in the transaction. */
async function write(
  transaction: Transaction<"readwrite">,
  { state, dropRows, rows, edits }: Changes,
): Promise<void> {
  const stores = storesOf(transaction);
  if (dropRows) stores.rows.clear();
  if (state !== undefined) stores.state.put(state, "state");
  let asked = 0;
  for (const [store, changes] of [
    [stores.rows, rows],
    [stores.edits, edits],
  ] as const) {
    for (const [key, value] of changes ?? []) {
      const request = value === null ? store.delete(key) : store.put(value, key);
      if (++asked % PORTION === 0) await done(request);
    }
  }
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
