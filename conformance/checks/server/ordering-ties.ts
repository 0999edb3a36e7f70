import { serverCheck } from "../../check.ts";
import { forgetsStampsOfLongLivedEntities } from "./histories.mutants.ts";
import {
  duplicateOverwritesBookkeeping,
  duplicateTakesASeq,
  duplicateTakesAVersion,
  laterOfBothTimesOfADeletion,
  refusesDeletionsForTheirUpdatedAt,
  smallerChecksumWins,
  takesEqualTimesForDuplicates,
  tiesGoToTheLaterArrival,
  tiesGoToTheLiveItem,
  tiesGoToTheStored,
  updatedAtStampsDeletions,
} from "./ordering.mutants.ts";

const NOON = "2024-03-01T12:00:00.000Z";

export const deletionAfterLive = serverCheck({
  id: "ORD-004/deletion-arrives-second",
  name: "a deletion wins over a live item of the same instant that is already stored",
  brokenBy: [tiesGoToTheStored, tiesGoToTheLiveItem],
  async run({ device, newDevice, expect, aGoal, aDeletion }) {
    const goal = aGoal({ updatedAt: NOON });
    await device.push({ goals: [goal] });
    const before = await device.cursor();

    const reply = await newDevice().push({ goals: [aDeletion(goal, { deletedAt: NOON })] });
    expect.outcome(reply, 0, "applied");
    expect.deleted(await device.changesSince(before), goal["id"] as string);
  },
});

export const liveAfterDeletion = serverCheck({
  id: "ORD-004/deletion-arrives-first",
  name: "a live item of the same instant as a stored deletion is superseded",
  brokenBy: [tiesGoToTheLaterArrival, tiesGoToTheLiveItem, takesEqualTimesForDuplicates],
  async run({ device, newDevice, expect, aGoal, aDeletion }) {
    const [known, neverSeen] = [aGoal({ updatedAt: NOON }), aGoal({ updatedAt: NOON })];
    await device.push({ goals: [{ ...known, updatedAt: "2024-03-01T11:00:00.000Z" }] });
    await device.push({
      goals: [aDeletion(known, { deletedAt: NOON }), aDeletion(neverSeen, { deletedAt: NOON })],
    });

    const reply = await newDevice().push({ goals: [known, neverSeen] });
    expect.outcomes(reply, ["superseded", "superseded"]);
    expect.liveIds(await device.pullAll(), []);

    // A millisecond later they would have won.
    const later = await newDevice().push({ goals: [{ ...known, updatedAt: "2024-03-01T12:00:00.001Z" }] });
    expect.outcome(later, 0, "applied");
  },
});

// SHA-256 of {"id":"tie","title":"A"}, and so on:
//   A 7d4a601e…  C 1e7eba87…  G d42ed62f…  H 0fb7cf53…  so that H < C < A < G.
const tie = (title: string, updatedAt = NOON) => ({ id: "tie", title, updatedAt });

export const greaterChecksumSecond = serverCheck({
  id: "ORD-005/greater-checksum-second",
  name: "of two live items of one instant the greater checksum wins, if it arrives second",
  brokenBy: [tiesGoToTheStored, smallerChecksumWins],
  async run({ device, newDevice, expect }) {
    await device.push({ goals: [tie("C")] });
    const reply = await newDevice().push({ goals: [tie("A")] });
    const { meta } = expect.outcome(reply, 0, "applied");
    expect.equal("version", meta?.version, 2);
    expect.equal("title", expect.live(await device.pullAll(), "tie").item["title"], "A");
  },
});

export const greaterChecksumFirst = serverCheck({
  id: "ORD-005/greater-checksum-first",
  name: "of two live items of one instant the greater checksum wins, if it arrives first",
  brokenBy: [tiesGoToTheLaterArrival, smallerChecksumWins],
  async run({ device, newDevice, expect }) {
    await device.push({ goals: [tie("G")] });
    const before = await device.cursor();
    const reply = await newDevice().push({ goals: [tie("A")] });
    const { item } = expect.outcome(reply, 0, "superseded");
    expect.equal("title of the winner", item?.["title"], "G");
    expect.nothing("changes", await device.changesSince(before));
    expect.equal("title", expect.live(await device.pullAll(), "tie").item["title"], "G");
  },
});

export const tieWithinOnePush = serverCheck({
  id: "ORD-005/within-one-push",
  name: "of several live items of one instant in one push the greatest checksum wins, wherever it stands",
  brokenBy: [tiesGoToTheLaterArrival, tiesGoToTheStored, smallerChecksumWins],
  async run({ device, newDevice, stranger, expect }) {
    const orders = [
      ["H", "G", "C"],
      ["G", "A", "H"],
    ];
    const users = [device, await stranger()];
    for (const [index, user] of users.entries()) {
      const titles = orders[index] as string[];
      const reply = await user.push({ goals: titles.map((title) => tie(title)) });
      expect.equal(
        `outcomes of ${titles.join(", ")}`,
        reply.body.results.map(({ outcome }) => outcome),
        titles.map((title) => (title === "G" ? "applied" : "superseded")),
      );
      expect.equal("title", expect.live(await user.pullAll(), "tie").item["title"], "G");
    }
    // Sent again one by one, in the order that favours the last, they still change nothing.
    const again = await newDevice().push({ goals: [tie("A")] });
    expect.outcome(again, 0, "superseded");
  },
});

