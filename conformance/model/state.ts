import type { EntityType } from "../../schemas/collections.ts";
import type { JsonObject } from "../../schemas/json.ts";
import type { Stamp } from "../../spec/rules/stamp.ts";

/** What a writer without a usable stamp said of its write (ORD-013). */
export interface Claim {
  /** Its own stamp in Unix ms, which was too far ahead; null: it sent none. */
  at: number | null;
  deleted: boolean;
  checksum: string;
}

/** An entity's latest accepted write. */
export interface Row {
  entityType: EntityType;
  entityId: string;
  /** As stored: normalised, without the server's own members; null for a deletion. */
  item: JsonObject | null;
  stamp: Stamp;
  version: number;
  seq: number;
  /** Server time of the write, Unix ms. */
  writtenAt: number;
  claim?: Claim;
}

/** What is remembered under an idempotency key. */
export interface IdempotencyRecord {
  fingerprint: string;
  status: number;
  /** Of the answer as judged, those of the transport and of CORS apart. Names lower case. */
  headers: Record<string, string>;
  body: Uint8Array;
  /** Server time, Unix ms. */
  answeredAt: number;
}

/** One accepted write. It is outdated once the entity's row has a greater seq. */
export interface LogEntry {
  seq: number;
  entityType: EntityType;
  entityId: string;
}

/** Everything a server stores of a user. Plain data: a mutant may reach and spoil it. */
export interface UserState {
  id: string;
  epoch: string;
  /** The greatest seq; 0 before the first write. */
  head: number;
  /** By {@link rowKey}. */
  rows: Map<string, Row>;
  /** All accepted writes, seq ascending. */
  log: LogEntry[];
  /** By the key as `recordKey` scopes it. */
  records: Map<string, IdempotencyRecord>;
  /** X-Device-ID → server time of its last request, Unix ms. */
  devices: Map<string, number>;
  /** Server time of the last accepted write, Unix ms. */
  lastWriteAt: number | null;
}

/** What becomes durable and visible together. */
export interface Transaction {
  rows: Row[];
  record?: { key: string; record: IdempotencyRecord };
}

export function rowKey(entityType: EntityType, entityId: string): string {
  return `${entityType}/${entityId}`;
}

/** Names a user's data until a restore. `random`: in [0, 1). */
export function newEpoch({ random }: { random: () => number }): string {
  return Array.from({ length: 3 }, () => Math.floor(random() * 0x1_0000_0000).toString(36)).join("");
}

export function emptyUser(id: string, epoch: string): UserState {
  return {
    id,
    epoch,
    head: 0,
    rows: new Map(),
    log: [],
    records: new Map(),
    devices: new Map(),
    lastWriteAt: null,
  };
}
