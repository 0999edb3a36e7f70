import type { EntityType } from "../../schemas/collections.ts";

/** The user's data as such: which data it is, and how far its log goes. */
export interface Identity {
  /** Random; another one after a restore (PULL-019). */
  epoch: string;
  /** Key of the cursors' authentication code, base64url. Changes with the epoch. */
  cursorKey: string;
  /** The greatest `seq` of the log; 0 before the first write. */
  head: number;
  /** When the last write was accepted, Unix ms; null before the first. */
  lastWrite: number | null;
}

/** What a writer without a usable stamp said of its write (ORD-013). */
export interface Claim {
  /** Unix ms; null where the writer sent no stamp. */
  updatedAt: number | null;
  deleted: boolean;
  checksum: string;
}

/** The latest state of an entity. */
export interface Row {
  entityType: EntityType;
  entityId: string;
  seq: number;
  version: number;
  /** The stamp's instant, Unix ms. */
  updatedAt: number;
  deleted: boolean;
  checksum: string;
  /** The item's canonical JSON; null for a deletion. */
  item: string | null;
  claim: Claim | null;
}

export interface EntityRef {
  entityType: EntityType;
  entityId: string;
}

/** The answer kept under an idempotency key. */
export interface IdempotencyRecord {
  endpoint: WriteEndpoint;
  key: string;
  fingerprint: string;
  status: number;
  body: string;
}

export type WriteEndpoint = "push" | "batch";

/** What every call to the store brings along: who asks, and what is written for a user or device that is met for the first time. */
export interface Visit {
  user: string;
  /** Unix ms. */
  now: number;
  device: string | null;
  /** A device's time is only written when the stored one is at least this old, ms. */
  deviceRefreshMs: number;
  /** The identity of the user's data, if the user has none yet. */
  fresh: Pick<Identity, "epoch" | "cursorKey">;
}

export interface WriteQuery {
  endpoint: WriteEndpoint;
  key: string | null;
  /** Records older than this have expired, Unix ms. */
  recordedSince: number;
  entities: readonly EntityRef[];
}

export interface WriteView {
  identity: Identity;
  record: IdempotencyRecord | null;
  /** The stored rows among the entities asked for. */
  rows: Row[];
}

export interface Commit {
  visit: Visit;
  /** What the write was judged by; if it has changed, nothing is written. */
  expected: Pick<Identity, "epoch" | "head">;
  head: number;
  /** Each with a version one above the stored row's and a higher stamp, if there is one. */
  rows: readonly Row[];
  record: IdempotencyRecord | null;
  recordedSince: number;
}

export interface PageQuery {
  /** Rows with a greater `seq`. */
  after: number;
  /** Undefined: all. */
  types: readonly EntityType[] | undefined;
  /** Undefined: all. */
  limit: number | undefined;
  /**
   * Present in a full pull, which takes live rows, and of the deletions only those above the head at its start and those stamped later
   * than its start (Unix ms).
   */
  full: { startHead: number; startedAt: number } | undefined;
  /** Only rows that were received at this time or later, Unix ms; for all types, and not in a full pull. */
  receivedSince?: number | undefined;
}

export interface PageView {
  identity: Identity;
  /** By ascending `seq`; cut after `limit`. */
  rows: Row[];
}

/** The store is unreachable or failed. Whatever was being written is there as a whole or not at all. */
export class StorageError extends Error {
  override name = "StorageError";
}

/** Where the truth is kept. Each method is one transaction, and throws {@link StorageError} if the store fails. */
export interface Storage {
  /** Everything that a push or batch is judged by. */
  openWrite(visit: Visit, query: WriteQuery): Promise<WriteView>;
  /**
   * All of a write or nothing. `moved`: the store is not as the write was judged by, as its identity, a record under the same key, or a stored
   * row shows; read and judge again.
   */
  commit(write: Commit): Promise<"committed" | "moved">;
  readPage(visit: Visit, query: PageQuery): Promise<PageView>;
  readStatus(visit: Visit, devicesSince: number): Promise<StatusView>;
  /** Gives the data another identity, if it still has the one that `expected` names; returns the one it has then. */
  replaceIdentity(
    user: string,
    expected: string,
    fresh: Pick<Identity, "epoch" | "cursorKey">,
  ): Promise<Identity>;
}

export interface StatusView {
  identity: Identity;
  entityCount: number;
  deviceCount: number;
}

/** What the user's Durable Object has acknowledged, kept apart from the store so that a restored store is recognised. */
export interface Witness {
  epoch: string;
  head: number;
}

export interface WitnessStore {
  read(): Promise<Witness | undefined>;
  write(witness: Witness): Promise<void>;
}

/** The time now, Unix ms. */
export type Clock = () => number;

/** That many random bytes, fit for keys. */
export type RandomBytes = (count: number) => Uint8Array;

/** One line for the operator. Never a token, a body or an item. */
export type Log = (message: string) => void;
