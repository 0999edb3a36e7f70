import { COLLECTIONS, isEntityType } from "../../../schemas/collections.ts";
import type { EntityType, Member } from "../../../schemas/collections.ts";
import { isJsonObject } from "../../../schemas/json.ts";
import type { Json, JsonObject } from "../../../schemas/json.ts";
import type { Context } from "../context.ts";
import type { Connection } from "../realtime/connection.ts";
import type { Row } from "../state.ts";
import type { Judgement, Submission } from "../submission.ts";

/** Messages that carry entities: what they carry, when it is durable, what the sender is told. */
export interface MutationSteps {
  /** The items of a mutation, in the order of its members. */
  mutationItems(context: Context, message: JsonObject): Submission[];
  /** Items of a bulk message under names that are no collections of it (RT-051). */
  strayItems(context: Context, message: JsonObject, known: readonly string[]): Submission[];
  /** An item with the envelope's `timestamp` where it has no stamp of its own. */
  withEnvelopeStamp(context: Context, submission: Submission, item: JsonObject): JsonObject;
  /** The end of a mutation: durable, then told to others (in `commit`), then acknowledged. */
  settle(
    context: Context,
    connection: Connection,
    judgements: readonly Judgement[],
    rows: Row[],
  ): Promise<void>;
  /** Everything that the sender is told. */
  acknowledge(context: Context, connection: Connection, judgements: readonly Judgement[]): void;
  /** Whether a message is acknowledged by `results`: it may carry several entities. */
  tellsResults(context: Context): boolean;
  /** The acknowledgement of a message, or ERROR where its only item is refused. */
  ackFrame(context: Context, connection: Connection, judgements: readonly Judgement[]): JsonObject;
  /** What becomes of a message's only item, as members of its acknowledgement. */
  ackOutcome(context: Context, judgement: Judgement): JsonObject;
  /** ERROR for a message whose only item is refused. */
  refusalFrame(context: Context, judgement: Judgement): JsonObject;
  /** `lastSeq` of an acknowledgement; undefined: none. */
  ackLastSeq(
    context: Context,
    connection: Connection,
    judgements: readonly Judgement[],
  ): number | null | undefined;
  /** Tells a deployed sender the winners of what it lost (RT-003). */
  tellWinners(context: Context, connection: Connection, judgements: readonly Judgement[]): void;
}

const BULK_MEMBERS: readonly Member[] = [
  "entries",
  "goals",
  "practicePlans",
  "planOccurrences",
  "planTemplates",
  "preferences",
];

