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

/** The user's data in D1. Every method is one call of `batch()`, which is one transaction, however many rows it is about. */
export class D1Storage implements Storage {
  readonly #db: D1Database;

  constructor(db: D1Database) {
    this.#db = db;
  }

  async openWrite(visit: Visit, { endpoint, key, recordedSince, entities }: WriteQuery): Promise<WriteView> {
    const names = entities.map(({ entityType, entityId }) =>
      JSON.stringify([entityType, idAsColumn(entityId)]),
    );
    const opening = this.#meet(visit);
    const record =
      key === null ? [] : [this.#bind(sql.READ_RECORD, visit.user, endpoint, key, recordedSince)];
    const rows = asLists(names).map((list) => this.#bind(sql.READ_ROWS, visit.user, list));
    const results = await this.#batch([...opening, ...record, ...rows]);
    const afterOpening = results.slice(opening.length);
    const parts = afterOpening.slice(0, record.length).flatMap((result) => result as RecordColumns[]);
    return {
      identity: identityIn(results),
      record: key === null ? null : recordOf(endpoint, key, parts),
      rows: (afterOpening.slice(record.length).flat() as RowColumns[]).map(rowOf),
    };
  }

  async commit(write: Commit): Promise<"committed" | "moved"> {
    const { user, now, expected, head, rows, record } = write;
    const wroteAt = rows.length > 0 ? now : null;
    const statements = [
      this.#bind(sql.MOVE_HEAD, user, expected.epoch, expected.head, head, wroteAt),
      this.#bind(sql.FORGET_RECORDS, user, write.recordedSince),
      ...(record === null ? [] : this.#record(user, now, record)),
      ...asLists(rows.map(rowAsJson)).map((list) => this.#bind(sql.WRITE_ROWS, user, list, now)),
    ];
    try {
      await this.#batch(statements);
      return "committed";
    } catch (error) {
      if (error instanceof StorageError && isRace(error.message)) return "moved";
      throw error;
    }
  }

  async readPage(visit: Visit, query: PageQuery): Promise<PageView> {
    const { after, types, limit = -1, full, receivedSince } = query;
    const opening = this.#meet(visit);
    const typed = types !== undefined;
    const since = receivedSince === undefined ? [] : [receivedSince];
    const start = full ? [full.startHead, full.startedAt] : since;
    const delta = receivedSince === undefined ? sql.deltaPage(typed) : sql.RECEIVED_PAGE;
    const text = full ? sql.fullPage(typed) : delta;
    // One statement a type, each cut after `limit`: what is cut off below was never more than a page of each type.
    const pages = (types ?? [undefined]).map((type) =>
      this.#bind(text, visit.user, after, limit, ...start, ...(type === undefined ? [] : [type])),
    );
    const results = await this.#batch([...opening, ...pages]);
    const rows = (results.slice(opening.length).flat() as RowColumns[]).map(rowOf);
    if (pages.length > 1) rows.sort((a, b) => a.seq - b.seq);
    return { identity: identityIn(results), rows: limit === -1 ? rows : rows.slice(0, limit) };
  }

  async readStatus(visit: Visit, devicesSince: number): Promise<StatusView> {
    const results = await this.#batch([
      ...this.#meet(visit),
      this.#bind(sql.COUNT_ENTITIES, visit.user),
      this.#bind(sql.COUNT_DEVICES, visit.user, devicesSince),
    ]);
    const [entities, devices] = results.slice(-2) as [{ count: number }[], { count: number }[]];
    return {
      identity: identityIn(results),
      entityCount: entities[0]!.count,
      deviceCount: devices[0]!.count,
    };
  }

  async replaceIdentity(user: string, expected: string, fresh: Visit["fresh"]): Promise<Identity> {
    const results = await this.#batch([
      this.#bind(sql.REPLACE_IDENTITY, user, expected, fresh.epoch, fresh.cursorKey),
      this.#bind(sql.READ_IDENTITY, user),
    ]);
    return identityOf((results[1] as IdentityColumns[])[0]!);
  }

  /** What every call begins with. The identity is read by the second statement ({@link identityIn}). */
  #meet({ user, now, device, deviceRefreshMs, fresh }: Visit): D1PreparedStatement[] {
    return [
      this.#bind(sql.MEET_USER, user, fresh.epoch, fresh.cursorKey),
      this.#bind(sql.READ_IDENTITY, user),
      ...(device === null ? [] : [this.#bind(sql.SEE_DEVICE, user, device, now, deviceRefreshMs)]),
    ];
  }

  #record(user: string, now: number, record: IdempotencyRecord): D1PreparedStatement[] {
    return asParts(record.body).map((part, index) =>
      this.#bind(
        sql.RECORD,
        user,
        record.endpoint,
        record.key,
        index,
        record.fingerprint,
        record.status,
        part,
        now,
      ),
    );
  }

  #bind(statement: string, ...values: (string | number | null)[]): D1PreparedStatement {
    return this.#db.prepare(statement).bind(...values);
  }

  async #batch(statements: D1PreparedStatement[]): Promise<unknown[][]> {
    try {
      return (await this.#db.batch(statements)).map((result) => result.results);
    } catch (error) {
      throw new StorageError(error instanceof Error ? error.message : String(error));
    }
  }
}

function identityIn(results: readonly unknown[][]): Identity {
  return identityOf((results[1] as IdentityColumns[])[0]!);
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

/** Another writer was faster: it moved the head, or recorded an answer under the same key. */
function isRace(message: string): boolean {
  return (
    message.includes("NOT NULL constraint failed: sync_metadata.head") ||
    message.includes("UNIQUE constraint failed: idempotency_records")
  );
}
