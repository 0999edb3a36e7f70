import { isEntityType, type EntityType } from "../../../schemas/collections.ts";
import { isJsonObject, type Json, type JsonObject } from "../../../schemas/json.ts";
import { CARRIED, type CarryingType } from "../../../schemas/realtime/carried.ts";
import { formatInstant } from "../../../spec/rules/instant.ts";
import { escapeMember, examine, isRefusal, refuse, type Candidate, type Refusal } from "../candidate.ts";
import { requireCount } from "../envelope.ts";
import type { ItemRules } from "../write.ts";

/** Messages that name an entity to remove: the member that names it, and of which type it is. */
const REMOVALS = {
  ENTRY_DELETED: { member: "entryId", id: "id", entityType: "logbook_entry" },
  PIECE_REMOVED: { member: "scoreId", id: "scoreId", entityType: "repertoire_item" },
  PIECE_DISSOCIATED: { member: "scoreId", id: "scoreId", entityType: "repertoire_item" },
} as const satisfies Record<string, { member: string; id: string; entityType: EntityType }>;

type RemovalType = keyof typeof REMOVALS;

/** The members that carry one item; all others carry lists. */
const SINGLE: ReadonlySet<string> = new Set(["entry", "piece", "plan", "occurrence"]);

/** The types of message that a client may send. */
export const CLIENT_TYPES: ReadonlySet<string> = new Set([
  "PING",
  "AUTH",
  "SYNC_REQUEST",
  "ENTITY_CHANGED",
  ...Object.keys(CARRIED),
  ...Object.keys(REMOVALS),
]);

export interface Mutation {
  items: (Candidate | Refusal)[];
  /** Whether the message is acknowledged by `results`. */
  several: boolean;
}

/** The items of a mutation that fits its schema, judged as far as that goes without the stored state. Throws TOO_MANY_ITEMS. */
export async function mutationOf(frame: JsonObject, rules: ItemRules): Promise<Mutation> {
  const type = frame["type"] as string;
  if (Object.hasOwn(REMOVALS, type)) {
    return { items: [await examineRemoval(frame, type as RemovalType, rules)], several: false };
  }
  if (type === "ENTITY_CHANGED") return { items: [await examineChange(frame, rules)], several: false };

  const carried = Object.entries(CARRIED[type as CarryingType]).flatMap(([member, entityType]) => {
    const value = frame[member];
    if (SINGLE.has(member)) return [{ pointer: `/${member}`, entityType, item: value }];
    const list = (value ?? []) as Json[];
    return list.map((item, index) => ({ pointer: `/${member}/${index}`, entityType, item }));
  });
  const strays = type.endsWith("BULK_SYNC") ? straysIn(frame, CARRIED[type as CarryingType]) : [];
  requireCount(carried.length + strays.length, rules.maxItems);
  const items: (Candidate | Refusal)[] = [];
  for (const { pointer, entityType, item } of carried)
    items.push(await examineCarried(frame, pointer, entityType, item, rules));
  items.push(...strays);
  const several = type.endsWith("BULK_SYNC") || carried.length > 1;
  return { items, several };
}

/** Refusals of what a bulk message carries under names that are no collections of it, so that none is lost unheard (RT-051). */
function straysIn(frame: JsonObject, known: object): Refusal[] {
  return Object.entries(frame).flatMap(([member, list]) => {
    if (Object.hasOwn(known, member) || !Array.isArray(list) || !list.some(isJsonObject)) return [];
    return list.map((_, index) => {
      const pointer = `/${escapeMember(member)}/${index}`;
      return refuse(
        { pointer, itemPointer: pointer },
        "UNKNOWN_COLLECTION",
        "is in no collection of this message",
      );
    });
  });
}

async function examineChange(frame: JsonObject, rules: ItemRules): Promise<Candidate | Refusal> {
  const { entityType, item } = frame;
  if (!isEntityType(entityType)) {
    const place = { pointer: "/item", itemPointer: "/item" };
    return refuse(place, "UNKNOWN_COLLECTION", "must be a known type of entity", { at: "/entityType" });
  }
  return examineCarried(frame, "/item", entityType, item, rules);
}

async function examineCarried(
  frame: JsonObject,
  pointer: string,
  entityType: EntityType,
  item: Json | undefined,
  rules: ItemRules,
): Promise<Candidate | Refusal> {
  const place = { pointer, itemPointer: pointer };
  const { timestamp } = frame;
  const candidate = await examine(place, entityType, item, rules);
  if (!unstamped(item) || (timestamp ?? null) === null || isRefusal(candidate) || candidate.deleted)
    return candidate;
  // The envelope's time is the stamp; what is stored has it, and so differs from what was sent.
  const stamped = { ...(item as JsonObject), updatedAt: timestamp! };
  const judged = await examine(place, entityType, stamped, rules);
  return isRefusal(judged) ? judged : { ...judged, sent: candidate.sent };
}

function unstamped(item: Json | undefined): boolean {
  return isJsonObject(item) && (item["updatedAt"] ?? null) === null && (item["updated_at"] ?? null) === null;
}

async function examineRemoval(
  frame: JsonObject,
  type: RemovalType,
  rules: ItemRules,
): Promise<Candidate | Refusal> {
  const { member, id, entityType } = REMOVALS[type];
  const place = { pointer: `/${member}`, itemPointer: "" };
  const given = frame["deletedAt"];
  const absent = given === undefined || given === null || given === "";
  const stamp = absent ? (frame["timestamp"] ?? null) : given;
  const deletion = { [id]: frame[member]!, deletedAt: stamp ?? formatInstant(0) };
  const candidate = await examine(place, entityType, deletion, rules);
  if (stamp !== null || isRefusal(candidate)) return candidate;
  // Nothing says when: a deployed peer's removal gets a receipt stamp (ORD-012), another's is incomplete.
  if (!rules.announced) return { ...candidate, stamp: undefined };
  const detail = "must have deletedAt, or the message a timestamp: when it was removed";
  return refuse(place, "INCOMPLETE", detail, { ...candidate, at: "/deletedAt" });
}