export const mutations: MutationSteps = {
  mutationItems(context, message) {
    const { behaviour } = context;
    const one = (member: string, entityType: EntityType | null): Submission[] => [
      submission(message, `/${member}`, entityType, message[member] ?? null),
    ];
    const many = (member: string, entityType: EntityType): Submission[] =>
      ((message[member] ?? []) as Json[]).map((raw, index) =>
        submission(message, `/${member}/${index}`, entityType, raw),
      );
    switch (message["type"]) {
      case "ENTRY_CREATED":
      case "ENTRY_UPDATED":
        return one("entry", "logbook_entry");
      case "ENTRY_DELETED":
        return [deletion(message, "entryId", "logbook_entry", "id")];
      case "PIECE_ADDED":
      case "PIECE_UPDATED":
        return one("piece", "repertoire_item");
      case "PIECE_REMOVED":
      case "PIECE_DISSOCIATED":
        return [deletion(message, "scoreId", "repertoire_item", "scoreId")];
      case "PLAN_CREATED":
      case "PLAN_UPDATED":
        return [...one("plan", "practice_plan"), ...many("occurrences", "plan_occurrence")];
      case "PLAN_OCCURRENCE_COMPLETED":
        return one("occurrence", "plan_occurrence");
      case "REPERTOIRE_BULK_SYNC":
        return [...many("pieces", "repertoire_item"), ...behaviour.strayItems(context, message, ["pieces"])];
      case "BULK_SYNC":
        return [
          ...BULK_MEMBERS.flatMap((member) => many(member, COLLECTIONS[member])),
          ...behaviour.strayItems(context, message, BULK_MEMBERS),
        ];
      default: {
        const { entityType = null } = message;
        return one("item", isEntityType(entityType) ? entityType : null);
      }
    }
  },

  strayItems: (_context, message, known) =>
    Object.entries(message).flatMap(([member, list]) =>
      !known.includes(member) && Array.isArray(list) && list.some(isJsonObject)
        ? list.map((raw, index) => submission(message, `/${escaped(member)}/${index}`, null, raw))
        : [],
    ),

  withEnvelopeStamp(context, { message, deletion: isDeletion }, item) {
    const timestamp = message?.["timestamp"] ?? null;
    if (timestamp === null || isDeletion || context.behaviour.isDeletion(context, item)) return item;
    const stamped = [item["updatedAt"], item["updated_at"]].some((value) => (value ?? null) !== null);
    return stamped ? item : { ...item, updatedAt: timestamp };
  },

  async settle(context, connection, judgements, rows) {
    if (rows.length > 0) await context.behaviour.commit(context, { rows });
    context.behaviour.acknowledge(context, connection, judgements);
  },

  acknowledge(context, connection, judgements) {
    const { behaviour } = context;
    behaviour.send(context, connection, behaviour.ackFrame(context, connection, judgements));
    if (!context.announced) behaviour.tellWinners(context, connection, judgements);
  },

  tellsResults({ message }) {
    const type = message?.["type"];
    const occurrences = message?.["occurrences"] ?? null;
    return type === "BULK_SYNC" || type === "REPERTOIRE_BULK_SYNC" || occurrences !== null;
  },

  ackFrame(context, connection, judgements) {
    const { behaviour } = context;
    const several = behaviour.tellsResults(context);
    if (!several && judgements[0]?.outcome === "refused")
      return behaviour.refusalFrame(context, judgements[0]);
    const lastSeq = behaviour.ackLastSeq(context, connection, judgements) ?? null;
    return {
      type: "SYNC_RESPONSE",
      ...behaviour.tellChangeId(context),
      message: "Mutation applied",
      ...(several
        ? { results: behaviour.tellResults(context, judgements) }
        : behaviour.ackOutcome(context, judgements[0]!)),
      ...(lastSeq === null ? {} : { lastSeq }),
    };
  },

  ackOutcome(context, judgement) {
    const told = context.behaviour.result(context, judgement);
    return Object.fromEntries(
      ["outcome", "meta", "item"].flatMap((name) => (Object.hasOwn(told, name) ? [[name, told[name]!]] : [])),
    );
  },

  refusalFrame: (context, { code, reason, members }) => ({
    type: "ERROR",
    code: code!,
    error: reason!,
    ...context.behaviour.tellChangeId(context),
    ...members,
  }),

  // Without a clientChangeId it would be taken for the end of a catch-up.
  ackLastSeq: (context, { watermark }) =>
    Object.hasOwn(context.behaviour.tellChangeId(context), "clientChangeId") ? watermark : undefined,

  tellWinners(context, connection, judgements) {
    const { behaviour } = context;
    for (const { outcome, row } of judgements) {
      if (outcome !== "superseded" || row === undefined) continue;
      behaviour.send(context, connection, behaviour.eventFrame(context, [row]));
    }
  },
};

const escaped = (member: string): string => member.replaceAll("~", "~0").replaceAll("/", "~1");

function submission(
  message: JsonObject,
  pointer: string,
  entityType: EntityType | null,
  raw: Json,
): Submission {
  return { pointer, itemPointer: pointer, entityType, raw, element: raw, message };
}

/** A message that names an entity to delete, as the deletion that a push would carry. */
function deletion(message: JsonObject, member: string, entityType: EntityType, id: string): Submission {
  const given = message["deletedAt"];
  const at = (given === "" ? null : given) ?? message["timestamp"] ?? null;
  const raw = { [id]: message[member] ?? null, ...(at === null ? {} : { deletedAt: at }) };
  return { ...submission(message, `/${member}`, entityType, raw), itemPointer: "", deletion: true };
}
