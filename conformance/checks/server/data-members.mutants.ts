import { mutant } from "../../model/mutant.ts";
import type { Mutant } from "../../model/mutant.ts";
import { afterBuilding, afterNormalising, without } from "../../model/deform.ts";
import { isJsonObject } from "../../../schemas/json.ts";
import type { Json, JsonObject } from "../../../schemas/json.ts";

/** The members that the tables of some server have columns for. */
const COLUMNS = new Set(
  `id timestamp duration type instrument pieces techniques goalIds notes mood tags sessionId metadata scoreId
  scoreTitle scoreComposer autoTracked title composer status startedAt lastPracticedAt targetTempo currentTempo
  description targetValue currentValue targetDate focusAreas pieceRefs schedule visibility archivedAt planId
  scheduledStart scheduledEnd flexWindow recurrenceKey segments targets reflectionPrompts logEntryId checkIn
  reminderState metrics authorId templateVersion publishedAt theme notificationSettings primaryInstrument
  createdAt updatedAt deletedAt deviceId`.split(/\s+/),
);

const only = (item: JsonObject, names: ReadonlySet<string>): JsonObject =>
  Object.fromEntries(Object.entries(item).filter(([name]) => names.has(name)));

/** Changes one member of an item where it has it. */
const changing = (item: JsonObject, name: string, change: (value: Json) => Json): JsonObject =>
  Object.hasOwn(item, name) ? { ...item, [name]: change(item[name]!) } : item;

const dropping = (unwanted: (value: Json) => boolean): Mutant["deform"] =>
  afterNormalising((item) =>
    Object.fromEntries(Object.entries(item).filter(([, value]) => !unwanted(value))),
  );

export const doesNotKnowTemplates = mutant({
  name: "does-not-know-templates",
  story: "Plan templates came later than the endpoint.",
  breaks: ["DATA-001"],
  deform: (conforming) => ({
    ...conforming,
    checkCollection: (context, submission) =>
      conforming.checkCollection(
        context,
        submission.entityType === "plan_template" ? { ...submission, entityType: null } : submission,
      ),
  }),
});

export const neverReturnsPreferences = mutant({
  name: "never-returns-preferences",
  story: "Preferences are stored, but the pull's list of tables does not have them.",
  breaks: ["DATA-001", "PULL-001"],
  deform: (conforming) => ({
    ...conforming,
    isOfWalk: (context, row, walk) =>
      row.entityType !== "user_preferences" && conforming.isOfWalk(context, row, walk),
  }),
});

export const keysRowsByIdAlone = mutant({
  name: "keys-rows-by-id-alone",
  story: "All types share a table whose primary key is (user, id).",
  breaks: ["DATA-001", "ORD-020"],
  deform: (conforming) => ({
    ...conforming,
    findRow: ({ user }, _type, entityId) =>
      [...user.rows.values()].findLast((row) => row.entityId === entityId),
  }),
});

export const dropsUnknownMembers = mutant({
  name: "drops-unknown-members",
  story: "Each type is a table with a column for each member.",
  breaks: ["DATA-002"],
  deform: afterNormalising((item) => only(item, COLUMNS)),
});

export const dropsUnknownMembersOfBatches = mutant({
  name: "drops-unknown-members-of-batches",
  story: "The batch endpoint validates with a schema that strips what it does not list.",
  breaks: ["DATA-002", "BATCH-001", "NORM-009"],
  deform: afterNormalising((item, _sent, _type, { endpoint }) =>
    endpoint === "batch" ? only(item, COLUMNS) : item,
  ),
});

export const dropsUnknownMembersOnReturn = mutant({
  name: "drops-unknown-members-on-return",
  story: "Undeleting fills the columns of the old row.",
  breaks: ["DATA-002"],
  deform: afterBuilding((row, stored) =>
    stored?.stamp.deleted && row.item ? { ...row, item: only(row.item, COLUMNS) } : row,
  ),
});

export const dropsNullMembers = mutant({
  name: "drops-null-members",
  story: "null and absent are the same in the language of the server.",
  breaks: ["DATA-002"],
  deform: dropping((value) => value === null),
});

export const dropsEmptyMembers = mutant({
  name: "drops-empty-members",
  story: "Empty texts, lists and objects are left out to save space.",
  breaks: ["DATA-002"],
  deform: dropping(
    (value) =>
      value === "" || (typeof value === "object" && value !== null && Object.keys(value).length === 0),
  ),
});

