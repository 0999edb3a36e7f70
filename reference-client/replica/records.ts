import type { EntityType } from "../../schemas/collections.ts";
import type { JsonObject } from "../../schemas/json.ts";

/** Names an entity in storage: its type, a slash, its normalised id. */
export type EntityKey = `${EntityType}/${string}`;

/** What the server is known to hold of one entity: a row of the confirmed layer. */
export interface Row {
  /** As stored by the server; null: a deletion, of which the stamp is kept (CLI-020). */
  item: JsonObject | null;
  /** The stamp's instant, Unix milliseconds. */
  updatedAt: number;
  /** As `meta` told it, never computed here (CLI-006); empty for a deletion. */
  checksum: string;
  version: number;
  seq: number;
  /** The greatest stamp that the server is known to have held, rows that lost included (CLI-002). */
  seen: number;
}

/** One write of the user that the server has not acknowledged. */
export interface LocalWrite {
  /** The whole entity as it travels; for a deletion its id and `deletedAt`. Normalised. */
  item: JsonObject;
  deleted: boolean;
  /** The stamp's instant, Unix milliseconds: that of the item's `updatedAt` or `deletedAt`. */
  updatedAt: number;
  /** The correction of the clock that the stamp was made with, in milliseconds. */
  offset: number;
  /** How often the server refused it with a code that may pass (CLI-029). */
  tries: number;
}

/** Why the server refused a write for good. */
export interface Refusal {
  /** The code of the item or of the request that held it alone. */
  code: string;
  /** The server's words. */
  detail: string;
  /** The member that is wrong, where the server named one: a JSON Pointer (RFC 6901) into the item, such as `/duration`. */
  pointer?: string;
}

/** A write that the server refused for good: kept until the user retries, discards or replaces it. */
export interface DeadLetter extends LocalWrite {
  refusal: Refusal;
}

/** What lies over a row, at most one of each: the greatest of them is what the user sees. */
export interface LocalEdits {
  /** In a frozen request: never changed until it is settled (CLI-019). */
  sent?: LocalWrite;
  /** Not in any request yet; further edits coalesce with it. */
  waiting?: LocalWrite;
  dead?: DeadLetter;
}

/** A push that was, or may have been, sent. Its body is made of the `sent` writes of its entities, in this order. */
export interface FrozenRequest {
  /** The idempotency key. */
  key: string;
  entities: EntityKey[];
}

/** Up to where a full pull was complete (CLI-013). This client pulls all types together, so one floor serves for all. */
export interface Floor {
  /** `through` of that pull. */
  through: number;
  /** Its `timestamp`, Unix milliseconds: absent entities count as seen then (CLI-002). */
  at: number;
}

/** What the app's user chose. */
export interface Settings {
  realtime: boolean;
  autoSync: "never" | "wifi-only" | "always";
  notifications: "all" | "important" | "none";
}

/** The one record beside the entities: cursor, epoch, floor, frozen requests, clock, settings. */
export interface ReplicaState {
  /** Grows by one with each transaction, so that tabs notice what they missed. */
  revision: number;
  /** Names this copy of the data to the server: `X-Device-ID`. */
  deviceId: string;
  /** The identity of the server's data that the rows are from. */
  epoch?: string;
  /** The cursor of pulls: opaque. Absent: the next pull is a full one. */
  syncToken?: string;
  /** The cursor of catch-up. */
  lastSeq?: number;
  floor?: Floor;
  /** Server's clock minus this one, in milliseconds, as last measured. */
  clockOffset: number;
  /** Not yet settled, the first one is sent first. */
  requests: FrozenRequest[];
  settings: Settings;
}
