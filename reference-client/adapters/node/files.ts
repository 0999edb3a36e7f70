import { mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import { DatabaseSync } from "node:sqlite";

/** A file that is written at places of the writer's choice. */
export interface OpenFile {
  /** Writes all of the bytes, from this offset on. */
  write(bytes: Uint8Array, offset: number): Promise<void>;
  /** Resolves when all that was written is on the disk. */
  sync(): Promise<void>;
  truncate(length: number): Promise<void>;
  close(): Promise<void>;
}

/** The file system, as far as the storage uses it; failures have the system's `code`, such as `ENOSPC`. */
export interface Files {
  /** With those above it. */
  makeFolder(path: string): Promise<void>;
  /** Undefined: there is none. */
  read(path: string): Promise<Uint8Array | undefined>;
  /** To be written; `fresh`: made, or emptied. */
  open(path: string, how: "fresh" | "existing"): Promise<OpenFile>;
  /** Replaces what is there, at once. */
  rename(from: string, to: string): Promise<void>;
  /** No matter whether it is there. */
  remove(path: string): Promise<void>;
  /** With all that is in it. A file that is open keeps it where the system is so. */
  removeFolder(path: string): Promise<void>;
  /** Resolves when the folder's names are on the disk. */
  syncFolder(path: string): Promise<void>;
  /** One holder at a time, in whatever process; the system frees it when the process ends, however. Undefined: another has it. Returns what frees it. */
  lock(path: string): Promise<(() => void) | undefined>;
}

const SQLITE_BUSY = 5;

/** The system's. */
export const systemFiles: Files = {
  async makeFolder(path) {
    await mkdir(path, { recursive: true });
  },
  async read(path) {
    try {
      return await readFile(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
  },
  async open(path, how) {
    const handle = await open(path, how === "fresh" ? "w" : "r+");
    return {
      async write(bytes, offset) {
        for (let done = 0; done < bytes.length;) {
          const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, offset + done);
          done += bytesWritten;
        }
      },
      sync: () => handle.datasync(),
      truncate: (length) => handle.truncate(length),
      close: () => handle.close(),
    };
  },
  rename,
  remove: (path) => rm(path, { force: true }),
  async removeFolder(path) {
    try {
      await rm(path, { recursive: true, force: true });
    } catch (error) {
      // Windows removes nothing that is open, as the lock is.
      if (process.platform !== "win32") throw error;
    }
  },
  async syncFolder(path) {
    // Windows has no such thing, and keeps names by itself.
    if (process.platform === "win32") return;
    const folder = await open(path, "r");
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  },
  async lock(path) {
    // Node has no locks of files, its SQLite has: the kernel's, which no crash leaves behind. Nothing is ever written there.
    const before = await inodeOf(path);
    const database = new DatabaseSync(path, { timeout: 0 });
    try {
      database.exec("BEGIN EXCLUSIVE");
      // Removed meanwhile, with the folder, by who had it: what is locked now is nobody's any more.
      if (before === undefined || before === (await inodeOf(path))) return () => database.close();
      database.close();
      return undefined;
    } catch (error) {
      database.close();
      if ((error as { errcode?: number }).errcode === SQLITE_BUSY) return undefined;
      throw error;
    }
  },
};

async function inodeOf(path: string): Promise<bigint | undefined> {
  try {
    return (await stat(path, { bigint: true })).ino;
  } catch {
    return undefined;
  }
}
