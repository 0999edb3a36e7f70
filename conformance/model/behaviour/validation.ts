import { SNAKE_CASE } from "../../../schemas/collections.ts";
import type { EntityType } from "../../../schemas/collections.ts";
import type { ItemErrorCode } from "../../../schemas/error-codes.ts";
import { isJsonObject } from "../../../schemas/json.ts";
import type { Json, JsonObject } from "../../../schemas/json.ts";
import { validate } from "../../../schemas/validators.ts";
import type { Violation } from "../../../schemas/validators.ts";
import { parseInstant } from "../../../spec/rules/instant.ts";
import type { Context } from "../context.ts";
import { ItemRefusal } from "../refusal.ts";
import type { Candidate, Submission } from "../submission.ts";

/** Whether an item is one at all, before the stored state is looked at. All throw ItemRefusal. */
export interface ValidationSteps {
  /** Everything about an item's form, in the order of the spec (push, "Outcomes"). */
  examine(context: Context, submission: Submission): Promise<Candidate>;
  /** The type that a submission is of; refuses an unknown collection or type. */
  checkCollection(context: Context, submission: Submission): EntityType;
  /** The item as an object; refuses anything else. */
  checkObject(context: Context, submission: Submission): JsonObject;
  /** The entity id; refuses an absent one with INCOMPLETE, a bad one with INVALID_ITEM. */
  checkEntityId(context: Context, submission: Submission, entityType: EntityType, item: JsonObject): string;
  /** Refuses a live item that breaks its schema. */
  checkSchema(context: Context, submission: Submission, entityType: EntityType, item: JsonObject): void;
  /** How a normalised live item breaks its schema. */
  violationsOf(context: Context, entityType: EntityType, item: JsonObject): Violation[];
  /** INCOMPLETE where all that is wrong is missing, else INVALID_ITEM. */
  codeOf(context: Context, violations: readonly Violation[]): ItemErrorCode;
  /** The writer's stamp, Unix ms; null where there is none. Refuses one that cannot be read. */
  readStamp(context: Context, submission: Submission, item: JsonObject, deleted: boolean): number | null;
  /** An instant in Unix ms; undefined: not one. */
  parseInstant(context: Context, value: Json): number | undefined;
}

const SPELT = new Map<string, string>(Object.entries(SNAKE_CASE).map(([snake, camel]) => [camel, snake]));

export const validation: ValidationSteps = {
  async examine(context, submission) {
    const { behaviour } = context;
    if (context.endpoint === "batch") behaviour.checkElement(context, submission);
    const entityType = behaviour.checkCollection(context, submission);
    const sent = behaviour.checkObject(context, submission);
    const named = submission.frame ? behaviour.withFrameId(context, submission, entityType, sent) : sent;
    const whole = submission.message ? behaviour.withEnvelopeStamp(context, submission, named) : named;
    const normalised = behaviour.normalise(context, entityType, whole);
    const entityId = behaviour.checkEntityId(context, submission, entityType, normalised);
    if (submission.frame) behaviour.checkFrame(context, submission, entityType, entityId);
    const deleted = submission.deletion ?? behaviour.isDeletion(context, normalised);
    const item = deleted ? normalised : behaviour.withAuthor(context, entityType, normalised);
    if (!deleted) behaviour.checkSchema(context, submission, entityType, item);
    const writtenAt = behaviour.readStamp(context, submission, item, deleted);
    const checksum = await behaviour.checksum(context, item, deleted);
    const stamp = { updatedAt: writtenAt ?? 0, deleted, checksum };
    const candidate = { submission, entityType, entityId, item, deleted, writtenAt, checksum, stamp };
    if (!deleted) behaviour.checkItemSize(context, candidate);
    if (submission.frame) behaviour.checkOwnChecksum(context, candidate);
    return candidate;
  },

  checkCollection(_context, { entityType, pointer, frame }) {
    if (entityType !== null) return entityType;
    if (frame && (frame["type"] ?? null) === null)
      throw new ItemRefusal("INCOMPLETE", `${pointer}/type`, "type is missing");
    const detail = frame ? "type must be a known entity type" : "the collection is not known";
    throw new ItemRefusal("UNKNOWN_COLLECTION", frame ? `${pointer}/type` : pointer, detail);
  },

  checkObject(_context, { raw, itemPointer, frame }) {
    if (isJsonObject(raw)) return raw;
    if (frame && (frame["data"] ?? null) === null)
      throw new ItemRefusal("INCOMPLETE", itemPointer, "data is missing");
    throw new ItemRefusal("INVALID_ITEM", itemPointer, "must be an object");
  },

  checkEntityId(context, { itemPointer }, entityType, item) {
    const id = context.behaviour.entityId(context, entityType, item);
    if (id !== undefined) return id;
    const name = entityType === "repertoire_item" ? "scoreId" : "id";
    const pointer = `${itemPointer}/${name}`;
    if (!Object.hasOwn(item, name)) {
      throw new ItemRefusal("INCOMPLETE", pointer, "the entity id is missing");
    }
    throw new ItemRefusal("INVALID_ITEM", pointer, "must be a text of 1 to 255 characters");
  },

  checkSchema(context, { itemPointer, raw }, entityType, item) {
    const { behaviour } = context;
    const violations = behaviour.violationsOf(context, entityType, item);
    if (violations.length === 0) return;
    const code = behaviour.codeOf(context, violations);
    const errors = violations.map(({ pointer, missing, detail }) => ({
      pointer: itemPointer + asSent(raw, pointer) + (missing === undefined ? "" : `/${missing}`),
      code,
      detail,
    }));
    throw new ItemRefusal(code, itemPointer, `${errors[0]!.pointer} ${errors[0]!.detail}`, { errors });
  },

  violationsOf: (_context, entityType, item) => validate(entityType, item),

  codeOf: (_context, violations) =>
    violations.every(({ keyword }) => keyword === "required") ? "INCOMPLETE" : "INVALID_ITEM",

  readStamp(context, { itemPointer, raw }, item, deleted) {
    const name = deleted ? "deletedAt" : "updatedAt";
    const value = Object.hasOwn(item, name) ? item[name]! : null;
    if (value === null) return null;
    const instant = context.behaviour.parseInstant(context, value);
    if (instant !== undefined) return instant;
    const detail = "must be an RFC 3339 date-time with an offset, or whole Unix milliseconds";
    throw new ItemRefusal("INVALID_ITEM", itemPointer + asSent(raw, `/${name}`), detail);
  },

  parseInstant: (_context, value) => parseInstant(value),
};

/** A pointer into a normalised item, with its first name as the writer spelt it. */
function asSent(raw: Json, pointer: string): string {
  const [, name = "", ...rest] = pointer.split("/");
  const sent = isJsonObject(raw) && !Object.hasOwn(raw, name) ? SPELT.get(name) : undefined;
  return sent !== undefined && Object.hasOwn(raw as JsonObject, sent)
    ? ["", sent, ...rest].join("/")
    : pointer;
}