export const duplicatesChangeNothing = serverCheck({
  id: "ORD-006/duplicate-changes-nothing",
  name: "a write that comes again under a new key is a duplicate and moves neither version nor seq",
  brokenBy: [duplicateTakesAVersion, duplicateTakesASeq, forgetsStampsOfLongLivedEntities],
  async run({ device, newDevice, expect, anEntry, edited }) {
    const fresh = anEntry();
    const id = fresh["id"] as string;
    // It has been through many hands.
    for (const notes of ["one", "two", "three", "four"])
      await newDevice().push({ entries: [edited(fresh, { notes })] });
    const entry = edited(fresh);
    const { meta: first } = expect.outcome(await device.push({ entries: [entry] }), 0, "applied");
    const before = await device.cursor();

    const again = await newDevice().push({ entries: [entry] });
    const { meta } = expect.outcome(again, 0, "duplicate");
    expect.equal("meta of the duplicate", meta, first);
    expect.nothing("changes", await device.changesSince(before));
    expect.equal("stored meta", expect.live(await device.pullAll(), id).meta, first);
  },
});

export const deletionsComeTwice = serverCheck({
  id: "ORD-006/deletion-comes-twice",
  name: "a deletion that comes again is a duplicate and moves neither version nor seq",
  brokenBy: [duplicateTakesAVersion, duplicateTakesASeq],
  async run({ device, newDevice, expect, anEntry, aDeletion }) {
    const entry = anEntry();
    await device.push({ entries: [entry] });
    const deletion = aDeletion(entry);
    const { meta: first } = expect.outcome(await device.push({ entries: [deletion] }), 0, "applied");
    const before = await device.cursor();

    // Other devices delete with other left-overs of the item: it is the same deletion.
    const again = await newDevice().push({ entries: [{ ...entry, ...deletion, notes: "a left-over" }] });
    expect.equal("meta of the duplicate", expect.outcome(again, 0, "duplicate").meta, first);
    expect.nothing("changes", await device.changesSince(before));
  },
});

export const duplicateInOtherClothes = serverCheck({
  id: "ORD-006/item-is-left-alone",
  name: "a duplicate from another device does not replace the stored item's bookkeeping",
  brokenBy: [duplicateOverwritesBookkeeping],
  async run({ device, newDevice, expect, aGoal }) {
    const goal = aGoal({ updatedAt: "2024-03-01T12:00:00.000Z", deviceId: "phone" });
    const id = goal["id"] as string;
    await device.push({ goals: [goal] });
    const stored = expect.live(await device.pullAll(), id).item;
    expect.equal("deviceId", stored["deviceId"], "phone");

    const again = { ...goal, updatedAt: "2024-03-01T13:00:00.000+01:00", deviceId: "laptop" };
    expect.outcome(await newDevice().push({ goals: [again] }), 0, "duplicate");
    expect.equal("item after the duplicate", expect.live(await device.pullAll(), id).item, stored);
  },
});

export const updatedAtBesideDeletedAt = serverCheck({
  id: "ORD-007/updated-at-beside-deleted-at",
  name: "a deletion is ordered by its deletedAt, whether the updatedAt beside it is later or earlier",
  brokenBy: [updatedAtStampsDeletions, laterOfBothTimesOfADeletion],
  async run({ device, newDevice, expect, aGoal, aDeletion }) {
    const goals = [aGoal, aGoal, aGoal].map((build) => build({ updatedAt: "2024-03-01T10:00:00.000Z" }));
    const [a, b, c] = goals as [(typeof goals)[0], (typeof goals)[0], (typeof goals)[0]];
    await device.push({ goals });

    const reply = await device.push({
      goals: [
        aDeletion(a, { deletedAt: NOON, updatedAt: "2024-03-01T14:00:00.000Z" }),
        aDeletion(b, { deletedAt: NOON, updatedAt: "2024-03-01T10:00:00.000Z" }),
        // Deleted before the stored edit, whatever else it says.
        aDeletion(c, { deletedAt: "2024-03-01T09:00:00.000Z", updatedAt: "2024-03-01T14:00:00.000Z" }),
      ],
    });
    expect.outcomes(reply, ["applied", "applied", "superseded"]);
    for (const index of [0, 1]) {
      expect.equal("meta.updatedAt", expect.result(reply, index).meta?.updatedAt, NOON);
      expect.equal("meta.deletedAt", expect.result(reply, index).meta?.deletedAt, NOON);
    }

    const edits = await newDevice().push({
      goals: [
        { ...a, updatedAt: "2024-03-01T13:00:00.000Z" },
        { ...b, updatedAt: "2024-03-01T11:00:00.000Z" },
      ],
    });
    expect.outcomes(edits, ["applied", "superseded"]);
    expect.liveIds(await device.pullAll(), [a["id"] as string, c["id"] as string]);
  },
});

export const futureUpdatedAtBesideDeletedAt = serverCheck({
  id: "ORD-007/ignored-also-for-skew",
  name: "an updatedAt far ahead beside a good deletedAt is no reason to refuse a deletion",
  brokenBy: [updatedAtStampsDeletions, refusesDeletionsForTheirUpdatedAt],
  async run({ device, newDevice, expect, aGoal, aDeletion, at, limits }) {
    const goal = aGoal({ updatedAt: "2024-03-01T10:00:00.000Z" });
    await device.push({ goals: [goal] });
    const before = await device.cursor();
    const reply = await newDevice().push({
      goals: [aDeletion(goal, { deletedAt: NOON, updatedAt: at(limits.clockSkewMs + 3_600_000) })],
    });
    expect.equal("meta.updatedAt", expect.outcome(reply, 0, "applied").meta?.updatedAt, NOON);
    expect.deleted(await device.changesSince(before), goal["id"] as string);
  },
});
