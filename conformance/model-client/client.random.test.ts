import { expect, test } from "vitest";
import type { AdapterHost } from "../drivers/client/port.ts";
import { clientMutant } from "./mutant.ts";
import type { Client } from "./test-world.ts";
import { until, world } from "./test-world.ts";

/** No fault at all: as much at once, and in as small portions, as the spec allows. */
const inSmallSteps = clientMutant({
  name: "in-small-steps",
  story: "None: a client may send several pushes at once, of different entities.",
  breaks: ["nothing"],
  deform: (conforming) => ({
    ...conforming,
    pushesAtOnce: () => 3,
    batchSize: () => 2,
    pageSize: () => 1,
    flushWithinMs: () => 100,
  }),
});

const SEEDS = Array.from({ length: 12 }, (_, n) => `seed ${n}`);

test.each(SEEDS)(
  "killed at any moment, over a bad network, nothing is lost and nothing counts twice: %s",
  async (seed) => {
    const n = Number(seed.split(" ")[1]);
    const w = world({
      seed,
      socketMutations: n % 4 === 1,
      sendsBatches: n % 4 === 2,
      ...(n % 4 === 3 ? { mutant: inSmallSteps } : {}),
    });
    const { random, model, between, subject, anna } = w;
    const chance = (share: number): boolean => random() < share;
    const pause = (most: number) => new Promise((resolve) => setTimeout(resolve, random() * most));
    let trouble = true;
    between.transport = async (request, signal) => {
      if (trouble && chance(0.2)) await pause(8);
      if (trouble && chance(0.1)) throw new Error("the request is lost");
      const answer = await model.handle(request, signal);
      if (trouble && chance(0.2)) await pause(8);
      if (trouble && chance(0.15)) throw new Error("the answer is lost");
      return answer;
    };
    between.dial = async (request, signal) => {
      if (trouble && chance(0.2)) throw new Error("no handshake");
      const socket = await model.dial(request, signal);
      if (trouble && chance(0.5) && "send" in socket) setTimeout(() => socket.terminate(), random() * 30);
      return socket;
    };

    const entries: string[] = [];
    const clients = [];
    for (const client of ["phone", "laptop"]) {
      const storage = subject.newStorage();
      const realtime = client === "phone";
      const start = async (): Promise<[AdapterHost, Client]> => {
        const host = await subject.launch();
        return [host, await w.open(host, client, { storage, realtime })];
      };
      clients.push({ client, start, running: await start() });
    }
    for (let step = 0; step < 40; step += 1) {
      const one = clients[Math.floor(random() * 2)]!;
      const [host, device] = one.running;
      const id = `g${Math.floor(random() * 6)}`;
      const title = `${one.client} ${step}`;
      const there = (await device.list()).some((item) => item["id"] === id);
      if (!there) await device.create({ id, title });
      else if (chance(0.15)) await device.delete(id);
      else await device.update(id, { title });
      if (chance(0.3)) entries.push((await device.entry({ id: `e${step}` })).id);
      if (chance(0.4)) await pause(6);
      if (chance(0.15)) {
        await host.kill();
        one.running = await one.start();
      }
    }
    trouble = false;
    for (const { running } of clients) {
      const [, device] = running;
      await device.do("offline");
      await device.do("online");
      await until("everything is acknowledged", async () => {
        await device.do("flush").catch(() => {});
        return (await device.pending()) === 0;
      });
    }
    const server = await anna.pull();
    for (const { running } of clients) {
      const [host, device] = running;
      await until("the replica is the server's", async () => {
        await device.do("pull").catch(() => {});
        return JSON.stringify(sorted(await device.list())) === JSON.stringify(sorted(server.body.goals));
      });
      expect(await device.dead()).toEqual([]);
      await host.end();
    }
    const rows = [...model.server.users.get("anna")!.rows.values()];
    const stored = rows.filter(({ entityType }) => entityType === "logbook_entry");
    expect(stored.map(({ entityId }) => entityId).toSorted()).toEqual(entries.toSorted());
    for (const { version } of stored) expect(version).toBe(1);
    await until("nothing is connected", () => model.server.connections.size === 0);
  },
);

function sorted(items: Record<string, unknown>[]) {
  return items
    .map(({ id, title }) => ({ id, title }))
    .toSorted((a, b) => String(a.id).localeCompare(String(b.id)));
}
