import { ENTITY_TYPES, memberOf } from "../../../schemas/collections.ts";
import type { EntityType } from "../../../schemas/collections.ts";
import { serverCheck } from "../../check.ts";
import { idOf } from "../reading.ts";
import * as faulty from "./realtime-event-types.mutants.ts";

/** What tells an entity that is new, that was changed, and that is gone; the others by ENTITY_CHANGED. */
const TYPES: Partial<Record<EntityType, readonly string[]>> = {
  logbook_entry: ["ENTRY_CREATED", "ENTRY_UPDATED", "ENTRY_DELETED"],
  repertoire_item: ["PIECE_ADDED", "PIECE_UPDATED", "PIECE_REMOVED"],
  practice_plan: ["PLAN_CREATED", "PLAN_UPDATED", "ENTITY_CHANGED"],
};

export const typeOfEachEntity = serverCheck({
  id: "RT-048/type-of-each-entity",
  name: "each entity is told by the message that is for its type: new, changed and deleted",
  brokenBy: [
    faulty.tellsEverythingAsChanged,
    faulty.tellsPlansAsChanged,
    faulty.tellsDeletionsAsChanged,
    faulty.tellsEntriesAsChangedOnceTheyAre,
  ],
  async run({ device, newDevice, expect, anItem, edited, aDeletion }) {
    const laptop = await newDevice().connect();
    for (const entityType of ENTITY_TYPES) {
      // An occurrence may stand in its plan's message, so its plan is none of these.
      const item = anItem(entityType, entityType === "plan_occurrence" ? { status: "scheduled" } : {});
      for (const [index, one] of [item, edited(item), aDeletion(item)].entries()) {
        await device.push({ [memberOf(entityType)]: [one] });
        const { message } = await laptop.hears(idOf(item), ({ meta }) => meta.version === index + 1);
        const expected = TYPES[entityType]?.[index] ?? "ENTITY_CHANGED";
        expect.equal(`type that tells version ${index + 1} of a ${entityType}`, message.type, expected);
      }
    }
  },
});
