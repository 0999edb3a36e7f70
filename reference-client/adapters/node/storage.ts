import { createHash } from "node:crypto";
import { dirname, join, resolve } from "node:path";
import { isJsonObject } from "../../../schemas/json.ts";
import { SyncError } from "../../errors.ts";
import type { Changes, Current, OpenStorage, Storage, StoredEntity } from "../../ports/storage.ts";
import type { EntityKey, ReplicaState } from "../../replica/records.ts";
import { memoryStorage } from "../memory/storage.ts";
import { storedEdits, storedKey, storedRow, storedState } from "../stored-shape.ts";
import { storageError } from "./errors.ts";
import { type Files, systemFiles } from "./files.ts";
import { Journal } from "./journal.ts";
import { corrupt } from "./journal-records.ts";

/** A journal may grow to so many times its compact length, and to so many bytes in any case. */
const GROWTH = 4;
const SMALL = 1024 * 1024;

export interface FileStorageOptions {
  /** Made if it is not there. */
  folder: string;
  /** Bytes that a journal may always have before it is compacted (1 MiB). */
  compactAbove?: number;
  files?: Files;
}

/**
 * Keeps replicas in a folder, in a folder each user, of which one process at a time may have one open. Writes are on the disk when they
 * resolve, and survive that the process is killed or the power fails at any moment.
 */
export function fileStorage({
  folder,
  compactAbove = SMALL,
  files = systemFiles,
}: FileStorageOptions): OpenStorage {
  return async (user) => {
    // Users differ in ways in which names of files may not.
    const place = join(resolve(folder), createHash("sha256").update(user).digest("hex").slice(0, 40));
    const free = await lock(files, place);
    try {
      const { journal, records } = await Journal.open(files, place, user);
      const memory = await memoryStorage()(user);
      for (const record of records) await memory.transact([], () => decodeChanges(record));
      const remove = (): Promise<void> => removeFolder(files, place);
      return new FileStorage(journal, memory, { free, remove }, compactAbove);
    } catch (error) {
      free();
      throw storageError(error, "to open the journal");
    }
  };
}

/** While it is locked: nobody else is to begin in it. */
async function removeFolder(files: Files, place: string): Promise<void> {
  await files.removeFolder(place);
  await files.syncFolder(dirname(place));
}

async function lock(files: Files, place: string): Promise<() => void> {
  let free: (() => void) | undefined;
  try {
    await files.makeFolder(place);
    for (const above of [dirname(place), dirname(dirname(place))]) await files.syncFolder(above);
    free = await files.lock(join(place, "lock"));
  } catch (error) {
    throw storageError(error, "to lock the folder");
  }
  if (free === undefined) throw new SyncError("STORAGE_LOCKED", `Another client has ${place} open.`);
  return free;
}

/** The folder, locked. */
interface Place {
  free(): void;
  remove(): Promise<void>;
}

class FileStorage implements Storage {
  readonly #journal: Journal;
  /** What the journal says. */
  readonly #memory: Storage;
  readonly #place: Place;
  readonly #compactAbove: number;
  #last: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | undefined;

  constructor(journal: Journal, memory: Storage, place: Place, compactAbove: number) {
    this.#journal = journal;
    this.#memory = memory;
    this.#place = place;
    this.#compactAbove = compactAbove;
  }

  async load(
    each: (batch: readonly StoredEntity[]) => void | Promise<void>,
  ): Promise<ReplicaState | undefined> {
    this.#refuseIfClosed();
    return await this.#memory.load(each);
  }

  async transact(keys: readonly EntityKey[], plan: (current: Current) => Changes | undefined): Promise<void> {
    this.#refuseIfClosed();
    const turn = this.#last.then(() => this.#commit(keys, plan));
    this.#last = turn.then(
      () => this.#compactIfLong(),
      () => {},
    );
    await turn;
  }

  async close(): Promise<void> {
    this.#closing ??= (async () => {
      await this.#last;
      try {
        await this.#journal.close();
      } finally {
        this.#place.free();
      }
    })();
    await this.#closing;
  }

  async destroy(): Promise<void> {
    this.#refuseIfClosed();
    this.#closing = (async () => {
      await this.#last;
      try {
        await this.#journal.close();
        await this.#journal.remove();
        await this.#place.remove();
      } catch (error) {
        throw storageError(error, "to remove the journal");
      } finally {
        this.#place.free();
      }
    })();
    await this.#closing;
  }

  async #commit(keys: readonly EntityKey[], plan: (current: Current) => Changes | undefined): Promise<void> {
    let record: string | undefined;
    await this.#memory.transact(keys, (current) => {
      const changes = plan(current);
      if (changes !== undefined) record = encodeChanges(changes);
      return undefined;
    });
    if (record === undefined) return;
    // As it will be read one day: what could not be is not written.
    const changes = decodeChanges(JSON.parse(record));
    await this.#journal.append(record);
    await this.#memory.transact([], () => changes);
  }

  async #compactIfLong(): Promise<void> {
    if (this.#journal.length <= this.#compactAbove || this.#journal.growth < GROWTH) return;
    try {
      const snapshot: string[] = [];
      const state = await this.#memory.load((batch) => {
        snapshot.push(encodeEntities(batch));
      });
      if (state !== undefined) snapshot.push(encodeChanges({ state }));
      await this.#journal.compact(snapshot);
    } catch {
      // The old journal is as good; where it is not, the next write says so.
    }
  }

  #refuseIfClosed(): void {
    if (this.#closing !== undefined) throw new SyncError("STORAGE_CLOSED", "The storage is closed.");
  }
}

/** Maps as lists of pairs. */
function encodeChanges({ state, dropRows, rows, edits }: Changes): string {
  try {
    return JSON.stringify({ state, dropRows, rows: rows && [...rows], edits: edits && [...edits] });
  } catch (error) {
    throw new SyncError("STORAGE_FAILED", "What was to be stored is no JSON.", { cause: error });
  }
}

function encodeEntities(batch: readonly StoredEntity[]): string {
  return encodeChanges({
    rows: new Map(batch.flatMap(({ key, row }) => (row ? [[key, row] as const] : []))),
    edits: new Map(batch.flatMap(({ key, edits }) => (edits ? [[key, edits] as const] : []))),
  });
}

function decodeChanges(record: unknown): Changes {
  if (!isJsonObject(record)) throw corrupt("a record of it is none");
  const pairs = <T>(
    list: unknown,
    check: (key: EntityKey, value: unknown) => T,
  ): Map<EntityKey, T | null> => {
    if (!Array.isArray(list)) throw corrupt("a record of it is none");
    return new Map(
      (list as [unknown, unknown][]).map(([name, value]) => {
        const key = storedKey(name);
        return [key, value === null ? null : check(key, value)];
      }),
    );
  };
  const { state, dropRows, rows, edits } = record;
  return {
    ...(state !== undefined && { state: storedState(state)! }),
    ...(dropRows === true && { dropRows }),
    ...(rows !== undefined && { rows: pairs(rows, storedRow) }),
    ...(edits !== undefined && { edits: pairs(edits, storedEdits) }),
  };
}
