/** The collections of a replica: which member of a push or pull holds which type of entity. In the order in which a full answer lists them. */
export const COLLECTIONS = {
  entries: "logbook_entry",
  goals: "goal",
  repertoire: "repertoire_item",
  practicePlans: "practice_plan",
  planOccurrences: "plan_occurrence",
  planTemplates: "plan_template",
  preferences: "user_preferences",
} as const;

/** A member of `changes` in a push, and of a pull's answer: `entries`, `goals` … */
export type Member = keyof typeof COLLECTIONS;

/** The wire's name of a type of entity: `logbook_entry`, `goal` … */
export type EntityType = (typeof COLLECTIONS)[Member];

/** All members, in the order of {@link COLLECTIONS}. */
export const MEMBERS = Object.keys(COLLECTIONS) as readonly Member[];

/** All types of entity, in the order of {@link COLLECTIONS}. */
export const ENTITY_TYPES = Object.values(COLLECTIONS) as readonly EntityType[];

const MEMBER_OF = new Map<string, Member>(MEMBERS.map((member) => [COLLECTIONS[member], member]));

/** Whether a value is the name of a known type of entity. */
export function isEntityType(value: unknown): value is EntityType {
  return typeof value === "string" && MEMBER_OF.has(value);
}

/** Whether a value is the name of a known member of `changes`. Own names only: `__proto__` and `constructor` are not. */
export function isMember(value: unknown): value is Member {
  return typeof value === "string" && Object.hasOwn(COLLECTIONS, value);
}

/** The member that holds entities of a type: `logbook_entry` → `entries`. */
export function memberOf(entityType: EntityType): Member {
  return MEMBER_OF.get(entityType)!;
}

/** The type of entity that a member holds: `entries` → `logbook_entry`. */
export function entityTypeOf(member: Member): EntityType {
  return COLLECTIONS[member];
}

/** The snake-case spellings that are read at the top level of an item, and what each becomes. Closed: any other spelling is an unknown member. */
export const SNAKE_CASE = {
  goal_ids: "goalIds",
  session_id: "sessionId",
  created_at: "createdAt",
  updated_at: "updatedAt",
  deleted_at: "deletedAt",
  user_id: "userId",
  device_id: "deviceId",
  score_id: "scoreId",
  started_at: "startedAt",
  last_practiced_at: "lastPracticedAt",
  target_tempo: "targetTempo",
  current_tempo: "currentTempo",
  target_value: "targetValue",
  current_value: "currentValue",
  target_date: "targetDate",
  plan_id: "planId",
} as const;

/** The members of an item that are not its content: the checksum does not cover them. */
export const BOOKKEEPING = [
  "updatedAt",
  "deletedAt",
  "version",
  "seq",
  "checksum",
  "deviceId",
  "userId",
  "clientChangeId",
] as const;

/** The bookkeeping members that only a server computes; from a client they are dropped, never trusted. */
export const SERVER_MEMBERS = ["version", "seq", "checksum", "userId", "clientChangeId"] as const;
