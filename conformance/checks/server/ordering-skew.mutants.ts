import { mutant } from "../../model/mutant.ts";
import { ItemRefusal } from "../../model/refusal.ts";
import { formatInstant } from "../../../spec/rules/instant.ts";

const MONTH_MS = 30 * 86_400_000;

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

export const tellsTheItemsTimeAsServerTime = mutant({
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
