import { SyncError, type SyncErrorCode } from "../../errors.ts";

/** What the platform's errors mean for who stores something; what is not here is `STORAGE_FAILED`. */
const CODES: Record<string, [SyncErrorCode, string]> = {
  QuotaExceededError: ["STORAGE_FULL", "The browser gives this site no more space."],
  SecurityError: ["STORAGE_UNAVAILABLE", "The browser lets this page store nothing."],
  NotSupportedError: ["STORAGE_UNAVAILABLE", "The browser lets this page store nothing."],
  VersionError: ["STORAGE_NEWER", "A newer version of the app has stored data here."],
  // A store that is not there; a value that can't be read back.
  NotFoundError: ["STORAGE_CORRUPT", "The database is not as this app made it."],
  DataError: ["STORAGE_CORRUPT", "The browser can't read what it has stored."],
  NotReadableError: ["STORAGE_CORRUPT", "The browser can't read what it has stored."],
};

/** The platform's error as one of the client's. */
export function storageError(error: unknown, doing: string): SyncError {
  if (error instanceof SyncError) return error;
  const name = error instanceof Error ? error.name : "";
  const [code, what] = CODES[name] ?? ["STORAGE_FAILED", `The browser failed ${doing}.`];
  return new SyncError(code, what, { reason: name, cause: error });
}
