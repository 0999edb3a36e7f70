import { afterBuilding, sentMember } from "../../model/deform.ts";
import { changingMessages } from "../../model/deform-sockets.ts";
import { mutant } from "../../model/mutant.ts";

export const keepsTheTimestampForItself = mutant({
  name: "keeps-the-timestamp-for-itself",
  story:
    "The envelope's time goes into the column that writes are ordered by, and the item is stored as it came.",
  breaks: ["RT-046"],
  deform: afterBuilding((row, _stored, { submission }) => {
    const own = sentMember(submission, "updatedAt") ?? sentMember(submission, "updated_at");
    if (submission.message === undefined || row.item === null || own !== undefined) return row;
    const { updatedAt: _updatedAt, ...item } = row.item;
    return { ...row, item };
  }),
});

export const acknowledgesWithoutTheTimestamp = mutant({
  name: "acknowledges-without-the-timestamp",
  story: "Whether to send the item back is decided by its content, which the stamp is no part of.",
  breaks: ["RT-046", "RT-013"],
  deform: changingMessages(["SYNC_RESPONSE"], ({ item: _item, ...frame }) => frame),
});

export const stampsEveryRemoval = mutant({
  name: "stamps-every-removal-by-its-clock",
  story: "`deletedAt ?? timestamp ?? now()` stands in the handler of removals, for whoever sends them.",
  breaks: ["RT-047"],
  deform: (conforming) => ({
    ...conforming,
    givesReceiptStamp: (context, candidate) =>
      candidate.submission.deletion === true || conforming.givesReceiptStamp(context, candidate),
  }),
});

export const refusesEveryRemovalWithoutStamp = mutant({
  name: "refuses-every-removal-without-a-stamp",
  story: "Receipt stamps are made for live items, as over HTTP a deletion without a time can't come.",
  breaks: ["RT-047", "RT-004"],
  deform: (conforming) => ({
    ...conforming,
    givesReceiptStamp: (context, candidate) =>
      candidate.submission.deletion !== true && conforming.givesReceiptStamp(context, candidate),
  }),
});

export const takesEmptyTextsForStamps = mutant({
  name: "takes-empty-texts-for-stamps",
  story:
    "`deletedAt ?? timestamp` takes the empty text for a time that is given, and then finds it to be none.",
  breaks: ["RT-047"],
  deform: (conforming) => ({
    ...conforming,
    mutationItems(context, message) {
      const submissions = conforming.mutationItems(context, message);
      if (message["deletedAt"] !== "") return submissions;
      return submissions.map((one) =>
        one.deletion ? { ...one, raw: { ...(one.raw as object), deletedAt: "" } } : one,
      );
    },
  }),
});

export const repeatsRemovalsWithoutStamp = mutant({
  name: "repeats-removals-without-a-stamp",
  story: "Claims are looked at for items with a checksum only, and a deletion has none.",
  breaks: ["RT-047", "ORD-013"],
  deform: (conforming) => ({
    ...conforming,
    repeatsClaim: (context, candidate, claim) =>
      candidate.submission.deletion !== true && conforming.repeatsClaim(context, candidate, claim),
  }),
});
