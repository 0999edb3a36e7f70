/** Every code, with what to do about it, in few words: browsers load them. */
const REMEDIES = {
  ALREADY_EXISTS: "Use update, or leave out the id.",
  CLOSED: "Open a new client.",
  FORBIDDEN: "Get a token that grants this user's sync, then resume().",
  INVALID_ITEM: "Mend that member.",
  INVALID_OPTION: "Mend that option.",
  NOT_FOUND: "Look whether it was deleted, here or elsewhere.",
  NO_TOKEN: "Give another one; resume() asks at once.",
  REFUSED_BY_SERVER: "Client and server do not fit: see the code; then resume().",
  STORAGE_BLOCKED: "Close other tabs of this app.",
  STORAGE_CLOSED: "Open a new client.",
  STORAGE_CORRUPT: "Keep a copy, then destroy it to start anew from the server.",
  STORAGE_FAILED: "Try again; see the cause.",
  STORAGE_FULL: "Free space, and repeat the write: nothing of it was stored.",
  STORAGE_LOCKED: "End the other process, or give another place.",
  STORAGE_NEWER: "Reload the page, or update the app.",
  STORAGE_UNAVAILABLE: "Use memoryStorage() where nothing may be kept.",
  UNREACHABLE: "Nothing is lost: the client tries again.",
  WRONG_USER: "Sign out, and open a client for that user.",
} as const;

/** Closed; codes are stable, texts are not. */
export type SyncErrorCode = keyof typeof REMEDIES;

/** Whatever a call of the client rejects with. */
export class SyncError extends Error {
  override readonly name = "SyncError";
  /** For programs: stable. */
  readonly code: SyncErrorCode;
  /** What went wrong; the message has the remedy, too. */
  readonly what: string;
  /** What to do about it, for people. */
  readonly remedy: string;
  /** The code that the server or the platform gave, if that is why. */
  readonly reason: string | undefined;
  /** Milliseconds that the server asked to wait. */
  readonly retryAfter: number;

  /** @param what what went wrong with which field or entity; never holds a token */
  constructor(
    code: SyncErrorCode,
    what: string,
    { reason, cause, retryAfter = 0 }: { reason?: string; cause?: unknown; retryAfter?: number } = {},
  ) {
    super(`${what} ${REMEDIES[code]}`, { cause });
    this.code = code;
    this.what = what;
    this.remedy = REMEDIES[code];
    this.reason = reason;
    this.retryAfter = retryAfter;
  }
}

/** A sync that did not succeed, and is tried again. */
export function unreachable(why: string, retryAfter = 0): SyncError {
  return new SyncError("UNREACHABLE", `The sync did not succeed: ${why}.`, { reason: why, retryAfter });
}
