import { compareStamps } from "../../spec/rules/stamp.ts";
import type {
  Commit,
  Identity,
  IdempotencyRecord,
  PageQuery,
  PageView,
  Row,
  StatusView,
  Storage,
  Visit,
  WriteQuery,
  WriteView,
} from "../core/ports.ts";

interface UserData {
  identity: Identity;
  rows: Map<string, Row>;
  /** When each row was received, by its key. */
  received: Map<string, number>;
  records: Map<string, IdempotencyRecord & { recordedAt: number }>;
  devices: Map<string, number>;
}

/** The user's data in memory: for tests of the core. The contract test holds it to what D1 does. */
export class MemoryStorage implements Storage {
  readonly #users = new Map<string, UserData>();

  async openWrite(visit: Visit, { endpoint, key, recordedSince, entities }: WriteQuery): Promise<WriteView> {
    const user = this.#meet(visit);
    const record = key === null ? undefined : user.records.get(recordKey(endpoint, key));
    const rows = entities.flatMap((entity) => user.rows.get(rowKey(entity)) ?? []);
    const valid = record !== undefined && record.recordedAt >= recordedSince;
    return structuredClone({ identity: user.identity, record: valid ? withoutTime(record) : null, rows });
  }

  async commit(write: Commit): Promise<"committed" | "moved"> {
    const { visit, expected, head, rows, record, recordedSince } = write;
    const { now } = visit;
    const user = this.#users.get(visit.user);
    if (user?.identity.epoch !== expected.epoch || user.identity.head !== expected.head) return "moved";
    for (const [key, { recordedAt }] of user.records)
      if (recordedAt < recordedSince) user.records.delete(key);
    const key = record && recordKey(record.endpoint, record.key);
    if (key !== null && user.records.has(key)) return "moved";
    if (!rows.every((row) => follows(row, user.rows.get(rowKey(row))))) return "moved";

    see(user, visit);
    if (key !== null) user.records.set(key, { ...record!, recordedAt: now });
    for (const row of rows) {
      user.rows.set(rowKey(row), structuredClone(row));
      user.received.set(rowKey(row), now);
    }
    user.identity = { ...user.identity, head, lastWrite: rows.length > 0 ? now : user.identity.lastWrite };
    return "committed";
  }

  async readPage(visit: Visit, query: PageQuery): Promise<PageView> {
    const { after, types, limit, full, receivedSince = -Infinity } = query;
    const { identity, rows, received } = this.#meet(visit);
    const wanted = [...rows.values()].filter((row) => {
      if (row.seq <= after || (types && !types.includes(row.entityType))) return false;
      if (received.get(rowKey(row))! < receivedSince) return false;
      return !full || !row.deleted || row.seq > full.startHead || row.updatedAt > full.startedAt;
    });
    wanted.sort((a, b) => a.seq - b.seq);
    return structuredClone({ identity, rows: wanted.slice(0, limit) });
  }

  async readStatus(visit: Visit, devicesSince: number): Promise<StatusView> {
    const { identity, rows, devices } = this.#meet(visit);
    return {
      identity: { ...identity },
      entityCount: [...rows.values()].filter((row) => !row.deleted).length,
      deviceCount: [...devices.values()].filter((seen) => seen >= devicesSince).length,
    };
  }

  async replaceIdentity(name: string, expected: string, fresh: Visit["fresh"]): Promise<Identity> {
    const user = this.#users.get(name)!;
    if (user.identity.epoch === expected) user.identity = { ...user.identity, ...fresh };
    return { ...user.identity };
  }

  #meet(visit: Visit): UserData {
    const { user: name, fresh } = visit;
    let user = this.#users.get(name);
    if (user === undefined) {
      user = {
        identity: { ...fresh, head: 0, lastWrite: null },
        rows: new Map(),
        received: new Map(),
        records: new Map(),
        devices: new Map(),
      };
      this.#users.set(name, user);
    }
    see(user, visit);
    return user;
  }
}

function see({ devices }: UserData, { device, now, deviceRefreshMs }: Visit): void {
  if (device !== null && (devices.get(device) ?? -Infinity) <= now - deviceRefreshMs)
    devices.set(device, now);
}

function follows(row: Row, stored: Row | undefined): boolean {
  return stored === undefined || (row.version === stored.version + 1 && compareStamps(row, stored) > 0);
}

function rowKey({ entityType, entityId }: { entityType: string; entityId: string }): string {
  return `${entityType}/${entityId}`;
}

function recordKey(endpoint: string, key: string): string {
  return `${endpoint}/${key}`;
}

function withoutTime(record: IdempotencyRecord): IdempotencyRecord {
  const { endpoint, key, fingerprint, status, body } = record;
  return { endpoint, key, fingerprint, status, body };
}
