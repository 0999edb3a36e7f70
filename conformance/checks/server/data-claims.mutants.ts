import { mutant } from "../../model/mutant.ts";
import { afterBuilding, afterExamining, sentMember } from "../../model/deform.ts";
import { ItemRefusal } from "../../model/refusal.ts";

export const believesClaimedVersions = mutant({
  name: "believes-claimed-versions",
  story: "The version is stored from the item, where an older server let clients count.",
  breaks: ["DATA-004", "ORD-020"],
  deform: afterBuilding((row, _stored, { submission }) => {
    const version = sentMember(submission, "version");
    return Number.isInteger(version) && (version as number) > 0
      ? { ...row, version: version as number }
      : row;
  }),
});

export const believesClaimedChecksums = mutant({
  name: "believes-claimed-checksums",
  story: "The client has computed the checksum already, so why do it again.",
  breaks: ["DATA-004", "DATA-006"],
  deform: afterExamining((candidate) => {
    const checksum = sentMember(candidate.submission, "checksum");
    if (typeof checksum !== "string" || candidate.deleted || !/^[0-9a-f]{64}$/.test(checksum))
      return candidate;
    return { ...candidate, checksum, stamp: { ...candidate.stamp, checksum } };
  }),
});

export const refusesItemsWithAnotherChecksum = mutant({
  name: "refuses-items-with-another-checksum",
  story: "A checksum in an item is compared with the server's, although clients compute it otherwise.",
  breaks: ["DATA-004"],
  deform: afterExamining((candidate) => {
    const checksum = sentMember(candidate.submission, "checksum");
    if (typeof checksum !== "string" || checksum === candidate.checksum) return candidate;
    throw new ItemRefusal("CHECKSUM_MISMATCH", `${candidate.submission.itemPointer}/checksum`, "is another");
  }),
});

export const writesToTheClaimedUser = mutant({
  name: "writes-to-the-claimed-user",
  story: "The row's user is taken from the item, as the import script does.",
  breaks: ["DATA-004", "AUTH-010"],
  deform: (conforming) => ({
    ...conforming,
    buildRow(context, plan, winner, seq) {
      const claimed = sentMember(winner.submission, "userId") ?? sentMember(winner.submission, "user_id");
      return {
        ...conforming.buildRow(context, plan, winner, seq),
        ...(typeof claimed === "string" ? { claimed } : {}),
      };
    },
    applyRow(context, row) {
      const { claimed } = row as { claimed?: string };
      const user = claimed === undefined ? context.user : context.behaviour.openUser(context, claimed);
      conforming.applyRow({ ...context, user }, { ...row, seq: Math.max(row.seq, user.head + 1) });
    },
  }),
});
