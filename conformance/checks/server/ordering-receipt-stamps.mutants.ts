import { mutant } from "../../model/mutant.ts";
import { beforeNormalising } from "../../model/deform.ts";
import { ItemRefusal } from "../../model/refusal.ts";
import { rowKey } from "../../model/state.ts";
import type { Claim } from "../../model/state.ts";
import { formatInstant } from "../../../spec/rules/instant.ts";

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
