import { SERVER_MEMBERS, SNAKE_CASE, type EntityType } from "../../schemas/collections.ts";
import type { ItemErrorCode } from "../../schemas/error-codes.ts";
import { isJsonObject, type Json, type JsonObject } from "../../schemas/json.ts";
import {
  goal,
  logbook_entry,
  plan_occurrence,
  plan_template,
  practice_plan,
  repertoire_item,
  user_preferences,
} from "../../schemas/generated/validators.js";
import { violationsOf, type Validator, type Violation } from "../../schemas/validators.ts";
import { withAuthor } from "../../spec/rules/author.ts";
import { canonicalJson } from "../../spec/rules/canonical-json.ts";
import { textAndChecksumOf } from "../../spec/rules/checksum.ts";
import { entityIdOf, isDeletion } from "../../spec/rules/entity-id.ts";
import { parseInstant } from "../../spec/rules/instant.ts";
import { normalise } from "../../spec/rules/normalise.ts";
import type { Finding } from "./problem.ts";

const SCHEMA_OF: Readonly<Record<EntityType, Validator>> = {
  goal,
  logbook_entry,
  plan_occurrence,
  plan_template,
  practice_plan,
  repertoire_item,
  user_preferences,
};

/** Where an item stands in the request. */
export interface Place {
  /** JSON Pointer of the item's own result: `/changes/entries/0`, `/entities/0`. */
  pointer: string;
  /** JSON Pointer of the item itself; in a batch `/entities/0/data`. */
  itemPointer: string;
}

/** An item that has been found wrong. */
export interface Refusal extends Place {
  entityType: EntityType | null;
  entityId: string | null;
  code: ItemErrorCode;
  errors: Finding[];
}

/** An item that fits its schema: what there is to know of it without the stored state. */
export interface Candidate extends Place {
  entityType: EntityType;
  entityId: string;
  /** The normalised item; of a deletion whatever came with it. */
  item: JsonObject;
  deleted: boolean;
  /** The writer's stamp, Unix ms; undefined if it sent none. */
  stamp: number | undefined;
  checksum: string;
  /** Canonical JSON of {@link item}; null for a deletion. */
  text: string | null;
  /** Canonical JSON of the item as sent, without what normalisation drops: what the stored item is compared with (ORD-019). */
  sent: string | null;
  /** Batch: the version last seen. */
  version?: number;
}

/** Makes a refusal of an item. */
export function refuse(
  place: Place,
  code: ItemErrorCode,
  detail: string,
  entity: { entityType?: EntityType | null; entityId?: string | null; at?: string } = {},
): Refusal {
  return {
    ...place,
    entityType: entity.entityType ?? null,
    entityId: entity.entityId ?? null,
    code,
    errors: [{ pointer: entity.at ?? place.itemPointer, code, detail }],
  };
}

/** Judges an item as far as that goes without the stored state, in the order that spec/push.md gives. */
export async function examine(
  place: Place,
  entityType: EntityType,
  raw: Json | undefined,
  { user, maxItemBytes }: { user: string; maxItemBytes: number },
): Promise<Candidate | Refusal> {
  if (!isJsonObject(raw)) return refuse(place, "INVALID_ITEM", "must be an object", { entityType });
  const normalised = normalise(entityType, raw);
  const entityId = entityIdOf(entityType, normalised);
  if (entityId === undefined) return refuseId(place, entityType, normalised);
  const entity = { entityType, entityId };
  const deleted = isDeletion(normalised);
  const item = deleted ? normalised : withAuthor(entityType, normalised, user);

  if (!deleted) {
    const violations = violationsOf(SCHEMA_OF[entityType], item);
    if (violations.length > 0) return refuseShape(place, entity, raw, violations);
  }
  const member = deleted ? "deletedAt" : "updatedAt";
  const stamp = parseInstant(item[member]);
  if (stamp === undefined && item[member] !== undefined) {
    const at = pointerOf(place, raw, `/${member}`);
    return refuse(place, "INVALID_ITEM", "must be an RFC 3339 date and time with an offset, or Unix ms", {
      ...entity,
      at,
    });
  }
  const { text, checksum } = deleted ? { text: null, checksum: "" } : await textAndChecksumOf(item);
  if (text !== null && text.length * MOST_UTF8_BYTES > maxItemBytes) {
    const bytes = new TextEncoder().encode(text).length;
    if (bytes > maxItemBytes) {
      return refuse(place, "ITEM_TOO_LARGE", `has ${bytes} bytes; at most ${maxItemBytes} are taken`, entity);
    }
  }
  return {
    ...place,
    ...entity,
    item,
    deleted,
    stamp,
    checksum,
    text,
    sent: text === null || isAsSent(raw, item) ? text : canonicalJson(withoutDropped(raw)),
  };
}

