import { serverCheck } from "../../check.ts";
import { isAck, toldBy } from "../../wire/messages.ts";
import { idOf, told } from "../reading.ts";
import * as faulty from "./realtime-order.mutants.ts";
import { cursorAfter, demandNoHole, heldAfter, Log, stopMidway, tinyGoals } from "./realtime-log.ts";

export const noNumbersBeforeCatchUp = serverCheck({
  id: "RT-023/neither-seq-nor-last-seq",
  name: "a connection that never asked for catch-up is told events and acknowledgements without seq and lastSeq",
  brokenBy: [
    faulty.eventsAlwaysNumbered,
    faulty.deletionsAlwaysNumbered,
    faulty.acksAlwaysNumbered,
    faulty.bulkAcksAlwaysNumbered,
    faulty.newConnectionsAreUpToDate,
  ],
  async run({ device, newDevice, deployedDevice, expect, anEntry, aGoal, aPiece, aPlan, aDeletion }) {
    await device.push({ entries: [anEntry()] });
    for (const owner of [newDevice(), deployedDevice()]) {
      const phone = await owner.connect();
      const [entry, goal, piece] = [anEntry(), aGoal(), aPiece()];
      await device.push({ entries: [entry], goals: [goal], practicePlans: [aPlan()] });
      await device.push({ entries: [aDeletion(entry)], goals: [aDeletion(goal)] });
      await phone.write("repertoire_item", piece);
      await phone.write("repertoire_item", piece);
      await phone.remove("repertoire_item", idOf(piece));
      const bulk = await phone.mutate("BULK_SYNC", { entries: [anEntry()], goals: [aGoal()] });
      expect.ok("the bulk message is acknowledged by results", bulk.results?.length === 2, bulk);
      await phone.fence();

      expect.ok("events came", phone.told.length >= 3, phone.told.length);
      expect.equal("acknowledgements", phone.frames.filter(isAck).length, 4);
      const numbered = phone.frames.find(
        (frame) => (isAck(frame) || toldBy(frame).length > 0) && ("seq" in frame || "lastSeq" in frame),
      );
      if (numbered) expect.fail("a number came before any catch-up", { actual: numbered });
    }
  },
});

export const ackOfAnOldChange = serverCheck({
  id: "RT-024/acknowledgement-of-what-changed-nothing",
  name: "the acknowledgement of a duplicate or superseded write tells the connection's watermark, not the entity's seq",
  brokenBy: [faulty.acksCarryTheirSeq],
  async run({ device, newDevice, expect, anEntry, aGoal, edited }) {
    const first = anEntry();
    const older = aGoal();
    const newer = edited(older);
    await device.push({ entries: [first], goals: [newer] });
    await device.push({ entries: [anEntry(), anEntry()] });
    const phone = await newDevice().connect();
    const { lastSeq } = await phone.catchUp();

    const acks = [
      expect.ack(await phone.write("logbook_entry", first), "duplicate"),
      expect.ack(await phone.write("goal", older), "superseded"),
      await phone.mutate("BULK_SYNC", { entries: [first] }),
    ];
    // A server may leave lastSeq out of acknowledgements.
    for (const ack of acks) expect.equal("lastSeq of an acknowledgement", ack.lastSeq ?? lastSeq, lastSeq);

    const others = anEntry();
    await device.push({ entries: [others] });
    const { meta } = await phone.hears(idOf(others));
    const later = expect.ack(await phone.write("logbook_entry", first), "duplicate");
    expect.ok("lastSeq covers the event", (later.lastSeq ?? meta.seq) >= meta.seq, later);
  },
});

