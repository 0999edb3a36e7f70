import type { EntityType } from "../../schemas/collections.ts";
import type { ItemErrorCode } from "../../schemas/error-codes.ts";
import type { Json, JsonObject } from "../../schemas/json.ts";
import type { ErrorDetail } from "../../schemas/result.ts";
import type { Stamp } from "../../spec/rules/stamp.ts";
import type { Claim, Row } from "./state.ts";

/** One element of a push or batch, before anything of it is believed. */
export interface Submission {
  /** JSON Pointer of the element in the request's body. */
  pointer: string;
  /** JSON Pointer of the item: of a push the element's own, of a batch that of its `data`. */
  itemPointer: string;
  /** Null: the collection, or the batch item's type, is unknown. */
  entityType: EntityType | null;
  /** The item as sent. */
  raw: Json;
  /** The element as sent: of a push the item itself. */
  element: Json;
  /** The batch item around it; undefined in a push, and where the element is no object. */
  frame?: JsonObject;
  /** The message around it, on a socket. */
  message?: JsonObject;
  /** The message says that this is a deletion, stamped or not. */
  deletion?: true;
}

/** A submission whose form is good: an item or deletion that the stored state decides on. */
export interface Candidate {
  submission: Submission;
  entityType: EntityType;
  entityId: string;
  /** Normalised. */
  item: JsonObject;
  deleted: boolean;
  /** The writer's own stamp, Unix ms; null: it sent none. */
  writtenAt: number | null;
  /** Of the normalised content; "" for a deletion. */
  checksum: string;
  /** What counts, once `resolveStamp` has decided. */
  stamp: Stamp;
  /** The server gave the stamp: what the writer claimed. */
  claim?: Claim;
}

/** All of one entity's items in one request, and what was stored before. */
export interface EntityPlan {
  entityType: EntityType;
  entityId: string;
  stored: Row | undefined;
  /** The latest claim as the request goes on. */
  claim: Claim | undefined;
  /** In request order; without those that were refused or repeat a claim. */
  candidates: Candidate[];
  /** The greatest stamp so far. */
  top: Stamp | undefined;
}

/** What became of one submission. */
export interface Judgement {
  submission: Submission;
  entityId: string | null;
  outcome: "applied" | "duplicate" | "superseded" | "refused";
  candidate?: Candidate;
  /** The entity's state after the request; not of a refusal. */
  row?: Row;
  /** Of a refusal. */
  code?: ItemErrorCode;
  reason?: string;
  errors?: ErrorDetail[];
  /** More members of a refusal's result, such as `serverTime`. */
  members?: JsonObject;
  /** Of a VERSION_CONFLICT: what was stored. */
  conflict?: { localVersion: number; stored: Row };
}
