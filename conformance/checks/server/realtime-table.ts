/** Every message that writes one entity, and every call of HTTP: what a check runs over that is for all of them. No checks. */
import { COLLECTIONS, ENTITY_TYPES, memberOf } from "../../../schemas/collections.ts";
import type { EntityType, Member } from "../../../schemas/collections.ts";
import type { JsonObject } from "../../../schemas/json.ts";
import type { Builders } from "../../entities.ts";
import type { CallOptions, Device } from "../../wire/device.ts";
import type { Ack } from "../../wire/messages.ts";
import type { Meta, Outcome, Result } from "../../wire/shapes.ts";
import { idOf } from "../reading.ts";

/** One way to write one entity on a socket. */
interface Mutation {
  /** "ENTITY_CHANGED of a goal", for failures. */
  name: string;
  type: string;
  entityType: EntityType;
  /** Answered by `results` (RT-050). */
  several: boolean;
  /** The members that carry an item; for a deletion, `{ id, deletedAt }`. */
  carrying(item: JsonObject): Record<string, unknown>;
}

const one = (type: string, member: string, entityType: EntityType): Mutation => ({
  name: type,
  type,
  entityType,
  several: false,
  carrying: (item) => ({ [member]: item }),
});
const removal = (type: string, member: string, entityType: EntityType): Mutation => ({
  ...one(type, member, entityType),
  carrying: (item) => ({ [member]: idOf(item), deletedAt: item["deletedAt"] }),
});
const PLANS = [
  one("PLAN_CREATED", "plan", "practice_plan"),
  one("PLAN_UPDATED", "plan", "practice_plan"),
] as const;
/** Messages that carry what is live and what is gone alike. */
const EITHER: readonly Mutation[] = [
  ...PLANS,
  ...ENTITY_TYPES.map((entityType) => ({
    ...one("ENTITY_CHANGED", "item", entityType),
    name: `ENTITY_CHANGED of a ${entityType}`,
    carrying: (item: JsonObject) => ({ entityType, item }),
  })),
  ...Object.entries(COLLECTIONS)
    .filter(([member]) => member !== "repertoire")
    .map(([member, entityType]) => ({
      ...one("BULK_SYNC", member, entityType),
      name: `BULK_SYNC of a ${entityType}`,
      several: true,
      carrying: (item: JsonObject) => ({ entries: [], [member]: [item] }),
    })),
  {
    ...one("REPERTOIRE_BULK_SYNC", "pieces", "repertoire_item"),
    several: true,
    carrying: (item) => ({ pieces: [item] }),
  },
];

/** Every message that writes a live item. */
export const WRITES: readonly Mutation[] = [
  one("ENTRY_CREATED", "entry", "logbook_entry"),
  one("ENTRY_UPDATED", "entry", "logbook_entry"),
  one("PIECE_ADDED", "piece", "repertoire_item"),
  one("PIECE_UPDATED", "piece", "repertoire_item"),
  one("PLAN_OCCURRENCE_COMPLETED", "occurrence", "plan_occurrence"),
  ...EITHER,
];

/** The three messages that name what they remove. */
export const REMOVALS: readonly Mutation[] = [
  removal("ENTRY_DELETED", "entryId", "logbook_entry"),
  removal("PIECE_REMOVED", "scoreId", "repertoire_item"),
  removal("PIECE_DISSOCIATED", "scoreId", "repertoire_item"),
];

/** Every message that deletes. */
const DELETIONS: readonly Mutation[] = [...REMOVALS, ...EITHER];

/** Every way to write, each with a fresh item or deletion. */
export function everyMutation({
  anItem,
  aDeletion,
}: Pick<Builders, "anItem" | "aDeletion">): { mutation: Mutation; item: JsonObject; what: string }[] {
  return [
    ...WRITES.map((mutation) => ({
      mutation,
      item: anItem(mutation.entityType),
      what: mutation.name,
    })),
    ...DELETIONS.map((mutation) => ({
      mutation,
      item: aDeletion(anItem(mutation.entityType)),
      what: `${mutation.name}, a deletion`,
    })),
  ];
}

/** Does it for all at once; for those of the one entity of preferences one after another, each of which replaces the one before. */
export async function forEach<Case extends { mutation: Mutation }>(
  cases: readonly Case[],
  act: (each: Case) => Promise<unknown>,
): Promise<void> {
  const isPreferences = ({ mutation }: Case): boolean => mutation.entityType === "user_preferences";
  await Promise.all(cases.filter((each) => !isPreferences(each)).map(act));
  for (const each of cases.filter(isPreferences)) await act(each);
}

interface Told {
  outcome: Outcome;
  meta?: Meta | undefined;
  item?: unknown;
}

/** What an acknowledgement says of the one entity of its message. */
export function ofOne(ack: Ack): Told {
  return ack.results?.[0] ?? ack;
}

/** The calls that write. Items go out in the order given, as far as the call has one. */
export const CALLS: Record<
  "push" | "batch",
  (
    device: Device,
    items: readonly (readonly [EntityType, JsonObject])[],
    options?: CallOptions,
  ) => Promise<Result[]>
> = {
  async push(device, items, options) {
    const changes: Partial<Record<Member, JsonObject[]>> = {};
    for (const [entityType, item] of items) (changes[memberOf(entityType)] ??= []).push(item);
    return (await device.push(changes, options)).body.results;
  },
  async batch(device, items, options) {
    const entities = items.map(([type, data]) => ({ id: idOf(data), type, data }));
    return (await device.batch(entities, options)).body.results;
  },
};
