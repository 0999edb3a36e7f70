import type { JsonObject } from "../../../schemas/json.ts";
import type { Answer } from "../../model/answer.ts";
import { mutant } from "../../model/mutant.ts";

function outcomesOf({ body, status }: Answer): unknown[] {
  if (status !== 200) return [];
  const { results } = JSON.parse(new TextDecoder().decode(body)) as { results: JsonObject[] };
  return results.map(({ outcome }) => outcome);
}

export const recordsNothingWithoutItems = mutant({
  name: "records-nothing-without-items",
  story: "An empty request is answered at once, before the key is thought of.",
  breaks: ["IDEM-013", "IDEM-003"],
  deform: (conforming) => ({
    ...conforming,
    isRecorded: (context, answer) =>
      (answer.status !== 200 || outcomesOf(answer).length > 0) && conforming.isRecorded(context, answer),
  }),
});

export const recordsRefusedBatchesOfDeployedPeers = mutant({
  name: "records-refused-batches-of-deployed-peers",
  story: "Deployed clients were thought to push only.",
  breaks: ["IDEM-015"],
  deform: (conforming) => ({
    ...conforming,
    isRecorded: (context, answer) =>
      (context.endpoint === "batch" && answer.status === 200) || conforming.isRecorded(context, answer),
  }),
});

export const recordsAppliedOnlyForDeployedPeers = mutant({
  name: "records-applied-only-for-deployed-peers",
  story: "What did not win is counted among the refusals.",
  breaks: ["IDEM-002", "IDEM-015"],
  deform: (conforming) => ({
    ...conforming,
    isRecorded: (context, answer) =>
      (context.announced || !outcomesOf(answer).includes("superseded")) &&
      conforming.isRecorded(context, answer),
  }),
});
