import { serverCheck } from "../../check.ts";
import { Connection } from "../../wire/connection.ts";
import { burstOf, changing } from "./realtime-flood.ts";
import * as faulty from "./realtime-lost-sockets.mutants.ts";

export const placesOfLostSockets = serverCheck({
  id: "RT-037/places-of-lost-sockets",
  name: "a socket whose connection breaks off without a farewell does not count any more, whether it wrote anything or not",
  brokenBy: [faulty.countsLostSockets, faulty.countsLostSocketsThatWrote],
  needs: ["limit:maxConnections<=128"],
  model: { limits: { maxConnections: 4 } },
  async run({ newDevice, limits, waitFor, aGoal, expect }) {
    const take = async (): Promise<Connection> => {
      let taken: Connection | undefined;
      // Until a server has seen that an end is one, it may take the next for one too many.
      await waitFor("a place of a lost socket can be taken", async () => {
        const opened = await newDevice().tryConnect();
        if (!(opened instanceof Connection)) return false;
        const pong = await opened.ping().catch(() => undefined);
        if (pong !== undefined) taken = opened;
        return taken !== undefined;
      });
      return taken ?? expect.fail("no place was taken");
    };
    // Two places are left, and three sockets of each kind are lost.
    const others = Array.from({ length: Math.max(0, limits.maxConnections - 2) }, () =>
      newDevice().connect(),
    );
    const living = await Promise.all(others);
    for (const hasWritten of [false, true]) {
      for (let n = 0; n < 3; n += 1) {
        const lost = await take();
        if (hasWritten) await lost.write("goal", aGoal());
        lost.terminate();
      }
    }
    await (await take()).fence();
    await Promise.all(living.map((live) => live.ping()));
  },
});

export const burstsOfSeveral = serverCheck({
  id: "RT-041/bursts-on-several-sockets",
  name: "each socket of a user has a burst of its own: several at once are served, on sockets that stay open",
  brokenBy: [faulty.sharesTheBurst, faulty.sharesTheBurstOfPings, faulty.dropsBeyondASharedBurst],
  needs: ["limit:messageBurst<=500"],
  timeoutMs: 60_000,
  model: { limits: { messageBurst: 250, messagesPerSecond: 1_000 } },
  async run({ newDevice, limits, aGoal, expect }) {
    const count = Math.floor(0.8 * burstOf(limits));
    const goal = aGoal();
    const ping = JSON.stringify({ type: "PING" });
    for (const answer of ["PONG", "SYNC_RESPONSE"]) {
      const sockets = [await newDevice().connect(), await newDevice().connect(), await newDevice().connect()];
      for (const socket of sockets) {
        for (let n = 0; n < count; n += 1) {
          if (answer === "PONG") socket.sendText(ping);
          else socket.send({ ...changing(goal), clientChangeId: `${socket.label} ${n}` });
        }
      }
      for (const socket of sockets) {
        let answered = 0;
        await socket.until(`${count} times ${answer}`, ({ type }) => {
          if (type === answer) answered += 1;
          return answered === count;
        });
      }
      const open = sockets.map(({ closing }) => closing?.code ?? "open");
      expect.equal("what became of the sockets", open, ["open", "open", "open"]);
      for (const socket of sockets) await socket.close();
    }
  },
});
