import { ENTITY_TYPES } from "../../../schemas/collections.ts";
import { serverCheck } from "../../check.ts";
import { idOf, told } from "../reading.ts";
import * as faulty from "./realtime-order.mutants.ts";
import { demandAscending, demandNoHole, heldAfter, idSet, Log } from "./realtime-log.ts";

export const eventsInOrder = serverCheck({
  id: "RT-021/in-the-order-of-the-log",
  name: "changes of all types, by push, batch and socket, are told to every connection in ascending seq, none left out",
  brokenBy: [faulty.eventsInOrderOfTypes, faulty.deletionsAreToldLast, faulty.someEventsAreLost],
  async run({ device, newDevice, expect, anEntry, aPiece, aGoal, aPlan, preferences, aDeletion, anItem }) {
    const log = new Log();
    const since = await newDevice().connect();
    const fresh = await newDevice().connect();
    await since.catchUp();
    const [entry, piece, goal] = [anEntry(), aPiece(), aGoal()];
    log.note(await device.push({ goals: [goal], entries: [entry], preferences: [preferences()] }));
    log.note(await device.push({ entries: [aDeletion(entry), anEntry()], goals: [aGoal()] }));
    const writer = await newDevice().connect();
    log.note(await writer.write("repertoire_item", piece));
    log.note(await writer.remove("goal", idOf(goal)));
    const plan = aPlan();
    const batch = await device.batch([{ id: idOf(plan), type: "practice_plan", data: plan }]);
    const { meta } = expect.outcome(batch, 0, "applied");
    expect.ok("meta of the batch", meta !== undefined, batch.json);
    log.changes.push(meta!);
    for (const type of ENTITY_TYPES.filter((one) => one !== "user_preferences"))
      log.note(await writer.write(type, anItem(type)));

    for (const listener of [since, fresh]) {
      await listener.fence();
      demandAscending(listener.frames);
      demandNoHole(listener.frames, log);
      expect.equal(`what ${listener.label} holds`, told(heldAfter(listener.frames)), log.ends());
    }
  },
});

export const manyWritersAtOnce = serverCheck({
  id: "RT-021/http-and-socket-writers-at-once",
  name: "while HTTP and sockets write at once, every connection hears all that others wrote, in ascending seq",
  brokenBy: [faulty.httpWritesAreToldLater, faulty.someEventsAreLost],
  async run({ device, newDevice, expect, anEntry, aGoal, aPiece }) {
    const log = new Log();
    const [phone, laptop, listener] = await Promise.all(
      [device, newDevice(), newDevice()].map((one) => one.connect()),
    );
    await Promise.all([phone!, laptop!, listener!].map((one) => one.catchUp()));
    const own = new Map([phone!, laptop!].map((one) => [one, new Set<string>()]));
    const writers = [...own].map(async ([connection, ids]) => {
      for (let n = 0; n < 8; n += 1) {
        const entry = anEntry();
        ids.add(idOf(entry));
        log.note(await connection.write("logbook_entry", entry));
      }
    });
    const pushes = [newDevice(), newDevice()].map(async (pusher) => {
      for (let n = 0; n < 5; n += 1)
        log.note(await pusher.push({ goals: [aGoal()], repertoire: [aPiece()] }));
    });
    await Promise.all([...writers, ...pushes]);

    for (const connection of [phone!, laptop!, listener!]) {
      await connection.fence();
      const ids = own.get(connection) ?? new Set<string>();
      demandAscending(connection.frames);
      demandNoHole(connection.frames, log, { own: ids });
      expect.equal(`what ${connection.label} holds`, told(heldAfter(connection.frames)), log.ends(ids));
    }
  },
});

export const numbersOfAPush = serverCheck({
  id: "RT-022/numbers-within-a-push",
  name: "no event of a push with many changes carries a number that runs ahead of the others",
  brokenBy: [faulty.eventsCarryTheHead, faulty.eventsInOrderOfTypes, faulty.someEventsAreLost],
  async run({ device, newDevice, expect, anEntry, aPiece, aGoal, aTemplate, anOccurrence, aDeletion }) {
    const log = new Log();
    const listener = await newDevice().connect();
    const { lastSeq: after } = await listener.catchUp();
    const gone = aGoal();
    log.note(await device.push({ planTemplates: [aTemplate()], entries: [anEntry()], goals: [gone] }));
    log.note(
      await device.push({
        repertoire: [aPiece()],
        goals: [aDeletion(gone), aGoal()],
        planOccurrences: [anOccurrence()],
        entries: [anEntry(), anEntry()],
      }),
    );

    await listener.fence();
    demandNoHole(listener.frames, log, { after });
    expect.equal("what the listener holds", told(heldAfter(listener.frames)), log.ends());
  },
});

export const ownWritesCountAsTold = serverCheck({
  id: "RT-022/acknowledgements-after-others-changes",
  name: "what others wrote before an own change is told before any number that covers both",
  brokenBy: [faulty.httpWritesAreToldLater, faulty.acksAlwaysNumbered],
  async run({ device, newDevice, expect, anEntry, aGoal }) {
    const log = new Log();
    const old = anEntry();
    log.note(await device.push({ entries: [old] }));
    const phone = await device.connect();
    // Not caught up: a number in this acknowledgement would hide the old entry.
    const first = aGoal();
    log.note(await phone.write("goal", first));
    demandNoHole(phone.frames, log, { own: idSet([first]) });
    await phone.catchUp();
    const own = [first];
    for (let n = 0; n < 6; n += 1) {
      const goal = aGoal();
      own.push(goal);
      const [pushed, ack] = await Promise.all([
        newDevice().push({ entries: [anEntry(), anEntry()] }),
        phone.write("goal", goal),
      ]);
      log.note(pushed);
      log.note(ack);
      // By its own connection, over HTTP: not told to it, and told all the same.
      const byHttp = aGoal();
      own.push(byHttp);
      log.note(
        await device.push({ goals: [byHttp] }, { headers: { "x-connection-id": phone.connectionId } }),
      );
    }

    await phone.fence();
    demandNoHole(phone.frames, log, { own: idSet(own) });
    expect.event(phone, idOf(old));
    expect.equal(
      "what others wrote",
      told(heldAfter(phone.frames).filter(({ entityType }) => entityType === "logbook_entry")),
      log.ends(idSet(own)),
    );
  },
});

export const refusedCatchUpBeginsNothing = serverCheck({
  id: "RT-022/after-a-refused-catch-up",
  name: "after a refused SYNC_REQUEST no number covers what was never told",
  brokenBy: [faulty.refusedRequestSetsThePlace],
  async run({ device, newDevice, expect, anEntry, aGoal }) {
    const log = new Log();
    log.note(await device.push({ entries: [anEntry(), anEntry()] }));
    const phone = await newDevice().connect();

    expect.errorFrame(
      await phone.tryCatchUp({ lastSeq: 0, epoch: "another-epoch-than-this" }),
      "CURSOR_EXPIRED",
    );
    const [others, own] = [aGoal(), aGoal()];
    log.note(await device.push({ goals: [others] }));
    log.note(await phone.write("goal", own));
    await phone.hears(idOf(others));
    await phone.fence();
    demandNoHole(phone.frames, log, { own: idSet([own]) });

    await phone.catchUp();
    demandNoHole(phone.frames, log, { own: idSet([own]) });
    expect.equal(
      "what the phone holds",
      told(heldAfter(phone.frames).filter(({ entityId }) => entityId !== idOf(own))),
      log.ends(idSet([own])),
    );
  },
});
