import { mutant } from "../../model/mutant.ts";
import { judgingBy, sentMember, writingAlso } from "../../model/deform.ts";
import type { Behaviour } from "../../model/behaviour.ts";
import { compareStamps } from "../../../spec/rules/stamp.ts";

/** Last write wins, taken at its word: only a repetition is told apart. */
const byArrival: Behaviour["judge"] = judgingBy((incoming, stored) =>
  Math.abs(compareStamps(incoming, stored)),
);

export const lastArrivalWins = mutant({
  name: "last-arrival-wins",
  story: "The upsert has no WHERE: whatever arrives last is stored.",
  breaks: ["ORD-001", "ORD-002", "ORD-004", "ORD-005", "DEL-004", "PUSH-011", "BATCH-005"],
  deform: (conforming) => ({ ...conforming, judge: byArrival }),
});

export const firstArrivalStays = mutant({
  name: "first-arrival-stays",
  story: "The insert is an INSERT OR IGNORE, so an edit of a stored entity never gets in.",
  breaks: ["ORD-001", "DEL-003", "PUSH-008", "PUSH-011"],
  deform: (conforming) => ({
    ...conforming,
    judge: judgingBy((incoming, stored) => -Math.abs(compareStamps(incoming, stored))),
  }),
});

export const comparesStampsOfEntriesOnly = mutant({
  name: "compares-stamps-of-entries-only",
  story: "Stamps were added for the logbook; the other tables still take whatever comes.",
  breaks: ["ORD-001", "ORD-004", "ORD-005", "DEL-004"],
  deform: (conforming) => ({
    ...conforming,
    decide(context, plan) {
      if (plan.entityType === "logbook_entry" || plan.candidates.length !== 1)
        return conforming.decide(context, plan);
      const candidate = plan.candidates[0]!;
      const outcome = byArrival(context, plan.stored?.stamp, candidate.stamp);
      return { winner: outcome === "applied" ? candidate : undefined, outcomes: [outcome] };
    },
  }),
});

export const batchOverwrites = mutant({
  name: "batch-overwrites",
  story: "The batch endpoint checks versions, so its author thought that stamps need no look.",
  breaks: ["ORD-001", "BATCH-001", "BATCH-005"],
  deform: (conforming) => ({
    ...conforming,
    judge: (context, stored, incoming) =>
      (context.endpoint === "batch" ? byArrival : conforming.judge)(context, stored, incoming),
  }),
});

export const readsThenWritesWithoutLock = mutant({
  name: "reads-then-writes-without-lock",
  story:
    "Stamps are compared in the worker and written later, with nothing to keep another request out in between.",
  breaks: ["ORD-001", "ORD-020", "ORD-021"],
  deform: (conforming) => ({ ...conforming, lock: (_context, task) => task() }),
});

export const tombstonesYieldToAnyWrite = mutant({
  name: "tombstones-yield-to-any-write",
  story:
    "A live write onto a deleted row is taken for the user's wish to have it back, whenever it was written.",
  breaks: ["ORD-001", "ORD-004", "DEL-002", "DEL-004"],
  deform: (conforming) => ({
    ...conforming,
    judge: (context, stored, incoming) =>
      stored?.deleted && !incoming.deleted ? "applied" : conforming.judge(context, stored, incoming),
  }),
});

export const ordersByClaimedVersion = mutant({
  name: "orders-by-claimed-version",
  story: "The item's version is compared with the stored one first, as an older protocol did.",
  breaks: ["ORD-008", "ORD-001", "DATA-004"],
  deform: (conforming) => ({
    ...conforming,
    decide(context, plan) {
      const [candidate] = plan.candidates;
      const claimed = candidate && sentMember(candidate.submission, "version");
      if (!plan.stored || typeof claimed !== "number" || claimed === plan.stored.version) {
        return conforming.decide(context, plan);
      }
      return claimed > plan.stored.version
        ? { winner: candidate, outcomes: plan.candidates.map(() => "applied") }
        : { winner: undefined, outcomes: plan.candidates.map(() => "superseded") };
    },
  }),
});

export const ordersByClaimedSeq = mutant({
  name: "orders-by-claimed-seq",
  story: "An item that carries a seq is compared by it, since seq is what orders the log.",
  breaks: ["ORD-008", "ORD-001", "DATA-004"],
  deform: (conforming) => ({
    ...conforming,
    decide(context, plan) {
      const [candidate] = plan.candidates;
      const claimed = candidate && sentMember(candidate.submission, "seq");
      if (!plan.stored || typeof claimed !== "number") return conforming.decide(context, plan);
      return claimed > plan.stored.seq
        ? { winner: candidate, outcomes: plan.candidates.map(() => "applied") }
        : { winner: undefined, outcomes: plan.candidates.map(() => "superseded") };
    },
  }),
});

