import { SyncError, type SyncErrorCode } from "../../errors.ts";

const CODES: Record<string, [SyncErrorCode, string]> = {
  ENOSPC: ["STORAGE_FULL", "The disk is full."],
  EDQUOT: ["STORAGE_FULL", "This user of the machine may use no more of the disk."],
  EFBIG: ["STORAGE_FULL", "The journal has grown as large as the disk takes a file."],
  EACCES: ["STORAGE_UNAVAILABLE", "This process may not write to the folder."],
  EPERM: ["STORAGE_UNAVAILABLE", "This process may not write to the folder."],
  EROFS: ["STORAGE_UNAVAILABLE", "The folder is on a disk that can only be read."],
  ENOTDIR: ["STORAGE_UNAVAILABLE", "The folder's path leads through a file."],
  EEXIST: ["STORAGE_UNAVAILABLE", "The folder is a file."],
};

/** The system's error as one of the client's. */
export function storageError(error: unknown, doing: string): SyncError {
  if (error instanceof SyncError) return error;
  const reason = (error as NodeJS.ErrnoException).code ?? "";
  const [code, what] = CODES[reason] ?? ["STORAGE_FAILED", `The system failed ${doing}.`];
  return new SyncError(code, what, { reason, cause: error });
}

/** Whether there was no space for it: nothing is broken. */
export function isFull(error: unknown): boolean {
  return storageError(error, "").code === "STORAGE_FULL";
}
