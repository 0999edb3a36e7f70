import { mutant } from "../../model/mutant.ts";
import { beforeNormalising } from "../../model/deform.ts";
import { ItemRefusal } from "../../model/refusal.ts";
import { rowKey } from "../../model/state.ts";
import type { Claim } from "../../model/state.ts";
import { formatInstant } from "../../../spec/rules/instant.ts";

const MONTH_MS = 30 * 86_400_000;

export const acceptsUnstampedOfAnyone = mutant({
  name: "accepts-unstamped-of-anyone",
  story: "Every item without a stamp gets the server's time, also those of peers that could know better.",
  breaks: ["ORD-010"],
  deform: (conforming) => ({
    ...conforming,
    givesReceiptStamp: (context, candidate) =>
      candidate.writtenAt === null || conforming.givesReceiptStamp(context, candidate),
  }),
});

export const callsUnstampedInvalid = mutant({
  name: "calls-unstamped-invalid",
  story: "A missing stamp is reported by the code for wrong ones.",
  breaks: ["ORD-010"],
  deform: (conforming) => ({
    ...conforming,
    refuseUnstamped: (_context, { submission }) =>
      new ItemRefusal("INVALID_ITEM", `${submission.itemPointer}/updatedAt`, "must be an instant"),
  }),
});

export const readsNullStampsAsNow = mutant({
  name: "reads-null-stamps-as-now",
  story: "new Date(item.updatedAt ?? Date.now()) is what the mapper says.",
  breaks: ["ORD-010"],
  deform: beforeNormalising((item, _type, { now }) =>
    item["updatedAt"] === null ? { ...item, updatedAt: formatInstant(now) } : item,
  ),
});

export const stampsWithTheSessionsTime = mutant({
  name: "stamps-with-the-sessions-time",
  story: "An item without updatedAt is stamped with its timestamp or createdAt, as some old clients do.",
  breaks: ["ORD-012"],
  deform: (conforming) => ({
    ...conforming,
    writeReceipt(context, candidate, at) {
      const own = candidate.item["timestamp"] ?? candidate.item["createdAt"] ?? null;
      conforming.writeReceipt(context, candidate, context.behaviour.parseInstant(context, own) ?? at);
    },
  }),
});

export const receiptStampIsNotWrittenIn = mutant({
  name: "receipt-stamp-is-not-written-in",
  story: "The stamp is put into the column but not into the item.",
  breaks: ["ORD-012", "ORD-016", "ORD-019"],
  deform: (conforming) => ({
    ...conforming,
    writeReceipt(_context, candidate, at) {
      candidate.stamp = { ...candidate.stamp, updatedAt: at };
    },
  }),
});

export const receiptStampIgnoresTheStored = mutant({
  name: "receipt-stamp-ignores-the-stored",
  story:
    "A receipt stamp is the server's time and nothing else, so an edit of something from a fast clock is lost.",
  breaks: ["ORD-012"],
  deform: (conforming) => ({ ...conforming, receiptTime: ({ now }) => now }),
});

export const allUnstampedShareOneStamp = mutant({
  name: "all-unstamped-share-one-stamp",
  story: "The time of receipt is read once for the whole push.",
  breaks: ["ORD-012"],
  deform: (conforming) => ({
    ...conforming,
    receiptTime: (context, top) =>
      top?.updatedAt === context.now ? context.now : conforming.receiptTime(context, top),
  }),
});

export const forgetsClaims = mutant({
  name: "forgets-claims",
  story: "Nothing is kept of what an unstamped write was, so that its repetition is a new write.",
  breaks: ["ORD-013"],
  deform: (conforming) => ({ ...conforming, repeatsClaim: () => false }),
});

export const forgetsClaimsAfterStampedWrites = mutant({
  name: "forgets-claims-after-stamped-writes",
  story: "The claim's columns are written with every row, as NULL where the write had a stamp.",
  breaks: ["ORD-013"],
  deform: (conforming) => ({ ...conforming, keepClaim: (_context, _plan, winner) => winner.claim }),
});

export const forgetsClaimsAfterDeletions = mutant({
  name: "forgets-claims-after-deletions",
  story: "A deletion empties the row, the claim included.",
  breaks: ["ORD-013"],
  deform: (conforming) => ({
    ...conforming,
    keepClaim: (context, plan, winner) =>
      winner.deleted ? winner.claim : conforming.keepClaim(context, plan, winner),
  }),
});

