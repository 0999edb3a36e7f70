/** Closed; codes are stable, texts are not. */
export type SyncErrorCode =
  | "ALREADY_EXISTS"
  | "CLOSED"
  | "FORBIDDEN"
  | "INVALID_ITEM"
  | "INVALID_OPTION"
  | "NOT_FOUND"
  | "NO_TOKEN"
  | "REFUSED_BY_SERVER"
  | "STORAGE_BLOCKED"
  | "STORAGE_CLOSED"
  | "STORAGE_CORRUPT"
  | "STORAGE_FAILED"
  | "STORAGE_FULL"
  | "STORAGE_LOCKED"
  | "STORAGE_NEWER"
  | "STORAGE_UNAVAILABLE"
  | "UNREACHABLE"
  | "WRONG_USER";

/** Whatever a call of the client rejects with. */
export class SyncError extends Error {
  override readonly name = "SyncError";
  /** For programs: stable. */
  readonly code: SyncErrorCode;
  /** The code that the server or the platform gave, if that is why. */
  readonly reason: string | undefined;
  /** Milliseconds that the server asked to wait. */
  readonly retryAfter: number;

  /** @param what what went wrong with which field or entity, and what to do about it; never holds a token */
  constructor(
    code: SyncErrorCode,
    what: string,
    { reason, cause, retryAfter = 0 }: { reason?: string; cause?: unknown; retryAfter?: number } = {},
  ) {
    super(what, { cause });
    this.code = code;
    this.reason = reason;
    this.retryAfter = retryAfter;
  }
}

/** A sync that did not succeed, and is tried again. */
export function unreachable(why: string, retryAfter?: number): SyncError {
  return new SyncError("UNREACHABLE", `To be tried again: ${why}.`, {
    reason: why,
    retryAfter,
  });
}

/** For calls of a client that was closed. */
export function closed(): SyncError {
  return new SyncError("CLOSED", "The client is closed: open a new one.");
}
