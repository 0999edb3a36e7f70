import { afterAll, beforeAll, expect, it } from "vitest";
import { memoryStorage } from "./adapters/memory/storage.ts";
import { together } from "./leadership.ts";
import { anEntry, newUser, openDevice, until } from "./testing/device.ts";
import { startServer, type TestServer } from "./testing/server.ts";
import { TabHub } from "./testing/tab-hub.ts";
import { problem, unplugged } from "./testing/wire.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startServer("--model");
});
afterAll(() => server.kill());

async function openTabs(count: number) {
  const user = newUser();
  const hub = new TabHub();
  const options = { storage: memoryStorage(), tabs: together(hub.join) };
  const tabs = [];
  for (let at = 0; at < count; at++) tabs.push(await openDevice(server.url, user, options));
  return { user, hub, tabs };
}

it("share one outbox and one connection (CLI-048)", async () => {
  const { tabs } = await openTabs(3);
  const [leader, second, third] = tabs.map(({ client }) => client);
  await until(() => expect(tabs.map(({ client }) => client.status)).toEqual(tabs.map(() => "connected")));
  const { id } = await second!.create("logbook_entry", anEntry());
  await until(() => expect(third!.get("logbook_entry", id)?.notes).toBe("slow"));
  await until(() => expect(tabs.map(({ client }) => client.pendingCount)).toEqual([0, 0, 0]));
  expect(tabs.map(({ wire }) => wire.calls("push").length)).toEqual([1, 0, 0]);
  expect(tabs.map(({ wire }) => wire.sockets.size)).toEqual([1, 0, 0]);
  expect(leader!.get("logbook_entry", id)).toEqual(third!.get("logbook_entry", id));
});

it("let a follower flush, pull and configure by way of the leader, and hear why it failed", async () => {
  const { tabs } = await openTabs(2);
  const [leader, follower] = tabs as [(typeof tabs)[0], (typeof tabs)[0]];
  await until(() => expect(follower.client.status).toBe("connected"));
  await follower.client.configure({ autoSync: "never" });
  await until(() => expect(leader.client.status).toBe("disconnected"));
  await follower.client.create("goal", { title: "Scales" });
  leader.wire.meddle = unplugged;
  await expect(follower.client.flush()).rejects.toMatchObject({ code: "UNREACHABLE" });
  leader.wire.meddle = (_, on) => on();
  await follower.client.flush();
  await follower.client.pull();
  await until(() => expect(follower.client.pendingCount).toBe(0));
});

it("go on when the leader crashes in the middle of a push", async () => {
  const { hub, tabs } = await openTabs(2);
  const [leader, follower] = tabs as [(typeof tabs)[0], (typeof tabs)[0]];
  leader.wire.meddle = async (seen, on) => {
    if (seen.call !== "push") return on();
    await on();
    return new Promise(() => {});
  };
  const { id } = await follower.client.create("logbook_entry", anEntry());
  await until(() => expect(leader.wire.calls("push")[0]?.status).toBe(200));
  hub.crashLeader();
  await until(() => expect(follower.client.pendingCount).toBe(0));
  // The new leader repeats what the old one had frozen.
  expect(follower.wire.calls("push")[0]!.key).toBe(leader.wire.calls("push")[0]!.key);
  expect(follower.client.get("logbook_entry", id)?.notes).toBe("slow");
});

it("have the next leader do what the last one did not answer for", async () => {
  const { hub, tabs } = await openTabs(3);
  const [leader, second, third] = tabs as [(typeof tabs)[0], (typeof tabs)[0], (typeof tabs)[0]];
  await second.client.configure({ autoSync: "never" });
  await second.client.create("goal", { title: "Scales" });
  leader.wire.meddle = () => new Promise(() => {});
  const flushing = [second.client.flush(), third.client.flush()];
  await until(() => expect(leader.wire.calls("push")).toHaveLength(1));
  hub.crashLeader();
  await Promise.all(flushing);
  expect([second.client.pendingCount, third.client.pendingCount]).toEqual([0, 0]);
});

it("all know why the leader has halted, and any of them resumes", async () => {
  const { tabs } = await openTabs(2);
  const [leader, follower] = tabs as [(typeof tabs)[0], (typeof tabs)[0]];
  await until(() => expect(follower.client.status).toBe("connected"));
  const told: string[] = [];
  follower.client.on("error", ({ code, reason }) => told.push(`${code} ${reason}`));
  leader.wire.meddle = async () => problem(403, "FORBIDDEN");
  await expect(follower.client.pull()).rejects.toMatchObject({ code: "FORBIDDEN", reason: "FORBIDDEN" });
  await until(() => expect(follower.client.halted).toMatchObject({ code: "FORBIDDEN", reason: "FORBIDDEN" }));
  expect(follower.client.status).toBe("disconnected");
  expect(told).toEqual(["FORBIDDEN FORBIDDEN"]);
  // The same object until it is another, so that nothing is drawn anew.
  const { halted } = follower.client;
  const third = await openDevice(server.url, follower.client.user, {});
  await third.client.close();
  expect(follower.client.halted).toBe(halted);
  leader.wire.meddle = (_, on) => on();
  await follower.client.resume();
  await until(() => expect(follower.client.halted).toBeUndefined());
  await until(() => expect(follower.client.status).toBe("connected"));
});

it("know when the leader tries again", async () => {
  const { tabs } = await openTabs(2);
  const [leader, follower] = tabs as [(typeof tabs)[0], (typeof tabs)[0]];
  await until(() => expect(follower.client.status).toBe("connected"));
  leader.wire.meddle = async () => problem(503, "UNAVAILABLE", { "retry-after": "60" });
  await follower.client.create("logbook_entry", anEntry());
  await until(() => expect(follower.client.nextAttemptAt).toBeGreaterThan(Date.now() + 50_000));
  expect(follower.client.nextAttemptAt).toBe(leader.client.nextAttemptAt);
});

it("end together at sign-out", async () => {
  const { tabs } = await openTabs(2);
  const [first, second] = tabs as [(typeof tabs)[0], (typeof tabs)[0]];
  await first.client.create("goal", { title: "Scales" });
  await first.client.signOut({ erase: true });
  await until(() => expect(second.client.status).toBe("disconnected"));
  await expect(second.client.create("goal", { title: "more" })).rejects.toMatchObject({ code: "CLOSED" });
});