export const remembersEveryClaim = mutant({
  name: "remembers-every-claim",
  story:
    "Unstamped writes are recognised by a table of all checksums ever seen, so nobody can return to earlier content.",
  breaks: ["ORD-013"],
  deform: (conforming) => {
    const name = (
      user: string,
      row: { entityType: Parameters<typeof rowKey>[0]; entityId: string },
    ): string => `claims ${user} ${rowKey(row.entityType, row.entityId)}`;
    return {
      ...conforming,
      keepClaim(context, plan, winner) {
        const slot = name(context.user.id, plan);
        const claims = (context.server.scratch.get(slot) as Claim[] | undefined) ?? [];
        if (plan.claim) context.server.scratch.set(slot, [...claims, plan.claim]);
        return conforming.keepClaim(context, plan, winner);
      },
      repeatsClaim(context, candidate, claim) {
        const claims = context.server.scratch.get(name(context.user.id, candidate)) as Claim[] | undefined;
        return [claim, ...(claims ?? [])].some((one) => conforming.repeatsClaim(context, candidate, one));
      },
    };
  },
});

export const comparesClaimsByContentAlone = mutant({
  name: "compares-claims-by-content-alone",
  story: "A claim is only a checksum, so a stamped write with the same content is taken for a repetition.",
  breaks: ["ORD-013", "ORD-001"],
  deform: (conforming) => ({
    ...conforming,
    repeatsClaim: (_context, { deleted, checksum }, claim) =>
      claim !== undefined && deleted === claim.deleted && checksum === claim.checksum,
  }),
});

export const hashesClaimsAsSent = mutant({
  name: "hashes-claims-as-sent",
  story: "The claim is taken from the request's text, before normalisation.",
  breaks: ["ORD-013"],
  deform: (conforming) => ({
    ...conforming,
    claimOf: (context, candidate) => ({
      ...conforming.claimOf(context, candidate),
      checksum: JSON.stringify(candidate.submission.raw),
    }),
  }),
});

export const forgetsSkewedClaims = mutant({
  name: "forgets-skewed-claims",
  story: "Claims were thought of for writes without a stamp, not for those whose stamp was replaced.",
  breaks: ["ORD-013"],
  deform: (conforming) => ({
    ...conforming,
    repeatsClaim: (context, candidate, claim) =>
      candidate.writtenAt === null && conforming.repeatsClaim(context, candidate, claim),
  }),
});

export const claimsHoldForDeployedPeersOnly = mutant({
  name: "claims-hold-for-deployed-peers-only",
  story:
    "Claims are only looked up for peers that announce nothing; the same device, updated, is not recognised.",
  breaks: ["ORD-013"],
  deform: (conforming) => ({
    ...conforming,
    repeatsClaim: (context, candidate, claim) =>
      !context.announced && conforming.repeatsClaim(context, candidate, claim),
  }),
});

export const acceptsAnySkew = mutant({
  name: "accepts-any-skew",
  story: "Nobody looks at the clock: an entity stamped a year ahead cannot be edited for a year.",
  breaks: ["ORD-014", "ORD-016"],
  deform: (conforming) => ({ ...conforming, isSkewed: () => false }),
});

export const refusesAnyFuture = mutant({
  name: "refuses-any-future",
  story: "Every stamp ahead of the server's clock is refused, though no two clocks agree.",
  breaks: ["ORD-015"],
  deform: (conforming) => ({ ...conforming, skewMs: () => 0 }),
});

export const refusesHalfTheSkew = mutant({
  name: "refuses-half-the-skew",
  story: "The limit that is enforced is not the one that is advertised.",
  breaks: ["ORD-015"],
  deform: (conforming) => ({ ...conforming, skewMs: (context) => conforming.skewMs(context) / 2 }),
});

export const refusesOldWrites = mutant({
  name: "refuses-old-writes",
  story:
    "Writes older than a month are taken for mistakes, so a device that was offline for a summer is refused.",
  breaks: ["ORD-015"],
  deform: (conforming) => ({
    ...conforming,
    isSkewed: (context, stamp, stored) =>
      stamp.updatedAt < context.now - MONTH_MS || conforming.isSkewed(context, stamp, stored),
  }),
});

export const takesEpochForNoStamp = mutant({
  name: "takes-epoch-for-no-stamp",
  story: "`if (!updatedAt)` is true of the number 0 too.",
  breaks: ["ORD-015", "DATA-013"],
  deform: (conforming) => ({
    ...conforming,
    readStamp: (context, submission, item, deleted) =>
      conforming.readStamp(context, submission, item, deleted) || null,
  }),
});

