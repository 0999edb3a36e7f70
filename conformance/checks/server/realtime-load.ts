import { serverCheck } from "../../check.ts";
import * as faulty from "./realtime-load.mutants.ts";
import { answerFor, burstOf, changing } from "./realtime-flood.ts";

export const burstIsServed = serverCheck({
  id: "RT-038/burst-is-served",
  name: "a burst of mutations, as many as may come at once, is acknowledged, told and stored",
  brokenBy: [faulty.closesAfterAHundred, faulty.dropsWhatComesTooFast, faulty.servesHalfTheBurst],
  async run({ device, newDevice, expect, limits, aGoal }) {
    const phone = await device.connect();
    const laptop = await newDevice().connect();
    const goals = Array.from({ length: burstOf(limits) }, () => aGoal());
    for (const item of goals) phone.send(changing(item));
    for (const { id } of goals) expect.ack(await answerFor(phone, id as string), "applied");
    const ids = goals.map(({ id }) => id as string);
    await laptop.fence();
    const told = new Set(laptop.told.map(({ entityId }) => entityId));
    expect.equal(
      "mutations that were not told",
      ids.filter((id) => !told.has(id)),
      [],
    );
    const there = new Set((await newDevice().pullAll({ types: ["goal"] })).live().map(({ id }) => id));
    expect.equal(
      "mutations that are not stored",
      ids.filter((id) => !there.has(id)),
      [],
    );
  },
});

export const slowReader = serverCheck({
  id: "RT-039/slow-reader",
  name: "a socket that reads nothing, live or in its catch-up, delays neither acknowledgements nor what others are told",
  brokenBy: [
    faulty.waitsForTheSlowest,
    faulty.acknowledgesWhenAllHaveRead,
    faulty.stopsAtAFullSocket,
    faulty.catchesUpUnderTheLock,
  ],
  async run({ device, newDevice, expect, anEntry, limits }) {
    const slow = await newDevice().connect();
    const phone = await device.connect();
    const laptop = await newDevice().connect();
    slow.pause();
    // More than the network's own buffers hold, which hide a slow reader: about 5 MB within one machine.
    const notes = "la ".repeat(Math.floor(Math.min(limits.maxItemBytes - 8_192, 250_000) / 3));
    for (let n = 1; n <= 26; n += 1) {
      const entry = anEntry({ notes });
      expect.ack(await phone.mutate("ENTRY_CREATED", { entry }), "applied");
      await laptop.hears(entry["id"] as string);
    }
    const slowest = await newDevice().connect();
    slowest.pause();
    slowest.send({ type: "SYNC_REQUEST", lastSeq: 0 });
    for (let n = 1; n <= 3; n += 1) {
      const entry = anEntry();
      expect.ack(await phone.mutate("ENTRY_CREATED", { entry }), "applied");
      await laptop.hears(entry["id"] as string);
    }
    slow.resume();
    slowest.resume();
  },
});

export const deadSockets = serverCheck({
  id: "RT-039/dead-and-silent-sockets",
  name: "sockets that vanished or never said a word stop nothing of what the others are told",
  brokenBy: [faulty.stopsAtADeadSocket, faulty.failsForADeadSocket, faulty.stopsAtASilentSocket],
  async run({ device, newDevice, expect, anEntry, aPiece }) {
    const dead = [await newDevice().connect(), await newDevice().connect()];
    const silent = await newDevice().connect();
    const phone = await device.connect();
    const laptop = await newDevice().connect();
    const first = anEntry();
    expect.ack(await phone.mutate("ENTRY_CREATED", { entry: first }), "applied");
    for (const socket of dead) socket.terminate();
    for (let n = 1; n <= 3; n += 1) {
      const piece = aPiece();
      expect.ack(await phone.mutate("PIECE_ADDED", { piece }), "applied");
      for (const socket of [laptop, silent]) await socket.hears(piece["scoreId"] as string);
    }
    const pushed = anEntry();
    await newDevice().push({ entries: [pushed] });
    for (const socket of [phone, laptop, silent]) await socket.hears(pushed["id"] as string);
  },
});
