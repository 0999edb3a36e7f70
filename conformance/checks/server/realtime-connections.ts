import { serverCheck } from "../../check.ts";
import type { ServerContext } from "../../check.ts";
import type { Connection } from "../../wire/connection.ts";
import { Reply } from "../../wire/reply.ts";
import * as faulty from "./realtime-connections.mutants.ts";

/** Whether a socket more is served: false where it is refused with 429, or closed with 4429. */
async function isServed({ expect }: ServerContext, opened: Connection | Reply): Promise<boolean> {
  if (opened instanceof Reply) {
    const { status, problem, summary } = opened;
    expect.equal(`refusal (${summary})`, [status, problem.code], [429, "RATE_LIMITED"]);
    return false;
  }
  const pong = await opened.ping().catch(() => undefined);
  if (pong !== undefined) return true;
  await expect.closedWith(opened, 4429);
  return false;
}

export const oneTooMany = serverCheck({
  id: "RT-037/one-connection-too-many",
  name: "maxConnections sockets of a user live; one more is refused with 429, or closed with 4429, and they live on",
  brokenBy: [
    faulty.takesAnyNumberOfSockets,
    faulty.takesOneSocketLess,
    faulty.closesTheOldestSocket,
    faulty.closesAllSocketsOfGreedyUsers,
    faulty.closesSocketsTooManyWith1013,
    faulty.refusesSocketsTooManyWith503,
  ],
  needs: ["limit:maxConnections<=128"],
  model: { limits: { maxConnections: 4 } },
  async run(context) {
    const { device, newDevice, limits, anEntry, expect } = context;
    const live: Connection[] = [];
    while (live.length < limits.maxConnections) live.push(await newDevice().connect());

    for (const who of [newDevice(), device]) {
      const served = await isServed(context, await who.tryConnect());
      expect.equal("whether one socket more is served", served, false);
    }
    const entry = anEntry();
    await device.push({ entries: [entry] });
    for (const connection of live) {
      await connection.hears(entry["id"] as string);
      await connection.ping();
    }
  },
});

export const freedPlaces = serverCheck({
  id: "RT-037/places-of-closed-sockets",
  name: "the limit counts live sockets of one user: closed ones make room, and other users have theirs",
  brokenBy: [faulty.countsSocketsOfAllUsers, faulty.countsClosedSockets, faulty.takesAnyNumberOfSockets],
  needs: ["limit:maxConnections<=128"],
  model: { limits: { maxConnections: 4 } },
  async run(context) {
    const { device, stranger, limits, waitFor, expect } = context;
    const live: Connection[] = [];
    while (live.length < limits.maxConnections) live.push(await device.connect());
    expect.equal("whether one more is served", await isServed(context, await device.tryConnect()), false);

    await (await (await stranger()).connect()).ping();
    for (const connection of live.slice(0, 2)) await connection.close();
    for (const place of ["first", "second"]) {
      await waitFor(`the ${place} place that became free can be taken`, async () =>
        isServed(context, await device.tryConnect()),
      );
    }
    expect.equal("whether one more is served", await isServed(context, await device.tryConnect()), false);
    for (const connection of live.slice(2)) await connection.ping();
  },
});
