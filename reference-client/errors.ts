/** Every code of a {@link SyncError}, with what to do about it. Closed; codes are stable, texts are not. */
export const REMEDIES = {
  ALREADY_EXISTS: "Use update to change it, or leave out the id to get a new one.",
  CLOSED: "Open a new client.",
  FORBIDDEN: "Ask for a token that grants this user's sync, then call resume().",
  INVALID_ITEM: "Mend the member that the message names.",
  INVALID_OPTION: "Mend the option that the message names.",
  NOT_FOUND: "Look whether it was deleted, here or on another device.",
  NO_TOKEN: "Let the token provider return a token that is still good, or call resume() once there is one.",
  REFUSED_BY_SERVER:
    "Read the server's code in the message: client and server do not fit; then call resume().",
  STORAGE_BLOCKED: "Close other tabs that hold an older version of the data open.",
  STORAGE_CLOSED: "Open a new client.",
  STORAGE_CORRUPT: "Keep a copy of the stored data; destroy it to start anew from the server.",
  STORAGE_FAILED: "Try again; if it goes on, look at the cause.",
  STORAGE_FULL: "Free space on the device, then repeat the write: nothing of it was stored.",
  STORAGE_LOCKED: "End the other process that uses this folder, or give another one.",
  STORAGE_UNAVAILABLE: "Use the memory storage where nothing may be kept, such as in a private window.",
  UNREACHABLE: "Nothing is lost: the client tries again by itself.",
  WRONG_USER: "Sign out, and open a client for the token's user.",
} as const;

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

  /** @param what what went wrong with which field or entity; never holds a token */
  constructor(code: SyncErrorCode, what: string, options: { reason?: string; cause?: unknown } = {}) {
    super(`${what} ${REMEDIES[code]}`, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.what = what;
    this.remedy = REMEDIES[code];
    this.reason = options.reason;
  }
}
