import { serverCheck } from "../../check.ts";
import * as faulty from "./realtime-refusals.mutants.ts";

export const refusedIsToldToNobody = serverCheck({
  id: "RT-014/refused-is-told-to-nobody",
  name: "a mutation that is refused is answered with ERROR, and changes and tells nothing",
  brokenBy: [
    faulty.relaysBeforeJudging,
    faulty.errorsWithoutName,
    faulty.refusesInSilence,
    faulty.closesOnABadItem,
    faulty.storesBeforeItValidates,
  ],
  async run({ device, newDevice, expect, at, limits, anEntry, aPiece, aGoal, edited }) {
    const phone = await device.connect();
    const laptop = await newDevice().connect();
    const entry = anEntry();
    const piece = aPiece();
    const goal = aGoal();
    const bad: [type: string, members: Record<string, unknown>, code: string][] = [
      ["ENTRY_CREATED", { entry: { ...entry, duration: -1 } }, "INVALID_ITEM"],
      ["PIECE_ADDED", { piece: { ...piece, title: undefined } }, "INCOMPLETE"],
      [
        "ENTITY_CHANGED",
        { entityType: "goal", item: { ...goal, updatedAt: at(limits.clockSkewMs + 3_600_000) } },
        "CLOCK_SKEW",
      ],
    ];
    for (const [type, members, code] of bad) {
      expect.errorFrame(await phone.tryMutate(type, members, { invalid: "on purpose" }), code);
    }
    await laptop.fence();
    const ids = [entry["id"], piece["scoreId"], goal["id"]] as string[];
    const pulled = await newDevice().pull();
    for (const id of ids) {
      expect.notTold(laptop, id);
      expect.absent(pulled, id);
    }
    expect.ack(await phone.write("logbook_entry", edited(entry)), "applied");
    expect.ack(await phone.write("repertoire_item", edited(piece)), "applied");
    expect.ack(await phone.write("goal", edited(goal)), "applied");
    await Promise.all(ids.map((id) => laptop.hears(id)));
  },
});

export const refusedWithinABulk = serverCheck({
  id: "RT-014/refused-within-a-bulk",
  name: "of a bulk message what is good is told, and what is refused is not",
  brokenBy: [faulty.refusesTheWholeBulk, faulty.relaysBeforeJudging, faulty.storesBeforeItValidates],
  async run({ device, newDevice, expect, anEntry, aGoal }) {
    const phone = await device.connect();
    const laptop = await newDevice().connect();
    const [good, bad, goal] = [anEntry(), anEntry({ duration: "long" }), aGoal()];
    const ack = await phone.mutate(
      "BULK_SYNC",
      { entries: [bad, good], goals: [goal] },
      { invalid: "on purpose" },
    );
    const outcomes = (ack.results ?? []).map(({ pointer, outcome }) => `${pointer} ${outcome}`).toSorted();
    expect.equal("results", outcomes, ["/entries/0 refused", "/entries/1 applied", "/goals/0 applied"]);
    await laptop.fence();
    expect.event(laptop, good["id"] as string);
    expect.event(laptop, goal["id"] as string);
    expect.notTold(laptop, bad["id"] as string);
    expect.absent(await newDevice().pull(), bad["id"] as string);
  },
});

export const failedStore = serverCheck({
  id: "RT-014/not-stored-is-told-to-nobody",
  name: "a mutation whose storing fails is answered with ERROR, told to nobody, and served when it is sent again",
  brokenBy: [
    faulty.acknowledgesBeforeStoring,
    faulty.tellsBeforeStoring,
    faulty.isSilentAboutItsStore,
    faulty.showsWhatItCouldNotStore,
    faulty.callsStoreFailuresInternal,
  ],
  needs: ["control:fail-next-write"],
  async run({ device, newDevice, expect, control, anEntry }) {
    const phone = await device.connect();
    const laptop = await newDevice().connect();
    const entry = anEntry();
    const id = entry["id"] as string;
    await control.failNextWrite();
    const refusal = await phone.tryMutate("ENTRY_CREATED", { entry });
    expect.errorFrame(refusal, "UNAVAILABLE");
    await laptop.fence();
    expect.notTold(laptop, id);
    expect.absent(await newDevice().pull(), id);

    const again = expect.ack(await phone.mutate("ENTRY_CREATED", { entry }), "applied");
    expect.equal("version of what was stored at last", again.meta.version, 1);
    await laptop.hears(id);
  },
});
