import { isJsonObject } from "../../../schemas/json.ts";
import type { JsonObject } from "../../../schemas/json.ts";
import { formatInstant } from "../../../spec/rules/instant.ts";
import type { Behaviour } from "../../model/behaviour.ts";
import type { Context } from "../../model/context.ts";
import { without } from "../../model/deform.ts";
import { changingFrames } from "../../model/deform-sockets.ts";
import { mutant } from "../../model/mutant.ts";
import type { Row } from "../../model/state.ts";

/** Changes the members of an event that tell of a row. */
const telling =
  (change: (body: JsonObject, row: Row, context: Context) => JsonObject) =>
  (conforming: Behaviour): Behaviour => ({
    ...conforming,
    eventBody: (context, row) => change(conforming.eventBody(context, row), row, context),
  });

/** Changes the meta of events. */
const tellingMeta = (change: (meta: JsonObject, frame: JsonObject) => JsonObject) =>
  changingFrames((frame) => {
    const { meta, type } = frame;
    if (type === "SYNC_RESPONSE" || !isJsonObject(meta) || typeof meta["entityId"] !== "string") return frame;
    return { ...frame, meta: change(meta, frame) };
  });

export const tellsItemsAsSent = mutant({
  name: "tells-items-as-sent",
  story: "What came in is sent on, while the store keeps what became of it.",
  breaks: ["RT-018", "RT-004"],
  deform: (conforming) => ({
    ...conforming,
    async examine(context, submission) {
      const candidate = await conforming.examine(context, submission);
      const name = `sent ${context.user.id} ${candidate.entityType} ${candidate.entityId}`;
      context.server.scratch.set(name, submission.raw);
      return candidate;
    },
    eventBody(context, row) {
      const body = conforming.eventBody(context, row);
      const sent = context.server.scratch.get(`sent ${context.user.id} ${row.entityType} ${row.entityId}`);
      if (row.item === null || sent === undefined) return body;
      return Object.fromEntries(
        Object.entries(body).map(([name, value]) => [
          name,
          isJsonObject(value) ? (sent as JsonObject) : value,
        ]),
      );
    },
  }),
});

export const tellsMetaOfTheFirstVersion = mutant({
  name: "tells-every-change-as-a-first-version",
  story: "The event's meta is made for new entities, and edits take the same path.",
  breaks: ["RT-018"],
  deform: tellingMeta((meta) => ({ ...meta, version: 1 })),
});

export const tellsTheTimeOfSending = mutant({
  name: "tells-the-time-of-sending-as-the-stamp",
  story: "The event's updatedAt is set to now when it is sent.",
  breaks: ["RT-018", "ORD-009"],
  deform: (conforming) => ({
    ...conforming,
    eventFrame(context, rows) {
      const updatedAt = formatInstant(context.server.now());
      const stamping = {
        ...context.behaviour,
        tellMeta: (inner: Context, row: Row) => {
          const meta = conforming.tellMeta(inner, row);
          return { ...meta, updatedAt, deletedAt: row.item === null ? updatedAt : null };
        },
      };
      return conforming.eventFrame({ ...context, behaviour: stamping }, rows);
    },
  }),
});

export const tellsNoUnknownMembers = mutant({
  name: "tells-no-unknown-members",
  story: "Events are built member by member from a type, which knows no newer ones.",
  breaks: ["RT-018", "RT-011"],
  deform: telling((body) =>
    Object.fromEntries(
      Object.entries(body).map(([name, value]) => [
        name,
        isJsonObject(value) ? without(value, "fromLater") : value,
      ]),
    ),
  ),
});

export const tellsOtherTypesAsIdsAlone = mutant({
  name: "tells-other-types-without-their-optional-members",
  story: "For the generic message only what the list view shows is read from the store.",
  breaks: ["RT-018"],
  deform: telling((body, { entityType }) =>
    entityType === "plan_template" && isJsonObject(body["item"])
      ? { ...body, item: without(body["item"], "visibility", "fromLater") }
      : body,
  ),
});

export const tellsRemovalsByPlanUpdates = mutant({
  name: "tells-removals-of-plans-by-their-update",
  story: "A plan is deleted by PLAN_UPDATED with deletedAt, so that is what is sent on.",
  breaks: ["RT-018"],
  deform: (conforming) => ({
    ...conforming,
    eventType: (context, row) =>
      row.entityType === "practice_plan" && row.item === null
        ? "PLAN_UPDATED"
        : conforming.eventType(context, row),
    eventBody: (context, row) =>
      row.entityType === "practice_plan" && row.item === null
        ? { plan: { id: row.entityId, deletedAt: formatInstant(row.stamp.updatedAt) } }
        : conforming.eventBody(context, row),
  }),
});

export const tellsRemovalsOfOthersByNothing = mutant({
  name: "tells-no-removals-of-other-types",
  story: "There are messages for removed entries and pieces, and none was made for the rest.",
  breaks: ["RT-018", "RT-016", "RT-001"],
  deform: changingFrames((frame) =>
    frame["type"] === "ENTITY_CHANGED" && frame["item"] === null ? undefined : frame,
  ),
});

