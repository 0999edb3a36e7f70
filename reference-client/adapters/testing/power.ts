import { dirname } from "node:path";
import type { Files, OpenFile } from "../node/files.ts";

/** What a program finds when the power has failed in the middle of it. */
class PowerFailure extends Error {}

interface Inode {
  written: Buffer;
  /** What is on the disk for sure. */
  synced: Buffer;
}

/**
 * A disk that keeps for sure only what was synced: of the rest, after the power has failed, it has all, nothing or a part, as chance has it. It can
 * fail at any operation, in place of it or in the middle of it.
 */
export class FragileDisk {
  /** Operations until now. */
  operations = 0;
  /** The power fails at this operation. */
  failsAt = Infinity;
  /** Thrown once by this operation; a write stores a part before it. */
  failure: { at: number; code: string } | undefined;
  readonly #random: () => number;
  #names = new Map<string, Inode>();
  #syncedNames = new Map<string, Inode>();

  constructor(random: () => number) {
    this.#random = random;
  }

  /** What the computer finds when it is on again. */
  afterwards(): FragileDisk {
    const disk = new FragileDisk(this.#random);
    // A folder gets its names in the order in which they were given; here, it had no time or enough.
    const names = this.#random() < 0.5 ? this.#syncedNames : this.#names;
    for (const [path, inode] of names) {
      const content = this.#left(inode);
      disk.#names.set(path, { written: content, synced: content });
    }
    disk.#syncedNames = new Map(disk.#names);
    return disk;
  }

  readonly files: Files = {
    makeFolder: async () => this.#step(),
    read: async (path) => this.#names.get(path)?.written,
    open: async (path, how) => {
      this.#step();
      if (how === "fresh") this.#names.set(path, { written: Buffer.alloc(0), synced: Buffer.alloc(0) });
      return this.#openFile(this.#names.get(path)!);
    },
    rename: async (from, to) => {
      this.#step();
      this.#names.set(to, this.#names.get(from)!);
      this.#names.delete(from);
    },
    remove: async (path) => {
      this.#step();
      this.#names.delete(path);
    },
    removeFolder: async (path) => {
      this.#step();
      for (const name of this.#names.keys()) if (dirname(name) === path) this.#names.delete(name);
    },
    syncFolder: async (path) => {
      this.#step();
      for (const name of this.#syncedNames.keys()) if (dirname(name) === path) this.#syncedNames.delete(name);
      for (const [name, inode] of this.#names) if (dirname(name) === path) this.#syncedNames.set(name, inode);
    },
    lock: async () => () => {},
  };

  #openFile(inode: Inode): OpenFile {
    return {
      write: async (bytes, offset) => {
        const write = (length: number): void => {
          inode.written = Buffer.concat([inode.written.subarray(0, offset), bytes.subarray(0, length)]);
        };
        this.#step(() => write(Math.floor(this.#random() * bytes.length)));
        write(bytes.length);
      },
      sync: async () => {
        this.#step();
        inode.synced = inode.written;
      },
      truncate: async (length) => {
        this.#step();
        inode.written = inode.written.subarray(0, length);
      },
      close: async () => {},
    };
  }

  /** @param halfway what is done of it if it fails */
  #step(halfway: () => void = () => {}): void {
    const at = ++this.operations;
    if (at >= this.failsAt) {
      if (at === this.failsAt) halfway();
      throw new PowerFailure();
    }
    if (at !== this.failure?.at) return;
    halfway();
    throw Object.assign(new Error(this.failure.code), { code: this.failure.code });
  }

  #left({ written, synced }: Inode): Buffer {
    const chance = this.#random();
    if (chance < 0.25) return synced;
    if (chance < 0.5) return written;
    if (written.length <= synced.length) return synced;
    // The length was noted, the end was not written: zeros.
    const more = Buffer.from(written);
    more.fill(0, synced.length + Math.floor(this.#random() * (written.length - synced.length)));
    return chance < 0.75 ? more : more.subarray(0, Math.max(synced.length, more.indexOf(0)));
  }
}
