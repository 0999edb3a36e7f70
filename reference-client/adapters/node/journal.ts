import { join } from "node:path";
import { SyncError } from "../../errors.ts";
import { isFull, storageError } from "./errors.ts";
import type { Files, OpenFile } from "./files.ts";
import { corrupt, decodeRecords, encodeRecord, type JournalRecord } from "./journal-records.ts";

const NAME = "journal";
const FORMAT = "mirubato-sync replica";
const VERSION = 1;

/**
 * A file that grows by whole records. It begins with a snapshot, which is complete because it got its name when it was: a header, records,
 * their number. What is appended is on the disk when the call resolves, or is not there.
 */
export class Journal {
  readonly #files: Files;
  readonly #folder: string;
  readonly #user: string;
  #file: OpenFile;
  #length: number;
  /** Of the snapshot that it begins with. */
  #base: number;
  #broken: SyncError | undefined;
  #nameIsSynced = true;

  private constructor(
    files: Files,
    folder: string,
    user: string,
    file: OpenFile,
    length: number,
    base: number,
  ) {
    this.#files = files;
    this.#folder = folder;
    this.#user = user;
    this.#file = file;
    this.#length = length;
    this.#base = base;
  }

  /** Opens the folder's journal, or makes one, and gives the records that it holds. */
  static async open(
    files: Files,
    folder: string,
    user: string,
  ): Promise<{ journal: Journal; records: readonly unknown[] }> {
    // One that did not get its name was not complete.
    await files.remove(join(folder, `${NAME}.new`));
    const bytes = await files.read(join(folder, NAME));
    if (bytes === undefined) {
      const { file, length } = await begin(files, folder, user, []);
      await files.syncFolder(folder);
      return { journal: new Journal(files, folder, user, file, length, length), records: [] };
    }
    const records = decodeRecords(bytes);
    const { held, base } = contents(records, user);
    const length = records.at(-1)!.end;
    const file = await files.open(join(folder, NAME), "existing");
    if (length < bytes.length) {
      await file.truncate(length);
      await file.sync();
    }
    return { journal: new Journal(files, folder, user, file, length, base), records: held };
  }

  /** How many times as long it is as when it was compact. */
  get growth(): number {
    return this.#length / this.#base;
  }

  /** Bytes. */
  get length(): number {
    return this.#length;
  }

  async append(json: string): Promise<void> {
    if (this.#broken !== undefined) throw this.#broken;
    await this.#syncName();
    const record = encodeRecord(json);
    try {
      await this.#file.write(record, this.#length);
      await this.#file.sync();
    } catch (error) {
      await this.#undo(error);
      throw storageError(error, "to write the journal");
    }
    this.#length += record.length;
  }

  /** Begins anew with records, as JSON, which say what the old ones did. Fails without harm where there is no space for both. */
  async compact(snapshot: Iterable<string>): Promise<void> {
    if (this.#broken !== undefined) return;
    // Not again at each write, if it fails.
    this.#base = this.#length;
    const { file, length } = await begin(this.#files, this.#folder, this.#user, snapshot);
    const old = this.#file;
    this.#file = file;
    this.#length = this.#base = length;
    // Until the name is on the disk, the old journal might be found again: without what is appended now.
    this.#nameIsSynced = false;
    await old.close();
    await this.#syncName();
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  /** Removes it. To be closed before. */
  async remove(): Promise<void> {
    await this.#files.remove(join(this.#folder, NAME));
    await this.#files.syncFolder(this.#folder);
  }

  async #syncName(): Promise<void> {
    if (this.#nameIsSynced) return;
    try {
      await this.#files.syncFolder(this.#folder);
    } catch (error) {
      throw storageError(error, "to write the journal's name");
    }
    this.#nameIsSynced = true;
  }

  /** Nothing of a record that failed may be found later. */
  async #undo(error: unknown): Promise<void> {
    let failure = error;
    try {
      await this.#file.truncate(this.#length);
      await this.#file.sync();
      if (isFull(error)) return;
    } catch (undoing) {
      failure = undoing;
    }
    // After a failing disk, what is in the file is known by nobody but who reads it again.
    const what = "An earlier write failed in a way that leaves open what the disk has got.";
    this.#broken = new SyncError("STORAGE_FAILED", what, { cause: failure });
  }
}

/** Writes a new journal beside the old one, and gives it its name when it is on the disk. The name is not synced. */
async function begin(
  files: Files,
  folder: string,
  user: string,
  snapshot: Iterable<string>,
): Promise<{ file: OpenFile; length: number }> {
  const path = join(folder, `${NAME}.new`);
  const file = await files.open(path, "fresh");
  try {
    let length = 0;
    let records = 0;
    const write = async (json: string): Promise<void> => {
      const record = encodeRecord(json);
      await file.write(record, length);
      length += record.length;
    };
    await write(JSON.stringify({ format: FORMAT, version: VERSION, user }));
    for (const json of snapshot) {
      await write(json);
      records++;
    }
    await write(JSON.stringify({ records }));
    await file.sync();
    await files.rename(path, join(folder, NAME));
    return { file, length };
  } catch (error) {
    await file.close();
    await files.remove(path);
    throw error;
  }
}

/** What a journal says, without what frames its snapshot, which is `base` bytes long. */
function contents(records: readonly JournalRecord[], user: string): { held: unknown[]; base: number } {
  const values = records.map(({ value }) => value);
  const header = values[0] as { format?: unknown; version?: unknown; user?: unknown } | undefined;
  if (header?.format !== FORMAT) throw corrupt("it does not begin as one");
  if (header.version !== VERSION)
    throw new SyncError("STORAGE_NEWER", "A newer version has written this journal.");
  if (header.user !== user) throw corrupt("it is another user's");
  const end = values.findIndex((value) => typeof (value as { records?: unknown }).records === "number");
  if (end < 0 || (values[end] as { records: number }).records !== end - 1)
    throw corrupt("its beginning is not complete");
  return { held: [...values.slice(1, end), ...values.slice(end + 1)], base: records[end]!.end };
}
