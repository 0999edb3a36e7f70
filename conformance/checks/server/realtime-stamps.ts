import { serverCheck } from "../../check.ts";
import * as faulty from "./realtime-stamps.mutants.ts";

/** An instant in either form, as Unix ms. */
const instant = (value: unknown): number => new Date(value as string | number).getTime();

export const writtenIntoTheItem = serverCheck({
  id: "RT-046/timestamp-is-written-into-the-item",
  name: "an item that the envelope's timestamp stamps carries it from then on, and can be pushed back",
  brokenBy: [faulty.keepsTheTimestampForItself, faulty.acknowledgesWithoutTheTimestamp],
  async run({ device, newDevice, expect, at, anEntry, aGoal, aPiece }) {
    const phone = await device.connect();
    const laptop = await newDevice().connect();
    const [entry, goal] = [anEntry({ updatedAt: undefined }), aGoal({ updatedAt: undefined })];
    const piece = aPiece({ updatedAt: undefined });
    const [first, second, third] = [at(-50_000), instant(at(-40_000)), at(-30_000)];
    const created = await phone.mutate("ENTRY_CREATED", { entry, timestamp: first });
    const changed = await phone.mutate("ENTITY_CHANGED", {
      entityType: "goal",
      item: goal,
      timestamp: second,
    });
    const bulk = await phone.mutate("REPERTOIRE_BULK_SYNC", { pieces: [piece], timestamp: third });
    const acknowledged = [created.item, changed.item, bulk.results?.[0]?.item];

    const ids = [entry["id"], goal["id"], piece["scoreId"]] as string[];
    const pulled = await newDevice().pull();
    for (const [index, timestamp] of [first, second, third].entries()) {
      const id = ids[index]!;
      const places = {
        "as acknowledged": acknowledged[index],
        "as told": (await laptop.hears(id)).item,
        "as pulled": expect.live(pulled, id).item,
      };
      for (const [place, item] of Object.entries(places))
        expect.equal(`updatedAt of ${id} ${place}`, instant(item?.["updatedAt"]), instant(timestamp));
    }

    const items = ids.map((id) => expect.live(pulled, id).item);
    const [entries, goals, repertoire] = items.map((item) => [item]);
    const { body } = await newDevice().push({ entries, goals, repertoire });
    const outcomes = body.results.map(({ outcome }) => outcome);
    expect.equal("outcomes of what was pulled and pushed back", outcomes, Array(3).fill("duplicate"));
  },
});

/** The three messages that name what they remove, with the member that names it. */
const REMOVALS = [
  ["ENTRY_DELETED", "entryId"],
  ["PIECE_REMOVED", "scoreId"],
  ["PIECE_DISSOCIATED", "scoreId"],
] as const;

export const removalsWithoutAnyStamp = serverCheck({
  id: "RT-047/removals-without-any-stamp",
  name: "a removal that nothing stamps is incomplete from an announced peer, and stamped on receipt for a deployed one",
  brokenBy: [
    faulty.stampsEveryRemoval,
    faulty.refusesEveryRemovalWithoutStamp,
    faulty.takesEmptyTextsForStamps,
    faulty.repeatsRemovalsWithoutStamp,
  ],
  async run({ device, newDevice, deployedDevice, expect, anEntry, aPiece, at }) {
    const announced = await device.connect();
    const deployed = await deployedDevice().connect();
    for (const [type, member] of REMOVALS) {
      const item = type === "ENTRY_DELETED" ? anEntry() : aPiece();
      const id = (item["scoreId"] ?? item["id"]) as string;
      await newDevice().push(type === "ENTRY_DELETED" ? { entries: [item] } : { repertoire: [item] });
      for (const deletedAt of [undefined, null, ""]) {
        const bare = { [member]: id, deletedAt, timestamp: undefined };
        expect.errorFrame(await announced.tryMutate(type, bare), "INCOMPLETE");
      }
      const bare = { [member]: id, timestamp: undefined };
      const removed = expect.ack(await deployed.mutate(type, bare), "applied");
      expect.equal(`entity that ${type} removed`, removed.meta.entityId, id);
      expect.ok(`${type} gave it a time`, removed.meta.deletedAt !== null, removed.meta);
      const again = expect.ack(await deployed.mutate(type, bare), "duplicate");
      expect.equal(`seq after ${type} was sent again`, again.meta.seq, removed.meta.seq);
    }
    const entry = anEntry({ updatedAt: at(-60_000) });
    await announced.write("logbook_entry", entry);
    const timestamp = at(-30_000);
    const gone = await announced.mutate("ENTRY_DELETED", { entryId: entry["id"], deletedAt: "", timestamp });
    expect.equal("deletedAt where the envelope stamps", gone.meta.deletedAt, timestamp);
  },
});
