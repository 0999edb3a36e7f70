import { serverCheck } from "../../check.ts";
import { isAck } from "../../wire/messages.ts";
import { beyondOf, burstOf, flood } from "./realtime-flood.ts";
import * as faulty from "./realtime-rates.mutants.ts";

export const beyondTheBurst = serverCheck({
  id: "RT-041/beyond-the-burst",
  name: "messages beyond the burst wait: all are answered, on a socket that stays open",
  brokenBy: [
    faulty.dropsBeyondTheBurst,
    faulty.closesWithAnotherCode,
    faulty.closesAtTheEndOfTheBurst,
    faulty.refusesBeyondTheBurst,
  ],
  needs: ["limit:messageBurst<=500"],
  timeoutMs: 60_000,
  async run({ device, newDevice, expect, limits, aGoal }) {
    const phone = await device.connect();
    const goal = aGoal();
    const count = burstOf(limits) + Math.min(100, beyondOf(limits));
    await flood(phone, goal, count);
    expect.equal("mutations that were acknowledged", phone.frames.filter(isAck).length, count);
    // It goes on, and what it said is stored.
    expect.ack(await phone.write("goal", goal), "duplicate");
    expect.live(await newDevice().pullAll({ types: ["goal"] }), goal["id"] as string);
  },
});

export const noFasterThanItsRate = serverCheck({
  id: "RT-045/no-faster-than-its-rate",
  name: "beyond its burst a server answers a socket's mutations no faster than it advertises",
  brokenBy: [faulty.slowsNobodyDown, faulty.slowsDownByHalf, faulty.refillsAtOnce],
  needs: ["limit:messageBurst<=500", "limit:messagesPerSecond<=1000"],
  timeoutMs: 60_000,
  // Few messages, so that it is the waiting that counts, also where this machine is busy.
  model: { limits: { messageBurst: 40, messagesPerSecond: 10 } },
  async run({ device, expect, limits, aGoal }) {
    const { messagesPerSecond: rate = 0 } = limits;
    const phone = await device.connect();
    const beyond = beyondOf(limits);
    // From before the first message to after the last answer: the server's own time was shorter, so it may do no more than this.
    const ms = await flood(phone, aGoal(), burstOf(limits) + beyond);
    const allowed = Math.floor((1.1 * rate * ms) / 1000) + 5;
    if (beyond > allowed) {
      expect.fail(`more was answered in ${ms} ms than the burst and messagesPerSecond allow`, {
        expected: `at most ${allowed} mutations beyond the burst`,
        actual: beyond,
      });
    }
  },
});