export const evictionKeepsOrCloses = serverCheck({
  id: "RT-025/eviction",
  name: "after an eviction a connection is told on with its watermark, or closed with 1012",
  needs: ["control:evict"],
  brokenBy: [
    faulty.evictionForgetsTheWatermark,
    faulty.evictionClosesOtherwise,
    faulty.evictionLosesTheNextEvent,
  ],
  async run({ device, newDevice, expect, anEntry, control }) {
    const log = new Log();
    log.note(await device.push({ entries: [anEntry(), anEntry()] }));
    const phone = await newDevice().connect();
    await phone.catchUp();
    const before = anEntry();
    log.note(await device.push({ entries: [before] }));
    const numbered = (await phone.hears(idOf(before))).message.seq !== undefined;

    await control.evict(device.user);
    const after = [anEntry(), anEntry()];
    for (const entry of after) log.note(await device.push({ entries: [entry] }));
    const last = idOf(after[1]!);
    // Either is right: the event comes, or the end does.
    const end = await phone.hears(last).catch(() => phone.closed());
    if ("code" in end) {
      expect.equal("close code", end.code, 1012);
      const again = await newDevice().connect();
      await again.catchUp();
      expect.equal("what a new connection holds", told(heldAfter(again.frames)), log.ends());
      return;
    }
    expect.equal("events have a number", end.message.seq !== undefined, numbered);
    demandNoHole(phone.frames, log);
    expect.equal("what the phone holds", told(heldAfter(phone.frames)), log.ends());
  },
});

export const evictionDuringCatchUp = serverCheck({
  id: "RT-025/eviction-during-a-catch-up",
  name: "a catch-up that an eviction meets goes on to its end without a gap, or its connection is closed with 1012",
  needs: ["control:evict"],
  brokenBy: [faulty.evictionEndsCatchUps, faulty.evictionLeavesCatchUpsOpen, faulty.evictionClosesOtherwise],
  async run(context) {
    const { device, newDevice, expect, anEntry, control } = context;
    const log = new Log();
    await log.push(device, { goals: tinyGoals(context, 600) }, context);
    const phone = await newDevice().connect();
    const readOn = await stopMidway(phone);
    await control.evict(device.user);
    log.note(await device.push({ entries: [anEntry()] }));

    // The connection may end after the catch-up as well as in it.
    const lives = await readOn()
      .then(() => phone.fence())
      .then(
        () => true,
        () => false,
      );
    demandNoHole(phone.frames, log);
    if (lives) {
      expect.equal("what the phone holds", told(heldAfter(phone.frames)), log.ends());
      return;
    }
    await expect.closedWith(phone, 1012);
    const again = await newDevice().connect();
    const rest = await again.catchUp({ lastSeq: cursorAfter(phone.frames) });
    expect.equal("what a client holds", told(heldAfter([...phone.frames, ...rest.frames])), log.ends());
  },
});

export const noNumbersAfterARefusal = serverCheck({
  id: "RT-023/after-a-refused-request",
  name: "a SYNC_REQUEST that was refused gives its connection no numbers, and takes none from one that has them",
  brokenBy: [
    faulty.refusedRequestSetsThePlace,
    faulty.refusalsCarryTheHead,
    faulty.refusedRequestForgetsThePlace,
    faulty.requestAheadSetsThePlace,
  ],
  async run({ device, newDevice, expect, anEntry, aGoal, unique }) {
    await device.push({ entries: [anEntry(), anEntry()] });
    // Of another log, or ahead of this one: two refusals, perhaps at two places of the code.
    const requests = [{ lastSeq: 0, epoch: unique("epoch") }, { lastSeq: Number.MAX_SAFE_INTEGER }];
    for (const refused of requests) {
      const phone = await newDevice().connect();
      expect.errorFrame(await phone.tryCatchUp(refused), "CURSOR_EXPIRED");
      expect.ack(await phone.write("goal", aGoal()), "applied");
      const others = anEntry();
      await device.push({ entries: [others] });
      await phone.hears(idOf(others));
      const numbered = phone.frames.find((frame) => "seq" in frame || "lastSeq" in frame);
      if (numbered) expect.fail("a number came before any catch-up", { actual: numbered });

      const { lastSeq } = await phone.catchUp();
      const [earlier, later] = [anEntry(), anEntry()];
      await device.push({ entries: [earlier] });
      const { message: before } = await phone.hears(idOf(earlier));
      expect.errorFrame(await phone.tryCatchUp(refused), "CURSOR_EXPIRED");
      await device.push({ entries: [later] });
      const { meta, message } = await phone.hears(idOf(later));
      expect.ok("the watermark went on", meta.seq > lastSeq, meta.seq);
      // A server need not name places in events; one that did has lost its own if it does no more (RT-025).
      if (before.seq !== undefined || message.seq !== undefined)
        expect.equal("seq of the event", message.seq, meta.seq);
    }
  },
});
