import type { Json, JsonObject } from "../../../schemas/json.ts";
import type { Behaviour } from "../../model/behaviour.ts";
import { mutant } from "../../model/mutant.ts";

export const ignoresPreconditions = mutant({
  name: "ignores-preconditions",
  story: "version is accepted and never read.",
  breaks: ["BATCH-002", "BATCH-003"],
  deform: (conforming) => ({ ...conforming, isConflict: () => false }),
});

/** The conflicts of a batch answer, each changed. */
const tellingConflicts =
  (change: (conflict: JsonObject) => JsonObject) =>
  (conforming: Behaviour): Behaviour => ({
    ...conforming,
    batchConflicts: (context, judgements) =>
      conforming
        .batchConflicts(context, judgements)
        .map((conflict) => ({ ...conflict, ...change(conflict) })),
  });

export const conflictsWithoutTheServersItem = mutant({
  name: "conflicts-without-the-servers-item",
  story: "Only ids are at hand where the conflict is found, so the client has nothing to show or merge.",
  breaks: ["BATCH-002"],
  deform: tellingConflicts(() => ({ server: null })),
});

export const assumesConflictsAreOneVersionApart = mutant({
  name: "assumes-conflicts-are-one-version-apart",
  story: "remoteVersion is computed as localVersion + 1 instead of read.",
  breaks: ["BATCH-002"],
  deform: tellingConflicts(({ localVersion }) => ({ remoteVersion: (localVersion as number) + 1 })),
});

export const preconditionsSeeTheBatchItself = mutant({
  name: "preconditions-see-the-batch-itself",
  story: "Items are applied one by one, so the second of an entity conflicts with the first.",
  breaks: ["BATCH-002"],
  deform: (conforming) => ({
    ...conforming,
    isConflict: (context, version, plan) =>
      conforming.isConflict(context, version, plan) ||
      (plan.candidates.length > 0 && version < (plan.stored?.version ?? 0) + plan.candidates.length),
  }),
});

export const showsDeletedItems = mutant({
  name: "shows-deleted-items",
  story: "A deletion only sets a flag, and the conflict shows the row without looking at it.",
  breaks: ["BATCH-003", "DEL-006"],
  deform: tellingConflicts(({ server, entityId }) => ({
    server: server ?? { id: entityId as Json, title: "as it was" },
  })),
});

export const forgetsVersionsOfDeletions = mutant({
  name: "forgets-versions-of-deletions",
  story: "The version is looked up among live rows, so a deleted entity counts as never seen.",
  breaks: ["BATCH-003", "BATCH-002"],
  deform: (conforming) => ({
    ...conforming,
    isConflict: (context, version, plan) =>
      plan.stored?.item !== null && conforming.isConflict(context, version, plan),
  }),
});

export const judgesVersionsBeforeClaims = mutant({
  name: "judges-versions-before-claims",
  story: "The check of the version stands above the one for repetitions of unstamped writes.",
  breaks: ["BATCH-004"],
  deform: (conforming) => ({
    ...conforming,
    repeatsClaim: (context, candidate, claim) =>
      context.endpoint !== "batch" && conforming.repeatsClaim(context, candidate, claim),
  }),
});

export const judgesVersionsFirst = mutant({
  name: "judges-versions-first",
  story: "The precondition is tested before anything else, so a writer's own retry comes back as a conflict.",
  breaks: ["BATCH-004"],
  deform: (conforming) => ({
    ...judgesVersionsBeforeClaims.deform(conforming),
    repeatsStored: () => false,
  }),
});

export const fittingVersionsAlwaysWin = mutant({
  name: "fitting-versions-always-win",
  story: "A precondition that holds is taken for the decision, as with If-Match on a document.",
  breaks: ["BATCH-005", "ORD-001"],
  deform: (conforming) => ({
    ...conforming,
    resolveStamp(context, candidate, plan) {
      conforming.resolveStamp(context, candidate, plan);
      const { stored } = plan;
      if (
        !stored ||
        !candidate.submission.frame ||
        conforming.preconditionOf(context, candidate) === undefined
      )
        return;
      const updatedAt = Math.max(candidate.stamp.updatedAt, stored.stamp.updatedAt + 1);
      candidate.stamp = { ...candidate.stamp, updatedAt };
    },
  }),
});

export const demandsTheExactVersion = mutant({
  name: "demands-the-exact-version",
  story: "The precondition is compared with !== instead of <.",
  breaks: ["BATCH-005"],
  deform: (conforming) => ({
    ...conforming,
    isConflict: (_context, version, { stored }) => stored !== undefined && version !== stored.version,
  }),
});

export const takesMissingVersionsForZero = mutant({
  name: "takes-missing-versions-for-zero",
  story: "`entity.version ?? 0` makes every write without a version a conflict.",
  breaks: ["BATCH-006"],
  deform: (conforming) => ({
    ...conforming,
    preconditionOf: (context, candidate) => conforming.preconditionOf(context, candidate) ?? 0,
  }),
});

export const acceptsAnyVersion = mutant({
  name: "accepts-any-version",
  story: "version is compared without looking at its type, and every comparison with a text is false.",
  breaks: ["BATCH-006"],
  deform: (conforming) => ({
    ...conforming,
    checkFrame(context, submission, entityType, entityId) {
      const frame = { ...submission.frame, version: null };
      conforming.checkFrame(context, { ...submission, frame }, entityType, entityId);
    },
  }),
});
