import { mkdtempSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const IN_MEMORY = "/dev/shm";

/** More than any run of the suite writes. */
const ROOMY = 1024 ** 3;

/**
 * A new folder for data that ends with this process: in memory where the machine offers a file system there, since nobody waits for a disk
 * whose data nobody keeps; else, and where TMPDIR tells, where temporary files go.
 */
export function scratchFolder(): string {
  if (process.env["TMPDIR"] === undefined && hasRoomInMemory()) {
    try {
      return mkdtempSync(join(IN_MEMORY, "mirubato-"));
    } catch {
      // Not for us to write to.
    }
  }
  return mkdtempSync(join(tmpdir(), "mirubato-"));
}

function hasRoomInMemory(): boolean {
  try {
    const { bavail, bsize } = statfsSync(IN_MEMORY);
    return bavail * bsize >= ROOMY;
  } catch {
    return false;
  }
}
