import type { Behaviour } from "../../model/behaviour.ts";
import { mutant } from "../../model/mutant.ts";
import type { Row } from "../../model/state.ts";

/** Tells some rows by the message that is for types without one of their own. */
const asChanged =
  (isOne: (row: Row) => boolean) =>
  (conforming: Behaviour): Behaviour => ({
    ...conforming,
    eventType: (context, row) => (isOne(row) ? "ENTITY_CHANGED" : conforming.eventType(context, row)),
  });

export const tellsEverythingAsChanged = mutant({
  name: "tells-everything-as-changed",
  story: "One message fits every type, so there is only one; deployed clients know nothing of it.",
  breaks: ["RT-048"],
  deform: asChanged(() => true),
});

export const tellsPlansAsChanged = mutant({
  name: "tells-plans-as-changed",
  story: "Entries and pieces have their old messages, and whatever came later has the general one.",
  breaks: ["RT-048"],
  deform: asChanged(({ entityType }) => entityType === "practice_plan"),
});

export const tellsDeletionsAsChanged = mutant({
  name: "tells-every-deletion-as-changed",
  story: "A deletion is a change whose item is null, of whatever type.",
  breaks: ["RT-048", "RT-018"],
  deform: asChanged(({ item }) => item === null),
});

export const tellsEntriesAsChangedOnceTheyAre = mutant({
  name: "tells-later-versions-as-changed",
  story: "`version === 1` gives the message of its type, and everything after it is a change.",
  breaks: ["RT-048"],
  deform: asChanged(({ entityType, version }) => entityType === "logbook_entry" && version > 1),
});
