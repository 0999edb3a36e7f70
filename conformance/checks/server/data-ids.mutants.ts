import { mutant } from "../../model/mutant.ts";
import type { Mutant } from "../../model/mutant.ts";
import { afterNormalising } from "../../model/deform.ts";
import { ItemRefusal } from "../../model/refusal.ts";
import type { EntityType } from "../../../schemas/collections.ts";
import type { Json, JsonObject } from "../../../schemas/json.ts";

/** The id of a normalised item, good or bad. */
const rawEntityId = (entityType: EntityType, item: JsonObject): Json | undefined =>
  item[entityType === "repertoire_item" ? "scoreId" : "id"];

const acceptingIds =
  (accept: (id: string) => string | undefined): Mutant["deform"] =>
  (conforming) => ({
    ...conforming,
    entityId(context, entityType, item) {
      const sent = rawEntityId(entityType, item);
      return typeof sent === "string" ? accept(sent.trim()) : conforming.entityId(context, entityType, item);
    },
    violationsOf: (context, entityType, item) =>
      conforming.violationsOf(context, entityType, item).filter(({ keyword }) => keyword !== "maxLength"),
  });

export const limitsNoIds = mutant({
  name: "limits-no-ids",
  story: "The column is TEXT, and takes any length.",
  breaks: ["DATA-016"],
  deform: acceptingIds((id) => (id === "" ? undefined : id)),
});

export const cutsLongIds = mutant({
  name: "cuts-long-ids",
  story: "The column is VARCHAR(255), and the database cuts silently.",
  breaks: ["DATA-016"],
  deform: acceptingIds((id) => (id === "" ? undefined : [...id].slice(0, 255).join(""))),
});

export const countsUtf16UnitsOfIds = mutant({
  name: "counts-utf-16-units-of-ids",
  story: "`id.length` is what the language calls length.",
  breaks: ["DATA-016"],
  deform: acceptingIds((id) => (id === "" || id.length > 255 ? undefined : id)),
});

export const countsBytesOfIds = mutant({
  name: "counts-bytes-of-ids",
  story: "The length is that of the UTF-8.",
  breaks: ["DATA-016"],
  deform: acceptingIds((id) => (id === "" || new TextEncoder().encode(id).length > 255 ? undefined : id)),
});

export const inventsIds = mutant({
  name: "invents-ids",
  story: "An item without an id gets one, and a retry another.",
  breaks: ["DATA-016"],
  deform: afterNormalising((item, _sent, entityType, { server }) => {
    const name = entityType === "repertoire_item" ? "scoreId" : "id";
    return Object.hasOwn(item, name) ? item : { ...item, [name]: `new${server.random()}` };
  }),
});

export const turnsNumbersIntoIds = mutant({
  name: "turns-numbers-into-ids",
  story: "Ids are put into a string, whatever they were.",
  breaks: ["DATA-016"],
  deform: afterNormalising((item) =>
    typeof item["id"] === "number" ? { ...item, id: String(item["id"]) } : item,
  ),
});

export const callsBadIdsIncomplete = mutant({
  name: "calls-bad-ids-incomplete",
  story: "An empty id is a missing one to `if (!id)`.",
  breaks: ["DATA-016"],
  deform: (conforming) => ({
    ...conforming,
    checkEntityId(context, submission, entityType, item) {
      if (rawEntityId(entityType, item))
        return conforming.checkEntityId(context, submission, entityType, item);
      throw new ItemRefusal("INCOMPLETE", `${submission.itemPointer}/id`, "is missing");
    },
  }),
});

export const judgesIdsOfLiveItemsOnly = mutant({
  name: "judges-ids-of-live-items-only",
  story: "Deletions go by another way, which looks at deletedAt alone.",
  breaks: ["DATA-016"],
  deform: (conforming) => ({
    ...conforming,
    entityId(context, entityType, item) {
      const id = conforming.entityId(context, entityType, item);
      if (id !== undefined || !conforming.isDeletion(context, item)) return id;
      return String(rawEntityId(entityType, item)).slice(0, 255) || "-";
    },
  }),
});