export const tiesGoToTheStored = mutant({
  name: "ties-go-to-the-stored",
  story: "The upsert says `excluded.updated_at > updated_at`, and nothing about ties.",
  breaks: ["ORD-004", "ORD-005", "ORD-001"],
  deform: (conforming) => ({
    ...conforming,
    judge: judgingBy((a, b) => a.updatedAt - b.updatedAt || -Math.abs(compareStamps(a, b))),
  }),
});

export const tiesGoToTheLaterArrival = mutant({
  name: "ties-go-to-the-later-arrival",
  story: "The upsert says `excluded.updated_at >= updated_at`.",
  breaks: ["ORD-004", "ORD-005", "ORD-001"],
  deform: (conforming) => ({
    ...conforming,
    judge: judgingBy((a, b) => a.updatedAt - b.updatedAt || Math.abs(compareStamps(a, b))),
  }),
});

export const tiesGoToTheLiveItem = mutant({
  name: "ties-go-to-the-live-item",
  story: "On a tie the checksums are compared, and that of a deletion is the empty text.",
  breaks: ["ORD-004"],
  deform: (conforming) => ({
    ...conforming,
    judge: judgingBy(
      (a, b) => a.updatedAt - b.updatedAt || Number(b.deleted) - Number(a.deleted) || compareStamps(a, b),
    ),
  }),
});

export const takesEqualTimesForDuplicates = mutant({
  name: "takes-equal-times-for-duplicates",
  story: "Two writes of one entity with one time are taken for one write, whatever they say.",
  breaks: ["ORD-004", "ORD-005", "ORD-006"],
  deform: (conforming) => ({ ...conforming, judge: judgingBy((a, b) => a.updatedAt - b.updatedAt) }),
});

export const smallerChecksumWins = mutant({
  name: "smaller-checksum-wins",
  story: "The operands of the tie-break are the wrong way round.",
  breaks: ["ORD-005", "ORD-001"],
  deform: (conforming) => ({
    ...conforming,
    judge: judgingBy((a, b) =>
      a.updatedAt === b.updatedAt && a.deleted === b.deleted ? compareStamps(b, a) : compareStamps(a, b),
    ),
  }),
});

export const duplicateTakesAVersion = mutant({
  name: "duplicate-takes-a-version",
  story: "The version is bumped by a trigger on every update, also on one that writes what is there.",
  breaks: ["ORD-006", "ORD-020"],
  deform: writingAlso("duplicate", (stored) => ({ ...stored, version: stored.version + 1 })),
});

export const duplicateTakesASeq = mutant({
  name: "duplicate-takes-a-seq",
  story:
    "Every item of a push gets the next seq before it is compared, so a repetition is news to all devices.",
  breaks: ["ORD-006"],
  deform: writingAlso("duplicate", (stored, { seq }) => ({ ...stored, seq })),
});

export const duplicateOverwritesBookkeeping = mutant({
  name: "duplicate-overwrites-bookkeeping",
  story: "A duplicate is written over the stored item, since its content is the same anyway.",
  breaks: ["ORD-006"],
  deform: writingAlso("duplicate", (stored, { item }) => ({ ...stored, item })),
});

export const lostWritesTakeAVersion = mutant({
  name: "lost-writes-take-a-version",
  story: "The version counts the writes that were tried.",
  breaks: ["ORD-020"],
  deform: writingAlso("superseded", (stored) => ({ ...stored, version: stored.version + 1 })),
});

export const updatedAtStampsDeletions = mutant({
  name: "updated-at-stamps-deletions",
  story: "The stamp is read from updatedAt whatever the item is, and only else from deletedAt.",
  breaks: ["ORD-007"],
  deform: (conforming) => ({
    ...conforming,
    readStamp: (context, submission, item, deleted) =>
      conforming.readStamp(context, submission, item, deleted && !Object.hasOwn(item, "updatedAt")),
  }),
});

export const laterOfBothTimesOfADeletion = mutant({
  name: "later-of-both-times-of-a-deletion",
  story: "A deletion is stamped with the later of its two times, to be on the safe side.",
  breaks: ["ORD-007"],
  deform: (conforming) => ({
    ...conforming,
    readStamp(context, submission, item, deleted) {
      const stamp = conforming.readStamp(context, submission, item, deleted);
      const other = Object.hasOwn(item, "updatedAt")
        ? context.behaviour.parseInstant(context, item["updatedAt"]!)
        : undefined;
      return deleted && stamp !== null && other !== undefined ? Math.max(stamp, other) : stamp;
    },
  }),
});

export const refusesDeletionsForTheirUpdatedAt = mutant({
  name: "refuses-deletions-for-their-updated-at",
  story: "The skew of every time in an item is looked at, needed or not.",
  breaks: ["ORD-007", "ORD-015"],
  deform: (conforming) => ({
    ...conforming,
    resolveStamp(context, candidate, plan) {
      const beside = context.behaviour.parseInstant(context, candidate.item["updatedAt"] ?? null) ?? 0;
      if (candidate.deleted && beside > context.now + context.behaviour.skewMs(context)) {
        throw context.behaviour.refuseSkew(context, candidate);
      }
      conforming.resolveStamp(context, candidate, plan);
    },
  }),
});
