/** WebSocket messages as checks send and read them; every message is held against the schemas first. */
import type { EntityType } from "../../schemas/collections.ts";
import { isJsonObject } from "../../schemas/json.ts";
import type { JsonObject } from "../../schemas/json.ts";
import { CARRIED } from "../../schemas/realtime/carried.ts";
import type { Row } from "./pulled.ts";
import type { Meta, Outcome, Result } from "./shapes.ts";
import { CheckFailure } from "../verdict.ts";

/** A message of the server. */
export interface Message {
  type: string;
  seq?: number;
  lastSeq?: number;
  clientChangeId?: string;
  [member: string]: unknown;
}

/** The acknowledgement of a mutation. */
export interface Ack extends Message {
  type: "SYNC_RESPONSE";
  clientChangeId: string;
  outcome: Outcome;
  meta: Meta;
  item?: JsonObject | null;
  /** Of a message with several entities, in place of `outcome` and `meta`. */
  results?: Result[];
}

/** The refusal of a message. */
export interface ErrorMessage extends Message {
  type: "ERROR";
  error: string;
  code: string;
  supported?: string[];
  serverTime?: string;
}

/** One entity as a message told it: `item` is null for a deletion. */
export interface Told extends Row {
  message: Message;
}

export function isAck(message: Message): message is Ack {
  return message.type === "SYNC_RESPONSE" && message.clientChangeId !== undefined;
}

export function isError(message: Message): message is ErrorMessage {
  return message.type === "ERROR";
}

/** The messages that catch-up tells live entities with. */
export function isChunk({ type }: Message): boolean {
  return type === "BULK_SYNC" || type === "REPERTOIRE_BULK_SYNC";
}

/** Every entity that a message of the server tells, in its order; none for answers. */
export function toldBy(message: Message): Told[] {
  const { type, meta } = message;
  if (type === "ENTRY_DELETED" || type === "PIECE_REMOVED") return [told(message, meta, null)];
  if (type === "ENTITY_CHANGED") return [told(message, meta, (message["item"] ?? null) as JsonObject | null)];
  const deleted = isChunk(message) ? listOf(message["deleted"]).map((one) => told(message, one, null)) : [];
  return [...carriedBy(message).flatMap(([member, value]) => live(message, member, value)), ...deleted];
}

function live(message: Message, member: string, value: unknown): Told[] {
  const items = Array.isArray(value) ? value : [value];
  const metas = metasOf(message.meta as JsonObject, member);
  if (items.length !== metas.length) {
    throw new CheckFailure(`meta of ${message.type} does not run parallel to ${member}`, {
      expected: `${items.length} for ${member}`,
      actual: message.meta,
    });
  }
  return items.map((item, index) => told(message, metas[index], item as JsonObject));
}

/** `meta` is that of the one entity, or by member where there may be several. */
function metasOf(meta: JsonObject, member: string): unknown[] {
  if (typeof meta["entityId"] === "string") return [meta];
  return listOf(meta[member] ?? (member === "pieces" ? meta["repertoire"] : undefined));
}

function listOf(value: unknown): unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

function told(message: Message, meta: unknown, item: JsonObject | null): Told {
  const { entityType, entityId } = meta as Meta;
  return { entityType, entityId, item, meta: meta as Meta, message };
}

/** The members of a message that carry items, in either direction, with their values. */
function carriedBy(message: Message): [member: string, value: unknown, entityType: EntityType][] {
  const members: Readonly<Record<string, EntityType>> = CARRIED[message.type as keyof typeof CARRIED] ?? {};
  return Object.entries(members).flatMap(([member, entityType]) => {
    const value = message[member];
    return value === undefined || value === null ? [] : [[member, value, entityType]];
  });
}

/** Every item that a message of the client carries, with its JSON Pointer. */
export function itemsOf(message: Message): { entityType: EntityType; item: unknown; pointer: string }[] {
  if (message.type === "ENTITY_CHANGED") {
    return [{ entityType: message["entityType"] as EntityType, item: message["item"], pointer: "/item" }];
  }
  return carriedBy(message).flatMap(([member, value, entityType]) =>
    Array.isArray(value)
      ? value.map((item, index) => ({ entityType, item, pointer: `/${member}/${index}` }))
      : [{ entityType, item: value, pointer: `/${member}` }],
  );
}

/** "BULK_SYNC lastSeq 4 (logbook_entry e1 seq 3, goal g1 seq 4)", for failures. */
export function summaryOf(message: Message): string {
  const { type, clientChangeId, seq, lastSeq } = message;
  const named = Object.entries({
    clientChangeId,
    seq,
    lastSeq,
    code: message["code"],
    outcome: message["outcome"],
  })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name} ${String(value)}`);
  const rows = isJsonObject(message.meta) && !isAck(message) ? safely(() => toldBy(message)) : [];
  const shown = rows
    .slice(0, 4)
    .map((row) => `${row.entityType} ${row.entityId} seq ${row.meta.seq}${row.item ? "" : " deleted"}`);
  const more = rows.length > shown.length ? [`${rows.length - shown.length} more`] : [];
  return `${type}${named.join("")}${shown.length > 0 ? ` (${[...shown, ...more].join(", ")})` : ""}`;
}

function safely(rows: () => Told[]): Told[] {
  try {
    return rows();
  } catch {
    return [];
  }
}
