import { Type, type TSchema } from "@sinclair/typebox";
import { orNull } from "../define.ts";
import { fromClient } from "./envelope.ts";
import { sampleId, sampleItem } from "./samples.ts";

const STAMP = "2026-11-21T10:15:00.000Z";

const item = (type: string) =>
  Type.Unknown({ description: `Whole item of type \`${type}\`; judged as in a push.` });
const change = (type: string) =>
  Type.Unknown({ description: `Whole item of type \`${type}\`, or a deletion of one; judged as in a push.` });
const items = (type: string) =>
  Type.Array(Type.Unknown(), {
    description: `Whole items of type \`${type}\`, or deletions of such; judged one by one as in a push.`,
  });
const itemsOrNone = (type: string) =>
  Type.Optional(
    Type.Unsafe<unknown[] | null>({
      type: ["array", "null"],
      description: `Whole items of type \`${type}\`, or deletions of such; judged one by one as in a push. Absent or null: none.`,
    }),
  );

const deletedAt = Type.Optional(
  Type.Unknown({
    description:
      "When the entity was removed, an instant: the deletion's stamp. Absent, null or empty: the envelope's `timestamp`.",
  }),
);
const scoreId = Type.String({ description: "The id of the repertoire item." });
const piece = Type.Optional(
  Type.Unknown({ description: "The item that was removed, as deployed clients send it. Not read." }),
);

const Ping = fromClient(
  "PING",
  {},
  { description: "Asks for a sign of life. Answer: `PONG`.", examples: [{}] },
);

const Auth = fromClient(
  "AUTH",
  { token: Type.String({ description: "A new access token of the same user, without `Bearer`." }) },
  {
    description: "Replaces the socket's token before it expires. Answer: `WELCOME`, or `ERROR`.",
    examples: [{ token: "header.payload.signature" }],
  },
);

const SyncRequest = fromClient(
  "SYNC_REQUEST",
  {
    lastSeq: Type.Optional(
      orNull<number>("integer", {
        minimum: 0,
        description:
          "The client's cursor: everything after this change number is told. Absent or null: see `lastSyncTime`.",
      }),
    ),
    epoch: Type.Optional(
      orNull<string>("string", {
        description: "The identity of the log that `lastSeq` belongs to, as a pull or catch-up reported it.",
      }),
    ),
    lastSyncTime: Type.Optional(
      Type.Unknown({
        description:
          "Of deployed clients, without `lastSeq`: what was received after this instant is told. Any JSON; what is no instant counts as 7 days ago. Absent or null, like `lastSeq`: everything is told.",
      }),
    ),
  },
  {
    description: "Asks for catch-up. Answer: deletions and chunks, then `SYNC_RESPONSE`.",
    examples: [
      { protocol: "1", lastSeq: 40, epoch: "k2Jx8Q", deviceId: "phone-1" },
      { timestamp: STAMP, lastSyncTime: "2026-11-20T22:00:00.000Z" },
    ],
  },
);

const entryExample = { clientChangeId: "c-17", timestamp: STAMP, entry: sampleItem("logbook_entry") };
const EntryCreated = fromClient(
  "ENTRY_CREATED",
  { entry: item("logbook_entry") },
  { description: "A new logbook entry. Answer: acknowledgement.", examples: [entryExample] },
);
const EntryUpdated = fromClient(
  "ENTRY_UPDATED",
  { entry: item("logbook_entry") },
  { description: "A changed logbook entry, whole. Answer: acknowledgement.", examples: [entryExample] },
);
const EntryDeleted = fromClient(
  "ENTRY_DELETED",
  { entryId: Type.String({ description: "The entry's id." }), deletedAt },
  {
    description: "Removes a logbook entry. Answer: acknowledgement.",
    examples: [{ clientChangeId: "c-18", timestamp: STAMP, entryId: sampleId("logbook_entry") }],
  },
);

const pieceExample = { clientChangeId: "c-19", timestamp: STAMP, piece: sampleItem("repertoire_item") };
const PieceAdded = fromClient(
  "PIECE_ADDED",
  { piece: item("repertoire_item") },
  { description: "A new piece of the repertoire. Answer: acknowledgement.", examples: [pieceExample] },
);
const PieceUpdated = fromClient(
  "PIECE_UPDATED",
  { piece: item("repertoire_item") },
  { description: "A changed piece, whole. Answer: acknowledgement.", examples: [pieceExample] },
);
const pieceGone = { clientChangeId: "c-20", timestamp: STAMP, scoreId: sampleId("repertoire_item") };
const PieceRemoved = fromClient(
  "PIECE_REMOVED",
  { scoreId, deletedAt, piece },
  { description: "Removes a piece from the repertoire. Answer: acknowledgement.", examples: [pieceGone] },
);
const PieceDissociated = fromClient(
  "PIECE_DISSOCIATED",
  { scoreId, deletedAt, piece },
  {
    description: "Removes a piece from the repertoire, as `PIECE_REMOVED` does. Answer: acknowledgement.",
    examples: [pieceGone],
  },
);

