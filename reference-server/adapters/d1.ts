import {
  StorageError,
  type Commit,
  type Identity,
  type IdempotencyRecord,
  type PageQuery,
  type PageView,
  type StatusView,
  type Storage,
  type Visit,
  type WriteQuery,
  type WriteView,
} from "../core/ports.ts";
import * as sql from "./d1-sql.ts";
import {
  asLists,
  asParts,
  idAsColumn,
  identityOf,
  rowAsJson,
  rowOf,
  type IdentityColumns,
  type RecordColumns,
  type RowColumns,
} from "./d1-values.ts";

/** Devices that are remembered; with more than that some are written down once more than they need be. */
const MOST_DEVICES = 1_000;

/** The user's data in D1. Every method is one call of `batch()`, which is one transaction, however many rows it is about. */
export class D1Storage implements Storage {
  readonly #db: D1Database;
  /** Users that are known to have an identity: a call for them need not write one first. */
  readonly #met = new Set<string>();
  /** When a device's time was written last, Unix ms. */
  readonly #seen = new Map<string, number>();

  constructor(db: D1Database) {
    this.#db = db;
  }

  async openWrite(visit: Visit, { endpoint, key, recordedSince, entities }: WriteQuery): Promise<WriteView> {
    const names = entities.map(({ entityType, entityId }) =>
      JSON.stringify([entityType, idAsColumn(entityId)]),
    );
    const record =
      key === null ? [] : [this.#bind(sql.READ_RECORD, visit.user, endpoint, key, recordedSince)];
    const rows = asLists(names).map((list) => this.#bind(sql.READ_ROWS, visit.user, list));
    const { identity, results } = await this.#visit(visit, [...record, ...rows]);
    const parts = results.slice(0, record.length).flatMap((result) => result as RecordColumns[]);
    return {
      identity,
      record: key === null ? null : recordOf(endpoint, key, parts),
      rows: (results.slice(record.length).flat() as RowColumns[]).map(rowOf),
    };
  }

  async commit(write: Commit): Promise<"committed" | "moved"> {
    const { visit, expected, head, rows, record } = write;
    const { user, now } = visit;
    const wroteAt = rows.length > 0 ? now : null;
    const sees = this.#sees(visit);
    const statements = [
      ...sees,
      this.#bind(sql.MOVE_HEAD, user, expected.epoch, expected.head, head, wroteAt),
      ...(record === null ? [] : this.#record(write, record)),
      ...asLists(rows.map(rowAsJson)).map((list) => this.#bind(sql.WRITE_ROWS, user, list, now)),
    ];
    try {
      const [seen] = await this.#batch(statements);
      if (sees.length > 0) this.#saw(visit, seen!);
      return "committed";
    } catch (error) {
      if (error instanceof StorageError && isRace(error.message)) return "moved";
      throw error;
    }
  }

  async readPage(visit: Visit, query: PageQuery): Promise<PageView> {
    const { after, types, limit = -1, full, receivedSince } = query;
    const typed = types !== undefined;
    const since = receivedSince === undefined ? [] : [receivedSince];
    const start = full ? [full.startHead, full.startedAt] : since;
    const delta = receivedSince === undefined ? sql.deltaPage(typed) : sql.RECEIVED_PAGE;
    const text = full ? sql.fullPage(typed) : delta;
    // One statement a type, each cut after `limit`: what is cut off below was never more than a page of each type.
    const pages = (types ?? [undefined]).map((type) =>
      this.#bind(text, visit.user, after, limit, ...start, ...(type === undefined ? [] : [type])),
    );
    const { identity, results } = await this.#visit(visit, pages);
    const rows = (results.flat() as RowColumns[]).map(rowOf);
    if (pages.length > 1) rows.sort((a, b) => a.seq - b.seq);
    return { identity, rows: limit === -1 ? rows : rows.slice(0, limit) };
  }

  async readStatus(visit: Visit, devicesSince: number): Promise<StatusView> {
    const { identity, results } = await this.#visit(visit, [
      this.#bind(sql.COUNT_ENTITIES, visit.user),
      this.#bind(sql.COUNT_DEVICES, visit.user, devicesSince),
    ]);
    const [entities, devices] = results as [{ count: number }[], { count: number }[]];
    return {
      identity,
      entityCount: entities[0]!.count,
      deviceCount: devices[0]!.count,
    };
  }

  async replaceIdentity(user: string, expected: string, fresh: Visit["fresh"]): Promise<Identity> {
    // It is replaced where the database was restored, and what was written of devices since is gone.
    this.#seen.clear();
    const results = await this.#batch([
      this.#bind(sql.REPLACE_IDENTITY, user, expected, fresh.epoch, fresh.cursorKey),
      this.#bind(sql.READ_IDENTITY, user),
    ]);
    return identityOf((results[1]!.results as IdentityColumns[])[0]!);
  }

