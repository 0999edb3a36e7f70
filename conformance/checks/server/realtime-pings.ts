import { serverCheck } from "../../check.ts";
import type { ServerContext } from "../../check.ts";
import type { Connection } from "../../wire/connection.ts";
import * as faulty from "./realtime-pings.mutants.ts";

const PING = '{"type":"PING"}';

export const pingsAreAnswered = serverCheck({
  id: "RT-034/exact-bytes-are-answered",
  name: "PING is answered with PONG, each one, on a connection that has sent nothing else and on any other",
  brokenBy: [
    faulty.knowsNoPing,
    faulty.answersPingOfAnnouncedPeersOnly,
    faulty.answersTheFirstPingOnly,
    faulty.tellsPongsToEverybody,
    faulty.refusesPingWithoutProtocol,
  ],
  async run({ device, newDevice, deployedDevice, anEntry, expect }) {
    const bystander = await newDevice().connect();
    for (const who of [device, deployedDevice()]) {
      const connection = await who.connect();
      for (let count = 0; count < 3; count += 1) connection.sendText(PING);
      for (let count = 0; count < 3; count += 1) await connection.next("PONG");
      expect.ack(await connection.write("logbook_entry", anEntry()), "applied");
      await connection.ping();
      await connection.catchUp();
      await connection.ping();
      expect.equal(
        "ERRORs",
        connection.frames.filter(({ type }) => type === "ERROR"),
        [],
      );
    }
    await expect.noFrame(bystander, "a PONG for another socket", ({ type }) => type === "PONG");
  },
});

export const pingsAfterEviction = serverCheck({
  id: "RT-034/after-an-eviction",
  name: "PING is answered when the server has left memory meanwhile, and the socket is still told of changes",
  brokenBy: [faulty.forgetsPingsWhenEvicted],
  needs: ["control:evict"],
  async run({ device, control, expect }) {
    const silent = await device.connect();
    const caughtUp = await device.connect();
    await caughtUp.catchUp();
    await control.evict(device.user);
    for (const connection of [silent, caughtUp]) {
      // It may have been closed by the eviction, so that its client comes back (RT-040).
      const answer = await connection.ping().catch(() => connection.closing);
      expect.ok("the socket answers PING, or was closed with 1012", isAnswer(answer), answer);
    }
    const next = await device.connect();
    await next.ping();
    await next.fence();
  },
});

function isAnswer(answer: unknown): boolean {
  const { type, code } = (answer ?? {}) as { type?: string; code?: number };
  return type === "PONG" || code === 1012;
}

/** A token that outlives the clock's being moved by twice the time that a socket may be idle. */
async function longToken({ tokens, now, limits }: ServerContext): Promise<string> {
  return tokens.forge({ claims: { exp: Math.floor((now() + 3 * limits.idleTimeoutMs) / 1000) + 3_600 } });
}

export const idleSocketsAreClosed = serverCheck({
  id: "RT-036/idle-sockets-are-closed",
  name: "a socket on which its client says nothing is closed with 4408, whatever it is told; one that pings is not",
  brokenBy: [
    faulty.neverClosesIdleSockets,
    faulty.closesIdleSocketsWith1000,
    faulty.countsNoPings,
    faulty.countsWhatItTells,
    faulty.countsFromTheOpening,
    faulty.countsMutationsOnly,
  ],
  needs: ["forge-token", "control:advance-clock"],
  async run(context) {
    const { control, limits, newDevice, device, anEntry, aGoal, expect } = context;
    const token = await longToken(context);
    const own = device.with({ token });
    const open = (): Promise<Connection> => newDevice().with({ token }).connect();
    const [silent, told, pinging, writing] = [await open(), await open(), await open(), await open()];
    await told.catchUp();
    const most = limits.idleTimeoutMs;

    await control.advanceClock(Math.floor(most * 0.6));
    await pinging.ping();
    expect.ack(await writing.write("goal", aGoal()), "applied");
    const entry = anEntry();
    await own.push({ entries: [entry] });
    await told.hears(entry["id"] as string);

    // The clients that spoke have six tenths left, the others are over their time by more than a fifth.
    await control.advanceClock(Math.floor(most * 0.6));
    await expect.closedWith(silent, 4408);
    await expect.closedWith(told, 4408);
    const later = anEntry();
    await own.push({ entries: [later] });
    for (const connection of [pinging, writing]) {
      await connection.hears(later["id"] as string);
      await connection.ping();
    }
  },
});

export const patienceWithSilence = serverCheck({
  id: "RT-036/not-before-its-time",
  name: "a silent socket is closed neither before idleTimeoutMs nor together with another",
  brokenBy: [
    faulty.closesAfterHalfTheTime,
    faulty.closesIdleOnesWithTheirSiblings,
    faulty.neverClosesIdleSockets,
  ],
  needs: ["forge-token", "control:advance-clock"],
  async run(context) {
    const { control, limits, newDevice, expect } = context;
    const token = await longToken(context);
    const open = (): Promise<Connection> => newDevice().with({ token }).connect();
    const first = await open();
    await control.advanceClock(Math.floor(limits.idleTimeoutMs * 0.8));
    const second = await open();
    // The first still is told of changes; it says nothing itself.
    await first.fence();
    await control.advanceClock(Math.floor(limits.idleTimeoutMs * 0.4));
    await expect.closedWith(first, 4408);
    await second.fence();
    await second.ping();
  },
});

export const otherPings = serverCheck({
  id: "RT-044/pings-of-other-bytes",
  name: "a PING with white space, a time or members of its own is answered, before and after any other message",
  brokenBy: [
    faulty.answersTheExactBytesOnly,
    faulty.refusesPingsWithMembers,
    faulty.readsTheProtocolOfPings,
    faulty.takesPingForTheFirstMessage,
  ],
  async run({ newDevice, deployedDevice, anEntry, at, expect }) {
    const texts = [
      ' { "type" : "PING" } ',
      JSON.stringify({ type: "PING", timestamp: at() }),
      JSON.stringify({ timestamp: at(), type: "PING", deviceId: "phone", sentBy: { app: "suite" }, n: 1 }),
      JSON.stringify({ type: "PING", protocol: "99" }),
    ];
    for (const owner of [newDevice(), deployedDevice()]) {
      const connection = await owner.connect();
      for (let round = 0; round < 2; round += 1) {
        for (const text of texts) {
          connection.sendText(text);
          await connection.next("PONG");
        }
        expect.ack(await connection.write("logbook_entry", anEntry()), "applied");
      }
      expect.equal(
        "ERRORs",
        connection.frames.filter(({ type }) => type === "ERROR"),
        [],
      );
      // What a PING says of the version has decided nothing: the announced peer is one, and the deployed one is not.
      const answer = await connection.tryCatchUp({ lastSeq: Number.MAX_SAFE_INTEGER });
      const isRefused = "type" in answer && answer.type === "ERROR";
      expect.equal("whether a place ahead of the head is refused", isRefused, owner.protocol !== null);
    }
  },
});
