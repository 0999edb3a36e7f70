import { mutant } from "../../model/mutant.ts";
import { afterNormalising, beforeNormalising } from "../../model/deform.ts";
import { isDeletion } from "../../../spec/rules/entity-id.ts";
import { normaliseScoreId, scoreIdFrom } from "../../../spec/rules/score-id.ts";
import { keeping, mapScores } from "./normalisation-score-ids.mutants.ts";

export const deletesByTheIdAsSent = mutant({
  name: "deletes-by-the-id-as-sent",
  story: "Deletions are handled before the item is normalised, so the removal leaves the piece behind.",
  breaks: ["NORM-006"],
  deform: (conforming) => {
    const asSent = keeping((id) => id)(conforming);
    return {
      ...conforming,
      normalise: (context, entityType, item) =>
        (isDeletion(item) ? asSent : conforming).normalise(context, entityType, item),
      entityId: (context, entityType, item) =>
        (isDeletion(item) ? asSent : conforming).entityId(context, entityType, item),
    };
  },
});

export const comparesBatchIdsAsSent = mutant({
  name: "compares-batch-ids-as-sent",
  story: "The id around a batch item is compared with the one in it, letter by letter.",
  breaks: ["NORM-006", "BATCH-008"],
  deform: (conforming) => ({
    ...conforming,
    checkFrame(context, submission, entityType, entityId) {
      conforming.checkFrame(context, submission, entityType, entityId);
      const id = submission.frame?.["id"];
      if (typeof id === "string" && id !== entityId) {
        conforming.checkFrame(context, { ...submission, frame: { id: `not ${id}` } }, entityType, entityId);
      }
    },
  }),
});

export const normalisesEveryEntityId = mutant({
  name: "normalises-every-entity-id",
  story: "All ids go through the function for score ids.",
  breaks: ["NORM-006", "DATA-002"],
  deform: beforeNormalising((item) =>
    typeof item["id"] === "string" ? { ...item, id: normaliseScoreId(item["id"]) } : item,
  ),
});

export const leavesScoreIdsOfOtherTypes = mutant({
  name: "leaves-score-ids-of-other-types",
  story: "scoreId is normalised in the types that are known to have one.",
  breaks: ["NORM-006"],
  deform: afterNormalising((item, sent, entityType) =>
    entityType === "goal" && Object.hasOwn(sent, "scoreId") ? { ...item, scoreId: sent["scoreId"]! } : item,
  ),
});

export const leavesScoreIdsOfRareTypes = mutant({
  name: "leaves-score-ids-of-rare-types",
  story: "scoreId is normalised in the types whose schema has one, and in those that somebody thought of.",
  breaks: ["NORM-006"],
  deform: afterNormalising((item, sent, entityType) =>
    ["user_preferences", "plan_occurrence"].includes(entityType) && Object.hasOwn(sent, "scoreId")
      ? { ...item, scoreId: sent["scoreId"]! }
      : item,
  ),
});

export const normalisesPiecesOfEveryType = mutant({
  name: "normalises-pieces-of-every-type",
  story: "Lists of pieces are looked for by name alone.",
  breaks: ["NORM-006", "DATA-002"],
  deform: afterNormalising((item) =>
    mapScores(item, "goal", (id, title) =>
      typeof id === "string" ? normaliseScoreId(id) : typeof title === "string" ? scoreIdFrom(title) : id,
    ),
  ),
});