  /** Runs the statements after what every call begins with: the user's identity, and the device's time. */
  async #visit(
    visit: Visit,
    statements: D1PreparedStatement[],
  ): Promise<{ identity: Identity; results: unknown[][] }> {
    const { user, fresh } = visit;
    const meets = this.#met.has(user) ? [] : [this.#bind(sql.MEET_USER, user, fresh.epoch, fresh.cursorKey)];
    const sees = this.#sees(visit);
    const opening = [...meets, ...sees, this.#bind(sql.READ_IDENTITY, user)];
    const all = await this.#batch([...opening, ...statements]);
    const [columns] = all[opening.length - 1]!.results as [IdentityColumns?];
    if (columns === undefined) {
      // The database is not the one that it was: it was restored to before this user.
      this.#met.delete(user);
      this.#seen.clear();
      return this.#visit(visit, statements);
    }
    this.#met.add(user);
    if (sees.length > 0) this.#saw(visit, all[meets.length]!);
    return {
      identity: identityOf(columns),
      results: all.slice(opening.length).map(({ results }) => results),
    };
  }

  /** Writes the device's time, if that is due. */
  #sees({ user, now, device, deviceRefreshMs }: Visit): D1PreparedStatement[] {
    if (device === null || (this.#seen.get(deviceKey(user, device)) ?? -Infinity) > now - deviceRefreshMs)
      return [];
    return [this.#bind(sql.SEE_DEVICE, user, device, now, deviceRefreshMs)];
  }

  #saw({ user, now, device }: Visit, { meta }: D1Result): void {
    if (meta.changes === 0) return;
    if (this.#seen.size >= MOST_DEVICES) this.#seen.clear();
    this.#seen.set(deviceKey(user, device!), now);
  }

  /** Those that have expired make room first: one of them may stand under the same key. */
  #record({ visit, recordedSince }: Commit, record: IdempotencyRecord): D1PreparedStatement[] {
    const { endpoint, key, fingerprint, status, body } = record;
    const parts = asParts(body).map((part, index) =>
      this.#bind(sql.RECORD, visit.user, endpoint, key, index, fingerprint, status, part, visit.now),
    );
    return [this.#bind(sql.FORGET_RECORDS, visit.user, recordedSince), ...parts];
  }

  #bind(statement: string, ...values: (string | number | null)[]): D1PreparedStatement {
    return this.#db.prepare(statement).bind(...values);
  }

  async #batch(statements: D1PreparedStatement[]): Promise<D1Result[]> {
    try {
      return await this.#db.batch(statements);
    } catch (error) {
      throw new StorageError(error instanceof Error ? error.message : String(error));
    }
  }
}

function deviceKey(user: string, device: string): string {
  return JSON.stringify([user, device]);
}

function recordOf(
  endpoint: WriteQuery["endpoint"],
  key: string,
  parts: readonly RecordColumns[],
): IdempotencyRecord | null {
  const [first] = parts;
  if (first === undefined) return null;
  return {
    endpoint,
    key,
    fingerprint: first.fingerprint,
    status: first.status,
    body: parts.map((part) => part.body).join(""),
  };
}

/** The store is not as the write was judged by: the head or a row is another one, or the key has a record. */
function isRace(message: string): boolean {
  return (
    message.includes("NOT NULL constraint failed: sync_metadata.head") ||
    message.includes("NOT NULL constraint failed: sync_data.version") ||
    message.includes("UNIQUE constraint failed: idempotency_records")
  );
}