export const dropsUnknownMembersOfPieces = mutant({
  name: "drops-unknown-members-of-pieces",
  story: "Pieces are read into a class of their own.",
  breaks: ["DATA-002"],
  deform: afterNormalising((item) =>
    changing(item, "pieces", (pieces) =>
      Array.isArray(pieces)
        ? pieces.map((piece) => (isJsonObject(piece) ? only(piece, COLUMNS) : piece))
        : pieces,
    ),
  ),
});

export const dropsUnknownMembersOfSchedules = mutant({
  name: "drops-unknown-members-of-schedules",
  story: "A plan's schedule is validated with a schema that strips what it does not list.",
  breaks: ["DATA-002"],
  deform: afterNormalising((item) =>
    changing(item, "schedule", (schedule) =>
      isJsonObject(schedule)
        ? only(schedule, new Set(["kind", "rule", "durationMinutes", "timeOfDay", "flexibility"]))
        : schedule,
    ),
  ),
});

const STATUSES = [
  "planned",
  "learning",
  "working",
  "polished",
  "performance_ready",
  "archived",
  "dropped",
  "active",
  "completed",
  "abandoned",
  "draft",
  "scheduled",
  "skipped",
  "expired",
];
const TYPES = [
  "practice",
  "performance",
  "lesson",
  "masterclass",
  "rehearsal",
  "technique",
  "status_change",
  "other",
];
const MOODS = ["frustrated", "neutral", "satisfied", "excited", "proud"];
const isOf = (values: readonly string[], value: Json | undefined): boolean =>
  typeof value !== "string" || values.includes(value);

export const refusesUnknownEnumValues = mutant({
  name: "refuses-unknown-enum-values",
  story: "The known values of status are an enum in the schema.",
  breaks: ["DATA-003"],
  deform: (conforming) => ({
    ...conforming,
    violationsOf: (context, entityType, item) => [
      ...conforming.violationsOf(context, entityType, item),
      ...(isOf(STATUSES, item["status"])
        ? []
        : [{ pointer: "/status", keyword: "enum", detail: "must be a known status" }]),
    ],
  }),
});

export const mapsUnknownTypesToOther = mutant({
  name: "maps-unknown-types-to-other",
  story: "An unknown type of session is stored as `other`.",
  breaks: ["DATA-003"],
  deform: afterNormalising((item, _sent, entityType) =>
    entityType === "logbook_entry"
      ? changing(item, "type", (type) => (isOf(TYPES, type) ? type : "other"))
      : item,
  ),
});

export const dropsUnknownMoods = mutant({
  name: "drops-unknown-moods",
  story: "A mood that the server has no picture for is left out.",
  breaks: ["DATA-003"],
  deform: afterNormalising((item, _sent, entityType) =>
    entityType === "logbook_entry" && !isOf(MOODS, item["mood"]) ? without(item, "mood") : item,
  ),
});

const addsDefaults = (
  defaults: (item: JsonObject) => JsonObject,
  when: (entityType: string) => boolean,
): Mutant["deform"] =>
  afterNormalising((item, _sent, entityType) => (when(entityType) ? { ...defaults(item), ...item } : item));

export const addsEmptyLists = mutant({
  name: "adds-empty-lists",
  story: "The columns of lists are NOT NULL DEFAULT '[]'.",
  breaks: ["DATA-005"],
  deform: addsDefaults(
    () => ({ tags: [], techniques: [] }),
    (type) => type === "logbook_entry",
  ),
});

export const addsCreatedAt = mutant({
  name: "adds-created-at",
  story: "created_at has a default, and is returned like the writer's own.",
  breaks: ["DATA-005"],
  deform: addsDefaults(
    ({ updatedAt = null }) => ({ createdAt: updatedAt }),
    (type) => type !== "logbook_entry",
  ),
});

export const addsNullComposers = mutant({
  name: "adds-null-composers",
  story: "A column that has nothing in it comes back as null.",
  breaks: ["DATA-005"],
  deform: afterNormalising((item, _sent, entityType) => ({
    ...(entityType === "repertoire_item" ? { composer: null } : {}),
    ...item,
    ...(Array.isArray(item["pieces"])
      ? {
          pieces: item["pieces"].map((piece) => (isJsonObject(piece) ? { composer: null, ...piece } : piece)),
        }
      : {}),
  })),
});

export const addsDefaultsToBatches = mutant({
  name: "adds-defaults-to-batches",
  story: "The batch endpoint validates with a schema that fills in defaults.",
  breaks: ["DATA-005", "BATCH-001", "NORM-009"],
  deform: afterNormalising((item, _sent, type, { endpoint }) =>
    endpoint === "batch" && type === "logbook_entry" ? { autoTracked: false, ...item } : item,
  ),
});
