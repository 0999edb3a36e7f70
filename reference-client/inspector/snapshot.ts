import type { SyncClient } from "../client.ts";
import type { Entity } from "../types.ts";
import type { EntityKey, LocalWrite, Row } from "../replica/records.ts";
import type { StoredEntity } from "../ports/storage.ts";
import type { Health, MetricsSnapshot } from "../sync/metrics.ts";
import type { Status } from "../sync/realtime.ts";
import type { Probe, SeenMessage, Stored } from "./probe.ts";

/** One write that waits for the server, or was refused by it. */
export interface Write {
  /** Its type and id. */
  key: string;
  title: string;
  /** The stamp's instant, Unix milliseconds. */
  stamp: number;
  deleted: boolean;
  /** Whether it may have reached the server. */
  sent: boolean;
  /** The idempotency key of the request that it is frozen in. */
  request?: string;
}

export interface RefusedWrite extends Omit<Write, "sent" | "request"> {
  code: string;
  detail: string;
  pointer?: string;
}

/** What the server is known to hold of one entity. */
export interface Confirmed extends Pick<Row, "updatedAt" | "checksum" | "version" | "seq" | "seen"> {
  key: string;
  title: string;
  deleted: boolean;
}

/** The one record beside the entities. */
export interface Cursor {
  syncToken?: string;
  lastSeq?: number;
  epoch?: string;
  /** Up to where a full pull was complete. */
  floor?: number;
  deviceId: string;
  /** Milliseconds. */
  clockOffset: number;
}

/** All that the panel shows: plain data, so that it can be shown elsewhere than where the client runs. */
export interface Snapshot {
  user: string;
  /** By the device's clock, Unix milliseconds. */
  at: number;
  status: Status;
  nextAttemptAt: number | null;
  /** Why the client waits for `resume()`. */
  halted: string | null;
  health: Health;
  metrics: MetricsSnapshot;
  outbox: Write[];
  deadLetters: RefusedWrite[];
  /** Null without a probe, and before anything is stored. */
  cursor: Cursor | null;
  /** The latest of the confirmed layer, and how many there are in all. */
  confirmed: { rows: Confirmed[]; count: number } | null;
  messages: readonly SeenMessage[];
}

const MOST_ROWS = 100;

/** @param probe whose ports the client was opened with; without it cursor, stamps and messages are not known */
export async function snapshotOf(client: SyncClient, probe?: Probe): Promise<Snapshot> {
  const stored = await probe?.stored();
  return {
    user: client.user,
    at: probe?.now() ?? Date.now(),
    status: client.status,
    nextAttemptAt: client.nextAttemptAt,
    halted: client.halted?.message ?? null,
    health: client.health,
    metrics: client.metrics,
    outbox: stored ? frozenAndWaiting(stored) : waiting(client),
    deadLetters: client.deadLetters().map(({ type, id, item, writtenAt, code, detail, pointer }) => ({
      key: `${type}/${id}`,
      title: titleOf(item) ?? id,
      stamp: writtenAt,
      deleted: item === null,
      code,
      detail,
      ...(pointer !== undefined && { pointer }),
    })),
    cursor: stored ? cursorOf(stored) : null,
    confirmed: stored ? confirmedOf(stored.entities) : null,
    messages: probe?.messages ?? [],
  };
}

function waiting(client: SyncClient): Write[] {
  return client.pending().map(({ type, id, item, writtenAt, sent }) => ({
    key: `${type}/${id}`,
    title: titleOf(item) ?? id,
    stamp: writtenAt,
    deleted: item === null,
    sent,
  }));
}

/** Both writes of an entity of which one is under way, oldest first. */
function frozenAndWaiting({ state, entities }: Stored): Write[] {
  const requestOf = (key: EntityKey): string | undefined =>
    state.requests.find((request) => request.entities.includes(key))?.key;
  return entities
    .flatMap(({ key, edits }) => {
      const { sent, waiting: next } = edits ?? {};
      const request = requestOf(key);
      return [
        ...(sent ? [{ ...writeOf(key, sent), sent: true, ...(request && { request }) }] : []),
        ...(next ? [{ ...writeOf(key, next), sent: false }] : []),
      ];
    })
    .sort((a, b) => a.stamp - b.stamp);
}

function writeOf(key: EntityKey, { item, deleted, updatedAt }: LocalWrite): Omit<Write, "sent"> {
  const title = deleted ? undefined : titleOf(item as Entity);
  return { key, title: title ?? nameOf(key), stamp: updatedAt, deleted };
}

function cursorOf({ state }: Stored): Cursor {
  const { syncToken, lastSeq, epoch, floor, deviceId, clockOffset } = state;
  return { syncToken, lastSeq, epoch, floor: floor?.through, deviceId, clockOffset };
}

function confirmedOf(entities: readonly StoredEntity[]): Snapshot["confirmed"] {
  const rows = entities
    .flatMap(({ key, row }) => (row ? [{ key, row }] : []))
    .sort((a, b) => b.row.seq - a.row.seq);
  return {
    count: rows.length,
    rows: rows.slice(0, MOST_ROWS).map(({ key, row: { item, ...row } }) => ({
      key,
      title: titleOf(item as Entity | null) ?? nameOf(key),
      deleted: item === null,
      ...row,
    })),
  };
}

function nameOf(key: EntityKey): string {
  return key.slice(key.indexOf("/") + 1);
}

/** A few words by which a user knows an entity. */
function titleOf(item: Entity | null): string | undefined {
  const { title, notes, duration } = (item ?? {}) as { title?: unknown; notes?: unknown; duration?: unknown };
  const words = [title, notes].find((text) => typeof text === "string" && text !== "") as string | undefined;
  if (typeof duration !== "number") return words;
  return words === undefined ? `${duration} min` : `${words}, ${duration} min`;
}