const planExample = {
  clientChangeId: "c-21",
  timestamp: STAMP,
  plan: sampleItem("practice_plan"),
  occurrences: [sampleItem("plan_occurrence")],
};
const planMembers = { plan: change("practice_plan"), occurrences: itemsOrNone("plan_occurrence") };
const PlanCreated = fromClient("PLAN_CREATED", planMembers, {
  description: "A new plan. Answer: acknowledgement, with `results` where there are occurrences.",
  examples: [planExample],
});
const PlanUpdated = fromClient("PLAN_UPDATED", planMembers, {
  description:
    "A changed plan, whole, or its deletion. Answer: acknowledgement, with `results` where there are occurrences.",
  examples: [
    { clientChangeId: "c-22", plan: sampleItem("practice_plan") },
    { clientChangeId: "c-23", plan: { id: sampleId("practice_plan"), deletedAt: STAMP } },
  ],
});
const PlanOccurrenceCompleted = fromClient(
  "PLAN_OCCURRENCE_COMPLETED",
  { occurrence: item("plan_occurrence") },
  {
    description: "A session of a plan is done. Answer: acknowledgement.",
    examples: [{ clientChangeId: "c-24", occurrence: sampleItem("plan_occurrence") }],
  },
);

const EntityChanged = fromClient(
  "ENTITY_CHANGED",
  {
    entityType: Type.String({ description: "The type of the entity, such as `goal`." }),
    item: Type.Unknown({
      description: "Whole item of that type, or a deletion of one; judged as in a push.",
    }),
  },
  {
    description: "A new, changed or removed entity of any type. Answer: acknowledgement.",
    examples: [
      { clientChangeId: "c-25", entityType: "goal", item: sampleItem("goal") },
      { clientChangeId: "c-26", entityType: "goal", item: { id: sampleId("goal"), deletedAt: STAMP } },
    ],
  },
);

const BulkSync = fromClient(
  "BULK_SYNC",
  {
    entries: items("logbook_entry"),
    goals: itemsOrNone("goal"),
    practicePlans: itemsOrNone("practice_plan"),
    planOccurrences: itemsOrNone("plan_occurrence"),
    planTemplates: itemsOrNone("plan_template"),
    preferences: itemsOrNone("user_preferences"),
  },
  {
    description:
      "Several changes, as a push. Answer: acknowledgement with `results`; objects in lists of other names are refused in it.",
    examples: [
      { clientChangeId: "c-27", entries: [sampleItem("logbook_entry")], goals: [sampleItem("goal")] },
    ],
  },
);
const RepertoireBulkSync = fromClient(
  "REPERTOIRE_BULK_SYNC",
  { pieces: items("repertoire_item") },
  {
    description:
      "Several changes of the repertoire, as a push. Answer: acknowledgement with `results`; objects in lists of other names are refused in it.",
    examples: [{ clientChangeId: "c-28", pieces: [sampleItem("repertoire_item")] }],
  },
);

/** The schema of each type of message that a client sends. Closed for version 1. */
export const CLIENT_MESSAGES = {
  PING: Ping,
  AUTH: Auth,
  SYNC_REQUEST: SyncRequest,
  ENTRY_CREATED: EntryCreated,
  ENTRY_UPDATED: EntryUpdated,
  ENTRY_DELETED: EntryDeleted,
  PIECE_ADDED: PieceAdded,
  PIECE_UPDATED: PieceUpdated,
  PIECE_REMOVED: PieceRemoved,
  PIECE_DISSOCIATED: PieceDissociated,
  PLAN_CREATED: PlanCreated,
  PLAN_UPDATED: PlanUpdated,
  PLAN_OCCURRENCE_COMPLETED: PlanOccurrenceCompleted,
  ENTITY_CHANGED: EntityChanged,
  BULK_SYNC: BulkSync,
  REPERTOIRE_BULK_SYNC: RepertoireBulkSync,
} as const satisfies Record<string, TSchema>;
