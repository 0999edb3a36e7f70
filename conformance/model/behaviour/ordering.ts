import { formatInstant } from "../../../spec/rules/instant.ts";
import { judge } from "../../../spec/rules/merge.ts";
import type { Stamp } from "../../../spec/rules/stamp.ts";
import type { Context } from "../context.ts";
import { ItemRefusal } from "../refusal.ts";
import type { Claim } from "../state.ts";
import type { Candidate, EntityPlan } from "../submission.ts";

/** Stamps, claims, skew: which write wins. */
export interface OrderingSteps {
  /** Last write wins: what becomes of a stamp that meets the stored one. */
  judge(context: Context, stored: Stamp | undefined, incoming: Stamp): "applied" | "duplicate" | "superseded";
  /** What a writer says of its write, for a server that gives it a receipt stamp. */
  claimOf(context: Context, candidate: Candidate): Claim;
  /** Whether a write equals the entity's latest claim. */
  repeatsClaim(context: Context, candidate: Candidate, claim: Claim | undefined): boolean;
  /** The claim that stays with a row that is written: the new one, else the one that was there. */
  keepClaim(context: Context, plan: EntityPlan, winner: Candidate): Claim | undefined;
  /** The stamp that counts, put into the candidate: its own, or one of receipt. Refuses an absent or skewed one of an announced peer. */
  resolveStamp(context: Context, candidate: Candidate, plan: EntityPlan): void;
  /** Whether a stamp is too far ahead of the server's clock, and above the stored one. */
  isSkewed(context: Context, stamp: Stamp, stored: Stamp | undefined): boolean;
  /** How far ahead a stamp may be, in ms. */
  skewMs(context: Context): number;
  /** The refusal of a skewed stamp. */
  refuseSkew(context: Context, candidate: Candidate): ItemRefusal;
  /** The refusal of a live item without a stamp. */
  refuseUnstamped(context: Context, candidate: Candidate): ItemRefusal;
  /** Whether a write without a usable stamp gets one of receipt; else it is refused. */
  givesReceiptStamp(context: Context, candidate: Candidate): boolean;
  /** The instant of a receipt stamp, Unix ms. `top`: the greatest stamp of the entity, stored or in this request. */
  receiptTime(context: Context, top: Stamp | undefined): number;
  /** What happens to an item whose stamp the server gave. */
  writeReceipt(context: Context, candidate: Candidate, at: number): void;
}

export const ordering: OrderingSteps = {
  judge: (_context, stored, incoming) => judge(stored, incoming),

  claimOf: (_context, { writtenAt, deleted, checksum }) => ({ at: writtenAt, deleted, checksum }),

  repeatsClaim(context, candidate, claim) {
    if (claim === undefined) return false;
    const { at, deleted, checksum } = context.behaviour.claimOf(context, candidate);
    return at === claim.at && deleted === claim.deleted && checksum === claim.checksum;
  },

  keepClaim: (_context, plan) => plan.claim,

  resolveStamp(context, candidate, plan) {
    const { behaviour } = context;
    const absent = candidate.writtenAt === null;
    if (!absent && !behaviour.isSkewed(context, candidate.stamp, plan.stored?.stamp)) return;
    if (!behaviour.givesReceiptStamp(context, candidate)) {
      throw absent ? behaviour.refuseUnstamped(context, candidate) : behaviour.refuseSkew(context, candidate);
    }
    candidate.claim = behaviour.claimOf(context, candidate);
    behaviour.writeReceipt(context, candidate, behaviour.receiptTime(context, plan.top));
  },

  isSkewed: (context, stamp, stored) =>
    stamp.updatedAt > context.now + context.behaviour.skewMs(context) &&
    (stored === undefined || stamp.updatedAt > stored.updatedAt + 1),

  skewMs: ({ server }) => server.limits.clockSkewMs,

  refuseSkew(context, { submission, deleted }) {
    const pointer = `${submission.itemPointer}/${deleted ? "deletedAt" : "updatedAt"}`;
    return new ItemRefusal(
      "CLOCK_SKEW",
      pointer,
      "the stamp is too far ahead of the server's clock; stamp it again",
      {
        members: { serverTime: formatInstant(context.now) },
      },
    );
  },

  refuseUnstamped: (_context, { submission }) =>
    new ItemRefusal("INCOMPLETE", `${submission.itemPointer}/updatedAt`, "the stamp is missing"),

  givesReceiptStamp: ({ announced }) => !announced,

  receiptTime: ({ now }, top) => Math.max(now, top === undefined ? now : top.updatedAt + 1),

  writeReceipt(_context, candidate, at) {
    candidate.stamp = { ...candidate.stamp, updatedAt: at };
    const name = candidate.deleted ? "deletedAt" : "updatedAt";
    candidate.item = { ...candidate.item, [name]: formatInstant(at) };
  },
};
