import { SyncError } from "../../errors.ts";
import type { Changes, Current, OpenStorage, Storage, StoredEntity } from "../../ports/storage.ts";
import type { EntityKey, LocalEdits, ReplicaState, Row } from "../../replica/records.ts";

const BATCH = 500;

interface Contents {
  state: ReplicaState | undefined;
  rows: Map<EntityKey, Row>;
  edits: Map<EntityKey, LocalEdits>;
}

/**
 * Keeps replicas in memory, for as long as this function's result is kept: a user who is opened again finds everything as it was, and
 * clients that are open together share it. For tests, and where nothing may be stored.
 */
export function memoryStorage(): OpenStorage {
  const users = new Map<string, Contents>();
  return async (user) => {
    let contents = users.get(user);
    if (contents === undefined) {
      contents = { state: undefined, rows: new Map(), edits: new Map() };
      users.set(user, contents);
    }
    return open(contents);
  };
}

function open(contents: Contents): Storage {
  let closed = false;
  const refuseIfClosed = (): void => {
    if (closed) throw new SyncError("STORAGE_CLOSED", "The storage is closed.");
  };
  return {
    async load(each) {
      refuseIfClosed();
      const keys = [...new Set([...contents.rows.keys(), ...contents.edits.keys()])];
      for (let at = 0; at < keys.length; at += BATCH)
        await each(keys.slice(at, at + BATCH).map((key) => stored(contents, key)));
      return structuredClone(contents.state);
    },
    async transact(keys, plan) {
      refuseIfClosed();
      const changes = plan(current(contents, keys));
      // Cloned before anything is changed: what cannot be cloned changes nothing.
      if (changes !== undefined) write(contents, structuredClone(changes));
    },
    async close() {
      closed = true;
    },
    async destroy() {
      closed = true;
      contents.state = undefined;
      contents.rows.clear();
      contents.edits.clear();
    },
  };
}

function stored(contents: Contents, key: EntityKey): StoredEntity {
  const row = contents.rows.get(key);
  const edits = contents.edits.get(key);
  return structuredClone({ key, ...(row && { row }), ...(edits && { edits }) });
}

function current(contents: Contents, keys: readonly EntityKey[]): Current {
  const picked = <T>(from: Map<EntityKey, T>): Map<EntityKey, T> =>
    new Map(keys.flatMap((key) => (from.has(key) ? [[key, from.get(key)!]] : [])));
  return structuredClone({
    state: contents.state,
    rows: picked(contents.rows),
    edits: picked(contents.edits),
  });
}

function write(contents: Contents, { state, dropRows, rows, edits }: Changes): void {
  if (state !== undefined) contents.state = state;
  if (dropRows) contents.rows.clear();
  put(contents.rows, rows);
  put(contents.edits, edits);
}

function put<T>(into: Map<EntityKey, T>, changes: ReadonlyMap<EntityKey, T | null> | undefined): void {
  for (const [key, value] of changes ?? []) {
    if (value === null) into.delete(key);
    else into.set(key, value);
  }
}