export const tellsNoGoodServerTime = mutant({
  name: "tells-the-items-time-as-server-time",
  story: "serverTime is filled with the stamp that was refused, so that the client never learns its error.",
  breaks: ["ORD-014"],
  deform: (conforming) => ({
    ...conforming,
    refuseSkew(context, candidate) {
      const { code, pointer, message } = {
        ...conforming.refuseSkew(context, candidate),
        message: "too far ahead",
        pointer: candidate.submission.itemPointer,
      };
      return new ItemRefusal(code, pointer, message, {
        members: { serverTime: formatInstant(candidate.stamp.updatedAt) },
      });
    },
  }),
});

export const judgesSkewForPushOnly = mutant({
  name: "judges-skew-for-push-only",
  story: "The skew check sits in the push handler.",
  breaks: ["ORD-014", "BATCH-001", "NORM-009"],
  deform: (conforming) => ({
    ...conforming,
    isSkewed: (context, stamp, stored) =>
      context.endpoint === "push" && conforming.isSkewed(context, stamp, stored),
  }),
});

export const skewIgnoresDeletions = mutant({
  name: "skew-ignores-deletions",
  story: "The skew check reads updatedAt, which a deletion does not have.",
  breaks: ["ORD-014", "ORD-016"],
  deform: (conforming) => ({
    ...conforming,
    isSkewed: (context, stamp, stored) => !stamp.deleted && conforming.isSkewed(context, stamp, stored),
  }),
});

export const skewIgnoresNumbers = mutant({
  name: "skew-ignores-numbers",
  story: "The skew check is part of reading dates from text.",
  breaks: ["ORD-014"],
  deform: (conforming) => ({
    ...conforming,
    resolveStamp(context, candidate, plan) {
      if (typeof candidate.item["updatedAt"] !== "number") conforming.resolveStamp(context, candidate, plan);
    },
  }),
});

export const refusesSkewOfDeployedPeers = mutant({
  name: "refuses-skew-of-deployed-peers",
  story:
    "Deployed peers are refused like all others, and lose the write, since they know nothing of the code.",
  breaks: ["ORD-016"],
  deform: (conforming) => ({
    ...conforming,
    givesReceiptStamp: (context, candidate) =>
      candidate.writtenAt === null && conforming.givesReceiptStamp(context, candidate),
  }),
});

export const keepsSkewedStampsOfDeployedPeers = mutant({
  name: "keeps-skewed-stamps-of-deployed-peers",
  story: "Deployed peers are served as ever: their stamps are taken as they are.",
  breaks: ["ORD-016"],
  deform: (conforming) => ({
    ...conforming,
    isSkewed: (context, stamp, stored) => context.announced && conforming.isSkewed(context, stamp, stored),
  }),
});

export const skewedDeletionsKeepTheirTime = mutant({
  name: "skewed-deletions-keep-their-time",
  story: "The receipt stamp goes into updatedAt, while a deletion goes by its deletedAt.",
  breaks: ["ORD-016"],
  deform: (conforming) => ({
    ...conforming,
    isSkewed: (context, stamp, stored) =>
      (context.announced || !stamp.deleted) && conforming.isSkewed(context, stamp, stored),
  }),
});

export const comparesWithStoredClaimsOnly = mutant({
  name: "compares-with-stored-claims-only",
  story: "The claims are read before the items are judged, and not looked at again.",
  breaks: ["ORD-013", "ORD-012"],
  deform: (conforming) => ({
    ...conforming,
    repeatsClaim: (context, candidate) =>
      conforming.repeatsClaim(
        context,
        candidate,
        conforming.findRow(context, candidate.entityType, candidate.entityId)?.claim,
      ),
  }),
});

export const keepsClaimsInMemory = mutant({
  name: "keeps-claims-in-memory",
  story: "Claims are a Map beside the store.",
  breaks: ["ORD-013"],
  deform: (conforming) => {
    const name = (
      user: string,
      entity: { entityType: Parameters<typeof rowKey>[0]; entityId: string },
    ): string => `claim ${user} ${rowKey(entity.entityType, entity.entityId)}`;
    return {
      ...conforming,
      keepClaim(context, plan, winner) {
        const claim = conforming.keepClaim(context, plan, winner);
        context.server.volatile.set(name(context.user.id, plan), claim);
        return undefined;
      },
      repeatsClaim: (context, candidate, claim) =>
        conforming.repeatsClaim(
          context,
          candidate,
          claim ?? (context.server.volatile.get(name(context.user.id, candidate)) as Claim | undefined),
        ),
    };
  },
});
