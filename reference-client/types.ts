import type { EntityType } from "../schemas/collections.ts";
import type { Entities } from "../schemas/entities/index.ts";
import type { ServerMessage } from "../schemas/realtime/messages.ts";
import type { SyncError } from "./errors.ts";
import type { Refusal, Settings } from "./replica/records.ts";
import type { Origin } from "./replica/replica.ts";
import type { Status } from "./sync/realtime.ts";

type IdMember<T extends EntityType> = (T extends "repertoire_item" ? "scoreId" : "id") & keyof Entities[T];

/** Members that the contracts do not name travel unchanged. */
interface More {
  readonly [member: string]: unknown;
}

/** An entity of a type, as the app knows it. Not to be changed in place. */
export type Entity<T extends EntityType = EntityType> = Readonly<Entities[T]> & More;

/** What makes a new entity: the id may be left to the client. */
export type NewEntity<T extends EntityType> = Omit<Entities[T], IdMember<T>> &
  Partial<Pick<Entities[T], IdMember<T>>>;

/** Members to set; undefined removes one. */
export type Patch<T extends EntityType> = {
  readonly [M in keyof Entities[T]]?: Entities[T][M] | undefined;
} & More;

/** What the user sees of one entity has changed. */
export interface Change<T extends EntityType = EntityType> {
  type: T;
  id: string;
  /** null: it is gone. */
  item: Entity<T> | null;
  /** `local`: by the user of this device, in this tab or another. */
  origin: Origin;
}

/** A write that the server has not acknowledged. */
export interface Pending<T extends EntityType = EntityType> {
  type: T;
  id: string;
  /** null: a deletion. */
  item: Entity<T> | null;
  /** Unix milliseconds. */
  writtenAt: number;
  /** Whether it may have reached the server. */
  sent: boolean;
}

/** A write that the server refused for good. */
export interface DeadLetter<T extends EntityType = EntityType> extends Omit<Pending<T>, "sent">, Refusal {}

/** What `on` tells of. */
export interface ClientEvents {
  status: Status;
  /** When the server is tried again, Unix milliseconds; null: nothing waits for that any more. */
  nextAttempt: number | null;
  /** How many entities wait. */
  pending: number;
  deadLetter: DeadLetter;
  /** Something failed that the client goes on trying, told once until something succeeds; or that it has halted for, or was ended by. */
  error: SyncError;
  settings: Settings;
  /** Any message of the server, of whatever type. */
  message: ServerMessage;
}