export const tellsEveryRemovalTwice = mutant({
  name: "tells-every-removal-by-the-generic-message-too",
  story: "The generic message came later, and the old ones were kept beside it.",
  breaks: ["RT-018"],
  deform: (conforming) => ({
    ...conforming,
    sendEvent(context, connection, rows) {
      conforming.sendEvent(context, connection, rows);
      const [row] = rows;
      const special = row?.entityType === "logbook_entry" || row?.entityType === "repertoire_item";
      if (row?.item !== null || !special) return;
      const { entityType } = row;
      const meta = conforming.tellMeta(context, row);
      conforming.send(context, connection, { type: "ENTITY_CHANGED", entityType, item: null, meta });
    },
  }),
});

export const tellsRemovalsWithMetaOfBefore = mutant({
  name: "tells-removals-with-the-version-of-before",
  story: "The row is read before it is deleted, since afterwards there is none.",
  breaks: ["RT-018"],
  deform: tellingMeta((meta) => {
    const version = meta["version"] as number;
    return meta["deletedAt"] === null || version === 1 ? meta : { ...meta, version: version - 1 };
  }),
});

export const gathersOccurrences = mutant({
  name: "gathers-occurrences-with-their-plan",
  story: "A plan is told with all its occurrences of the transaction, wherever they stand in the log.",
  breaks: ["RT-019", "RT-021", "RT-022"],
  deform: (conforming) => ({
    ...conforming,
    groupRows(_context, rows) {
      const groups: Row[][] = [];
      for (const row of rows) {
        const ofPlan = groups.find(
          ([first]) => first?.entityType === "practice_plan" && row.item?.["planId"] === first.entityId,
        );
        if (ofPlan && row.entityType === "plan_occurrence" && row.item) ofPlan.push(row);
        else groups.push([row]);
      }
      return groups;
    },
  }),
});

export const numbersByThePlan = mutant({
  name: "numbers-a-message-by-its-plan",
  story: "The number of the first row is taken for that of the message.",
  breaks: ["RT-019"],
  deform: (conforming) => ({
    ...conforming,
    eventSeq: (context, connection, rows) =>
      conforming.eventSeq(context, connection, rows) === undefined ? undefined : rows[0]!.seq,
  }),
});

export const gathersAPushInOneMessage = mutant({
  name: "gathers-all-occurrences-of-a-push-in-one-message",
  story: "The rows of a transaction are sorted by type, and told as the message of a plan if there is one.",
  breaks: ["RT-019", "RT-021"],
  deform: (conforming) => ({
    ...conforming,
    groupRows(_context, rows) {
      const plan = rows.find(({ entityType, item }) => entityType === "practice_plan" && item !== null);
      const occurrences = rows.filter(({ entityType, item }) => entityType === "plan_occurrence" && item);
      if (plan === undefined || occurrences.length === 0) return rows.map((row) => [row]);
      const others = rows.filter((row) => row !== plan && !occurrences.includes(row));
      return [...others.map((row) => [row]), [plan, ...occurrences]];
    },
  }),
});

/** Another type for the events of occurrences; undefined: the conforming one. */
const tellingOccurrencesBy =
  (choose: (context: Context) => string | undefined) =>
  (conforming: Behaviour): Behaviour => ({
    ...conforming,
    eventType: (context, row) =>
      (row.entityType === "plan_occurrence" && row.item !== null ? choose(context) : undefined) ??
      conforming.eventType(context, row),
  });

export const tellsEveryOccurrenceAsCompleted = mutant({
  name: "tells-every-occurrence-as-completed",
  story: "It is the one message that carries an occurrence, so it carries them all.",
  breaks: ["RT-043"],
  deform: tellingOccurrencesBy(() => "PLAN_OCCURRENCE_COMPLETED"),
});

export const tellsNoOccurrenceAsCompleted = mutant({
  name: "tells-no-occurrence-as-completed",
  story: "Whatever is neither entry, piece nor plan is told by the general message.",
  breaks: ["RT-043"],
  deform: tellingOccurrencesBy(() => "ENTITY_CHANGED"),
});

export const tellsOccurrencesByTheirMessage = mutant({
  name: "tells-occurrences-by-the-message-that-brought-them",
  story: "The type of a mutation is passed on with what it carried.",
  breaks: ["RT-043"],
  deform: tellingOccurrencesBy(({ message }) => {
    const type = message?.["type"];
    return type === "PLAN_OCCURRENCE_COMPLETED" || type === "ENTITY_CHANGED" ? type : undefined;
  }),
});

/** Another look at the status that makes an occurrence a completed one. */
const completedWhere =
  (isCompleted: (status: string) => boolean) =>
  (conforming: Behaviour): Behaviour => ({
    ...conforming,
    eventType: (context, row) =>
      row.entityType === "plan_occurrence" && isCompleted(String(row.item?.["status"]))
        ? "PLAN_OCCURRENCE_COMPLETED"
        : conforming.eventType(context, row),
  });

export const tellsWhatBeginsLikeCompleted = mutant({
  name: "tells-what-begins-like-completed-as-completed",
  story: "There were to be kinds of completion, so the status is compared by its beginning.",
  breaks: ["RT-043"],
  deform: completedWhere((status) => status.startsWith("completed")),
});

export const tellsCompletedInAnyCase = mutant({
  name: "tells-completed-in-any-case-as-completed",
  story: "An early client wrote Completed, and the comparison was made to forgive it.",
  breaks: ["RT-043"],
  deform: completedWhere((status) => status.trim().toLowerCase() === "completed"),
});
