import type { EntityRef, Row, Storage, Visit, WriteQuery, WriteView } from "./ports.ts";
import { StorageError } from "./ports.ts";
import { agree, type RestoreGuard } from "./restore-guard.ts";
import { WriteCache } from "./write-cache.ts";

/** What a write has put into the log, for those who listen to it. */
export interface Logged {
  epoch: string;
  /** The head before it. */
  before: number;
  head: number;
  /** The rows written, by ascending `seq`. */
  rows: readonly Row[];
}

/** What a write comes to, once it is known what is stored. */
export interface Decision<T> {
  result: T;
  /** Absent: nothing is written. */
  rows?: Row[];
  head?: number;
  record?: WriteView["record"];
}

export interface Written<T> {
  result: T;
  /** Undefined if nothing was written. */
  logged: Logged | undefined;
}

type Decide<T> = (view: WriteView) => Promise<Decision<T>>;

/** Another writer came between so often; only two servers over one store can bring that about. */
const MOST_ATTEMPTS = 8;

/**
 * The one path into the store: finds out what the items are judged by, lets them be judged, and commits. A user's writes come here
 * one after the other, and are the only ones, so that what they left behind is mostly still known: then a write is one transaction.
 *
 * What is known from memory is a guess, and answers nobody. It only goes ahead where the transaction that commits it makes sure of
 * all that it was judged by, and is void otherwise: the log still has that epoch and head, so no remembered row has changed; each row
 * that is written follows the stored one, or there is none; the idempotency key has no record. Whatever it would not make sure of
 * is read first, as everything is after a guess that was wrong: a write that changes nothing, one whose key gets no record, an
 * entity that is not remembered and not written.
 *
 * A restored store is recognised as surely as by reading. A reader compares the witness with the identity that it reads, and
 * the commit insists on that identity. A guess compares the witness with the identity that it remembers, and the commit insists on that
 * one: it can only succeed on a store that {@link RestoreGuard.admit} would have let pass. On a store with an older head, another epoch or
 * without the user it fails; then the store is read, and the guard sees what it is.
 */
export class WritePath {
  readonly #storage: Storage;
  readonly #guard: RestoreGuard;
  readonly #cache = new WriteCache();

  constructor(storage: Storage, guard: RestoreGuard) {
    this.#storage = storage;
    this.#guard = guard;
  }

  /** The caller sees to it that a user's writes come one after the other. */
  async write<T>(visit: Visit, query: WriteQuery, decide: Decide<T>): Promise<Written<T>> {
    const guessed = await this.#guess(visit, query, decide);
    if (guessed !== undefined) return guessed;
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
      const witness = await this.#guard.witness();
      const read = await this.#storage.openWrite(visit, query);
      const view = { ...read, identity: await this.#guard.admit(visit, witness, read.identity) };
      this.#cache.read(query.entities, view);
      const decision = await decide(view);
      if (!writes(decision)) return { result: decision.result, logged: undefined };
      const written = await this.#commit(visit, query, view, decision);
      if (written !== undefined) return written;
    }
    throw new StorageError(`another writer moved the head ${MOST_ATTEMPTS} times`);
  }

  /** Undefined if nothing is known that would do, or if it turned out to be wrong. */
  async #guess<T>(visit: Visit, query: WriteQuery, decide: Decide<T>): Promise<Written<T> | undefined> {
    const known = this.#cache.view(query.entities);
    const witness = await this.#guard.witness();
    if (known === undefined || witness === undefined || !agree(witness, known.identity)) return undefined;
    const view = { ...known, record: null };
    const decision = await decide(view);
    return isProven(query, view, decision) ? this.#commit(visit, query, view, decision) : undefined;
  }

  /** Undefined if the store is not as the write was judged by. */
  async #commit<T>(
    visit: Visit,
    { recordedSince }: WriteQuery,
    { identity }: WriteView,
    { result, rows = [], head = identity.head, record = null }: Decision<T>,
  ): Promise<Written<T> | undefined> {
    // Should it fail, it may have been stored or not: the cache is then right, or tells of a head that the next commit does not find.
    const write = { visit, expected: identity, head, rows, record, recordedSince };
    if ((await this.#storage.commit(write)) === "moved") return undefined;
    this.#cache.wrote({ ...identity, head }, rows);
    await this.#guard.acknowledge({ epoch: identity.epoch, head });
    return { result, logged: { epoch: identity.epoch, before: identity.head, head, rows } };
  }
}

function writes({ rows = [], record = null }: Decision<unknown>): boolean {
  return rows.length > 0 || record !== null;
}

/** Whether the commit makes sure of everything that a guess was judged by. */
function isProven(query: WriteQuery, view: WriteView, decision: Decision<unknown>): boolean {
  const { rows = [], record = null } = decision;
  if (!writes(decision) || (query.key !== null && record === null)) return false;
  const proven = new Set([...view.rows, ...rows].map(nameOf));
  return query.entities.every((entity) => proven.has(nameOf(entity)));
}

function nameOf({ entityType, entityId }: EntityRef): string {
  return `${entityType}/${entityId}`;
}