export function isRefusal(judged: Candidate | Refusal): judged is Refusal {
  return "code" in judged;
}

function refuseId(place: Place, entityType: EntityType, item: JsonObject): Refusal {
  const member = entityType === "repertoire_item" ? "scoreId" : "id";
  const absent = !Object.hasOwn(item, member);
  return refuse(
    place,
    absent ? "INCOMPLETE" : "INVALID_ITEM",
    absent ? `must have the member ${member}` : "must be a text of 1 to 255 characters",
    { entityType, at: `${place.itemPointer}/${member}` },
  );
}

function refuseShape(
  place: Place,
  entity: { entityType: EntityType; entityId: string },
  raw: JsonObject,
  violations: readonly Violation[],
): Refusal {
  const code = violations.every((violation) => violation.missing !== undefined)
    ? "INCOMPLETE"
    : "INVALID_ITEM";
  return {
    ...place,
    ...entity,
    code,
    errors: violations.map(({ pointer, missing, detail }) => ({
      pointer: pointerOf(place, raw, missing === undefined ? pointer : `${pointer}/${escapeMember(missing)}`),
      code,
      detail,
    })),
  };
}

/** A pointer into the normalised item as one into the request: the writer finds the name that it wrote (NORM-001). */
function pointerOf(place: Place, raw: JsonObject, pointer: string): string {
  const [, member = "", ...rest] = pointer.split("/");
  if (pointer === "" || Object.hasOwn(raw, member)) return place.itemPointer + pointer;
  const snake = Object.entries(SNAKE_CASE).find(
    ([from, to]) => to === member && Object.hasOwn(raw, from),
  )?.[0];
  return [place.itemPointer, snake ?? member, ...rest].join("/");
}

export function escapeMember(member: string): string {
  return member.replaceAll("~", "~0").replaceAll("/", "~1");
}

/** Of one UTF-16 code unit. */
const MOST_UTF8_BYTES = 3;

const DROPPED = new Set<string>([...SERVER_MEMBERS, "user_id"]);
const DROPPED_IF_NULL = new Set([
  "updatedAt",
  "updated_at",
  "deletedAt",
  "deleted_at",
  "deviceId",
  "device_id",
]);

function withoutDropped(raw: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(raw).filter(
      ([member, value]) => !DROPPED.has(member) && !(value === null && DROPPED_IF_NULL.has(member)),
    ),
  );
}

/** Whether normalisation left everything as it was, which it does with most items: then their texts are one. */
function isAsSent(raw: JsonObject, item: JsonObject): boolean {
  const members = Object.keys(raw);
  return (
    members.length === Object.keys(item).length &&
    members.every((member) => Object.hasOwn(item, member) && isEqual(raw[member]!, item[member]!))
  );
}

function isEqual(one: Json, other: Json): boolean {
  return one === other || isSharedList(one, other) || canonicalJson(one) === canonicalJson(other);
}

/** Normalisation makes lists anew, and shares what it leaves alone of them. */
function isSharedList(one: Json, other: Json): boolean {
  if (!Array.isArray(one) || !Array.isArray(other)) return false;
  return one.length === other.length && one.every((each, index) => each === other[index]);
}
