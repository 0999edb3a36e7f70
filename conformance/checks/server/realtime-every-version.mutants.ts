import { isJsonObject } from "../../../schemas/json.ts";
import type { JsonObject } from "../../../schemas/json.ts";
import type { Behaviour } from "../../model/behaviour.ts";
import { changingMessages } from "../../model/deform-sockets.ts";
import { mutant } from "../../model/mutant.ts";
import type { Row } from "../../model/state.ts";

/** Another row for events than is stored. */
const tellingRows =
  (change: (row: Row) => Row) =>
  (conforming: Behaviour): Behaviour => ({
    ...conforming,
    eventFrame: (context, rows) => conforming.eventFrame(context, rows.map(change)),
  });

export const tellsSecondVersionsForEver = mutant({
  name: "tells-plan-templates-as-version-2-for-ever",
  story: "The event says 1 for new and 2 for changed, which was enough to tell the two apart.",
  breaks: ["RT-018"],
  deform: tellingRows((row) =>
    row.entityType === "plan_template" && row.version > 2 ? { ...row, version: 2 } : row,
  ),
});

export const tellsVersionsSinceTheDeletion = mutant({
  name: "tells-versions-since-the-deletion",
  story: "The event is made of a count of the live versions, which a deletion begins anew.",
  breaks: ["RT-018", "RT-048"],
  deform: tellingRows((row) =>
    row.entityType === "goal" && row.item !== null && row.version > 5
      ? { ...row, version: row.version - 5 }
      : row,
  ),
});

/** The live item of a message under `member` has only these members. */
const byTheSchema = (types: readonly string[], member: string, known: readonly string[]) =>
  changingMessages(types, (frame) => {
    const item = frame[member];
    if (!isJsonObject(item)) return frame;
    const kept = Object.entries(item).filter(([name]) => known.includes(name));
    return { ...frame, [member]: Object.fromEntries(kept) };
  });

export const tellsCompletedSessionsByTheSchema = mutant({
  name: "tells-completed-sessions-by-the-schema",
  story: "The message of a completed session is built member by member for the screen that shows it.",
  breaks: ["RT-018", "RT-011"],
  deform: byTheSchema(["PLAN_OCCURRENCE_COMPLETED"], "occurrence", [
    "id",
    "planId",
    "status",
    "scheduledStart",
    "notes",
    "updatedAt",
  ]),
});

export const tellsPlansByTheSchema = mutant({
  name: "tells-changed-plans-by-the-schema",
  story: "A plan that changes passes through a class with the members that were known when it was written.",
  breaks: ["RT-018", "RT-011"],
  deform: byTheSchema(["PLAN_UPDATED"], "plan", [
    "id",
    "title",
    "type",
    "schedule",
    "status",
    "visibility",
    "authorId",
    "updatedAt",
  ]),
});

const lower = (frame: JsonObject, member: string): JsonObject => ({
  ...frame,
  [member]: String(frame[member]).toLowerCase(),
});

export const namesRemovedPiecesInLowerCase = mutant({
  name: "names-removed-pieces-in-lower-case",
  story: "Score ids are compared in lower case, and the removal goes out with what was compared.",
  breaks: ["RT-018", "NORM-005"],
  deform: changingMessages(["PIECE_REMOVED"], (frame) => lower(frame, "scoreId")),
});

export const namesRemovedEntriesInLowerCase = mutant({
  name: "names-removed-entries-in-lower-case",
  story: "The id of a deleted entry is read from an index without regard to case.",
  breaks: ["RT-018"],
  deform: changingMessages(["ENTRY_DELETED"], (frame) => lower(frame, "entryId")),
});

/** Another entityId in the meta of what is told by ENTITY_CHANGED. */
const renaming = (change: (id: string) => string) =>
  changingMessages(["ENTITY_CHANGED"], (frame) => {
    const meta = frame["meta"] as JsonObject;
    return { ...frame, meta: { ...meta, entityId: change(String(meta["entityId"])) } };
  });

export const namesOthersNormalised = mutant({
  name: "names-other-entities-decomposed",
  story: "A file system's habit: names are brought to NFD before they become keys.",
  breaks: ["RT-018"],
  deform: renaming((id) => id.normalize("NFD")),
});

export const escapesIds = mutant({
  name: "names-other-entities-escaped",
  story: "The id comes out of the key of the room's storage, where it was escaped for a path.",
  breaks: ["RT-018"],
  deform: renaming((id) => encodeURIComponent(id)),
});
