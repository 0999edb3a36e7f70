import { serverCheck } from "../../check.ts";
import { isAck } from "../../wire/messages.ts";
import { idOf, told } from "../reading.ts";
import * as faulty from "./realtime-catch-up-end.mutants.ts";
import * as walk from "./realtime-catch-up.mutants.ts";
import {
  demandEventsWaited,
  demandNoHole,
  heldAfter,
  idSet,
  Log,
  readOn,
  stopMidway,
  tinyGoals,
} from "./realtime-log.ts";
import { later } from "../../wire/rejectable.ts";

export const theEnd = serverCheck({
  id: "RT-029/the-end-of-a-catch-up",
  name: "a catch-up ends with a SYNC_RESPONSE that carries the head and the epoch, be there anything to tell or not",
  brokenBy: [
    faulty.endWithoutEpoch,
    faulty.endOfItsOwnEpoch,
    faulty.endAtTheLastLiveRow,
    faulty.emptyCatchUpHasNoEnd,
  ],
  async run({ device, newDevice, expect, anEntry, aDeletion }) {
    const log = new Log();
    const gone = anEntry();
    log.note(await device.push({ entries: [gone, anEntry()] }));
    // The head is a deletion: no chunk speaks for it.
    log.note(await device.push({ entries: [aDeletion(gone)] }));
    const { body } = await newDevice().pull();
    const phone = await newDevice().connect();

    for (const from of [
      {},
      { lastSeq: log.head },
      { lastSeq: log.head, epoch: body.epoch },
      { lastSeq: 0 },
    ]) {
      const { end } = await phone.catchUp(from);
      expect.equal("lastSeq at the end", end.lastSeq, log.head);
      expect.equal("epoch at the end", end["epoch"], body.epoch);
    }
    const stranger = await newDevice().connect();
    expect.equal("lastSeq of another connection", (await stranger.catchUp()).lastSeq, body.lastSeq);
  },
});

export const theEndIsNoAck = serverCheck({
  id: "RT-029/the-end-is-no-acknowledgement",
  name: "the end of a catch-up has no clientChangeId, even if the request had one",
  brokenBy: [faulty.endEchoesTheChange, faulty.emptyCatchUpHasNoEnd],
  async run({ device, newDevice, expect, anEntry, unique }) {
    const phone = await newDevice().connect();
    for (let n = 0; n < 2; n += 1) {
      const before = phone.frames.length;
      phone.send({ type: "SYNC_REQUEST", clientChangeId: unique("request") });
      const end = await phone.until(
        "SYNC_RESPONSE",
        (frame) => frame.type === "SYNC_RESPONSE" && phone.frames.indexOf(frame) >= before,
      );
      expect.ok("the end has no clientChangeId", !("clientChangeId" in end), end);
      await device.push({ entries: [anEntry()] });
    }
    expect.ok("a mutation has its own", isAck(await phone.write("logbook_entry", anEntry())));
  },
});

export const eventsWait = serverCheck({
  id: "RT-029/events-wait-for-the-end",
  name: "no event goes out during a catch-up; afterwards they do, and nothing is lost in between",
  brokenBy: [
    faulty.eventsDoNotWait,
    faulty.eventsOfSocketsDoNotWait,
    faulty.staysInCatchUp,
    walk.endsTooLate,
  ],
  async run(context) {
    const { device, newDevice, expect, anEntry, aPiece } = context;
    const log = new Log();
    await log.push(device, { goals: tinyGoals(context, 520) }, context);
    const [phone, laptop] = [await newDevice().connect(), await newDevice().connect()];
    const own = Array.from({ length: 3 }, () => aPiece());
    const rest = await stopMidway(phone);
    let running = true;

    const others = async (from: number, to: number): Promise<void> => {
      for (let n = from; n < to && running; n += 1) {
        log.note(await laptop.write("logbook_entry", anEntry()));
        log.note(await device.push({ entries: [anEntry(), anEntry()] }));
      }
    };
    await others(0, 4);
    const end = later(rest().finally(() => (running = false)));
    const mine = own.map((piece) => later(phone.write("repertoire_item", piece)));
    const [frames] = await Promise.all([end, others(4, 40)]);
    for (const ack of await Promise.all(mine)) log.note(ack);
    demandEventsWaited(frames);

    // Afterwards events go out again, those of sockets too.
    const last = anEntry();
    log.note(await laptop.write("logbook_entry", last));
    await phone.hears(idOf(last));
    await phone.fence();
    demandNoHole(phone.frames, log, { own: idSet(own) });
    const held = heldAfter(phone.frames).filter(({ entityType }) => entityType !== "repertoire_item");
    expect.equal("what the phone holds", told(held), log.ends(idSet(own)));
  },
});

export const slowReader = serverCheck({
  id: "RT-029/a-reader-that-pauses",
  name: "a client that stops reading in the middle of a catch-up finds everything when it goes on",
  brokenBy: [walk.frozenAtItsStart, faulty.eventsDoNotWait],
  async run(context) {
    const { device, newDevice, expect, anEntry, edited, aDeletion } = context;
    const log = new Log();
    const goals = tinyGoals(context, 600);
    await log.push(device, { goals }, context);
    const phone = await newDevice().connect();
    phone.pause();
    const before = phone.frames.length;
    phone.send({ type: "SYNC_REQUEST" });
    // Whether the server waits or sends all at once is its own affair.
    for (let n = 0; n < 5; n += 1) {
      log.note(
        await device.push({ goals: [edited(goals[n]!), aDeletion(goals[n + 50]!)], entries: [anEntry()] }),
      );
    }
    const frames = await readOn(phone, before);

    demandEventsWaited(frames);
    await phone.fence();
    demandNoHole(phone.frames, log);
    expect.equal("what the phone holds", told(heldAfter(phone.frames)), log.ends());
  },
});

export const eventsWaitAgain = serverCheck({
  id: "RT-029/events-wait-in-later-catch-ups",
  name: "events wait in the second catch-up of a connection, and in every later one, as in its first",
  brokenBy: [faulty.eventsDoNotWaitAgain, faulty.eventsDoNotWait],
  async run(context) {
    const { device, newDevice, expect, anEntry } = context;
    const log = new Log();
    await log.push(device, { goals: tinyGoals(context, 520) }, context);
    const [phone, laptop] = [await newDevice().connect(), await newDevice().connect()];
    await phone.catchUp();
    for (let round = 0; round < 6; round += 1) {
      let running = true;
      const write = async (): Promise<void> => {
        do {
          const [pushed, ack] = await Promise.all([
            device.push({ entries: [anEntry(), anEntry()] }),
            laptop.write("logbook_entry", anEntry()),
          ]);
          log.note(pushed);
          log.note(ack);
        } while (running);
      };
      const caughtUp = phone.catchUp({ lastSeq: 0 }).finally(() => (running = false));
      const [{ frames }] = await Promise.all([caughtUp, write(), write()]);
      demandEventsWaited(frames);
    }
    await phone.fence();
    expect.equal("what the phone holds", told(heldAfter(phone.frames)), log.ends());
  },
});
